// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"fmt"
	"go/ast"
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit"
)

// Names reports whether the declared function around the place is the one that a
// symbol names. A closure that was inlined elsewhere has both functions in its
// symbol, "(*T).Caller.(*T).Callee.func1", so there the name may stand anywhere.
func (pl *Place) Names(symbol string) bool {
	sym := ParseSymbol(symbol)
	if len(pl.Funcs) == 0 {
		return sym.Name == "init" || sym.Name == "glob." || sym.Wrapper != "" || sym.Name == ""
	}
	fd, ok := pl.Funcs[0].(*ast.FuncDecl)
	if !ok {
		return true // a literal of a package variable
	}
	if fd.Name.Name == sym.Name || fd.Name.Name == sym.Recv {
		return true
	}
	short := symbol[strings.LastIndexByte(symbol, '/')+1:] + "."
	return sym.Depth > 0 && strings.Contains(short, "."+fd.Name.Name+".")
}

// FindFunc finds the function of a frame by its symbol alone, for a tree whose
// lines are not those of the log. The place's line is where the function begins.
func (t *Tree) FindFunc(ctx context.Context, f culprit.Frame) (*Place, string, error) {
	sym := ParseSymbol(f.Func)
	dir, ok := t.PackageDir(sym.Package)
	if !ok || sym.Wrapper != "" {
		return nil, fmt.Sprintf("package %s is not in the work tree", sym.Package), nil
	}
	pkgs, err := t.Load(ctx, dir)
	if err != nil {
		return nil, "", fmt.Errorf("loading %s: %w", dir, err)
	}
	for _, p := range pkgs {
		for _, file := range p.Files {
			for _, d := range file.Decls {
				fd, ok := d.(*ast.FuncDecl)
				if !ok || fd.Name.Name != sym.Name || recvName(fd) != sym.Recv || fd.Body == nil {
					continue
				}
				funcs := closures(fd, f.Func)
				if funcs == nil {
					return nil, fmt.Sprintf("%s has no such function literal any more", sym.Func()), nil
				}
				pl := &Place{Pkg: p, File: file, Rel: p.Rel(fd.Pos()), Funcs: funcs}
				pl.Line = p.Line(pl.Func().Pos())
				return pl, "", nil
			}
		}
	}
	return nil, fmt.Sprintf("%s is not in the work tree any more", sym.Func()), nil
}

func recvName(fd *ast.FuncDecl) string {
	if fd.Recv.NumFields() != 1 {
		return ""
	}
	e := fd.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// closures returns the chain of functions that the numbers of a symbol name:
// "F.func2.1" is the first literal in the second literal of F. The compiler
// numbers the literals of one function in source order. nil when there are not
// that many.
func closures(fd *ast.FuncDecl, symbol string) []ast.Node {
	chain := []ast.Node{fd}
	symbol, _ = dropTypeArgs(symbol)
	_, rest, _ := strings.Cut(symbol[strings.LastIndexByte(symbol, '/')+1:], "."+fd.Name.Name)
	for part := range strings.SplitSeq(rest, ".") {
		part, _, _ = strings.Cut(strings.TrimSuffix(part, "()"), "-")
		n, err := strconv.Atoi(strings.TrimPrefix(part, "func"))
		if err != nil {
			continue
		}
		lits := literals(chain[len(chain)-1])
		if n < 1 || n > len(lits) {
			return nil
		}
		chain = append(chain, lits[n-1])
	}
	return chain
}

// numbered reports whether a symbol names a literal of fd by numbers alone. A
// literal that was inlined elsewhere has a number of the function it ended in,
// and the body of a range-over-func loop takes part in no count.
func numbered(fd *ast.FuncDecl, symbol string) bool {
	sym := ParseSymbol(symbol)
	if sym.Name != fd.Name.Name || sym.Recv != recvName(fd) || sym.Depth == 0 || sym.RangeBody {
		return false
	}
	plain, _ := dropTypeArgs(symbol)
	_, rest, ok := strings.Cut(plain[strings.LastIndexByte(plain, '/')+1:], "."+fd.Name.Name+".")
	for part := range strings.SplitSeq(strings.TrimSuffix(rest, "()"), ".") {
		ok = ok && closurePart(part) != ""
	}
	return ok
}

// literals lists the function literals directly inside a function.
func literals(fn ast.Node) []ast.Node {
	var list []ast.Node
	ast.Inspect(Body(fn), func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok {
			list = append(list, lit)
			return false
		}
		return true
	})
	return list
}
