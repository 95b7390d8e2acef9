// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fielduse

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit/racecheck"
)

// Analyzer lists the uses of a package for the analyzers of patterns. Its result is a
// func() *[Package], which makes the list when it is first called: most packages have
// nothing of what the analyzers look for.
var Analyzer = &analysis.Analyzer{
	Name: "culpritfields",
	Doc:  "list the accesses of fields and package variables\n\nThe analyzers of lock patterns share this list.",
	Run: func(pass *analysis.Pass) (any, error) {
		return sync.OnceValue(func() *Package { return New(pass.TypesInfo, pass.Files) }), nil
	},
	ResultType: reflect.TypeFor[func() *Package](),
}

// Names reports whether a package names a method of this name, of any type: "RLock".
func Names(info *types.Info, method string) bool {
	for id, obj := range info.Uses {
		if fn, ok := obj.(*types.Func); ok && id.Name == method && fn.Signature().Recv() != nil {
			return true
		}
	}
	return false
}

// Package are the functions of a package, who calls them, and their uses of
// fields and package variables.
type Package struct {
	Info  *types.Info
	Funcs []*Func
	// Uses are the uses in source order.
	Uses []Access

	byNode map[ast.Node]*Func
	byObj  map[*types.Func]*Func
	// calls has all calls, with what stands around them.
	calls map[*ast.CallExpr]place
	// mu guards what is completed as it is asked for: several analyzers ask at once.
	mu    sync.Mutex
	roots []*Root
	// interfaces are those that the package declares.
	interfaces []*types.Interface
}

// Func is a function declaration or literal.
type Func struct {
	Node ast.Node
	Decl *ast.FuncDecl
	// Obj is the function of a declaration, nil for literals.
	Obj *types.Func
	// Parent and At are the function around a literal and where it stands there;
	// How tells when it runs.
	Parent *Func
	At     token.Pos
	How    How
	// Test is set for the functions of a file of tests.
	Test bool
	// Sites are the calls of a declaration in the package, and Value is set when it
	// is also used in another way than by calling it.
	Sites []Site
	Value bool

	// calls and literals are those of its own body; call is the one that a literal is
	// handed to.
	calls    []*ast.CallExpr
	literals []*ast.FuncLit
	call     *ast.CallExpr

	entry    entry
	internal bool
	making   bool
	murky    []token.Pos // calls that may take or give locks in ways not followed
	handed   bool        // it gives back a lock that it did not take
	leaves   bool        // it takes a lock and does not give it back
	objects  map[*types.Var]*object
}

// place is where a call stands.
type place struct {
	in    *Func // nil outside of functions
	start bool  // go f()
}

// How says when a function literal runs, seen from where it stands.
type How int

// The ways to run.
const (
	// HowRoot: a declaration.
	HowRoot How = iota
	// HowInPlace: it is called there, or handed to a call that is taken to call it.
	HowInPlace
	// HowDeferred: when the function around it returns.
	HowDeferred
	// HowGo: on a goroutine of its own.
	HowGo
	// HowKept: it is stored, and runs whenever.
	HowKept
)

// Site is a call of a function of the package.
type Site struct {
	In   *Func
	Call *ast.CallExpr
	// Go is set for a go statement.
	Go bool
}

// Access is a use, with the function that makes it.
type Access struct {
	Use
	Func *Func
	// Root is the variable that the operand starts from, nil for none.
	Root *types.Var
	// owners are the struct types on the way to the field.
	owners []types.Type
}

// New lists the functions and uses of a package.
func New(info *types.Info, files []*ast.File) *Package {
	p := &Package{Info: info, byNode: map[ast.Node]*Func{}, byObj: map[*types.Func]*Func{}, calls: map[*ast.CallExpr]place{}}
	for _, f := range files {
		if !ast.IsGenerated(f) {
			p.functions(f)
		}
	}
	for _, obj := range info.Defs {
		if tn, ok := obj.(*types.TypeName); ok {
			if i, ok := tn.Type().Underlying().(*types.Interface); ok {
				p.interfaces = append(p.interfaces, i)
			}
		}
	}
	for _, f := range files {
		if !ast.IsGenerated(f) {
			p.sites(f)
		}
	}
	for _, f := range p.Funcs {
		p.bodies(f)
	}
	p.settle()
	all := func(*types.Var) bool { return true }
	for _, f := range p.Funcs {
		for _, u := range In(info, f.Decl, f.Node, all) {
			a := Access{Use: u, Func: f, Root: rootOf(info, u.Expr)}
			if u.Var.IsField() {
				a.owners = owners(info, u.Expr, u.Var)
			}
			p.Uses = append(p.Uses, a)
		}
	}
	return p
}

// functions lists the functions of a file, outer ones first.
func (p *Package) functions(file *ast.File) {
	test := isTest(file)
	spawned := map[*ast.FuncLit]racecheck.SpawnKind{}
	for _, s := range racecheck.Spawns(p.Info, file) {
		spawned[s.Lit] = s.Kind
	}
	var stack []ast.Node
	var around []*Func // those of the stack
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			if last := len(around) - 1; last >= 0 && around[last].Node == stack[len(stack)-1] {
				around = around[:last]
			}
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		var f, in *Func
		if len(around) > 0 {
			in = around[len(around)-1]
		}
		switch n := n.(type) {
		case *ast.FuncDecl:
			f = &Func{Node: n, Decl: n, Test: test}
			f.Obj, _ = p.Info.Defs[n.Name].(*types.Func)
			if f.Obj != nil {
				p.byObj[f.Obj] = f
			}
		case *ast.FuncLit:
			f = &Func{Node: n, Test: test, At: n.Pos(), Parent: in}
			f.How, f.call = p.how(stack, spawned[n])
			if in != nil {
				f.Decl = in.Decl
				in.literals = append(in.literals, n)
			}
		case *ast.CallExpr:
			_, start := stack[len(stack)-2].(*ast.GoStmt)
			p.calls[n] = place{in, start}
			if in != nil {
				in.calls = append(in.calls, n)
			}
			return true
		default:
			return true
		}
		p.byNode[n] = f
		p.Funcs = append(p.Funcs, f)
		around = append(around, f)
		return true
	})
}

// isTest reports whether a file is one of tests, by what it imports and declares: the
// names of files are not known here.
func isTest(file *ast.File) bool {
	return strings.HasSuffix(file.Name.Name, "_test") ||
		slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"testing"` }) ||
		slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
			fd, ok := d.(*ast.FuncDecl)
			return ok && fd.Recv == nil && strings.HasPrefix(fd.Name.Name, "Example") && fd.Type.Params.NumFields() == 0
		})
}

// how tells when the literal at the end of a stack of nodes runs, from what stands
// around it, and which call it is the function or an argument of.
func (p *Package) how(stack []ast.Node, spawn racecheck.SpawnKind) (How, *ast.CallExpr) {
	i := len(stack) - 1
	lit := stack[i]
	for i--; i > 0; i-- {
		if _, ok := stack[i].(*ast.ParenExpr); !ok {
			break
		}
	}
	call, ok := stack[i].(*ast.CallExpr)
	switch {
	case spawn.Concurrent():
		return HowGo, call
	case !ok:
		return HowKept, nil
	}
	if _, ok := stack[i-1].(*ast.DeferStmt); ok && ast.Unparen(call.Fun) == lit {
		return HowDeferred, call
	}
	if p.Info.Types[call.Fun].IsType() {
		return HowKept, call // a conversion: http.HandlerFunc(func…)
	}
	return HowInPlace, call
}

// Of gives the function of a declaration or literal, nil for none.
func (p *Package) Of(node ast.Node) *Func { return p.byNode[node] }

// Around gives the innermost function around a call of the package, nil for none.
func (p *Package) Around(call *ast.CallExpr) *Func { return p.calls[call].in }

// Callee gives the function of the package that a call names, nil for others.
func (p *Package) Callee(call *ast.CallExpr) *Func {
	var id *ast.Ident
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = fun
	case *ast.SelectorExpr:
		id = fun.Sel
	case *ast.IndexExpr:
		id, _ = fun.X.(*ast.Ident)
	case *ast.FuncLit:
		return p.byNode[fun]
	}
	if id == nil {
		return nil
	}
	fn, ok := p.Info.Uses[id].(*types.Func)
	if !ok {
		return nil
	}
	return p.byObj[fn.Origin()]
}

// sites finds who calls the functions of the package, and who keeps them.
func (p *Package) sites(file *ast.File) {
	called := map[*ast.Ident]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			switch fun := ast.Unparen(n.Fun).(type) {
			case *ast.Ident:
				called[fun] = true
			case *ast.SelectorExpr:
				called[fun.Sel] = true
			}
			callee := p.Callee(n)
			if callee == nil || callee.Obj == nil {
				return true
			}
			at := p.calls[n]
			callee.Sites = append(callee.Sites, Site{In: at.in, Call: n, Go: at.start})
		case *ast.Ident:
			if fn, ok := p.Info.Uses[n].(*types.Func); ok && !called[n] {
				if f := p.byObj[fn.Origin()]; f != nil {
					f.Value = true
				}
			}
		}
		return true
	})
}

// rootOf gives the variable that an operand starts from.
func rootOf(info *types.Info, e ast.Expr) *types.Var {
	for e != nil {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			v, _ := info.ObjectOf(x).(*types.Var)
			return v
		case *ast.SelectorExpr:
			if info.Selections[x] == nil {
				v, _ := info.Uses[x.Sel].(*types.Var)
				return v
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.TypeAssertExpr:
			e = x.X
		case *ast.UnaryExpr:
			if x.Op != token.AND {
				return nil
			}
			e = x.X
		default:
			return nil
		}
	}
	return nil
}

// body gives the body of a function, nil for none.
func (f *Func) body() *ast.BlockStmt {
	switch n := f.Node.(type) {
	case *ast.FuncDecl:
		return n.Body
	case *ast.FuncLit:
		return n.Body
	}
	return nil
}

// Own visits the nodes of a function's own body, those of literals left out.
func (f *Func) Own(visit func(ast.Node) bool) {
	if b := f.body(); b != nil {
		ast.Inspect(b, func(n ast.Node) bool {
			if n == nil {
				return true
			}
			if !visit(n) {
				return false
			}
			_, lit := n.(*ast.FuncLit)
			return !lit
		})
	}
}
