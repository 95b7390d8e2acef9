// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"

	"github.com/culprit-ci/culprit/internal/source"
)

// errNoStatement says that no statement of the file covers a line.
var errNoStatement = errors.New("no statement stands there")

// instrument returns the source with a delay before each of the points. All
// text is inserted within existing lines, so that every line keeps its number
// and the detector's reports stay comparable without //line directives.
func instrument(src []byte, points []Point, importPath string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "src.go", src, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("cannot parse it: %w", err)
	}
	in := &instrumenter{fset: fset, file: file}
	for _, p := range points {
		if !in.point(p) {
			err = errors.Join(err, fmt.Errorf("line %d: %w", p.Line, errNoStatement))
		}
	}
	if len(in.inserts) == 0 {
		return nil, err
	}
	in.add(file.Name.End(), fmt.Sprintf("; import %s %q", helperName, importPath))
	return in.apply(src), nil
}

// helperName is the name under which files import the helper. It is unlikely to
// be shadowed.
const helperName = "culprit_delay"

type insert struct {
	pos  token.Pos
	text string
}

type instrumenter struct {
	fset    *token.FileSet
	file    *ast.File
	inserts []insert
}

func (in *instrumenter) add(pos token.Pos, text string) {
	at := insert{pos, text}
	if !slices.Contains(in.inserts, at) {
		in.inserts = append(in.inserts, at)
	}
}

func (in *instrumenter) apply(src []byte) []byte {
	slices.SortStableFunc(in.inserts, func(a, b insert) int { return cmp.Compare(a.pos, b.pos) })
	var out []byte
	last := 0
	for _, i := range in.inserts {
		off := in.fset.PositionFor(i.pos, false).Offset
		out = append(append(out, src[last:off]...), i.text...)
		last = off
	}
	return append(out, src[last:]...)
}

func (in *instrumenter) line(pos token.Pos) int { return in.fset.PositionFor(pos, false).Line }

func (in *instrumenter) covers(n ast.Node, line int) bool {
	return in.line(n.Pos()) <= line && line <= in.line(n.End())
}

// point inserts the delays of one point and reports whether there was a place.
func (in *instrumenter) point(p Point) bool {
	fns := in.functions(p.Line)
	if len(fns) == 0 {
		return false
	}
	fn := fns[len(fns)-1]
	if p.Func != "" {
		// The symbol tells the depth; an inlined literal carries a longer name.
		sym := source.ParseSymbol(p.Func)
		want := sym.Depth
		if sym.Name == "glob." {
			want--
		}
		for _, f := range fns {
			if f.depth == want {
				fn = f
				break
			}
		}
	}
	at := fmt.Sprintf("%s.At(%d)", helperName, p.Side)
	if p.Side >= startSide && p.Side < oneSide {
		in.add(body(fn.fn).Lbrace+1, " "+at+"; ")
		return true
	}
	stmts := in.innermost(fn.fn, p.Line)
	for _, s := range stmts {
		in.before(s, p, at)
	}
	return len(stmts) > 0 || in.edges(fn.fn, p, at)
}

type function struct {
	fn    ast.Node
	depth int
}

// functions lists the functions whose lines include the line, outermost first.
func (in *instrumenter) functions(line int) []function {
	var found []function
	depth := 0
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		b := body(n)
		if b == nil {
			return n != nil
		}
		if !in.covers(n, line) {
			return false
		}
		_, lit := n.(*ast.FuncLit)
		if lit {
			depth++
		}
		found = append(found, function{n, depth})
		ast.Inspect(b, visit)
		if lit {
			depth--
		}
		return false
	}
	ast.Inspect(in.file, visit)
	return found
}

func body(n ast.Node) *ast.BlockStmt {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return n.Body
	case *ast.FuncLit:
		return n.Body
	}
	return nil
}

// innermost lists the statements of fn's own statement lists that cover the
// line and have none inside that does.
func (in *instrumenter) innermost(fn ast.Node, line int) []ast.Stmt {
	var found []ast.Stmt
	list := func(stmts []ast.Stmt) {
		for _, s := range stmts {
			switch s.(type) {
			case *ast.CaseClause, *ast.CommClause: // they stand where statements do, and nothing can stand before them
				continue
			}
			if in.covers(s, line) {
				found = append(found, s)
			}
		}
	}
	ast.Inspect(body(fn), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			list(n.List)
		case *ast.CaseClause:
			list(n.Body)
		case *ast.CommClause:
			list(n.Body)
		}
		return true
	})
	return slices.DeleteFunc(found, func(s ast.Stmt) bool {
		return slices.ContainsFunc(found, func(o ast.Stmt) bool {
			return o != s && s.Pos() <= o.Pos() && o.End() <= s.End()
		})
	})
}

// before inserts the delay before a statement and, where the access can come
// later than the statement's start, there too.
func (in *instrumenter) before(s ast.Stmt, p Point, at string) {
	cond := fmt.Sprintf("%s.True(%d) && (", helperName, p.Side)
	in.add(s.Pos(), at+"; ")
	for {
		l, ok := s.(*ast.LabeledStmt)
		if !ok {
			break
		}
		s = l.Stmt
	}
	switch s := s.(type) {
	case *ast.ForStmt:
		if s.Cond != nil && in.covers(s.Cond, p.Line) {
			in.add(s.Cond.Pos(), cond)
			in.add(s.Cond.End(), ")")
		}
		if s.Post != nil && in.covers(s.Post, p.Line) {
			in.add(s.Body.Lbrace+1, " "+at+"; ")
		}
	case *ast.RangeStmt:
		if !in.covers(s.Body, p.Line) || in.line(s.Body.Lbrace) == p.Line {
			in.add(s.Body.Lbrace+1, " "+at+"; ")
		}
	case *ast.IfStmt:
		// The conditions behind else stand in no statement list.
		for e, ok := s.Else.(*ast.IfStmt); ok; e, ok = e.Else.(*ast.IfStmt) {
			if in.covers(e.Cond, p.Line) {
				in.add(e.Cond.Pos(), cond)
				in.add(e.Cond.End(), ")")
			}
		}
	case *ast.SelectStmt:
		for _, c := range s.Body.List {
			if c, ok := c.(*ast.CommClause); ok && c.Comm != nil && in.covers(c.Comm, p.Line) {
				in.add(c.Colon+1, " "+at+"; ")
			}
		}
	}
}

// edges serves a line without a statement of its own: the header of a function,
// or its closing brace, where deferred calls are reported.
func (in *instrumenter) edges(fn ast.Node, p Point, at string) bool {
	b := body(fn)
	switch p.Line {
	case in.line(b.Rbrace):
		found := false
		ast.Inspect(b, func(n ast.Node) bool {
			if d, ok := n.(*ast.DeferStmt); ok {
				// Deferred last, it runs right before the deferred call.
				in.add(d.End(), "; defer "+at)
				found = true
			}
			_, lit := n.(*ast.FuncLit)
			return !lit
		})
		if results(fn) == 0 {
			in.add(b.Rbrace, "; "+at+" ")
			found = true
		}
		return found
	case in.line(b.Lbrace), in.line(fn.Pos()):
		in.add(b.Lbrace+1, " "+at+"; ")
		return true
	}
	return false
}

func results(fn ast.Node) int {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		return fn.Type.Results.NumFields()
	case *ast.FuncLit:
		return fn.Type.Results.NumFields()
	}
	return 0
}
