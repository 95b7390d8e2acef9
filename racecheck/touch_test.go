// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit/racecheck"
)

const touchSource = `package p

import ("bytes"; "sync"; "sync/atomic")

type inner struct{ n int }
type T struct {
	mu sync.RWMutex
	inner
	ptr  *inner
	list []inner
	m    map[string]int
	ch   chan int
	buf  bytes.Buffer
	hits uint64
	flag atomic.Bool
}

func fields(t *T)        { t.n = t.ptr.n }
func elems(t *T, i int)  { t.list[i].n++ }
func maps(t *T)          { t.m["a"] = len(t.m); delete(t.m, "b") }
func chans(t *T)         { t.ch <- <-t.ch; close(t.ch) }
func calls(t *T)         { t.buf.WriteByte('x') }
func atomics(t *T)       { atomic.AddUint64(&t.hits, 1); _ = t.flag.Load() }
func appends(t *T)       { t.list = append(t.list, inner{}) }
func copies(t *T)        { *t.ptr = inner{n: 1} }
func ranges(ps []inner)  { for _, p := range ps { _ = p } }
func named() (err error) { return nil }
`

func check(t *testing.T, src string) (*token.FileSet, *ast.File, *types.Info) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	if _, err := conf.Check("p", fset, []*ast.File{f}, info); err != nil {
		t.Fatal(err)
	}
	return fset, f, info
}

// show spells a touch: "write own t.n", "read elem t.list".
func show(t racecheck.Touch) string {
	kind := [...]string{"own", "elem", "map", "pointee", "chan", "call"}[t.Kind]
	var names []string
	for _, v := range t.Path {
		names = append(names, v.Name())
	}
	if t.Kind != racecheck.TouchOwn && t.Var != nil {
		names = append([]string{t.Var.Name()}, names...)
	}
	s := strings.TrimSpace(fmt.Sprintf("%s %s %s", t.Op, kind, strings.Join(names, ".")))
	if t.Atomic {
		s = "atomic " + s
	}
	return s
}

func TestTouches(t *testing.T) {
	t.Parallel()
	_, f, info := check(t, touchSource)
	got := map[string][]string{}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			for _, x := range racecheck.Touches(info, fn) {
				if id, ok := x.Expr.(*ast.Ident); ok && x.Kind == racecheck.TouchOwn && (id.Name == "t" || id.Name == "i") {
					continue // the parameters themselves
				}
				got[fn.Name.Name] = append(got[fn.Name.Name], show(x))
			}
		}
	}
	want := map[string][]string{
		"fields":  {"read own ptr", "read own n", "write own inner.n"},
		"elems":   {"read own list", "read elem list.n", "read own list", "write elem list.n"},
		"maps":    {"read own m", "read map m", "read own m", "write map m", "read own m", "write map m"},
		"chans":   {"read own ch", "read own ch", "read chan ch", "read chan ch", "read own ch", "write chan ch"},
		"calls":   {"call buf.buf"},
		"atomics": {"atomic write own hits", "atomic read own flag"},
		"appends": {"read own list", "read elem list", "write elem list", "write own list"},
		"copies":  {"write own n", "read own ptr", "write pointee ptr"},
		"ranges":  {"write own ps", "read own ps", "read elem ps", "write own p", "read own p"},
		"named":   {"write own err", "write own err", "read own err"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestLocksHeld(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ body, want string }{
		"held":               {"mu.Lock(); at(); mu.Unlock()", "mu"},
		"given back":         {"mu.Lock(); mu.Unlock(); at()", ""},
		"deferred":           {"mu.Lock(); defer mu.Unlock(); at()", "mu"},
		"read":               {"mu.RLock(); at()", "mu/r"},
		"inside a loop":      {"for { mu.Lock(); at(); mu.Unlock() }", "mu"},
		"header of a loop":   {"for at() { mu.Lock(); mu.Unlock() }", ""},
		"branch that leaves": {"mu.Lock(); if at2() { mu.Unlock(); return }; at()", "mu"},
		"branch that stays":  {"mu.Lock(); if at2() { mu.Unlock() }; at()", ""},
		"another function":   {"go func() { mu.Lock() }(); at()", ""},
		"own body only":      {"mu.Lock(); func() { at() }()", "mu"},
		"loop that leaves":   {"mu.Lock(); for at2() { if at2() { mu.Unlock(); return }; mu.Unlock(); mu.Lock() }; at()", "mu"},
		"loop that stays":    {"mu.Lock(); for at2() { mu.Unlock() }; at()", ""},
		"range that leaves":  {"mu.Lock(); for range 3 { if at2() { mu.Unlock(); return } }; at()", "mu"},
		"else if":            {"mu.Lock(); if at2() { return } else if at2() { mu.Unlock(); return }; at()", "mu"},
		"block":              {"mu.Lock(); { mu.Unlock() }; at()", ""},
		"in a case":          {"switch { case at2(): mu.Lock(); at(); mu.Unlock() }", "mu"},
	} {
		_, f, info := check(t, "package p\ntype rw struct{}\nfunc (rw) Lock() {}\nfunc (rw) Unlock() {}\nfunc (rw) RLock() {}\nvar mu rw\nfunc at() bool { return true }\nfunc at2() bool { return false }\nfunc f() {"+tt.body+"}\n")
		fn := f.Decls[len(f.Decls)-1].(*ast.FuncDecl)
		var pos token.Pos
		ast.Inspect(fn, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Name == "at" {
				pos = id.Pos()
			}
			return true
		})
		var got []string
		for _, l := range racecheck.LocksHeld(info, fn, pos) {
			s := l.What
			if l.Read {
				s += "/r"
			}
			got = append(got, s)
		}
		if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s: (-want +got):\n%s", name, d)
		}
	}
}
