// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// Bytes order as channels do: what a goroutine has done before it writes to a
// connection is done when somebody has read from the other end (package
// internal/poll tells the race detector so for every descriptor). Which end
// belongs to which is not followed: any exchange may be the one.

// exchange is a call that moves bytes or waits for them.
type exchange struct {
	pos, end token.Pos
	sends    bool // somebody can see it
	awaits   bool // it is over when somebody has done something
	deferred bool
}

// exchanges lists the exchanges of a run's own statements and of what it runs in
// place, and what goroutines that it starts send.
func (s *Scope) exchanges(r *Run) []exchange {
	if list, ok := s.exchanged[r]; ok {
		return list
	}
	var list []exchange
	if !r.hidden() {
		visitOwn(r, func(n ast.Node, deferred bool) {
			if call, ok := n.(*ast.CallExpr); ok {
				if e, ok := s.exchange(call); ok {
					e.deferred = deferred
					list = append(list, e)
				}
			}
		})
		for _, k := range r.Kids {
			if k.Kind != RunInline && k.Kind != RunSubtest && k.Kind != RunGo {
				continue
			}
			for _, e := range s.exchanges(k) {
				e.pos, e.end = k.At, k.At+1
				if k.Kind == RunGo { // what it sends comes after what was done before it
					e.awaits = false
				}
				list = append(list, e)
			}
		}
	}
	s.exchanged[r] = list
	return list
}

// exchange judges a call: by what it is called on, is given and returns, and by
// its name.
func (s *Scope) exchange(call *ast.CallExpr) (exchange, bool) {
	e := exchange{pos: call.Pos(), end: call.End()}
	if tv := s.info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return e, false
	}
	name := calleeName(call)
	stream := false
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && isMethodCall(s.info, call) {
		stream = isStream(s.info.TypeOf(sel.X))
	}
	for _, a := range call.Args {
		stream = stream || isStream(s.info.TypeOf(a))
	}
	switch {
	case startsWith(name, "Read", "Accept", "Recv", "Receive", "Peek", "Scan"):
		e.awaits = stream
	case startsWith(name, "Close", "Set", "Addr", "Local", "Remote"):
		e.sends = stream && name == "Close"
	case startsWith(name, "Write", "Flush", "Send"):
		e.sends = stream
	case startsWith(name, "Dial", "Connect", "Do", "Get", "Head", "Post", "RoundTrip", "Exchange", "Handshake", "Ping", "Request", "Call", "Invoke", "Query"):
		e.awaits = stream || s.givesError(call)
		e.sends = e.awaits
	case s.givesStream(call): // a constructor, or a way in
	default:
		e.sends, e.awaits = stream, stream
	}
	return e, e.sends || e.awaits
}

// givesError reports whether the last result of a call is an error: what talks to
// somebody else can fail.
func (s *Scope) givesError(call *ast.CallExpr) bool {
	t, ok := s.info.TypeOf(call).(*types.Tuple)
	if !ok {
		return isError(s.info.TypeOf(call))
	}
	return t.Len() > 0 && isError(t.At(t.Len()-1).Type())
}

// givesStream reports whether the first result of a call is an end of a connection.
func (s *Scope) givesStream(call *ast.CallExpr) bool {
	t := s.info.TypeOf(call)
	if tuple, ok := t.(*types.Tuple); ok {
		return tuple.Len() > 0 && isStream(tuple.At(0).Type())
	}
	return isStream(t)
}

func isError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

func startsWith(name string, list ...string) bool {
	for _, p := range list {
		if strings.HasPrefix(strings.ToLower(name), strings.ToLower(p)) {
			return true
		}
	}
	return false
}

// isStream reports whether a value of the type can be an end of a connection: it
// reads, writes or accepts, and is not made of memory.
func isStream(t types.Type) bool {
	if t == nil {
		return false
	}
	elem := t
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		elem = p.Elem()
	}
	n, ok := types.Unalias(elem).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return false
	}
	switch n.Obj().Pkg().Path() {
	case "bytes", "strings", "hash", "text/tabwriter", "log", "log/slog", "testing", "net/http/httptest":
		return false
	}
	for _, name := range []string{"Read", "Write", "Accept", "AcceptStream", "ReadMessage", "RecvMsg"} {
		if m, _, _ := types.LookupFieldOrMethod(t, true, nil, name); m != nil {
			if fn, ok := m.(*types.Func); ok && (strings.HasPrefix(name, "A") || name == "ReadMessage" || name == "RecvMsg" || isReadWrite(fn.Signature())) {
				return true
			}
		}
	}
	return false
}

// isReadWrite reports whether a method is as those of io.Reader and io.Writer.
func isReadWrite(sig *types.Signature) bool {
	if sig.Params().Len() != 1 || sig.Results().Len() != 2 || !isError(sig.Results().At(1).Type()) {
		return false
	}
	sl, ok := sig.Params().At(0).Type().Underlying().(*types.Slice)
	return ok && types.Identical(sl.Elem(), types.Typ[types.Byte])
}

// tells reports whether g lets somebody see, after it has done x, that it has: pos
// is the place in g's body. What is evaluated for a call is done before it; what
// the call is assigned to is not.
func (s *Scope) tells(g *Run, x Use, pos token.Pos) bool {
	from := done(x, pos)
	loops := loopsAround(g.Body(), pos)
	for _, e := range s.exchanges(g) {
		if !e.sends {
			continue
		}
		if e.deferred || e.pos >= from || e.pos <= pos && pos < e.end {
			return true
		}
		for _, l := range loops {
			if contains(l, e.pos) {
				return true
			}
		}
	}
	return false
}

// done gives the place behind which an access at pos is done.
func done(x Use, pos token.Pos) token.Pos {
	if x.Write && x.Pos == pos && x.Stmt != nil && !x.end.IsValid() {
		switch x.Stmt.(type) {
		case *ast.AssignStmt, *ast.IncDecStmt:
			return x.Stmt.End()
		}
	}
	return pos
}

// accepts reports whether a goroutine waits for a connection before pos.
func (s *Scope) accepts(g *Run, pos token.Pos) bool {
	found := false
	visitOwn(g, func(n ast.Node, _ bool) {
		if call, ok := n.(*ast.CallExpr); ok && call.End() <= pos && startsWith(calleeName(call), "Accept") {
			e, ok := s.exchange(call)
			found = found || ok && e.awaits
		}
	})
	return found
}

// asks gives the places in l's body, behind start, where somebody may be made to go
// on, for a goroutine that waits for bytes before it does x; none when it does not,
// or when those may have been sent before it was started.
func (s *Scope) asks(l, g *Run, x Use, pos token.Pos, start []point) []token.Pos {
	before, waits := done(x, pos), false
	for _, e := range s.exchanges(g) {
		waits = waits || e.awaits && !e.sends && !e.deferred && e.pos < before && !(e.pos <= pos && pos < e.end)
	}
	if !waits {
		return nil
	}
	var places []token.Pos
	after := s.graph(l).from(start, s.barrier(l, g, x, pos, token.NoPos), freshIn(x.Var, s.perIteration))
	for _, e := range s.exchanges(l) {
		if e.sends && !e.deferred && after.has(e.pos) {
			places = append(places, e.pos)
		}
	}
	return places
}
