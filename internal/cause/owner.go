// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"context"
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// Owner is the test that a goroutine belongs to: the innermost test in the
// chain of functions that created it. Only creation stacks tell; the test whose
// output holds the report, and the tests marked failed, do not.
type Owner struct {
	// Tests are the names that fit: one when it is certain, several when one
	// t.Run site starts them all, none when it cannot be told.
	Tests []string
	// NoTest is true when the goroutine is known to belong to no test: the main
	// goroutine, or one that package initialisation or TestMain started.
	NoTest bool
	// Why is the evidence, in one sentence.
	Why string
	// Goroutine is the detector's number of the goroutine.
	Goroutine int
}

// FindOwner tells which test owns the goroutine of an access. names are the
// tests that the log shows for the package; computed subtest names are matched
// against them.
func FindOwner(ctx context.Context, tree *source.Tree, a *culprit.Access, names []string) (Owner, error) {
	o, err := findOwner(ctx, tree, a, names)
	o.Goroutine = a.Goroutine
	return o, err
}

func findOwner(ctx context.Context, tree *source.Tree, a *culprit.Access, names []string) (Owner, error) {
	if len(a.Created) == 0 {
		if a.Goroutine == culprit.MainGoroutine {
			return Owner{NoTest: true, Why: "the main goroutine made the access: TestMain or package initialisation, no test"}, nil
		}
		return Owner{Why: fmt.Sprintf("the report has no creation stack for goroutine %d", a.Goroutine)}, nil
	}
	if a.Created[0].Func == "testing.(*T).Run" {
		return ownTest(ctx, tree, a, names)
	}
	return startedBy(ctx, tree, a, names)
}

// ownTest handles the goroutine of a test function itself.
func ownTest(ctx context.Context, tree *source.Tree, a *culprit.Access, names []string) (Owner, error) {
	if len(a.Created) < 2 || strings.HasPrefix(a.Created[1].Func, "testing.") {
		// (*T).Run called by testing.runTests: a top-level test. Its function is
		// the last frame of the access stack above testing.tRunner.
		if f, ok := aboveRunner(a.Stack); ok {
			if name, ok := topLevel(f); ok {
				return Owner{Tests: []string{name}, Why: "the goroutine is that of " + name}, nil
			}
		}
		return Owner{Why: "the goroutine is that of a top-level test, and its stack does not show which"}, nil
	}
	site := a.Created[1]
	place, why, err := tree.Find(ctx, site)
	if err != nil {
		return Owner{}, fmt.Errorf("finding the t.Run site: %w", err)
	}
	if place == nil {
		return Owner{Why: fmt.Sprintf("t.Run was called at %s:%d: %s", site.File, site.Line, why)}, nil
	}
	call := runCall(place)
	if call == nil {
		return Owner{Why: fmt.Sprintf("%s:%d holds no t.Run call: the work tree is not at the log's commit", place.Rel, place.Line)}, nil
	}
	tests := testNames(place.Pkg, place.Funcs, call, names)
	return newOwner(tests, fmt.Sprintf("started by t.Run at %s:%d", path.Base(place.Rel), place.Line)), nil
}

// startedBy handles a goroutine that a test started, directly or through
// helpers: the creation stack ends in the test function below testing.tRunner.
// Where the compiler inlined the starting call the test's own frame is missing
// (runtime.raceSymbolizeCode prints only the innermost inlined function); then
// the function literal that the goroutine runs tells, by where it is written.
func startedBy(ctx context.Context, tree *source.Tree, a *culprit.Access, names []string) (Owner, error) {
	root, ok := aboveRunner(a.Created)
	why := fmt.Sprintf("goroutine %d was created by %s, which is no test's goroutine", a.Goroutine, a.Created[len(a.Created)-1].Func)
	if ok {
		if name, ok := topLevel(root); ok {
			return Owner{Tests: []string{name}, Why: fmt.Sprintf("%s started the goroutine (%s:%d)", name, path.Base(slashed(root.File)), root.Line)}, nil
		}
		o, err := writtenIn(ctx, tree, root, "started the goroutine", names)
		if err != nil || len(o.Tests) > 0 {
			return o, err
		}
		why = o.Why
	}
	for i := len(a.Stack) - 1; i >= 0; i-- {
		if a.Stack[i].Trust == culprit.TrustPhantom || source.ParseSymbol(a.Stack[i].Func).Depth == 0 {
			continue
		}
		o, err := writtenIn(ctx, tree, a.Stack[i], "the goroutine runs its function literal", names)
		if err != nil || len(o.Tests) > 0 {
			return o, err
		}
	}
	return Owner{Why: why}, nil
}

// writtenIn names the test whose body holds the code of a frame.
func writtenIn(ctx context.Context, tree *source.Tree, f culprit.Frame, how string, names []string) (Owner, error) {
	place, why, err := tree.Find(ctx, f)
	if err != nil {
		return Owner{}, fmt.Errorf("finding the test that started the goroutine: %w", err)
	}
	if place == nil {
		return Owner{Why: fmt.Sprintf("the goroutine was started by %s: %s", f.Func, why)}, nil
	}
	tests := enclosingTests(place.Pkg, place.Funcs, names)
	if len(tests) == 0 {
		return Owner{Why: fmt.Sprintf("the goroutine was started at %s:%d, which is in no test function", place.Rel, place.Line)}, nil
	}
	return newOwner(tests, fmt.Sprintf("%s at %s:%d", how, path.Base(place.Rel), place.Line)), nil
}

func newOwner(tests []string, how string) Owner {
	switch len(tests) {
	case 0:
		return Owner{Why: "a subtest " + how + ", whose name is computed and matches no test of the log"}
	case 1:
		return Owner{Tests: tests, Why: tests[0] + ": " + how}
	}
	return Owner{Tests: tests, Why: fmt.Sprintf("one of %d subtests %s; the stacks do not tell which", len(tests), how)}
}

// aboveRunner returns the frame that the outermost testing.tRunner called.
func aboveRunner(stack []culprit.Frame) (culprit.Frame, bool) {
	for i := len(stack) - 1; i > 0; i-- {
		if stack[i].Func == "testing.tRunner" {
			return stack[i-1], true
		}
	}
	return culprit.Frame{}, false
}

// topLevel reports whether a frame is the body of a top-level test function.
func topLevel(f culprit.Frame) (string, bool) {
	sym := source.ParseSymbol(f.Func)
	if sym.Depth > 0 || sym.Recv != "" || !strings.HasSuffix(slashed(f.File), "_test.go") {
		return "", false
	}
	return sym.Name, strings.HasPrefix(sym.Name, "Test") || strings.HasPrefix(sym.Name, "Fuzz")
}

func slashed(p string) string { return strings.ReplaceAll(p, `\`, "/") }

// runCall finds the call of a method Run with a name and a function on the
// place's line.
func runCall(place *source.Place) *ast.CallExpr {
	var found *ast.CallExpr
	place.Inspect(func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if ok && sel.Sel.Name == "Run" && place.Pkg.Line(call.Pos()) <= place.Line && place.Line <= place.Pkg.Line(sel.End()) {
			found = call
		}
		return true
	})
	return found
}

// enclosingTests names the test whose body the innermost of funcs is.
func enclosingTests(pkg *source.Package, funcs []ast.Node, names []string) []string {
	if len(funcs) == 0 {
		return nil
	}
	file := pkg.File(pkg.Rel(funcs[0].Pos()))
	spawns := racecheck.Spawns(pkg.Info, file)
	for i := len(funcs) - 1; i >= 0; i-- {
		switch fn := funcs[i].(type) {
		case *ast.FuncDecl:
			if fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test") {
				return []string{fn.Name.Name}
			}
		case *ast.FuncLit:
			j := slices.IndexFunc(spawns, func(s racecheck.Spawn) bool { return s.Lit == fn })
			if j >= 0 && isTestSpawn(spawns[j].Kind) {
				return testNames(pkg, funcs[:i], spawns[j].Call, names)
			}
		}
	}
	return nil
}
