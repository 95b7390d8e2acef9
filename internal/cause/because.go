// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"fmt"
	"path"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
)

// because says in one sentence why nothing orders the two accesses. It claims
// that no synchronisation stands in the source only where that was looked at;
// otherwise it falls back on what the detector saw.
func because(sides [2]side, p pair, d declaration) string {
	var b strings.Builder
	x, y := started(sides[0]), started(sides[1])
	switch {
	case x.spawn.Kind == racecheck.SpawnParallelSubtest && y.spawn.Kind == racecheck.SpawnParallelSubtest && x.spawn.Lit == y.spawn.Lit:
		fmt.Fprintf(&b, "the subtests that %s starts all call t.Parallel (%s), so testing runs them at the same time", x.startedAt(), x.parallelAt())
	case x.spawn.Kind == racecheck.SpawnParallelSubtest && y.spawn.Kind == racecheck.SpawnParallelSubtest:
		fmt.Fprintf(&b, "%s and %s both call t.Parallel (%s and %s), so testing runs them at the same time", x.name, y.name, x.parallelAt(), y.parallelAt())
	case x.spawn.Kind.Concurrent() && y.spawn.Kind.Concurrent() && x.spawn.Lit == y.spawn.Lit:
		fmt.Fprintf(&b, "the function literal at %s is started more than once (%s), and its runs overlap", x.litAt(), x.spawn.Kind)
	case x.spawn.Kind.Concurrent() && y.spawn.Kind.Concurrent():
		fmt.Fprintf(&b, "%s and %s run on goroutines of their own", x.name, y.name)
	case x.spawn.Kind.Concurrent():
		fmt.Fprintf(&b, "%s runs on a goroutine of its own (%s) while %s goes on", x.name, x.spawn.Kind, y.name)
	case y.spawn.Kind.Concurrent():
		fmt.Fprintf(&b, "%s runs on a goroutine of its own (%s) while %s goes on", y.name, y.spawn.Kind, x.name)
	default:
		fmt.Fprintf(&b, "%s and %s ran on different goroutines", x.name, y.name)
	}
	fmt.Fprintf(&b, "; both use the one %s declared at %s:%d", p[0].Var.Name(), path.Base(d.rel), d.line)
	sx, okx := racecheck.SyncBefore(sides[0].place.Func(), p[0].Pos)
	sy, oky := racecheck.SyncBefore(sides[1].place.Func(), p[1].Pos)
	switch {
	case !okx && !oky:
		b.WriteString(", and no lock, channel operation or Wait stands before either access in its function")
	case okx && oky:
		fmt.Fprintf(&b, ", and the detector saw that neither %s nor %s orders the two accesses", sx.What, sy.What)
	case okx:
		fmt.Fprintf(&b, ", and %s stands before one access only", sx.What)
	default:
		fmt.Fprintf(&b, ", and %s stands before one access only", sy.What)
	}
	return b.String()
}

// start is how the code of a side comes to run.
type start struct {
	side  side
	spawn racecheck.Spawn
	name  string
}

// started finds the concurrent function literal around the access, from the
// inside out.
func started(s side) start {
	st := start{side: s, name: runnerName(s)}
	spawns := racecheck.Spawns(s.place.Pkg.Info, s.place.File)
	for i := len(s.place.Funcs) - 1; i >= 0; i-- {
		for _, sp := range spawns {
			if sp.Lit == s.place.Funcs[i] && sp.Kind != racecheck.SpawnNone {
				st.spawn = sp
				if !isTestSpawn(sp.Kind) {
					st.name = fmt.Sprintf("the function literal at %s:%d", path.Base(s.place.Rel), s.place.Pkg.Line(sp.Lit.Pos()))
				}
				return st
			}
		}
	}
	return st
}

func isTestSpawn(k racecheck.SpawnKind) bool {
	return k == racecheck.SpawnParallelSubtest || k == racecheck.SpawnSubtest
}

// runnerName is the test that owns the side's goroutine, or its function.
func runnerName(s side) string {
	if len(s.owner.Tests) == 1 {
		return s.owner.Tests[0]
	}
	f := s.access.Func
	if f == "" {
		return "code of " + string(culprit.StatusUnknown)
	}
	return f[strings.LastIndexByte(f, '/')+1:]
}

func (s start) at(line int) string {
	return fmt.Sprintf("%s:%d", path.Base(s.side.place.Rel), line)
}

func (s start) parallelAt() string { return s.at(s.side.place.Pkg.Line(s.spawn.Parallel)) }
func (s start) litAt() string      { return s.at(s.side.place.Pkg.Line(s.spawn.Lit.Pos())) }
func (s start) startedAt() string  { return s.at(s.side.place.Pkg.Line(s.spawn.Call.Pos())) }
