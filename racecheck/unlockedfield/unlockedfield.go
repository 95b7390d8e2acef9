// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package unlockedfield

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/token"
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/fielduse"
)

//go:embed doc.go
var source string

// Analyzer reports fields that a goroutine of the package writes and other code
// uses without a lock. Its result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "unlockedfield",
	Doc:        racecheck.Doc(source, "unlockedfield"),
	URL:        racecheck.Page("unlockedfield"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, fielduse.Analyzer},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var all []racecheck.Instance
	for _, f := range findings(pass.ResultOf[fielduse.Analyzer].(func() *fielduse.Package)()) {
		for _, d := range f.pairs {
			all = racecheck.Found(pass, all, f.instance(), analysis.Diagnostic{
				Pos: d.write.Pos, Message: f.message(d),
				Related: []analysis.RelatedInformation{{Pos: d.other.Pos, Message: "used here"}},
			})
		}
	}
	return all, nil
}

// pair is a write of a goroutine and a use that nothing orders with it.
type pair struct{ write, other fielduse.Access }

// finding is a field with its pairs, one for each write.
type finding struct {
	group *fielduse.Group
	pairs []pair
}

func (f *finding) message(d pair) string {
	return fmt.Sprintf("%s is written here by a goroutine, and %s uses it: neither holds a lock", f.group.Name, funcName(d.other.Func))
}

func funcName(f *fielduse.Func) string {
	if f.Decl == nil {
		return "a function"
	}
	if f.Decl.Body != nil && f.Node != f.Decl {
		return "a function in " + f.Decl.Name.Name
	}
	return f.Decl.Name.Name
}

func (f *finding) instance() racecheck.Instance {
	return racecheck.Instance{Pattern: culprit.PatternMissingLock, Var: f.group.Var, Subject: f.group.Name}
}

func findings(p *fielduse.Package) []*finding {
	var list []*finding
	for _, g := range p.Groups() {
		if !g.Var.IsField() || fielduse.IsSync(g.Var.Type()) || g.Kind != racecheck.TouchOwn && g.Kind != racecheck.TouchMap {
			continue
		}
		var open []fielduse.Access
		for _, a := range g.Accesses {
			if held, unknown := p.Locks(a.Func, a.Pos); !a.Atomic && len(held) == 0 && !unknown && !p.Making(a) {
				open = append(open, a)
			}
		}
		f := &finding{group: g}
		for _, a := range open {
			if a.Op == culprit.OpWrite {
				f.check(p, a, open)
			}
		}
		if len(f.pairs) > 0 {
			list = append(list, f)
		}
	}
	return list
}

// check pairs a write with the first use outside of a goroutine that it is made on.
func (f *finding) check(p *fielduse.Package, w fielduse.Access, open []fielduse.Access) {
	for _, r := range p.Roots() {
		if !r.Reach[w.Func] || !r.On[w.Root] || !direct(w) || releases(w.Func, w.Pos) || r.Test && !w.Func.Test {
			// Only tests start it: nothing tells that the product does both.
			continue
		}
		for _, o := range open {
			if r.Reach[o.Func] || !direct(o) || !p.OnReceiver(o) && !r.On[o.Root] || waits(o) || p.StartsLater(o.Func, r, o.Pos) {
				continue
			}
			f.pairs = append(f.pairs, pair{w, o})
			return
		}
	}
}

// direct reports whether an access is to a field of the object that the operand
// starts from, not of one further away.
func direct(a fielduse.Access) bool {
	e := ast.Unparen(a.Expr)
	for {
		switch x := e.(type) {
		case *ast.IndexExpr:
			e = ast.Unparen(x.X)
			continue
		case *ast.SelectorExpr:
			_, ok := ast.Unparen(x.X).(*ast.Ident)
			return ok
		}
		return false
	}
}

// waits reports whether a function waits for something before an access.
func waits(a fielduse.Access) bool {
	_, ok := racecheck.SyncBefore(a.Fn, a.Pos)
	return ok
}

// releases reports whether a function tells others, after a place, that it got
// there: it sends, closes, or is done with a group.
func releases(f *fielduse.Func, pos token.Pos) bool {
	found := false
	f.Own(func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.DeferStmt:
			found = found || tells(n.Call)
		case *ast.SendStmt:
			found = found || n.Pos() > pos
		case *ast.CallExpr:
			found = found || n.Pos() > pos && tells(n)
		}
		return !found
	})
	return found
}

func tells(call *ast.CallExpr) bool {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return fun.Name == "close" || fun.Name == "cancel"
	case *ast.SelectorExpr:
		switch fun.Sel.Name {
		case "Done", "Broadcast", "Signal", "Store", "Release", "Close":
			return true
		}
	}
	return false
}
