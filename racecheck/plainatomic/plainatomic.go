// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package plainatomic

import (
	_ "embed"
	"fmt"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/fielduse"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

//go:embed doc.go
var source string

// Analyzer reports plain accesses of what is accessed atomically elsewhere. Its
// result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "plainatomic",
	Doc:        racecheck.Doc(source, "plainatomic"),
	URL:        racecheck.Page("plainatomic"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, fielduse.Analyzer, flow.Scopes},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var all []racecheck.Instance
	p := pass.ResultOf[fielduse.Analyzer].(func() *fielduse.Package)()
	for _, f := range findings(p) {
		for i, a := range f.plain {
			if i+1 < len(f.plain) && f.plain[i+1].Stmt == a.Stmt && f.plain[i+1].Op == culprit.OpWrite {
				continue // x++ reads and writes
			}
			d := analysis.Diagnostic{Pos: a.Pos, Message: f.message(a)}
			d.Related = []analysis.RelatedInformation{{Pos: f.atomic.Pos, Message: "accessed atomically here"}}
			if fix, ok := atomically(pass, f, a); ok {
				d.SuggestedFixes = []analysis.SuggestedFix{fix}
			}
			all = racecheck.Found(pass, all, f.instance(), d)
		}
	}
	return append(all, locals(pass)...), nil
}

// locals lists the instances of local variables, which outervar reports.
func locals(pass *analysis.Pass) []racecheck.Instance {
	var list []racecheck.Instance
	pass.ResultOf[flow.Scopes].(*flow.Package).Each(func(s *flow.Scope) {
		if !s.Spawns() {
			return
		}
		for _, sh := range s.Captured() {
			if in, ok := local(sh.Var, s.Pairs(sh, func(u flow.Use) bool { return u.Via == "" || u.Atomic })); ok {
				list = append(list, in)
			}
		}
	})
	return list
}

// local makes an instance of the first pair of a local variable in which one access
// is atomic and the other is not, at the other.
func local(v *types.Var, pairs []flow.Pair) (racecheck.Instance, bool) {
	for _, p := range pairs {
		if p.A.Atomic == p.B.Atomic {
			continue
		}
		plain := p.A
		if plain.Atomic {
			plain = p.B
		}
		return racecheck.Instance{
			Pattern: culprit.PatternPlainAndAtomic, Var: v, Subject: v.Name(), Pos: plain.Pos,
			Message: v.Name() + " is accessed atomically and plainly by functions that run at the same time",
		}, true
	}
	return racecheck.Instance{}, false
}

// finding is a variable with its plain accesses, and the first atomic one.
type finding struct {
	group  *fielduse.Group
	plain  []fielduse.Access
	atomic fielduse.Access
}

func (f *finding) message(a fielduse.Access) string {
	does := "read"
	if a.Op == culprit.OpWrite {
		does = "written"
	}
	return fmt.Sprintf("%s is %s here with no atomic operation, unlike elsewhere: the two race", f.group.Name, does)
}

func (f *finding) instance() racecheck.Instance {
	return racecheck.Instance{Pattern: culprit.PatternPlainAndAtomic, Var: f.group.Var, Subject: f.group.Name}
}

func findings(p *fielduse.Package) []*finding {
	var list []*finding
	for _, g := range p.Groups() {
		if g.Kind != racecheck.TouchOwn || fielduse.IsSync(g.Var.Type()) {
			continue
		}
		var atomic, plain []fielduse.Access
		for _, a := range g.Accesses {
			switch {
			case a.Atomic:
				atomic = append(atomic, a)
			case (!a.Func.Test || early(p, a)) && !p.Making(a):
				plain = append(plain, a)
			}
		}
		f := &finding{group: g}
		for _, a := range plain {
			if with, ok := races(p, a, atomic); ok && !ownWriter(a, atomic) {
				f.plain, f.atomic = append(f.plain, a), with
			}
		}
		if len(f.plain) > 0 {
			list = append(list, f)
		}
	}
	return list
}

// early reports whether a test looks when it has started a goroutine and has waited
// for nothing.
func early(p *fielduse.Package, a fielduse.Access) bool {
	_, waited := racecheck.SyncBefore(a.Fn, a.Pos)
	return !waited && p.Spawned(a)
}

// ownWriter reports whether a plain read stands in a function that writes the
// variable atomically: often it is the only one that writes, and then knows what it
// wrote itself.
func ownWriter(a fielduse.Access, atomic []fielduse.Access) bool {
	return a.Op != culprit.OpWrite && slices.ContainsFunc(atomic, func(b fielduse.Access) bool {
		return b.Func == a.Func && b.Op == culprit.OpWrite
	})
}

// races gives an atomic access that nothing keeps apart from a plain one.
func races(p *fielduse.Package, a fielduse.Access, atomic []fielduse.Access) (fielduse.Access, bool) {
	if _, unknown := p.Locks(a.Func, a.Pos); unknown {
		return fielduse.Access{}, false // in a Once: before all others
	}
	for _, b := range atomic {
		if a.Op != culprit.OpWrite && b.Op != culprit.OpWrite {
			continue
		}
		if a.SameHolder(b) && !p.Guarded(a, b) && (a.Func.Test || !b.Func.Test) && !p.Making(b) {
			return b, true
		}
	}
	return fielduse.Access{}, false
}
