// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package lazyinit

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/fielduse"
)

//go:embed doc.go
var source string

// Analyzer reports values made on first use without a lock or a Once. Its result
// is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "lazyinit",
	Doc:        racecheck.Doc(source, "lazyinit"),
	URL:        racecheck.Page("lazyinit"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, fielduse.Analyzer},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var all []racecheck.Instance
	for _, f := range findings(pass.ResultOf[fielduse.Analyzer].(func() *fielduse.Package)()) {
		all = racecheck.Found(pass, all, f.instance(), analysis.Diagnostic{
			Pos: f.look.Pos, Message: f.message(),
			Related: []analysis.RelatedInformation{{Pos: f.set.Pos, Message: "set here"}},
		})
	}
	return all, nil
}

// finding is a look at a value and the write that makes it.
type finding struct {
	group     *fielduse.Group
	look, set fielduse.Access
	why       string
}

func (f *finding) message() string {
	return fmt.Sprintf("%s is made on its first use, and this looks for it without a lock: %s", f.group.Name, f.why)
}

func (f *finding) instance() racecheck.Instance {
	return racecheck.Instance{Pattern: culprit.PatternLazyInit, Var: f.group.Var, Subject: f.group.Name}
}

func findings(p *fielduse.Package) []*finding {
	var list []*finding
	for _, g := range p.Groups() {
		if g.Kind != racecheck.TouchOwn || fielduse.IsSync(g.Var.Type()) || isBool(g.Var.Type()) {
			continue // a flag is no value that is made
		}
		for _, set := range g.Accesses {
			if set.Op != culprit.OpWrite || set.Atomic || set.Func.Test || p.Making(set) {
				continue
			}
			s := zeroCheck(p.Info, set.Func.Node, set.Touch)
			if s == nil {
				continue
			}
			if look, ok := lookIn(g, set, s); ok && !replaced(p.Info, s.Body, set.Root) {
				if why := concurrent(p, g, look, set); why != "" {
					list = append(list, &finding{g, look, set, why})
				}
			}
		}
	}
	return list
}

// lookIn gives the access of the if's condition to the object that is set.
func lookIn(g *fielduse.Group, set fielduse.Access, s *ast.IfStmt) (fielduse.Access, bool) {
	for _, a := range g.Accesses {
		if a.Func == set.Func && a.Expr != nil && set.Expr != nil && racecheck.Contains(s.Cond, a.Expr.Pos()) && !a.Atomic &&
			types.ExprString(a.Expr) == types.ExprString(set.Expr) {
			return a, true
		}
	}
	return fielduse.Access{}, false
}

// replaced reports whether the if's body sets the variable that leads to the object
// to another one.
func replaced(info *types.Info, body *ast.BlockStmt, root *types.Var) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, l := range a.Lhs {
				id, ok := ast.Unparen(l).(*ast.Ident)
				found = found || ok && root != nil && racecheck.IsLocal(root) && info.ObjectOf(id) == root
			}
		}
		return !found
	})
	return found
}

// concurrent says why two goroutines can look at the same time, "" where nothing
// shows that they can.
func concurrent(p *fielduse.Package, g *fielduse.Group, look, set fielduse.Access) string {
	held, unknown := p.Locks(look.Func, look.Pos)
	if len(held) > 0 || unknown {
		return ""
	}
	if len(set.Held) > 0 {
		return "the lock is taken only after that"
	}
	if isHandler(look.Func) && p.OnReceiver(look) {
		return "each request runs this on a goroutine of its own"
	}
	if g.Var.IsField() && !fielduse.MadeForSharing(look.Owner()) {
		return "" // each goroutine may have an object of its own
	}
	for _, r := range p.Roots() {
		if r.Test || !r.Reach[look.Func] || g.Var.IsField() && !r.On[look.Root] {
			continue
		}
		for _, a := range g.Accesses {
			if !r.Reach[a.Func] && !a.Func.Test && !a.Atomic && !p.Making(a) && !p.Guarded(a, set) {
				return "a goroutine gets here, and other code uses it too"
			}
		}
		if r.Func != look.Func && calledFromOutside(p, r, look.Func) {
			return "a goroutine gets here, and other code does too"
		}
	}
	return ""
}

func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// calledFromOutside reports whether a function that a goroutine gets to is called
// by code of the package that the goroutine does not get to.
func calledFromOutside(p *fielduse.Package, r *fielduse.Root, f *fielduse.Func) bool {
	for _, s := range f.Sites {
		if s.In != nil && !s.In.Test && !s.Go && !r.Reach[s.In] {
			return true
		}
	}
	return false
}

// isHandler reports whether a function is a method that net/http calls on several
// goroutines: ServeHTTP of a Handler, RoundTrip of a RoundTripper.
func isHandler(f *fielduse.Func) bool {
	if f.Obj == nil || f.Obj.Signature().Recv() == nil {
		return false
	}
	params := f.Obj.Signature().Params()
	request := func(i int) bool {
		p, ok := params.At(i).Type().(*types.Pointer)
		return ok && p.Elem().String() == "net/http.Request"
	}
	switch f.Obj.Name() {
	case "ServeHTTP":
		return params.Len() == 2 && request(1)
	case "RoundTrip":
		return params.Len() == 1 && request(0)
	}
	return false
}
