// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"go/ast"
	"slices"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
)

// withTwins puts before each candidate of a strategy the one that also mends the
// twins of its variable, by the same strategy, in the same function: the test that
// failed would fail for them another time. A candidate stays alone where the
// strategy has none for a twin, or where the two change the same place.
func (s *subject) withTwins(ctx context.Context, st strategy, found []*Candidate) ([]*Candidate, error) {
	twins := s.twins()
	if len(twins) == 0 {
		return found, nil
	}
	var list []*Candidate
	for _, c := range found {
		parts := []*Candidate{c}
		for _, t := range twins {
			others, _, err := st(ctx, t)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(others, func(o *Candidate) bool { return o.Strategy == c.Strategy && !o.Rejected && o.Patch != c.Patch })
			if i >= 0 {
				parts = append(parts, others[i])
			}
		}
		if len(parts) > 1 {
			both, err := Combine(parts)
			if err != nil {
				return nil, err
			}
			if both != nil && !both.Rejected {
				list = append(list, both)
			}
		}
		list = append(list, c)
	}
	return list, nil
}

// twins are the twins of a captured variable in the function declaration around it.
func (s *subject) twins() []*subject {
	if s.f.Cause.Pattern != culprit.PatternCapturedOuterVariable || len(s.f.Cause.Also) > 0 {
		return nil
	}
	file := s.pkg.File(s.f.Cause.Declared.File)
	if file == nil {
		return nil
	}
	var around ast.Node
	for _, d := range file.Decls {
		if racecheck.Contains(d, s.v.Pos()) {
			around = d
		}
	}
	if around == nil {
		return nil
	}
	var list []*subject
	for _, t := range racecheck.Twins(s.pkg.Fset, s.pkg.Info, around, s.v) {
		cause := *s.f.Cause
		cause.Declared = s.pkg.Pos(t.Var.Pos())
		cause.Sites = culprit.List[culprit.Site]{{Pos: s.pkg.Pos(t.Pos), Op: culprit.OpWrite}}
		cause.OtherSites = nil
		f := *s.f
		f.Cause = &cause
		list = append(list, &subject{tree: s.tree, pkg: s.pkg, v: t.Var, f: &f})
	}
	return list
}
