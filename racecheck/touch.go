// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/culprit-ci/culprit"
)

// TouchKind says which memory a [Touch] is about, seen from its variable.
type TouchKind int

// The kinds of touch.
const (
	// TouchOwn: the memory of the variable itself: a local, a package variable,
	// a field.
	TouchOwn TouchKind = iota
	// TouchElem: elements of the slice or array pointer that the variable holds.
	TouchElem
	// TouchMap: the map that the variable holds.
	TouchMap
	// TouchPointee: all that the pointer in the variable points to.
	TouchPointee
	// TouchChan: the channel that the variable holds.
	TouchChan
	// TouchCall: an object handed to a call, as its receiver or by an argument.
	// What the call does to it is not known.
	TouchCall
)

// Touch is one access of a function's own body to memory, described by the
// variable through which the source reaches it. It sees more than [Access]:
// memory behind pointers, slices, maps and channels too.
type Touch struct {
	Kind TouchKind
	// Op is read or write; a TouchCall has none.
	Op culprit.Op
	// Atomic is true for an operand of sync/atomic.
	Atomic bool
	// Var is the variable that names the memory: for TouchOwn the innermost
	// field or the variable itself, otherwise the variable that holds the
	// pointer, slice, map or channel. nil when no variable does: f()[i].
	Var *types.Var
	// Path are the variables around the accessed memory within one block of
	// memory, outermost first; for TouchOwn its last element is Var, and for a
	// TouchCall of a method with a pointer receiver on a variable that is none.
	// For elements it holds the fields below the element.
	Path []*types.Var
	// Base is the type of the memory block that Path is in, where the block is
	// reached through a pointer.
	Base types.Type
	// Expr is the operand; nil for the results that a return statement sets.
	Expr ast.Expr
	// Pos is where the compiled code makes the access.
	Pos  token.Pos
	Stmt ast.Stmt
	// Decl is true for the write that initialises a newly declared variable.
	Decl bool
	// Init is true for the writes that fill in a struct literal: memory that
	// nobody else can know yet, unless its publication races.
	Init bool
	// Call is the call of a TouchCall or of an atomic operation; Receiver is
	// true where Expr is its receiver.
	Call     *ast.CallExpr
	Receiver bool
}

// Touches lists the touches of fn's own body, in source order. Bodies of
// function literals inside fn are left out: they have frames of their own.
func Touches(info *types.Info, fn ast.Node) []Touch {
	w := &toucher{info: info}
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		if fn.Body != nil {
			w.entry(fn.Recv, fn.Type.Params, fn.Type.Results)
			w.named = namedResults(info, fn.Type)
			w.stmt(fn.Body)
		}
	case *ast.FuncLit:
		w.entry(fn.Type.Params, fn.Type.Results)
		w.named = namedResults(info, fn.Type)
		w.stmt(fn.Body)
	}
	return w.list
}

// entry records that a call sets its parameters and clears its named results:
// the detector sees it for those that are moved to the heap.
func (w *toucher) entry(lists ...*ast.FieldList) {
	for _, l := range lists {
		if l == nil {
			continue
		}
		for _, f := range l.List {
			for _, name := range f.Names {
				w.store(name, name.Pos(), true)
			}
		}
	}
}

func namedResults(info *types.Info, t *ast.FuncType) []*types.Var {
	var list []*types.Var
	if t.Results != nil {
		for _, f := range t.Results.List {
			for _, name := range f.Names {
				if v, ok := info.Defs[name].(*types.Var); ok {
					list = append(list, v)
				}
			}
		}
	}
	return list
}

type toucher struct {
	info  *types.Info
	named []*types.Var
	cur   ast.Stmt
	list  []Touch
}

// block is a place in memory on the way to an access.
type block struct {
	kind TouchKind
	v    *types.Var
	path []*types.Var
	base types.Type
}

func (w *toucher) emit(b block, op culprit.Op, e ast.Expr, pos token.Pos) *Touch {
	if !pos.IsValid() && e != nil {
		pos = e.Pos()
	}
	w.list = append(w.list, Touch{Kind: b.kind, Op: op, Var: b.v, Path: b.path, Base: b.base, Expr: e, Pos: pos, Stmt: w.cur})
	return &w.list[len(w.list)-1]
}

// load records what evaluating e reads.
func (w *toucher) load(e ast.Expr) {
	if e == nil {
		return
	}
	if tv, ok := w.info.Types[e]; ok && (tv.IsType() || tv.Value != nil) {
		return
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		w.load(e.X)
	case *ast.Ident, *ast.SelectorExpr, *ast.StarExpr, *ast.IndexExpr:
		if b, ok := w.place(e); ok {
			w.emit(b, culprit.OpRead, e, token.NoPos)
		}
	case *ast.CallExpr:
		w.call(e)
	case *ast.UnaryExpr:
		switch e.Op {
		case token.AND:
			w.place(e.X)
		case token.ARROW:
			w.load(e.X)
			w.emit(block{kind: TouchChan, v: VarOf(w.info, e.X)}, culprit.OpRead, e.X, e.OpPos)
		default:
			w.load(e.X)
		}
	case *ast.BinaryExpr:
		w.load(e.X)
		w.load(e.Y)
	case *ast.SliceExpr:
		if isArray(w.info.TypeOf(e.X)) {
			w.place(e.X)
		} else {
			w.load(e.X)
		}
		w.load(e.Low)
		w.load(e.High)
		w.load(e.Max)
	case *ast.TypeAssertExpr:
		w.load(e.X)
	case *ast.CompositeLit:
		w.literal(e)
	}
}

// literal records the operands of a composite literal and the fields it fills in.
func (w *toucher) literal(e *ast.CompositeLit) {
	t := w.info.TypeOf(e)
	if t == nil {
		t = types.Typ[types.Invalid]
	}
	if p := pointee(t); p != nil {
		t = p // &T elided inside another literal
	}
	st, isStruct := under(t).(*types.Struct)
	for i, el := range e.Elts {
		kv, keyed := el.(*ast.KeyValueExpr)
		if keyed {
			if !isStruct && t != types.Typ[types.Invalid] {
				w.load(kv.Key)
			}
			el = kv.Value
		}
		w.load(el)
		if !isStruct {
			continue
		}
		var f *types.Var
		if keyed {
			if id, ok := kv.Key.(*ast.Ident); ok {
				f, _ = w.info.Uses[id].(*types.Var)
			}
		} else if i < st.NumFields() {
			f = st.Field(i)
		}
		if f != nil {
			w.emit(block{v: f, path: []*types.Var{f}, base: t}, culprit.OpWrite, el, token.NoPos).Init = true
		}
	}
}

// store records what assigning to e touches.
func (w *toucher) store(e ast.Expr, pos token.Pos, define bool) {
	e = ast.Unparen(e)
	if id, ok := e.(*ast.Ident); ok && id.Name == "_" {
		return
	}
	if b, ok := w.place(e); ok {
		id, isIdent := e.(*ast.Ident)
		w.emit(b, culprit.OpWrite, e, pos).Decl = define && isIdent && w.info.Defs[id] != nil
	}
}

// place finds the memory that e denotes and records the reads on the way there.
// Not ok: e is no memory of its own.
func (w *toucher) place(e ast.Expr) (block, bool) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return w.place(e.X)
	case *ast.Ident:
		if v, ok := w.info.ObjectOf(e).(*types.Var); ok && !v.IsField() {
			return block{v: v, path: []*types.Var{v}}, true
		}
	case *ast.StarExpr:
		w.load(e.X)
		return block{kind: TouchPointee, v: VarOf(w.info, e.X), base: pointee(w.info.TypeOf(e.X))}, true
	case *ast.IndexExpr:
		return w.index(e)
	case *ast.SelectorExpr:
		return w.selector(e)
	case *ast.CompositeLit, *ast.CallExpr, *ast.TypeAssertExpr, *ast.SliceExpr, *ast.FuncLit, *ast.BinaryExpr, *ast.UnaryExpr:
		w.load(e)
	}
	return block{}, false
}

func (w *toucher) index(e *ast.IndexExpr) (block, bool) {
	t := w.info.TypeOf(e.X)
	if t == nil {
		return block{}, false
	}
	if tv := w.info.Types[e.X]; tv.IsType() {
		return block{}, false
	}
	switch u := under(t).(type) {
	case *types.Signature:
		return block{}, false // an instantiated function
	case *types.Array:
		b, ok := w.place(e.X)
		w.load(e.Index)
		return b, ok
	case *types.Map:
		w.load(e.X)
		w.load(e.Index)
		return block{kind: TouchMap, v: VarOf(w.info, e.X)}, true
	case *types.Slice, *types.Pointer:
		w.load(e.X)
		w.load(e.Index)
		b := block{kind: TouchElem, v: VarOf(w.info, e.X)}
		if s, ok := u.(*types.Slice); ok {
			b.base = s.Elem()
		}
		return b, true
	}
	w.load(e.X)
	w.load(e.Index)
	return block{}, false
}

func (w *toucher) selector(e *ast.SelectorExpr) (block, bool) {
	sel := w.info.Selections[e]
	if sel == nil {
		if v, ok := w.info.Uses[e.Sel].(*types.Var); ok { // pkg.Var
			return block{v: v, path: []*types.Var{v}}, true
		}
		if _, ok := w.info.Uses[e.Sel]; !ok {
			w.load(e.X)
		}
		return block{}, false
	}
	if sel.Kind() != types.FieldVal {
		if sel.Kind() == types.MethodVal {
			w.load(e.X)
		}
		return block{}, false
	}
	return w.fields(e.X, sel, len(sel.Index()))
}

// fields follows the first n steps of a selection from x, through embedded
// fields too.
func (w *toucher) fields(x ast.Expr, sel *types.Selection, n int) (block, bool) {
	t := w.info.TypeOf(x)
	if t == nil {
		return block{}, false
	}
	var b block
	ok := true
	if p, isPtr := under(t).(*types.Pointer); isPtr {
		w.load(x)
		b, t = block{base: p.Elem()}, p.Elem()
	} else {
		b, ok = w.place(x)
		if b.kind == TouchPointee {
			b = block{base: b.base}
		}
	}
	for i, idx := range sel.Index()[:n] {
		if i > 0 {
			if p, isPtr := under(t).(*types.Pointer); isPtr {
				if ok {
					w.emit(b, culprit.OpRead, x, token.NoPos)
				}
				b, t, ok = block{base: p.Elem()}, p.Elem(), true
			}
		}
		st, isStruct := under(t).(*types.Struct)
		if !isStruct || idx >= st.NumFields() {
			return block{}, false
		}
		f := st.Field(idx)
		b.path = append(append([]*types.Var(nil), b.path...), f)
		if b.kind == TouchOwn {
			b.v = f
		}
		t = f.Type()
	}
	return b, ok && b.kind != TouchMap
}

func under(t types.Type) types.Type {
	if tp, ok := types.Unalias(t).(*types.TypeParam); ok {
		if c, ok := tp.Underlying().(*types.Interface); ok && c.NumEmbeddeds() == 1 {
			if u, ok := c.EmbeddedType(0).(*types.Union); ok && u.Len() > 0 {
				return u.Term(0).Type().Underlying()
			}
		}
	}
	return t.Underlying()
}

func pointee(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	if p, ok := under(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return nil
}

// VarOf returns the variable whose value, or whose part, e is: the field of a
// selector, the variable of an identifier, the holder of an element. nil when a
// call or a literal makes the value.
func VarOf(info *types.Info, e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := info.ObjectOf(e).(*types.Var)
		return v
	case *ast.SelectorExpr:
		if sel := info.Selections[e]; sel != nil {
			if sel.Kind() == types.FieldVal {
				v, _ := sel.Obj().(*types.Var)
				return v
			}
			return nil
		}
		v, _ := info.Uses[e.Sel].(*types.Var)
		return v
	case *ast.StarExpr:
		return VarOf(info, e.X)
	case *ast.IndexExpr:
		return VarOf(info, e.X)
	case *ast.SliceExpr:
		return VarOf(info, e.X)
	case *ast.TypeAssertExpr:
		return VarOf(info, e.X)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return VarOf(info, e.X)
		}
	}
	return nil
}
