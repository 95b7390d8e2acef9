// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package parallelglobal

import (
	_ "embed"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

//go:embed doc.go
var source string

// Analyzer reports parallel tests that change what the whole process shares. Its
// result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "parallelglobal",
	Doc:        racecheck.Doc(source, "parallelglobal"),
	URL:        racecheck.Page("parallelglobal"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, flow.Scopes},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	c := &checker{pass: pass}
	pass.ResultOf[flow.Scopes].(*flow.Package).Each(func(s *flow.Scope) {
		if !strings.HasSuffix(pass.Fset.Position(s.Decl.Pos()).Filename, "_test.go") {
			return
		}
		for _, r := range s.Runs {
			if from, ok := s.ParallelFrom(r); ok {
				c.test(s, r, from)
			}
		}
	})
	return c.found, nil
}

type checker struct {
	pass *analysis.Pass
	// readers are the package's variables that code outside of a test function
	// uses, found when first asked for.
	readers map[types.Object]bool
	found   []racecheck.Instance
}

// test looks at a parallel test, and what it runs in place, after t.Parallel.
func (c *checker) test(s *flow.Scope, r *flow.Run, from token.Pos) {
	var same []ast.Node // loops over the environment, which set what is there
	s.InPlace(r, func(n ast.Node, in *flow.Run) {
		if n.Pos() < from {
			return
		}
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				c.assigned(s, in, l, n.TokPos)
			}
		case *ast.IncDecStmt:
			c.assigned(s, in, n.X, n.TokPos)
		case *ast.RangeStmt:
			if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok && c.callee(call) == "os.Environ" {
				same = append(same, n.Body)
			}
		case *ast.CallExpr:
			again := slices.ContainsFunc(same, func(l ast.Node) bool { return l.Pos() <= n.Pos() && n.Pos() < l.End() })
			if !again || c.callee(n) != "os.Setenv" {
				c.called(n)
			}
		}
	})
}

// callee gives the full name of the function that is called, "" when it is no
// function that is known.
func (c *checker) callee(call *ast.CallExpr) string {
	if fn, ok := typeutil.Callee(c.pass.TypesInfo, call).(*types.Func); ok {
		return fn.FullName()
	}
	return ""
}

// assigned reports an assignment to a package variable.
func (c *checker) assigned(s *flow.Scope, r *flow.Run, target ast.Expr, pos token.Pos) {
	v := packageVar(c.pass.TypesInfo, target)
	if v == nil || s.LockedAt(r, pos) || !c.shared(v) {
		return
	}
	name := v.Name()
	if v.Pkg() != c.pass.Pkg {
		name = v.Pkg().Name() + "." + name
	}
	in := racecheck.Instance{Pattern: culprit.PatternGlobalState, Var: v, Subject: name}
	c.found = racecheck.Found(c.pass, c.found, in, analysis.Diagnostic{Pos: pos, Message: name + " is a package variable that this parallel test assigns while others may use it: do not run the test in parallel, or hand the value in"})
}

// packageVar gives the package variable that an assignment changes: itself or a
// field of it.
func packageVar(info *types.Info, e ast.Expr) *types.Var {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			v, ok := info.Uses[x].(*types.Var)
			if ok && !v.IsField() && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
				return v
			}
			return nil
		case *ast.SelectorExpr:
			if info.Selections[x] == nil { // pkg.V
				v, _ := info.Uses[x.Sel].(*types.Var)
				return v
			}
			e = x.X
		default:
			return nil
		}
	}
}

// shared reports whether code other than one test uses a package variable: that
// of other packages always.
func (c *checker) shared(v *types.Var) bool {
	if v.Pkg() != c.pass.Pkg {
		return true
	}
	if c.readers == nil {
		c.readers = readers(c.pass)
	}
	return c.readers[v]
}

// readers finds the package variables that are used outside of test functions: by
// the product's code or helpers, which other parallel tests call.
func readers(pass *analysis.Pass) map[types.Object]bool {
	used := map[types.Object]bool{}
	for _, f := range pass.Files {
		if strings.HasSuffix(pass.Fset.Position(f.Pos()).Filename, "_test.go") {
			continue
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil || fn.Name.Name == "init" && fn.Recv == nil {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if v, ok := pass.TypesInfo.Uses[id].(*types.Var); ok && v.Pkg() == pass.Pkg && v.Parent() == pass.Pkg.Scope() {
						used[v] = true
					}
				}
				return true
			})
		}
	}
	return used
}

// processWide are functions that change the process.
var processWide = map[string]string{
	"os.Setenv":                  "the environment",
	"os.Unsetenv":                "the environment",
	"os.Clearenv":                "the environment",
	"os.Chdir":                   "the working directory",
	"(*testing.common).Setenv":   "the environment, and panics in a parallel test",
	"(*testing.T).Setenv":        "the environment, and panics in a parallel test",
	"(*testing.common).Chdir":    "the working directory, and panics in a parallel test",
	"(*testing.T).Chdir":         "the working directory, and panics in a parallel test",
	"syscall.Umask":              "the file mode mask",
	"log.SetOutput":              "the standard logger",
	"log/slog.SetDefault":        "the default logger",
	"runtime.GOMAXPROCS":         "the scheduler",
	"runtime/debug.SetGCPercent": "the garbage collector",
}

// called reports a call that changes what the process shares.
func (c *checker) called(call *ast.CallExpr) {
	fn, _ := typeutil.Callee(c.pass.TypesInfo, call).(*types.Func)
	if fn == nil {
		return
	}
	what := processWide[fn.FullName()]
	if what == "" || fn.Name() == "GOMAXPROCS" && asks(c.pass.TypesInfo, call) {
		return
	}
	state, _, _ := strings.Cut(what, ",")
	in := racecheck.Instance{Pattern: culprit.PatternGlobalState, Subject: state}
	c.found = racecheck.Found(c.pass, c.found, in, analysis.Diagnostic{Pos: call.Pos(), Message: types.ExprString(call.Fun) + " changes " + what + ", which this parallel test shares with the others"})
}

// asks reports whether a call of runtime.GOMAXPROCS changes nothing: the argument is
// below 1, or what another such call says.
func asks(info *types.Info, call *ast.CallExpr) bool {
	if len(call.Args) != 1 {
		return false
	}
	if v := info.Types[call.Args[0]].Value; v != nil {
		return constant.Sign(v) < 1
	}
	inner, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, _ := typeutil.Callee(info, inner).(*types.Func)
	return fn != nil && fn.FullName() == "runtime.GOMAXPROCS" && asks(info, inner)
}
