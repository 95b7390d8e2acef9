// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// use is one identifier that names the subject, with the nodes around it.
type use struct {
	pkg  *source.Package
	file *ast.File
	rel  string
	id   *ast.Ident
	// expr is the operand: the identifier, or the selector whose field it is.
	expr ast.Expr
	// path are the nodes around expr, innermost first.
	path []ast.Node
}

// decl reports whether the use is the declaration itself.
func (u *use) decl() bool { return u.pkg.Info.Defs[u.id] != nil }

func (u *use) line() int { return u.pkg.Line(u.id.Pos()) }

// fn is the innermost function around the use, nil at package level.
func (u *use) fn() ast.Node {
	for _, n := range u.path {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return n
		}
	}
	return nil
}

// stmt is the innermost statement around the use that stands in a statement
// list, nil where there is none.
func (u *use) stmt() ast.Stmt {
	for i, n := range u.path {
		s, ok := n.(ast.Stmt)
		if !ok || i+1 >= len(u.path) {
			continue
		}
		switch n.(type) {
		case *ast.CaseClause, *ast.CommClause:
			return nil // in the header of a clause, where nothing can stand before it
		}
		switch p := u.path[i+1].(type) {
		case *ast.BlockStmt:
			return s
		case *ast.CaseClause:
			if slices.Contains(p.Body, s) {
				return s
			}
		case *ast.CommClause:
			if slices.Contains(p.Body, s) {
				return s
			}
		case *ast.LabeledStmt:
			return nil
		}
	}
	return nil
}

// inClause reports whether the use stands in the header of a case of a select or
// switch, or in an expression of it.
func (u *use) inClause() bool {
	for i, n := range u.path {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.BlockStmt:
			return false
		case *ast.CommClause:
			_, recv := u.path[i-1].(*ast.ExprStmt)
			return recv && u.path[i-1] == ast.Node(n.Comm)
		case *ast.CaseClause:
			e, ok := u.path[i-1].(ast.Expr)
			return ok && slices.Contains(n.List, e)
		}
	}
	return false
}

// base is the source of what the subject is a field of, "" for a variable.
func (u *use) base() string {
	sel, ok := u.expr.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	return u.pkg.Text(sel.X, 1000)
}

// key reports whether the use is the key of a composite literal.
func (u *use) key() bool {
	if len(u.path) < 2 {
		return false
	}
	kv, ok := u.path[0].(*ast.KeyValueExpr)
	if !ok || kv.Key != u.expr {
		return false
	}
	_, ok = u.path[1].(*ast.CompositeLit)
	return ok
}

// uses lists the uses of the subject in all packages of its folder, by file and
// position. Another package of the folder knows the variable from export data,
// as another object at the same position.
func (s *subject) uses(ctx context.Context) ([]*use, error) {
	if s.all != nil {
		return s.all, nil
	}
	pkgs, err := s.tree.Load(ctx, path.Dir(s.f.Cause.Declared.File))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, pkg := range pkgs {
		for _, file := range pkg.Files {
			rel := pkg.Rel(file.FileStart)
			if seen[rel] {
				continue
			}
			seen[rel] = true
			s.collect(pkg, file, rel)
		}
	}
	slices.SortFunc(s.all, func(a, b *use) int {
		if a.rel != b.rel {
			return strings.Compare(a.rel, b.rel)
		}
		return int(a.id.Pos() - b.id.Pos())
	})
	return s.all, nil
}

func (s *subject) collect(pkg *source.Package, file *ast.File, rel string) {
	var stack []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if id, ok := n.(*ast.Ident); ok && id.Name == s.v.Name() && s.is(pkg, id) {
			u := &use{pkg: pkg, file: file, rel: rel, id: id, expr: id}
			around := slices.Clone(stack)
			slices.Reverse(around)
			if len(around) > 0 {
				if sel, ok := around[0].(*ast.SelectorExpr); ok && sel.Sel == id {
					u.expr, around = sel, around[1:]
				}
			}
			u.path = around
			s.all = append(s.all, u)
		}
		stack = append(stack, n)
		return true
	})
}

// is reports whether the identifier names the subject.
func (s *subject) is(pkg *source.Package, id *ast.Ident) bool {
	obj := pkg.Info.Uses[id]
	if obj == nil {
		obj = pkg.Info.Defs[id]
	}
	v, ok := obj.(*types.Var)
	if !ok {
		return false
	}
	if v.Origin() == s.v {
		return true
	}
	return pkg != s.pkg && v.Pos().IsValid() && samePlace(pkg.Pos(v.Origin().Pos()), s.f.Cause.Declared)
}

// samePlace compares positions; export data has no exact columns.
func samePlace(a, b culprit.Pos) bool { return a.File == b.File && a.Line == b.Line }

// atSite reports whether the use is on one of the lines that raced.
func (s *subject) atSite(u *use) bool {
	for _, site := range slices.Concat(s.f.Cause.Sites, s.f.Cause.OtherSites) {
		if site.File != u.rel {
			continue
		}
		if site.Line == u.line() {
			return true
		}
		if st := u.stmt(); st != nil && u.pkg.Line(st.Pos()) <= site.Line && site.Line <= u.pkg.Line(st.End()) {
			switch st.(type) {
			case *ast.AssignStmt, *ast.ExprStmt, *ast.ReturnStmt, *ast.IncDecStmt, *ast.SendStmt:
				return true
			}
		}
	}
	return false
}

// writes reports whether the use can change the memory that the subject names or
// holds: assignment, increment, element or map store, delete, a range key.
func (u *use) writes() bool {
	var e ast.Expr = u.expr
	for _, n := range u.path {
		switch p := n.(type) {
		case *ast.ParenExpr:
			e = p
		case *ast.IndexExpr:
			if p.X != e {
				return false
			}
			e = p
		case *ast.SelectorExpr:
			if p.X != e {
				return false
			}
			e = p
		case *ast.StarExpr:
			e = p
		case *ast.AssignStmt:
			return slices.Contains(p.Lhs, e)
		case *ast.IncDecStmt:
			return p.X == e
		case *ast.RangeStmt:
			return p.Key == e || p.Value == e
		case *ast.CallExpr:
			if id, ok := p.Fun.(*ast.Ident); ok && len(p.Args) > 0 && p.Args[0] == e {
				return id.Name == "delete" || id.Name == "clear" || id.Name == "copy"
			}
			return false
		default:
			return false
		}
	}
	return false
}

// addressTaken reports whether the use is &x, or a pointer method's receiver.
func (u *use) addressTaken() bool {
	for _, n := range u.path {
		switch p := n.(type) {
		case *ast.ParenExpr:
			continue
		case *ast.UnaryExpr:
			return p.Op == token.AND
		}
		break
	}
	return false
}

// text returns the source of a file of the tree.
func (s *subject) text(u *use) []byte {
	if t, ok := s.texts[u.rel]; ok {
		return t
	}
	if s.texts == nil {
		s.texts = map[string][]byte{}
	}
	t, err := readFile(s.tree, u.rel)
	if err != nil {
		return nil
	}
	s.texts[u.rel] = t
	return t
}

func (u *use) offset(pos token.Pos) int { return u.pkg.Fset.File(pos).Offset(pos) }

// src is the source of a node as it is written.
func (s *subject) src(u *use, n ast.Node) string {
	t := s.text(u)
	a, b := u.offset(n.Pos()), u.offset(n.End())
	if a < 0 || b > len(t) || a > b {
		return ""
	}
	return string(t[a:b])
}

// lineEnd is the offset behind the last character of a statement's last line,
// when only a comment follows it there; otherwise the statement's end.
func (s *subject) lineEnd(u *use, n ast.Node) int {
	t, end := s.text(u), u.offset(n.End())
	rest := t[min(end, len(t)):]
	if i := slices.Index(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	if strings.HasPrefix(strings.TrimSpace(string(rest)), "//") {
		return end + len(strings.TrimRight(string(rest), "\r"))
	}
	return end
}

// fresh is a name that no identifier of the file has.
func fresh(file *ast.File, name string) string {
	taken := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			taken[id.Name] = true
		}
		return true
	})
	try := name
	for i := 2; taken[try] || token.IsKeyword(try) || types.Universe.Lookup(try) != nil; i++ {
		try = fmt.Sprintf("%s%d", name, i)
	}
	return try
}

// fresh is a name that neither the file nor an earlier edit of it has.
func (s *subject) fresh(u *use, name string) string {
	if s.issued == nil {
		s.issued = map[string]bool{}
	}
	try := fresh(u.file, name)
	for i := 2; s.issued[u.rel+try]; i++ {
		try = fresh(u.file, fmt.Sprintf("%s%d", name, i))
	}
	s.issued[u.rel+try] = true
	return try
}

// addImport plans the edit that imports a package of the standard library, none
// if the file has it. name is how the file calls it.
func addImport(u *use, importPath string) (name string, edits []edit, why string) {
	base := path.Base(importPath)
	for _, im := range u.file.Imports {
		if im.Path.Value == `"`+importPath+`"` {
			switch {
			case im.Name == nil:
				return base, nil, ""
			case im.Name.Name != "_" && im.Name.Name != ".":
				return im.Name.Name, nil, ""
			}
		}
	}
	for _, d := range u.file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT || !g.Lparen.IsValid() || len(g.Specs) == 0 {
			continue
		}
		// Beside another package of the standard library, where gofmt sorts it.
		at := g.Specs[0]
		for _, sp := range g.Specs {
			if im, ok := sp.(*ast.ImportSpec); ok && !strings.Contains(im.Path.Value, ".") && im.Path.Value != `"C"` {
				at = sp
				break
			}
		}
		return base, []edit{{offset: u.offset(at.Pos()), text: `"` + importPath + "\"\n\t"}}, ""
	}
	return base, []edit{{offset: u.offset(u.file.Name.End()), text: "\n\nimport \"" + importPath + "\""}}, ""
}

// spell spells a type as the file can: with its import names.
func (u *use) spell(t types.Type) (string, string) {
	missing := ""
	names := map[string]string{}
	for _, im := range u.file.Imports {
		if pn := u.pkg.Info.PkgNameOf(im); pn != nil {
			names[pn.Imported().Path()] = pn.Name()
		}
	}
	s := types.TypeString(t, func(pkg *types.Package) string {
		if pkg == u.pkg.Types {
			return ""
		}
		name, ok := names[pkg.Path()]
		if !ok || name == "_" {
			missing = pkg.Path()
		}
		if name == "." {
			return ""
		}
		return name
	})
	if missing != "" {
		return "", fmt.Sprintf("the type %s needs the import %s, which the file does not have", t, missing)
	}
	return s, ""
}

// concurrentLits are the concurrent literals of a file that use the subject and
// do not declare it.
func (s *subject) concurrentLits(file *ast.File, pkg *source.Package) []racecheck.Spawn {
	var list []racecheck.Spawn
	for _, sp := range racecheck.Spawns(pkg.Info, file) {
		if !sp.Kind.Concurrent() || !racecheck.DeclaredOutside(s.v, sp.Lit) {
			continue
		}
		used := false
		ast.Inspect(sp.Lit, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			used = used || ok && s.is(pkg, id)
			return !used
		})
		if used {
			list = append(list, sp)
		}
	}
	return list
}

// readsBack names a concurrent literal that assigns the subject and reads it
// later, while another goroutine may assign it: a lock or an atomic at each
// access would end the report and leave the literal with the other's value. ""
// means that there is none.
func (s *subject) readsBack(uses []*use) string {
	if !racecheck.IsLocal(s.v) {
		return ""
	}
	file := s.pkg.File(s.f.Cause.Declared.File)
	writers, found := 0, ""
	for _, l := range s.concurrentLits(file, s.pkg) {
		assigned := false
		for _, u := range uses {
			if !racecheck.Contains(l.Lit, u.id.Pos()) {
				continue
			}
			switch {
			case u.replaces():
				if !assigned {
					writers++
					if l.Loop != nil {
						writers++
					}
				}
				assigned = true
			case assigned && !u.writes():
				found = fmt.Sprintf("the function literal at line %d reads back what it assigned to %s (line %d): guarding each access would leave it the value of another goroutine",
					s.pkg.Line(l.Lit.Pos()), s.v.Name(), u.line())
			}
		}
	}
	if writers < 2 {
		return ""
	}
	return found
}

// replaces reports whether the use is a left side of an assignment that does not
// look at the old value.
func (u *use) replaces() bool {
	as, ok := at[*ast.AssignStmt](u.path, 0)
	if !ok || as.Tok != token.ASSIGN || !slices.Contains(as.Lhs, u.expr) {
		return false
	}
	old := false
	for _, r := range as.Rhs {
		ast.Inspect(r, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			old = old || ok && u.pkg.Info.Uses[id] == u.pkg.Info.Uses[u.id]
			return !old
		})
	}
	return !old
}
