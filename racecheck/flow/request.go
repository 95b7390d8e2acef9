// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// A server calls its handler on a goroutine for each connection. One request after
// the other orders the calls, and the response orders the handler with whoever waited
// for it, so that a handler is taken to run in place of the request. Requests that
// goroutines make at the same time run it at the same time.

// served are the handlers of the test servers of a declaration.
type served struct {
	// handlers maps the variable of a server to its handlers.
	handlers map[types.Object][]*ast.FuncLit
	// made maps variables to the expressions they are made of: a URL, a client.
	made map[types.Object][]ast.Expr
}

// requests adds the runs of the handlers of the server that a call in a goroutine
// makes a request to.
func (b *builder) requests(r *Run, depth int, call *ast.CallExpr) {
	if b.served == nil {
		b.served = b.servers()
	}
	if len(b.served.handlers) == 0 || !onGoroutine(r) || !b.isRequest(call) {
		return
	}
	exprs := slices.Clone(call.Args)
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		exprs = append(exprs, sel.X)
	}
	for _, e := range exprs {
		for _, lit := range b.served.behind(b.info, e, 0) {
			if !slices.ContainsFunc(r.Kids, func(k *Run) bool { return k.Fn == lit && k.At == call.Pos() }) {
				b.add(r, depth, &Run{Kind: RunInline, Fn: lit, At: call.Pos()})
			}
		}
	}
}

// isRequest reports whether a call is a request of net/http.
func (b *builder) isRequest(call *ast.CallExpr) bool {
	return isRequest(calleeFunc(b.info, call))
}

func isRequest(fn *types.Func) bool {
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "net/http" && slices.Contains([]string{"Get", "Post", "PostForm", "Head", "Do"}, fn.Name())
}

// servers finds the test servers of the declaration whose handlers are literals.
func (b *builder) servers() *served {
	s := &served{handlers: map[types.Object][]*ast.FuncLit{}, made: map[types.Object][]ast.Expr{}}
	routes := map[types.Object][]*ast.FuncLit{} // of a mux
	starts := map[types.Object]ast.Expr{}
	ast.Inspect(b.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) == 2 && (sel.Sel.Name == "HandleFunc" || sel.Sel.Name == "Handle") && isNamed(b.info.TypeOf(sel.X), "net/http", "ServeMux") {
				if id := rootIdent(sel.X); id != nil {
					routes[b.info.Uses[id]] = append(routes[b.info.Uses[id]], b.handler(n.Args[1])...)
				}
			}
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				id, ok := l.(*ast.Ident)
				if !ok || b.info.ObjectOf(id) == nil {
					continue
				}
				e := n.Rhs[0]
				if len(n.Lhs) == len(n.Rhs) {
					e = n.Rhs[i]
				}
				obj := b.info.ObjectOf(id)
				if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && b.isServer(call) {
					starts[obj] = call.Args[0]
				} else {
					s.made[obj] = append(s.made[obj], e)
				}
			}
		}
		return true
	})
	for obj, e := range starts {
		list := b.handler(e)
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			list = append(list, routes[b.info.Uses[id]]...)
			for _, made := range s.made[b.info.Uses[id]] {
				list = append(list, b.handler(made)...)
			}
		}
		if len(list) > 0 {
			s.handlers[obj] = list
		}
	}
	return s
}

func (b *builder) isServer(call *ast.CallExpr) bool {
	fn := calleeFunc(b.info, call)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "net/http/httptest" && strings.HasPrefix(fn.Name(), "New") && strings.HasSuffix(fn.Name(), "Server") && len(call.Args) == 1
}

// handler gives the literal that a handler is made of.
func (b *builder) handler(e ast.Expr) []*ast.FuncLit {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return []*ast.FuncLit{e}
	case *ast.Ident:
		if lit := b.bound[b.info.Uses[e]]; lit != nil {
			return []*ast.FuncLit{lit}
		}
	case *ast.CallExpr:
		if b.info.Types[e.Fun].IsType() && len(e.Args) == 1 {
			return b.handler(e.Args[0])
		}
	}
	return nil
}

// behind lists the handlers of the server that an expression is made of.
func (s *served) behind(info *types.Info, e ast.Expr, depth int) []*ast.FuncLit {
	if depth > 4 {
		return nil
	}
	var list []*ast.FuncLit
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			obj := info.Uses[n]
			list = append(list, s.handlers[obj]...)
			for _, made := range s.made[obj] {
				if made.Pos() != e.Pos() {
					list = append(list, s.behind(info, made, depth+1)...)
				}
			}
		}
		return true
	})
	return list
}
