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
func because(c *conclusion, d declaration, l lockEvidence) string {
	x, y := started(c.sides[0]), started(c.sides[1])
	var b strings.Builder
	b.WriteString(concurrency(x, y))
	fmt.Fprintf(&b, "; both %s declared at %s:%d", reaches(c), path.Base(d.rel), d.line)
	b.WriteString(unordered(c, l))
	if l.guard != "" {
		fmt.Fprintf(&b, "; %d of the %d accesses of %s in the package are made under %s", l.guarded, l.total, c.subject.v.Name(), l.guard)
	}
	return b.String()
}

// concurrency says why the two sides run at the same time.
func concurrency(x, y start) string {
	switch {
	case x.spawn.Kind == racecheck.SpawnParallelSubtest && y.spawn.Kind == racecheck.SpawnParallelSubtest && x.spawn.Lit == y.spawn.Lit:
		return fmt.Sprintf("the subtests that %s starts all call t.Parallel (%s), so testing runs them at the same time", x.startedAt(), x.parallelAt())
	case x.spawn.Kind == racecheck.SpawnParallelSubtest && y.spawn.Kind == racecheck.SpawnParallelSubtest:
		return fmt.Sprintf("%s and %s both call t.Parallel (%s and %s), so testing runs them at the same time", x.name, y.name, x.parallelAt(), y.parallelAt())
	case x.spawn.Kind.Concurrent() && y.spawn.Kind.Concurrent() && x.spawn.Lit == y.spawn.Lit:
		return fmt.Sprintf("the function literal at %s is started more than once (%s), and its runs overlap", x.litAt(), x.spawn.Kind)
	case x.spawn.Kind.Concurrent() && y.spawn.Kind.Concurrent():
		return fmt.Sprintf("%s and %s run on goroutines of their own", x.name, y.name)
	case x.spawn.Kind.Concurrent():
		return fmt.Sprintf("%s runs on a goroutine of its own (%s) while %s goes on", x.name, x.spawn.Kind, y.name)
	case y.spawn.Kind.Concurrent():
		return fmt.Sprintf("%s runs on a goroutine of its own (%s) while %s goes on", y.name, y.spawn.Kind, x.name)
	case x.name == y.name:
		return fmt.Sprintf("%s ran on two goroutines at the same time", x.name)
	}
	return fmt.Sprintf("%s and %s ran on different goroutines", x.name, y.name)
}

func reaches(c *conclusion) string {
	name := c.subject.v.Name()
	switch {
	case c.own && !c.subject.v.IsField():
		return "use the one " + name
	case c.own:
		return "access the field " + name
	case c.kind == racecheck.TouchMap:
		return "use the map in " + name
	case c.kind == racecheck.TouchElem:
		return "use elements of " + name
	case c.kind == racecheck.TouchChan:
		return "use the channel in " + name
	}
	return "use what " + name + " holds,"
}

// unordered says what stands, or does not, before the accesses.
func unordered(c *conclusion, l lockEvidence) string {
	switch hx, hy := l.held[0], l.held[1]; {
	case l.writeUnderRLock:
		return ", and the write holds a lock for reading only"
	case len(hx) > 0 && len(hy) > 0:
		return fmt.Sprintf(", and the detector saw that neither %s nor %s orders the two accesses", hx[len(hx)-1].What, hy[len(hy)-1].What)
	case len(hx) > 0:
		return fmt.Sprintf(", and the %s holds %s while the %s holds no lock", opName(c, 0), hx[len(hx)-1].What, opName(c, 1))
	case len(hy) > 0:
		return fmt.Sprintf(", and the %s holds %s while the %s holds no lock", opName(c, 1), hy[len(hy)-1].What, opName(c, 0))
	}
	if mixesAtomic(c) {
		return ", and one access is atomic while the other is plain"
	}
	var before []string
	for _, x := range c.touches {
		if x == nil {
			return ""
		}
		if s, ok := racecheck.SyncBefore(x.place.Func(), x.Pos); ok {
			before = append(before, s.What)
		}
	}
	switch len(before) {
	case 0:
		return ", and no lock, channel operation or Wait stands before either access in its function"
	case 1:
		return fmt.Sprintf(", and %s stands before one access only", before[0])
	}
	return fmt.Sprintf(", and the detector saw that neither %s nor %s orders the two accesses", before[0], before[1])
}

// opName tells a side by its operation, or by its line where both do the same.
func opName(c *conclusion, i int) string {
	s := c.sides[i]
	if c.sides[0].access.Op != c.sides[1].access.Op || s.place == nil {
		return string(s.access.Op)
	}
	return fmt.Sprintf("%s at %s:%d", s.access.Op, path.Base(s.place.Rel), s.place.Line)
}

// start is how the code of a side comes to run.
type start struct {
	side  *side
	spawn racecheck.Spawn
	name  string
}

// started finds the concurrent function literal around the access, from the
// inside out.
func started(s *side) start {
	st := start{side: s, name: runnerName(s)}
	if s.place == nil {
		return st
	}
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
func runnerName(s *side) string {
	if len(s.owner.Tests) == 1 {
		return s.owner.Tests[0]
	}
	f := s.access.Func
	if s.at >= 0 {
		f = s.frames[s.at].Func
	}
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
