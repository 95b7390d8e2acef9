// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gocmd"
	"github.com/culprit-ci/culprit/internal/source"
)

// Target is what has to be built and run to see a failure.
type Target struct {
	// Dir is the package's folder and Module that of its module, relative to
	// the tree's root.
	Dir, Module string
	// ModulePath is the module's import path.
	ModulePath string
	// Patterns are values of -run, the narrowest first; the last one is "" for
	// all tests of the package.
	Patterns []string
	// Points are the statements to delay.
	Points []Point
}

// NewTarget finds out what to run for a failure. A nil target comes with the
// reason.
func NewTarget(tree *source.Tree, f *culprit.Failure) (*Target, string) {
	dir, ok := packageDir(tree, f)
	if !ok {
		return nil, "the failing package is not in the work tree: no command can be named"
	}
	mod, ok := tree.ModuleOf(dir)
	if !ok {
		return nil, "the failing package is in no module of the work tree"
	}
	t := &Target{Dir: dir, Module: mod.Dir, ModulePath: mod.Path, Points: append(waitGroupPoints(tree, f, points(f)), startPoints(f)...)}
	if f.Race == nil {
		t.Points = ownPoints(tree, f)
	}
	for _, p := range []string{runPattern(f.Tests, true), topPattern(f), ""} {
		if !slices.Contains(t.Patterns, p) {
			t.Patterns = append(t.Patterns, p)
		}
	}
	return t, ""
}

// packageDir is the folder of the package whose tests failed. A log without a
// closing line does not name it; then the stacks do, by the test that raced or a
// test file, or else the one package that declares a test of that name.
func packageDir(tree *source.Tree, f *culprit.Failure) (string, bool) {
	if f.Package != "" {
		if dir, ok := tree.PackageDir(f.Package); ok {
			return dir, true
		}
	}
	var frames []culprit.Frame
	if f.Race != nil {
		for _, a := range f.Race.Accesses {
			frames = append(append(frames, a.Created...), a.Stack...)
		}
	}
	for _, fr := range frames {
		if sym := source.ParseSymbol(fr.Func); fr.Trust != culprit.TrustPhantom && strings.HasSuffix(fr.File, "_test.go") {
			if dir, ok := tree.PackageDir(sym.Package); ok && (strings.HasPrefix(sym.Name, "Test") || fr.File == path.Join(dir, path.Base(fr.File))) {
				return dir, true
			}
		}
	}
	for _, t := range f.Tests {
		top, _, _ := strings.Cut(t.Name, "/")
		if dirs := tree.Declaring(top); len(dirs) == 1 {
			return dirs[0], true
		}
	}
	return "", false
}

// Command is the plain and the amplified command for a person, without anything
// that has to be written first.
func (t *Target) Command() *culprit.Repro {
	args := []string{}
	if t.Module != "." {
		args = append(args, "-C", t.Module)
	}
	args = append(args, "test", "-race")
	if t.Patterns[0] != "" {
		args = append(args, "-run", t.Patterns[0])
	}
	rel := t.Dir
	if t.Module != "." {
		rel = strings.TrimPrefix(strings.TrimPrefix(t.Dir, t.Module), "/")
	}
	target := "./" + path.Clean(rel)
	plain := append(slices.Clone(args), "-count=20", target)
	// A higher -parallel removes happens-before edges that the semaphore of
	// package testing makes between parallel subtests.
	amplified := append(slices.Clone(args), "-count=20", "-parallel=16", target)
	return &culprit.Repro{Command: gocmd.Line(nil, plain), AmplifiedCommand: gocmd.Line(nil, amplified)}
}

// Plain is the command of a failure that is no race, as a person would try it.
func (t *Target) Plain() *culprit.Repro {
	return &culprit.Repro{Command: t.line(nil, Setting{Pattern: t.Patterns[0], NoRace: true}, 20)}
}

// AmplifiedCommand is a setting as a command, "" where no command says it: the
// processes of one go test do not run at once, and nothing stops them.
func (t *Target) AmplifiedCommand(set Setting) string {
	if set.AtOnce > 0 || set.Pause > 0 || set.Delay != ModeOff {
		return ""
	}
	var env []string
	if set.Procs > 0 {
		env = append(env, fmt.Sprintf("GOMAXPROCS=%d", set.Procs))
	}
	n := 20
	if len(set.After) > 0 || set.Shuffle != "" {
		n = 1 // a second run would begin with what the first one left
	}
	return t.line(env, set, n)
}

// line is a go test command for a person.
func (t *Target) line(env []string, set Setting, count int) string {
	var args []string
	if t.Module != "." {
		args = append(args, "-C", t.Module)
	}
	args = append(args, "test")
	if !set.NoRace {
		args = append(args, "-race")
	}
	if set.Pattern != "" {
		args = append(args, "-run", set.Pattern)
	}
	args = append(args, fmt.Sprintf("-count=%d", count))
	if set.Shuffle != "" {
		args = append(args, "-shuffle="+set.Shuffle)
	}
	if set.Parallel > 0 {
		args = append(args, fmt.Sprintf("-parallel=%d", set.Parallel))
	}
	rel := t.Dir
	if t.Module != "." {
		rel = strings.TrimPrefix(strings.TrimPrefix(t.Dir, t.Module), "/")
	}
	return gocmd.Line(env, append(args, "./"+path.Clean(rel)))
}

// points are the statements of the two accesses: the innermost frame in the
// tree of each stack, and the site of the cause where that is deeper.
func points(f *culprit.Failure) []Point {
	var list []Point
	if f.Race == nil {
		return nil
	}
	for side, a := range f.Race.Accesses {
		for _, fr := range a.Stack {
			if fr.Trust != culprit.TrustPhantom && strings.HasSuffix(fr.File, ".go") && !path.IsAbs(fr.File) && !strings.Contains(fr.File, `\`) && !strings.HasPrefix(fr.File, "<") {
				list = append(list, Point{File: fr.File, Line: fr.Line, Func: fr.Func, Side: side})
				break
			}
		}
	}
	if f.Cause == nil {
		return list
	}
	// A site that no stack shows belongs to the side whose frame is no site.
	sideless := []int{}
	for side := range 2 {
		isSite := slices.ContainsFunc(list, func(p Point) bool {
			return p.Side == side && slices.ContainsFunc(f.Cause.Sites, func(s culprit.Site) bool { return s.File == p.File && s.Line == p.Line })
		})
		if !isSite {
			sideless = append(sideless, side)
		}
	}
	for _, s := range f.Cause.Sites {
		p := Point{File: s.File, Line: s.Line}
		if side, ok := sideOf(f, s); ok && len(sideless) == 2 && !path.IsAbs(s.File) && !slices.ContainsFunc(list, p.Same) {
			p.Side = side
			list = append(list, p)
			continue
		}
		if len(sideless) == 1 && !path.IsAbs(s.File) && !slices.ContainsFunc(list, p.Same) {
			p.Side = sideless[0]
			list = append(list, p)
		}
	}
	return list
}

// startPoints are the functions that the two goroutines of a race run, as points: the
// outermost frame of each stack in the tree. A test's own function is none, since
// nothing runs beside its start; nor is one that both run.
func startPoints(f *culprit.Failure) []Point {
	if f.Race == nil || len(f.Race.Accesses) != 2 {
		return nil
	}
	var list []Point
	for side, a := range f.Race.Accesses {
		for _, fr := range slices.Backward(a.Stack) {
			sym := source.ParseSymbol(fr.Func)
			if fr.Trust == culprit.TrustPhantom || sym.Wrapper != "" || !strings.HasSuffix(fr.File, ".go") || path.IsAbs(fr.File) || strings.Contains(fr.File, `\`) || strings.HasPrefix(fr.File, "<") {
				continue
			}
			if sym.Depth > 0 || !strings.HasPrefix(sym.Name, "Test") {
				list = append(list, Point{File: fr.File, Line: fr.Line, Func: fr.Func, Side: startSide + side})
			}
			break
		}
	}
	if len(list) == 2 && list[0].Func == list[1].Func {
		return nil
	}
	return list
}

// sideOf tells the side of a site by what it does, where one access of the report
// writes, the other one reads, and so do the two sites.
func sideOf(f *culprit.Failure, s culprit.Site) (int, bool) {
	a, sites := f.Race.Accesses, f.Cause.Sites
	if len(a) != 2 || len(sites) != 2 || a[0].Op == a[1].Op || sites[0].Op == sites[1].Op {
		return 0, false
	}
	side := slices.IndexFunc(a, func(x culprit.Access) bool { return x.Op == s.Op })
	return side, side >= 0
}

// ownPoints are statements to delay, one at a time, of a failure that is no race.
// Of a panic that is the one that panicked, which often comes too early or too late
// for what another goroutine does, and for a counter that went below zero the calls
// of Add, which came too late. Of a timeout it is where the goroutines stood: what
// got there later may have been first in the log.
func ownPoints(tree *source.Tree, f *culprit.Failure) []Point {
	var list []Point
	side := oneSide
	add := func(fr *culprit.Frame, what string) bool {
		if fr == nil || side >= oneSide+maxOnes || path.IsAbs(fr.File) || !strings.HasSuffix(fr.File, ".go") || fr.Line == 0 || !tree.Has(fr.File) {
			return false
		}
		p := Point{File: fr.File, Line: fr.Line, Func: fr.Func, Side: side, What: what}
		if slices.ContainsFunc(list, p.Same) {
			return false
		}
		list = append(list, p)
		side++
		return true
	}
	if f.Crash != nil && f.Crash.Where != nil && add(f.Crash.Where, "the statement that panics") {
		if strings.Contains(f.Crash.Value, "negative WaitGroup counter") {
			at := f.Crash.Where
			for _, line := range addLines(filepath.Join(tree.Root, filepath.FromSlash(at.File)), at.Line) {
				list = append(list, Point{File: at.File, Line: line, Side: side, What: "the Add of the WaitGroup"})
			}
			side++
		}
	}
	if f.Kind == culprit.KindTimeout || f.Kind == culprit.KindDeadlock {
		for _, g := range f.Goroutines {
			if g.Where != nil {
				add(g.Where, fmt.Sprintf("the statement at %s:%d, where a goroutine stood,", g.Where.File, g.Where.Line))
			}
		}
	}
	return list
}

// runPattern matches the tests that raced: one alternative per path element
// where they share a parent, their top-level tests otherwise.
func runPattern(tests []culprit.TestRef, sub bool) string {
	var split [][]string
	for _, t := range tests {
		if t.Role == culprit.RoleCause || t.Role == culprit.RoleUnknown {
			split = append(split, strings.Split(t.Name, "/"))
		}
	}
	if len(split) == 0 {
		return ""
	}
	depth := len(split[0])
	for _, s := range split {
		if len(s) != depth || s[0] != split[0][0] || !sub {
			depth = 1 // several top-level tests: an element-wise pattern would select more than was meant
		}
	}
	var elements []string
	for i := range depth {
		var names []string
		for _, s := range split {
			if q := regexp.QuoteMeta(s[i]); !slices.Contains(names, q) {
				names = append(names, q)
			}
		}
		slices.Sort(names)
		if len(names) == 1 {
			elements = append(elements, "^"+names[0]+"$")
		} else {
			elements = append(elements, "^("+strings.Join(names, "|")+")$")
		}
	}
	return strings.Join(elements, "/")
}

// topPattern matches every top-level test that the failure shows: by its tests
// of any role, and by the test functions in its stacks.
func topPattern(f *culprit.Failure) string {
	var names []string
	add := func(name string) {
		name, _, _ = strings.Cut(name, "/")
		if q := regexp.QuoteMeta(name); name != "" && !slices.Contains(names, q) {
			names = append(names, q)
		}
	}
	for _, t := range f.Tests {
		add(t.Name)
	}
	if f.Race != nil {
		for _, a := range f.Race.Accesses {
			add(a.Test)
			for _, fr := range slices.Concat(a.Stack, a.Created) {
				if sym := source.ParseSymbol(fr.Func); sym.Recv == "" && strings.HasPrefix(sym.Name, "Test") && fr.Trust != culprit.TrustPhantom {
					add(sym.Name)
				}
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return fmt.Sprintf("^(%s)$", strings.Join(names, "|"))
}
