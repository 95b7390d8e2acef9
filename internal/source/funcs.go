// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
)

// Place is a line of a frame inside a loaded package.
type Place struct {
	Pkg  *Package
	File *ast.File
	Rel  string // the file, relative to the tree's root
	Line int
	// Funcs are the functions around the line, outermost first: *ast.FuncDecl
	// or *ast.FuncLit. The last one is the function the frame's symbol names.
	// Empty at package level.
	Funcs []ast.Node
	// Ambiguous is true when several function literals stand on the line and
	// the symbol does not tell which one is meant.
	Ambiguous bool
}

// Func is the innermost function of the place, nil at package level.
func (p *Place) Func() ast.Node {
	if len(p.Funcs) == 0 {
		return nil
	}
	return p.Funcs[len(p.Funcs)-1]
}

// Inspect visits the body of the place's function in the manner of ast.Inspect, and
// nothing at package level or where the function has no body.
func (p *Place) Inspect(visit func(ast.Node) bool) {
	if body := Body(p.Func()); body != nil {
		ast.Inspect(body, visit)
	}
}

// Find resolves a frame to its file, loads the package and finds the function
// around the line. A nil place comes with the reason.
func (t *Tree) Find(ctx context.Context, f culprit.Frame) (*Place, string, error) {
	rel, why := t.Resolve(f)
	if rel == "" {
		return nil, why, nil
	}
	pkgs, err := t.Load(ctx, path.Dir(rel))
	if err != nil {
		return nil, "", fmt.Errorf("loading %s: %w", path.Dir(rel), err)
	}
	place, why := t.placeIn(pkgs, rel, f)
	if place == nil && why == "" {
		if pkgs, err = t.loadWith(ctx, rel); err != nil {
			return nil, "", fmt.Errorf("loading %s: %w", rel, err)
		}
		place, why = t.placeIn(pkgs, rel, f)
	}
	if place == nil && why == "" {
		why = fmt.Sprintf("%s cannot be parsed", rel)
	}
	return place, why, nil
}

// placeIn finds the frame in the packages of its folder. "" with a nil place
// means that no package has the file.
func (t *Tree) placeIn(pkgs []*Package, rel string, f culprit.Frame) (*Place, string) {
	for _, p := range pkgs {
		file := p.File(rel)
		if file == nil {
			continue
		}
		tf := p.Fset.File(file.FileStart)
		if f.Line < 1 || f.Line > tf.LineCount() {
			return nil, fmt.Sprintf("%s has %d lines, the log says line %d: the work tree is not at the log's commit", rel, tf.LineCount(), f.Line)
		}
		pl := &Place{Pkg: p, File: file, Rel: rel, Line: f.Line}
		pl.find(f.Func)
		return pl, ""
	}
	return nil, ""
}

// File returns the syntax tree of the file rel, nil when the package does not
// have it.
func (p *Package) File(rel string) *ast.File {
	for _, f := range p.Files {
		if p.Rel(f.FileStart) == rel {
			return f
		}
	}
	return nil
}

// Rel returns the file of pos relative to the tree's root. A file of the module
// cache is named by its module and version, wherever this machine keeps it;
// another file outside the tree keeps its path.
func (p *Package) Rel(pos token.Pos) string {
	tf := p.Fset.File(pos)
	if tf == nil {
		return ""
	}
	if rel, ok := p.rels.Load(tf.Name()); ok {
		return rel.(string)
	}
	rel := p.rel(tf.Name())
	p.rels.Store(tf.Name(), rel) // a package is asked for every declaration, and links cost system calls
	return rel
}

func (p *Package) rel(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	rel, err := filepath.Rel(p.root, name)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		name = filepath.ToSlash(name)
		if _, inModule, ok := strings.Cut(name, "/pkg/mod/"); ok {
			return inModule
		}
		return name
	}
	return filepath.ToSlash(rel)
}

// InTree reports whether a path that Rel returned is a file of the work tree.
func (p *Package) InTree(rel string) bool {
	return !filepath.IsAbs(filepath.FromSlash(rel)) && !strings.HasPrefix(rel, "$") && !strings.Contains(rel, "@")
}

// Pos converts a position, ignoring //line directives.
func (p *Package) Pos(pos token.Pos) culprit.Pos {
	at := p.Fset.PositionFor(pos, false)
	return culprit.Pos{File: p.Rel(pos), Line: at.Line, Column: at.Column}
}

// Line returns the line of pos, ignoring //line directives.
func (p *Package) Line(pos token.Pos) int {
	return p.Fset.PositionFor(pos, false).Line
}

// find fills in Funcs: the chain of functions whose lines include the line, cut
// at the depth that the symbol names, so that a literal that shares a line with
// its surroundings is told apart from them. Of several literals on the line the
// symbol's numbers tell which.
func (pl *Place) find(symbol string) {
	sym := ParseSymbol(symbol)
	var chains [][]ast.Node
	var stack []ast.Node
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			if pl.Pkg.Line(n.Pos()) > pl.Line || pl.Pkg.Line(n.End()) < pl.Line {
				return false
			}
			stack = append(stack, n)
			chains = append(chains, append([]ast.Node(nil), stack...))
			for _, c := range children(n) {
				ast.Inspect(c, visit)
			}
			stack = stack[:len(stack)-1]
			return false
		}
		return n != nil
	}
	ast.Inspect(pl.File, visit)

	want := sym.Depth + 1
	if sym.Name == "glob." || len(chains) > 0 && isLit(chains[0][0]) {
		want = sym.Depth // literals of package variables have no declaration around them
	}
	var best [][]ast.Node
	for _, c := range chains {
		if len(c) == want {
			best = append(best, c)
		}
	}
	if len(best) == 0 { // an inlined closure keeps its own depth in a longer name: take the innermost
		for _, c := range chains {
			switch {
			case len(best) == 0 || len(c) > len(best[0]):
				best = [][]ast.Node{c}
			case len(c) == len(best[0]):
				best = append(best, c)
			}
		}
	}
	if len(best) == 0 {
		return
	}
	pl.Funcs = best[0]
	if pl.Ambiguous = len(best) > 1; !pl.Ambiguous {
		return
	}
	fd, ok := best[0][0].(*ast.FuncDecl)
	if !ok || !numbered(fd, symbol) {
		return
	}
	named := closures(fd, symbol)
	for _, c := range best {
		if slices.Equal(c, named) {
			pl.Funcs, pl.Ambiguous = c, false
		}
	}
}

func isLit(n ast.Node) bool {
	_, ok := n.(*ast.FuncLit)
	return ok
}

func children(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if n.Body != nil {
			return []ast.Node{n.Body}
		}
	case *ast.FuncLit:
		return []ast.Node{n.Body}
	}
	return nil
}

// Body returns the body of a function node, nil for a declaration without one.
func Body(fn ast.Node) *ast.BlockStmt {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		return fn.Body
	case *ast.FuncLit:
		return fn.Body
	}
	return nil
}

// Text returns the source of a node on one line, at most limit bytes (0: 160).
func (p *Package) Text(n ast.Node, limit int) string {
	if limit == 0 {
		limit = 160
	}
	var buf bytes.Buffer
	if err := printer.Fprint(&buf, p.Fset, n); err != nil {
		return ""
	}
	s := strings.Join(strings.Fields(buf.String()), " ")
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit-len("…")], "") + "…"
	}
	return s
}
