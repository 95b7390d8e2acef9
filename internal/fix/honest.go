// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// inventory is what a file does, counted: what a repair must not take away, and
// what would only hide a race.
type inventory struct {
	calls  map[string]int // by the source of the function
	tests  map[string]bool
	gos    int // go statements, and calls of methods named Go
	nils   int // comparisons with nil: checks of errors
	blanks int // values that are thrown away
	hiding map[string]int
	pragma map[string]int
	// held counts the calls of Wait of a WaitGroup under a lock.
	held int
}

// free are calls that a repair may take away: what it replaces them by does the
// same, and the build shows whether it does.
var free = map[string]bool{
	"Lock": true, "Unlock": true, "RLock": true, "RUnlock": true, "new": true, "NewBuffer": true, "NewBufferString": true,
	"Parallel": true, "Add": true, "Done": true, "len": true, "cap": true, "append": true, "make": true,
}

// hides are calls that make a race rarer or a test blind without ordering
// anything.
var hides = map[string]bool{
	"time.Sleep": true, "runtime.Gosched": true, "time.After": true, "time.Tick": true, "recover": true,
	"Skip": true, "Skipf": true, "SkipNow": true, "runtime.GOMAXPROCS": true, "runtime.LockOSThread": true,
}

func take(src []byte) (*inventory, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	v := &inventory{calls: map[string]int{}, tests: map[string]bool{}, hiding: map[string]int{}, pragma: map[string]int{}}
	for _, c := range file.Comments {
		for _, l := range c.List {
			for _, p := range []string{"//go:norace", "//go:build", "//nolint", "// +build"} {
				if strings.HasPrefix(l.Text, p) {
					v.pragma[l.Text]++
				}
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			for _, p := range []string{"Test", "Benchmark", "Fuzz", "Example"} {
				if n.Recv == nil && strings.HasPrefix(n.Name.Name, p) {
					v.tests[n.Name.Name] = true
				}
			}
		case *ast.GoStmt:
			v.gos++
		case *ast.BlockStmt:
			v.held += waitsUnderLock(n.List)
		case *ast.BinaryExpr:
			if id, ok := n.Y.(*ast.Ident); ok && id.Name == "nil" {
				v.nils++
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && id.Name == "_" {
					v.blanks++
				}
			}
		case *ast.CallExpr:
			v.call(fset, n)
		}
		return true
	})
	return v, nil
}

func (v *inventory) call(fset *token.FileSet, c *ast.CallExpr) {
	var buf bytes.Buffer
	if _, isLit := c.Fun.(*ast.FuncLit); isLit {
		v.calls["a function literal"]++
		return
	}
	if printer.Fprint(&buf, fset, c.Fun) != nil {
		return
	}
	text := strings.Join(strings.Fields(buf.String()), " ")
	name := text[strings.LastIndexByte(text, '.')+1:]
	if hides[text] || hides[name] && name != text {
		v.hiding[text]++
	}
	if name == "Go" {
		v.gos++
	}
	if t, ok := types.Universe.Lookup(text).(*types.TypeName); ok && t != nil {
		return // a conversion: the build shows whether it was needed
	}
	if !free[name] && !strings.HasPrefix(text, "atomic.") {
		v.calls[name]++
	}
}

// waitsUnderLock counts the statements X.Wait() that stand behind a Lock in their
// block. Wait of a sync.Cond stands there by right; it is told apart by its receiver.
func waitsUnderLock(list []ast.Stmt) int {
	n, locked := 0, 0
	for _, s := range list {
		e, ok := s.(*ast.ExprStmt)
		if !ok {
			continue
		}
		call, ok := e.X.(*ast.CallExpr)
		if !ok || len(call.Args) > 0 {
			continue
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			continue
		}
		switch sel.Sel.Name {
		case "Lock", "RLock":
			locked++
		case "Unlock", "RUnlock":
			locked--
		case "Wait":
			if locked > 0 && !strings.Contains(strings.ToLower(types.ExprString(sel.X)), "cond") {
				n++
			}
		}
	}
	return n
}

// aside counts the calls of function values that a repair took aside under a lock
// as calls of what they were taken from.
func (v *inventory) aside(names map[string]string) {
	for now, was := range names {
		v.calls[was] += v.calls[now]
		delete(v.calls, now)
	}
}

// honest says whether a change of one file keeps what the file does: no test,
// call, goroutine or check of an error goes away, and nothing comes in that only
// makes a race rarer. It judges by counting, so it can only refuse.
// aside are the names under which the repair calls what it took aside, to the name
// of that.
func honest(before, after []byte, aside map[string]string) (bool, string) {
	was, err := take(before)
	if err != nil {
		return true, "the file did not parse before; not judged"
	}
	is, err := take(after)
	if err != nil {
		return false, err.Error()
	}
	is.aside(aside)
	for _, name := range slices.Sorted(maps.Keys(was.tests)) {
		if !is.tests[name] {
			return false, fmt.Sprintf("it removes %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(is.hiding)) {
		if is.hiding[name] > was.hiding[name] {
			return false, fmt.Sprintf("it adds a call of %s, which hides a race and orders nothing", name)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(is.pragma)) {
		if is.pragma[p] > was.pragma[p] {
			return false, fmt.Sprintf("it adds %s", p)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was.calls)) {
		if is.calls[name] < was.calls[name] {
			return false, fmt.Sprintf("it drops a call of %s", name)
		}
	}
	switch {
	case is.held > was.held:
		return false, "it waits while it holds a lock, which silences the detector and may block for ever"
	case is.gos < was.gos:
		return false, "it drops a goroutine"
	case is.nils < was.nils:
		return false, "it drops a comparison with nil, which checks an error or a pointer"
	case is.blanks > was.blanks:
		return false, "it throws away a value that was used"
	}
	return true, "no test, call, goroutine or check of an error goes away, and nothing comes in that only hides"
}
