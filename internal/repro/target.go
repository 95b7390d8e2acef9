// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"fmt"
	"path"
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
	t := &Target{Dir: dir, Module: mod.Dir, ModulePath: mod.Path, Points: waitGroupPoints(tree, f, points(f))}
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
		if len(sideless) == 1 && !path.IsAbs(s.File) && !slices.ContainsFunc(list, p.Same) {
			p.Side = sideless[0]
			list = append(list, p)
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
