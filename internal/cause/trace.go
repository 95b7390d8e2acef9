// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// holder is a variable on the way to the racing memory.
type holder struct {
	v   *types.Var
	key string
	// expr names it in place, which is frame number frame of the side.
	expr  ast.Expr
	place *source.Place
	frame int
	// param is true for parameters and receivers: names that one call gives to
	// what its caller has.
	param bool
	// addr is true where the address of the variable was taken: what follows is
	// its own memory, not what it holds.
	addr bool
	// fresh is true for a local variable that is only ever set to a new object.
	fresh bool
	// created is true where the place is on the stack that created the goroutine.
	created bool
	// plain is true for a local variable that only copies another's value.
	plain bool
}

// maxTrace bounds the steps of one trace; values go through few variables.
const maxTrace = 24

// tracer follows a value from an expression to the variables that it came from:
// through fields, copies, and from parameters to the arguments of the calling
// frames, at last to the go statement.
type tracer struct {
	r     *resolver
	s     *side
	list  []holder
	steps int
	// addr is true right after an address was taken.
	addr bool
	// field is the field that was last selected from what is traced now.
	field *types.Var
}

// trace returns the variables that lead to e, innermost first.
func (r *resolver) trace(ctx context.Context, s *side, frame int, place *source.Place, e ast.Expr) []holder {
	t := &tracer{r: r, s: s}
	t.expr(ctx, frame, place, e)
	return t.list
}

// traceReceiver returns the variables that lead to the receiver of a method call,
// innermost first: the embedded fields that promote the method, then its operand.
func (r *resolver) traceReceiver(ctx context.Context, s *side, frame int, place *source.Place, sel *ast.SelectorExpr) []holder {
	t := &tracer{r: r, s: s}
	t.receiver(ctx, frame, place, sel)
	return t.list
}

func (t *tracer) add(frame int, place *source.Place, v *types.Var, e ast.Expr) *holder {
	t.list = append(t.list, holder{v: v, key: varKey(place.Pkg, v), expr: e, place: place, frame: frame, addr: t.addr, created: frame >= t.s.inStack})
	t.addr = false
	return &t.list[len(t.list)-1]
}

func (t *tracer) expr(ctx context.Context, frame int, place *source.Place, e ast.Expr) {
	if t.steps++; t.steps > maxTrace || e == nil {
		return
	}
	info := place.Pkg.Info
	switch e := e.(type) {
	case *ast.ParenExpr:
		t.expr(ctx, frame, place, e.X)
	case *ast.StarExpr:
		t.expr(ctx, frame, place, e.X)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			t.addr = true
			t.expr(ctx, frame, place, e.X)
		}
	case *ast.IndexExpr:
		t.expr(ctx, frame, place, e.X)
	case *ast.SliceExpr:
		t.expr(ctx, frame, place, e.X)
	case *ast.TypeAssertExpr:
		t.expr(ctx, frame, place, e.X)
	case *ast.SelectorExpr:
		v := racecheck.VarOf(info, e)
		if v == nil {
			if s := info.Selections[e]; s != nil && s.Kind() == types.MethodVal {
				t.expr(ctx, frame, place, e.X)
			}
			return
		}
		t.add(frame, place, v, e)
		if v.IsField() {
			t.field = v
			t.expr(ctx, frame, place, e.X)
		}
	case *ast.Ident:
		if v, ok := info.ObjectOf(e).(*types.Var); ok && !v.IsField() {
			t.ident(ctx, frame, place, v, e)
		}
	case *ast.CallExpr:
		t.call(ctx, frame, place, e)
	}
}

// call follows a conversion to its operand and a getter to the field it returns.
func (t *tracer) call(ctx context.Context, frame int, place *source.Place, e *ast.CallExpr) {
	info := place.Pkg.Info
	if tv := info.Types[e.Fun]; len(e.Args) > 0 && (tv.IsType() || tv.IsBuiltin() && calleeName(e) == "append") {
		t.expr(ctx, frame, place, e.Args[0])
		return
	}
	sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
	if !ok {
		return
	}
	for _, a := range e.Args { // log.New(&buf, …), bufio.NewWriter(&buf)
		if t.s.above.typ != "" && namedAs(info.TypeOf(a), t.s.above.typ) {
			t.expr(ctx, frame, place, a)
			return
		}
	}
	for _, a := range e.Args { // slog.New(slog.NewTextHandler(&buf, nil))
		if t.wrapped(ctx, frame, place, a) {
			return
		}
	}
	if len(e.Args) > 0 {
		return
	}
	fn, ok := info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return
	}
	if v := getter(place.Pkg, fn); v != nil {
		t.add(frame, place, v, e)
		t.expr(ctx, frame, place, sel.X)
	} else if _, inTree := t.r.packageDir(fn); !inTree && info.Selections[sel] != nil {
		t.expr(ctx, frame, place, sel.X) // what a library's object returns may be its own memory: buf.Bytes()
	}
}

// wrapped follows an argument that is itself made by a call, if that leads to an
// object of the type that raced.
func (t *tracer) wrapped(ctx context.Context, frame int, place *source.Place, arg ast.Expr) bool {
	if t.s.above.typ == "" || !carries(orInvalid(place.Pkg.Info.TypeOf(arg))) {
		return false
	}
	before, addr := len(t.list), t.addr
	t.expr(ctx, frame, place, arg)
	for _, h := range t.list[before:] {
		if namedAs(h.v.Type(), t.s.above.typ) {
			return true
		}
	}
	t.list, t.addr = t.list[:before], addr
	return false
}

// getter returns the field that a method of the package returns and does nothing
// else but perhaps lock.
func getter(pkg *source.Package, obj types.Object) *types.Var {
	fd := declOf(pkg, obj)
	if fd == nil || fd.Body == nil || len(fd.Body.List) == 0 || len(fd.Body.List) > 3 {
		return nil
	}
	ret, ok := fd.Body.List[len(fd.Body.List)-1].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return nil
	}
	sel, ok := ast.Unparen(ret.Results[0]).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if v := racecheck.VarOf(pkg.Info, sel); v != nil && v.IsField() {
		return v
	}
	return nil
}

// declOf finds the declaration of a function in the package's files.
func declOf(pkg *source.Package, obj types.Object) *ast.FuncDecl {
	fn, ok := obj.(*types.Func)
	if !ok {
		return nil
	}
	fn = fn.Origin()
	for _, f := range pkg.Files {
		if f.FileStart > fn.Pos() || fn.Pos() > f.FileEnd {
			continue
		}
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && pkg.Info.Defs[fd.Name] == fn {
				return fd
			}
		}
	}
	return nil
}

// ident handles a variable that is not a field.
func (t *tracer) ident(ctx context.Context, frame int, place *source.Place, v *types.Var, e ast.Expr) {
	h := t.add(frame, place, v, e)
	if !racecheck.IsLocal(v) {
		return
	}
	owner := -1 // the function around the place that declares v
	for i, fn := range place.Funcs {
		if racecheck.Contains(fn, v.Pos()) {
			owner = i
		}
	}
	if owner < 0 {
		return
	}
	if index, ok := paramIndex(place.Pkg.Info, place.Funcs[owner], v); ok {
		h.param = true
		if owner == len(place.Funcs)-1 {
			t.climb(ctx, frame, place, index, v)
		} else if i, at := t.frameOf(ctx, frame, place.Funcs[owner]); at != nil {
			t.climb(ctx, i, at, index, v) // captured from a function that is further out on the stack
		}
		return
	}
	if made := assigned(place.Pkg.Info, place.Funcs[owner], v); len(made) == 1 {
		_, h.fresh = made[0].(*ast.CompositeLit)
	}
	if from := onlySource(place.Pkg.Info, place.Funcs[owner], v); from != nil {
		if _, made := ast.Unparen(from).(*ast.CallExpr); !made {
			h.plain = true
		}
		before := len(t.list)
		t.expr(ctx, frame, place, from)
		if len(t.list) > before {
			h = &t.list[before-1]
			h.plain = true
			return
		}
	}
	if field := t.field; field != nil {
		t.field = nil
		t.fromLiteral(ctx, frame, place, place.Funcs[owner], v, field)
	}
}

// frameOf finds the frame further out whose function is fn: of the call that made
// a closure, or that started its goroutine.
func (t *tracer) frameOf(ctx context.Context, frame int, fn ast.Node) (int, *source.Place) {
	for i := frame + 1; i < len(t.s.frames); i++ {
		place, _, err := t.r.find(ctx, t.s.frames[i])
		if err != nil {
			return 0, nil
		}
		if place != nil && place.Func() == fn {
			return i, place
		}
	}
	return 0, nil
}

// receiverIndex is the index of the receiver among a function's parameters.
const receiverIndex = -1

func paramIndex(info *types.Info, fn ast.Node, v *types.Var) (int, bool) {
	var params *ast.FieldList
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		if fn.Recv != nil && racecheck.Contains(fn.Recv, v.Pos()) {
			return receiverIndex, true
		}
		params = fn.Type.Params
	case *ast.FuncLit:
		params = fn.Type.Params
	}
	i := 0
	if params != nil {
		for _, f := range params.List {
			for _, name := range f.Names {
				if info.Defs[name] == v {
					return i, true
				}
				i++
			}
			if len(f.Names) == 0 {
				i++
			}
		}
	}
	return 0, false
}

// onlySource returns the one expression that v's value is copied from: nil when
// there are several, or when the value is made afresh.
func onlySource(info *types.Info, fn ast.Node, v *types.Var) ast.Expr {
	var from []ast.Expr
	bind := func(l, r ast.Expr) {
		id, ok := ast.Unparen(l).(*ast.Ident)
		if !ok || info.ObjectOf(id) != v {
			return
		}
		if src := racecheck.VarOf(info, r); src == v {
			return // p = p[:n]
		}
		switch r := ast.Unparen(r).(type) {
		case *ast.UnaryExpr:
			if _, made := ast.Unparen(r.X).(*ast.CompositeLit); made && r.Op == token.AND {
				return
			}
		case *ast.CallExpr:
			if tv := info.Types[r.Fun]; tv.IsBuiltin() && (calleeName(r) == "make" || calleeName(r) == "new") {
				return
			}
		case *ast.CompositeLit, *ast.FuncLit, *ast.BasicLit:
			return
		}
		from = append(from, r)
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			switch {
			case len(n.Lhs) == len(n.Rhs):
				for i := range n.Lhs {
					bind(n.Lhs[i], n.Rhs[i])
				}
			case len(n.Rhs) == 1:
				for _, l := range n.Lhs {
					bind(l, n.Rhs[0])
				}
			}
		case *ast.ValueSpec:
			for i := range n.Names {
				if len(n.Names) == len(n.Values) {
					bind(n.Names[i], n.Values[i])
				}
			}
		case *ast.RangeStmt:
			if n.Value != nil {
				bind(n.Value, n.X)
			}
		}
		return true
	})
	if len(from) != 1 {
		return nil
	}
	return from[0]
}

// climb follows a parameter to the argument in the frame that made the call.
func (t *tracer) climb(ctx context.Context, frame int, callee *source.Place, index int, v *types.Var) {
	name, through := "", false
	if fd, ok := callee.Func().(*ast.FuncDecl); ok {
		name = fd.Name.Name
	}
	for i := frame + 1; i < len(t.s.frames); i++ {
		f := t.s.frames[i]
		fs := source.ParseSymbol(f.Func)
		if fs.Wrapper == "gowrap" && i < t.s.inStack {
			continue // the go statement itself is in the creation stack
		}
		if strings.Contains(f.File, "<autogenerated>") || isOperation(fs.Package) {
			continue
		}
		rel, _ := t.r.tree.Resolve(f)
		if rel == "" || vendored(rel) {
			if strings.HasPrefix(f.Func, "testing.") {
				return
			}
			name, through = fs.Name, true
			continue
		}
		place, _, err := t.r.find(ctx, f)
		if err != nil || place == nil || place.Func() == nil {
			return
		}
		t.argument(ctx, i, place, callee, name, index, v, through)
		return
	}
}

// argument continues at the argument of the call that the frame made.
func (t *tracer) argument(ctx context.Context, frame int, place, callee *source.Place, name string, index int, v *types.Var, through bool) {
	call := callAt(place, callee, name)
	if call == nil {
		return
	}
	if through {
		if e := argumentOfType(place.Pkg.Info, call, v.Type()); e != nil {
			t.expr(ctx, frame, place, e)
		}
		return
	}
	if index == receiverIndex {
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			t.receiver(ctx, frame, place, sel)
		}
		return
	}
	args := call.Args
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if s := place.Pkg.Info.Selections[sel]; s != nil && s.Kind() == types.MethodExpr && len(args) > 0 {
			args = args[1:]
		}
	}
	if index < len(args) {
		t.expr(ctx, frame, place, args[index])
	}
}

// receiver continues at the receiver of a method call, through the embedded
// fields that promote the method.
func (t *tracer) receiver(ctx context.Context, frame int, place *source.Place, sel *ast.SelectorExpr) {
	s := place.Pkg.Info.Selections[sel]
	if s == nil {
		return
	}
	if n := len(s.Index()) - 1; n > 0 {
		typ := s.Recv()
		var via []*types.Var
		for _, i := range s.Index()[:n] {
			if p, ok := typ.Underlying().(*types.Pointer); ok {
				typ = p.Elem()
			}
			st, ok := typ.Underlying().(*types.Struct)
			if !ok || i >= st.NumFields() {
				return
			}
			via = append(via, st.Field(i))
			typ = st.Field(i).Type()
		}
		for i := len(via) - 1; i >= 0; i-- {
			t.add(frame, place, via[i], sel.X)
		}
	}
	t.addr = len(s.Index()) == 1 && pointee(s.Recv()) == nil && !types.IsInterface(s.Recv())
	t.expr(ctx, frame, place, sel.X)
}
