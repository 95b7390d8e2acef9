// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A function or an object that is given away is often kept: in a field of what a
// constructor returns, in a list of the receiver. What is known of the memory that
// keeps it is then known of it: pool := New(Options{Dial: f}) and a method of pool
// that leaves a goroutine running which calls pool.options.Dial runs f on it.

// Kept says that after a call memory of a result, the receiver or a parameter is what
// a parameter leads to.
type Kept struct {
	// From is the index of the parameter, -1 for the receiver, and FromPath the way
	// from it.
	From     int
	FromPath string
	// To is the index of a result; -1 stands for the receiver, -2 for the first
	// parameter, -3 for the second.
	To     int
	ToPath string
}

// toReceiver is Kept.To for the receiver; parameters follow below it.
const toReceiver = -1

// Limits of what is kept: more is cut, which hides instances.
const (
	maxKept     = 16
	maxKeptDeep = 6
)

// slot is memory: a path below a variable, or below a result.
type slot struct {
	obj    types.Object // nil for a result
	result int
	path   string
}

func (p slot) below(path string) slot {
	p.path += path
	return p
}

// holding says what is kept at a place: a literal, or the memory of a variable.
type holding struct {
	slot
	lit     *ast.FuncLit
	src     types.Object
	srcPath string
	address bool       // the address of that memory
	typ     types.Type // of the value
	// method is set when a method of that memory is kept, as a function.
	method *types.Func
	// made is set when it is an object that is made on the spot.
	made bool
}

// keeping finds what a body keeps, and where.
type keeping struct {
	info  *types.Info
	facts *FactSet
	list  []holding
	// options are the variables of loops over a parameter, with that.
	options map[types.Object]types.Object
	// of is the list by variable, made when first asked for.
	of map[types.Object][]holding
}

// newKeeping looks through a body; closures tells whether the bodies of literals
// count as well. What they return is none of the body's results.
func newKeeping(info *types.Info, facts *FactSet, body *ast.BlockStmt, closures bool) *keeping {
	k := &keeping{info: info, facts: facts}
	var visit func(own bool) func(ast.Node) bool
	visit = func(own bool) func(ast.Node) bool {
		return func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				if closures {
					ast.Inspect(n.Body, visit(false))
				}
				return false
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if len(n.Lhs) == len(n.Rhs) {
						k.assign(l, n.Rhs[i], 0)
					} else {
						k.assign(l, n.Rhs[0], i)
					}
				}
			case *ast.ValueSpec:
				for i, l := range n.Names {
					if len(n.Names) == len(n.Values) {
						k.assign(l, n.Values[i], 0)
					} else if len(n.Values) == 1 {
						k.assign(l, n.Values[0], i)
					}
				}
			case *ast.ReturnStmt:
				for i, e := range n.Results {
					if own {
						k.put(slot{result: i}, e, 0, 0)
					}
				}
			case *ast.RangeStmt:
				k.loop(n)
			case *ast.CallExpr:
				k.option(n)
				k.call(n)
			}
			return true
		}
	}
	ast.Inspect(body, visit(true))
	return k
}

// assign records l = r, where r's result i is meant if it has several.
func (k *keeping) assign(l, r ast.Expr, i int) {
	if !keeps(k.info.TypeOf(l)) {
		return
	}
	if obj, path, ok := memory(k.info, l); ok && obj != nil {
		k.put(slot{obj: obj, path: path}, r, i, 0)
	}
}

// put records that the value of an expression is kept at a place.
func (k *keeping) put(at slot, e ast.Expr, result, depth int) {
	if depth > maxKeptDeep || len(at.path) >= maxPath {
		return
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		k.list = append(k.list, holding{slot: at, lit: e})
		k.applied(at, e, depth)
	case *ast.CompositeLit:
		k.fields(at, e, depth)
	case *ast.UnaryExpr:
		if e.Op != token.AND {
			return
		}
		if lit, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
			k.list = append(k.list, holding{slot: at, typ: k.info.TypeOf(e), made: true})
			k.fields(at.below("*"), lit, depth)
		} else {
			k.value(at, e.X, "", true)
		}
	case *ast.CallExpr:
		k.result(at, e, result, depth)
	case *ast.SelectorExpr:
		s := k.info.Selections[e]
		if s == nil || s.Kind() != types.MethodVal {
			k.value(at, e, "", false)
			return
		}
		if fn, ok := s.Obj().(*types.Func); ok {
			if obj, path, address, ok := receiver(k.info, e, fn); ok {
				k.list = append(k.list, holding{slot: at, src: obj, srcPath: path, address: address, typ: s.Recv(), method: fn})
			}
		}
	default:
		k.value(at, e, "", false)
	}
}

// fields records what a composite literal at a place holds.
func (k *keeping) fields(at slot, lit *ast.CompositeLit, depth int) {
	st, isStruct := typeOf(k.info, lit).Underlying().(*types.Struct)
	for i, el := range lit.Elts {
		val := el
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			val = kv.Value
			if key, ok := kv.Key.(*ast.Ident); ok && isStruct {
				k.put(at.below("."+key.Name), val, 0, depth+1)
				continue
			}
		}
		if isStruct && i < st.NumFields() {
			k.put(at.below("."+st.Field(i).Name()), val, 0, depth+1)
		} else if !isStruct {
			k.put(at.below("*[]"), val, 0, depth+1)
		}
	}
}

// value records that memory, or its address, is kept at a place.
func (k *keeping) value(at slot, e ast.Expr, path string, address bool) {
	t := k.info.TypeOf(e)
	if path == "" && !address && !keeps(t) && !isObject(t) {
		return
	}
	if obj, p, ok := memory(k.info, e); ok && obj != nil && (obj != at.obj || p != at.path) {
		if address && t != nil {
			t = types.NewPointer(t)
		}
		k.list = append(k.list, holding{slot: at, src: obj, srcPath: p + path, address: address, typ: t})
	}
}

// result records what a result of a call keeps of the arguments.
func (k *keeping) result(at slot, call *ast.CallExpr, result, depth int) {
	if tv := k.info.Types[call.Fun]; tv.IsType() && len(call.Args) == 1 {
		n := len(k.list)
		k.put(at, call.Args[0], 0, depth+1)
		for i := range k.list[n:] {
			if k.list[n+i].slot == at { // a function with the methods of that type
				k.list[n+i].typ = tv.Type
			}
		}
		return
	} else if tv.IsBuiltin() {
		if calleeName(call) == "append" {
			for i, a := range call.Args {
				if i == 0 || call.Ellipsis.IsValid() {
					k.put(at, a, 0, depth+1)
				} else {
					k.put(at.below("*[]"), a, 0, depth+1)
				}
			}
		}
		return
	}
	fn := calleeFunc(k.info, call)
	if fn == nil {
		return
	}
	for _, kept := range k.facts.Of(fn).Keeps {
		if kept.To == result {
			k.part(at.below(kept.ToPath), call, kept, depth)
		}
	}
}

// call records what a call leaves in its receiver and arguments.
func (k *keeping) call(call *ast.CallExpr) {
	fn := calleeFunc(k.info, call)
	if fn == nil {
		return
	}
	for _, kept := range k.facts.Of(fn).Keeps {
		if kept.To >= 0 {
			continue
		}
		obj, path, ok := k.operand(call, fn, kept.To)
		if !ok {
			continue
		}
		to := kept.ToPath
		if path.address {
			to = strings.TrimPrefix(to, "*")
		}
		k.part(slot{obj: obj, path: path.path + to}, call, kept, 0)
	}
}

// operand gives the memory of the receiver or an argument of a call, and whether the
// callee has its address.
func (k *keeping) operand(call *ast.CallExpr, fn *types.Func, to int) (types.Object, spot, bool) {
	if to == toReceiver {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || fn.Signature().Recv() == nil {
			return nil, spot{}, false
		}
		if x := k.chain(sel.X); x != sel.X && isPointer(k.info.TypeOf(x)) {
			obj, path, ok := memory(k.info, x)
			return obj, spot{path: path}, ok && obj != nil
		}
		obj, path, address, ok := receiver(k.info, sel, fn)
		return obj, spot{path: path, address: address}, ok
	}
	i := toReceiver - 1 - to
	if i >= len(call.Args) {
		return nil, spot{}, false
	}
	e, address := ast.Unparen(call.Args[i]), false
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		address, e = true, u.X
	}
	obj, path, ok := memory(k.info, e)
	return obj, spot{path: path, address: address}, ok && obj != nil
}

// chain gives x of x.f().g(), where the methods return what they are called on.
func (k *keeping) chain(e ast.Expr) ast.Expr {
	for range maxKeptDeep {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return e
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || !slices.Contains(k.facts.Of(calleeFunc(k.info, call)).Keeps, Kept{From: toReceiver}) {
			return e
		}
		e = sel.X
	}
	return e
}

// part records that a part of an argument is kept at a place.
func (k *keeping) part(at slot, call *ast.CallExpr, kept Kept, depth int) {
	sig, _ := typeOf(k.info, call.Fun).Underlying().(*types.Signature)
	if sig != nil && sig.Variadic() && kept.From == sig.Params().Len()-1 && !call.Ellipsis.IsValid() {
		to := at
		if kept.FromPath == "" {
			to = at.below(element) // the list of the arguments
		}
		for _, a := range call.Args[min(kept.From, len(call.Args)):] {
			k.below(to, a, strings.TrimPrefix(kept.FromPath, element), depth+1)
		}
	} else if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && kept.From == toReceiver {
		k.below(at, sel.X, kept.FromPath, depth+1)
	} else if kept.From < 0 {
		return
	} else if kept.From < len(call.Args) {
		k.below(at, call.Args[kept.From], kept.FromPath, depth+1)
	}
}

// below records that what a path from an expression leads to is kept at a place.
func (k *keeping) below(at slot, e ast.Expr, path string, depth int) {
	if path == "" {
		k.put(at, e, 0, depth)
		return
	}
	if depth > maxKeptDeep {
		return
	}
	e = ast.Unparen(e)
	switch e.(type) {
	case *ast.FuncLit, *ast.CallExpr:
		here := types.NewVar(token.NoPos, nil, "", types.Typ[types.Invalid])
		sub := &keeping{info: k.info, facts: k.facts}
		sub.put(slot{obj: here}, e, 0, depth+1)
		for _, h := range sub.list {
			if rest, ok := cutPath(h.path, path); ok && h.obj == here {
				h.slot = at.below(rest)
				k.list = append(k.list, h)
			}
		}
		return
	}
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		rest, ok := strings.CutPrefix(path, "*")
		if !ok {
			return
		}
		e, path = ast.Unparen(u.X), rest
	}
	if lit, ok := e.(*ast.CompositeLit); ok {
		for _, el := range lit.Elts {
			kv, ok := el.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if key, ok := kv.Key.(*ast.Ident); ok {
				if rest, ok := cutPath(path, "."+key.Name); ok {
					k.below(at, kv.Value, rest, depth+1)
				}
			}
		}
		return
	}
	k.value(at, e, path, false)
}

// cutPath gives what follows prefix in a path.
func cutPath(path, prefix string) (string, bool) {
	rest, ok := strings.CutPrefix(path, prefix)
	return rest, ok && (rest == "" || strings.IndexByte(".*[(", rest[0]) >= 0)
}
