// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
)

// Serially is the strategy that drops t.Parallel.
const Serially = "run-serially"

// runSerially drops t.Parallel from the tests that raced: the last resort, for
// global state that a test replaces. The second candidate drops it from the tests
// around those too: a serial subtest of a parallel test still runs beside other
// tests.
func runSerially(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	p := s.f.Cause.Pattern
	if p != culprit.PatternGlobalState && p != culprit.PatternSharedFixture && p != culprit.PatternCapturedOuterVariable && (s.v == nil || racecheck.IsLocal(s.v)) {
		return nil, "", nil
	}
	inner, all := map[string][]edit{}, map[string][]edit{}
	for _, site := range s.f.Cause.Sites {
		if !s.tree.Has(site.File) {
			continue
		}
		pkgs, err := s.tree.Load(ctx, dirOf(site.File))
		if err != nil {
			return nil, "", err
		}
		for _, pkg := range pkgs {
			file := pkg.File(site.File)
			if file == nil {
				continue
			}
			u := &use{pkg: pkg, file: file, rel: site.File}
			levels := parallelCalls(pkg.Line, file, site.Line)
			for i, calls := range levels {
				for _, st := range calls {
					e := s.removeLine(u, st)
					if i == len(levels)-1 && !slices.Contains(inner[site.File], e) {
						inner[site.File] = append(inner[site.File], e)
					}
					if !slices.Contains(all[site.File], e) {
						all[site.File] = append(all[site.File], e)
					}
				}
			}
		}
	}
	if len(inner) == 0 {
		return nil, "no test around the accesses calls t.Parallel", nil
	}
	name := s.f.Cause.Subject
	if s.v != nil {
		name = s.v.Name()
	}
	c, err := s.candidate(Serially, fmt.Sprintf("run the tests that share %s one after the other (last resort: they no longer run in parallel)", name), inner)
	if err != nil || maps.EqualFunc(inner, all, slices.Equal) {
		return []*Candidate{c}, "", err
	}
	more, err := s.candidate(Serially, fmt.Sprintf("run the tests that share %s, and those around them, one after the other (last resort: they no longer run in parallel)", name), all)
	return []*Candidate{c, more}, "", err
}

// parallelCalls are the t.Parallel() statements of the functions around a line
// that have one, outermost function first.
func parallelCalls(lineOf func(token.Pos) int, file *ast.File, line int) [][]ast.Stmt {
	var levels [][]ast.Stmt
	ast.Inspect(file, func(n ast.Node) bool {
		body := bodyOf(n)
		if body == nil || lineOf(n.Pos()) > line || lineOf(n.End()) < line {
			return true
		}
		var own []ast.Stmt
		for _, st := range body.List {
			es, ok := st.(*ast.ExprStmt)
			if !ok {
				continue
			}
			call, ok := es.X.(*ast.CallExpr)
			if !ok || len(call.Args) != 0 {
				continue
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Parallel" {
				own = append(own, st)
			}
		}
		if len(own) > 0 {
			levels = append(levels, own) // a function further in comes later
		}
		return true
	})
	return levels
}
