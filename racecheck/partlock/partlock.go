// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package partlock

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
)

//go:embed doc.go
var source string

// Analyzer reports accesses without the lock that guards most others. Its result
// is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "partlock",
	Doc:        racecheck.Doc(source, "partlock"),
	URL:        racecheck.Page("partlock"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, fielduse.Analyzer},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var all []racecheck.Instance
	for _, f := range findings(pass.ResultOf[fielduse.Analyzer].(func() *fielduse.Package)()) {
		for i, a := range f.open {
			if i+1 < len(f.open) && f.open[i+1].Stmt == a.Stmt {
				continue // one statement, one finding
			}
			all = racecheck.Found(pass, all, f.instance(), analysis.Diagnostic{
				Pos: a.Pos, Message: f.message(a),
				Related: []analysis.RelatedInformation{{Pos: f.locked.Pos, Message: "accessed under " + f.guard.Name() + " here"}},
			})
		}
	}
	return all, nil
}

// finding is a field with the accesses that lack its lock, and one that has it.
type finding struct {
	group          *fielduse.Group
	guard          *types.Var
	guarded, total int
	open           []fielduse.Access
	locked         fielduse.Access
}

func (f *finding) message(a fielduse.Access) string {
	does := "read"
	if a.Op == culprit.OpWrite {
		does = "written"
	}
	return fmt.Sprintf("%s is %s here without %s, under which %d of its %d accesses are made", f.group.Name, does, f.guard.Name(), f.guarded, f.total)
}

func (f *finding) instance() racecheck.Instance {
	return racecheck.Instance{Pattern: culprit.PatternPartialLock, Var: f.group.Var, Subject: f.group.Name}
}

func findings(p *fielduse.Package) []*finding {
	var list []*finding
	for _, g := range p.Groups() {
		if !g.Var.IsField() || fielduse.IsSync(g.Var.Type()) {
			continue
		}
		if f := check(p, g); f != nil {
			list = append(list, f)
		}
	}
	return list
}

// check looks for the lock of a field, and for accesses without it. Which lock it is
// the product shows: a test often has the object to itself, and its accesses count
// only where nothing else uses the field.
func check(p *fielduse.Package, g *fielduse.Group) *finding {
	f := &finding{group: g}
	product := slices.ContainsFunc(g.Accesses, func(a fielduse.Access) bool { return !a.Func.Test && !p.Making(a) })
	var locked, open []fielduse.Access
	var votes []*types.Var
	for _, a := range g.Accesses {
		if a.Atomic || p.Making(a) {
			continue
		}
		held, unknown := p.Locks(a.Func, a.Pos)
		if len(held) == 0 && unknown {
			continue
		}
		counts := !product || !a.Func.Test
		if counts {
			f.total++
		}
		switch {
		case len(held) > 0:
			locked = append(locked, a)
			if counts {
				votes = append(votes, beside(a, held)...)
			}
		case !a.Func.Test || p.Spawned(a):
			open = append(open, a)
		}
	}
	for _, v := range votes {
		if n := count(votes, v); n > f.guarded {
			f.guard, f.guarded = v, n
		}
	}
	if f.guarded < 2 || 2*f.guarded <= f.total {
		return nil
	}
	for _, a := range open {
		i := slices.IndexFunc(locked, func(b fielduse.Access) bool {
			return a.Op == culprit.OpWrite || b.Op == culprit.OpWrite
		})
		if i >= 0 {
			f.open, f.locked = append(f.open, a), locked[i]
		}
	}
	if len(f.open) == 0 {
		return nil
	}
	return f
}

// beside lists the locks, each once, that are fields of the struct the access is to.
func beside(a fielduse.Access, held []fielduse.Key) []*types.Var {
	var list []*types.Var
	for _, k := range held {
		if k.Var != nil && !slices.Contains(list, k.Var) && a.Beside(k.Var) {
			list = append(list, k.Var)
		}
	}
	return list
}

func count(list []*types.Var, v *types.Var) int {
	n := 0
	for _, w := range list {
		if w == v {
			n++
		}
	}
	return n
}
