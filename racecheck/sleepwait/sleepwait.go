// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sleepwait

import (
	_ "embed"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

//go:embed doc.go
var source string

// Analyzer reports variables that are read after a sleep, or polled, and written
// by a function that somebody else calls.
var Analyzer = &analysis.Analyzer{
	Name:     "sleepwait",
	Doc:      racecheck.Doc(source, "sleepwait"),
	URL:      racecheck.Page("sleepwait"),
	Requires: []*analysis.Analyzer{racecheck.Ignores, flow.Scopes},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	pass.ResultOf[flow.Scopes].(*flow.Package).Each(func(s *flow.Scope) {
		if !s.Sleeps() || !s.Asynchronous() {
			return
		}
		for _, sh := range s.Locals() {
			told := map[token.Pos]bool{} // one finding for a read
			for _, d := range slices.Concat(captured(s, sh), left(s, sh), handedOver(pass, s, sh)) {
				if !told[d.Pos] {
					racecheck.Report(pass, d)
				}
				told[d.Pos] = true
			}
		}
	})
	return nil, nil
}

// captured looks for writes by callbacks that a sleep is meant to wait for.
func captured(s *flow.Scope, sh flow.Shared) []analysis.Diagnostic {
	var list []analysis.Diagnostic
	for _, x := range sh.Uses {
		if !x.Write || x.Async || x.Guard != flow.Plain {
			continue
		}
		cb := s.Callback(x.Run, sh.Var)
		if cb == nil {
			continue
		}
		for _, y := range sh.Uses {
			if y.Write || y.Atomic || y.Async || !overlap(x, y) || s.LockedAt(y.Run, y.Pos) || untouched(s, y) || !s.AfterSleep(y, s.HomePos(cb, sh.Var), cb, x) {
				continue
			}
			d := analysis.Diagnostic{
				Pos:     y.Pos,
				Message: fmt.Sprintf("%s is read here after a sleep, which orders nothing: the function that writes it may be running; use a channel or a lock", sh.Var.Name()),
				Related: []analysis.RelatedInformation{{Pos: x.Pos, Message: "written here"}},
			}
			if s.LockedAt(x.Run, x.Pos) {
				d.Message = fmt.Sprintf("%s is read here after a sleep and without the lock under which it is written", sh.Var.Name())
			}
			if !slices.ContainsFunc(list, func(o analysis.Diagnostic) bool { return o.Pos == y.Pos }) {
				list = append(list, d)
			}
		}
	}
	return first(list)
}

// left looks for reads of what a goroutine writes that a called function has left
// running.
func left(s *flow.Scope, sh flow.Shared) []analysis.Diagnostic {
	var list []analysis.Diagnostic
	for _, x := range sh.Uses {
		if !x.Write || !x.Async {
			continue
		}
		for _, y := range sh.Uses {
			if later(s, sh, x, y) || y.Write || y.Async || y.Guard != flow.Plain || y.Via != "" || !overlap(x, y) || s.LockedAt(y.Run, y.Pos) || untouched(s, y) || !s.AfterSleep(y, s.HomePos(x.Run, sh.Var), nil, x) {
				continue
			}
			mend := ""
			if x.Guard == flow.Locked {
				mend = "; take the lock under which its methods write it"
			}
			list = append(list, analysis.Diagnostic{
				Pos:     y.Pos,
				Message: fmt.Sprintf("%s is read here after a sleep, which orders nothing: a goroutine of %s may be writing it%s", name(sh.Var, y), x.Via, mend),
				Related: []analysis.RelatedInformation{{Pos: x.Pos, Message: "left running here"}},
			})
		}
	}
	return first(list)
}

// later reports whether a goroutine writes when somebody lets it, which the test as a
// rule does after the read y. Buffers are for what it has let others do, and what is
// polled is expected.
func later(s *flow.Scope, sh flow.Shared, x, y flow.Use) bool {
	return x.Gated && !isBuffer(sh.Var.Type()) && !s.InPoll(y)
}

// first keeps the first of several reads that follow each other: the others say
// nothing new.
func first(list []analysis.Diagnostic) []analysis.Diagnostic {
	if len(list) > 1 {
		slices.SortFunc(list, func(a, b analysis.Diagnostic) int { return int(a.Pos - b.Pos) })
		list = list[:1]
	}
	return list
}

func overlap(x, y flow.Use) bool { return flow.Overlap(x.Path, y.Path) }

// handedOver looks for objects without a lock that were given to somebody, and
// are looked at after a sleep: buffers, and structs whose methods write the field
// that is read: under a lock, or they are made for a test. The methods of another
// object that write without a lock are as a rule those that set it up.
func handedOver(pass *analysis.Pass, s *flow.Scope, sh flow.Shared) []analysis.Diagnostic {
	places := s.HandedOver(sh.Var)
	if len(places) == 0 {
		return nil
	}
	for _, y := range sh.Uses {
		if y.Write || y.Async || y.Guard != flow.Plain || s.LockedAt(y.Run, y.Pos) || untouched(s, y) {
			continue
		}
		if y.Via == "" && y.Expr != nil && isHandle(s.Info().TypeOf(y.Expr)) {
			continue // set up once: what is waited for comes through it
		}
		writes, locked := s.MethodWrites(sh.Var, y.Path)
		if !locked && isReceiver(s, sh.Var) {
			continue // a suite, that is set up by whoever runs its tests
		}
		if slices.ContainsFunc(sh.Uses, func(x flow.Use) bool { return x.Write && overlap(x, y) && later(s, sh, x, y) }) {
			continue
		}
		if y.Via != "" && !isBuffer(sh.Var.Type()) || y.Via == "" && (!writes || !locked && !madeForTests(pass, sh.Var.Type())) {
			continue
		}
		mend := "use a type with a lock"
		if locked && y.Via == "" {
			mend = "take the lock under which its methods write it"
		}
		for _, p := range places {
			if s.AfterSleep(y, p, nil, y) {
				return []analysis.Diagnostic{{
					Pos:     y.Pos,
					Message: fmt.Sprintf("%s is read here after a sleep, which orders nothing: whoever it was given to may be writing it; %s", name(sh.Var, y), mend),
					Related: []analysis.RelatedInformation{{Pos: p, Message: "given away here"}},
				}}
			}
		}
	}
	return nil
}

func name(v *types.Var, y flow.Use) string {
	path := strings.TrimRight(y.Path, "*[]")
	if i := strings.LastIndexByte(path, '.'); i >= 0 && y.Via == "" {
		return path[i+1:] + " of " + v.Name()
	}
	return v.Name()
}

// isReceiver reports whether v is the receiver of the scope's function.
func isReceiver(s *flow.Scope, v *types.Var) bool {
	return s.Decl.Recv != nil && racecheck.Contains(s.Decl.Recv, v.Pos())
}

// isHandle reports whether a value of the type leads to something else, that has its
// own way to be shared: a channel, an object, a function. A field with it is set when
// the object is made, and again when it is closed.
func isHandle(t types.Type) bool {
	if t == nil {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Chan, *types.Pointer, *types.Interface, *types.Signature:
		return true
	}
	return false
}

// madeForTests reports whether t is, or points to, a type that a test file declares.
func madeForTests(pass *analysis.Pass, t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && strings.HasSuffix(pass.Fset.Position(n.Obj().Pos()).Filename, "_test.go")
}

// isBuffer reports whether t is, or points to, a bytes.Buffer or strings.Builder.
func isBuffer(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return false
	}
	switch n.Obj().Pkg().Path() + "." + n.Obj().Name() {
	case "bytes.Buffer", "strings.Builder":
		return true
	}
	return false
}
