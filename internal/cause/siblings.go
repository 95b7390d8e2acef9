// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"context"
	"fmt"
	"path"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck/outervar"
)

// Siblings finds other instances of the cause's pattern in its package. The
// string says what was searched, or why nothing was.
func Siblings(ctx context.Context, tree *source.Tree, c *culprit.Cause) ([]culprit.Sibling, string, error) {
	switch c.Pattern {
	case culprit.PatternCapturedOuterVariable:
	case culprit.PatternPartialLock, culprit.PatternWriteUnderRLock, culprit.PatternMissingLock, culprit.PatternMap:
		if c.Kind == culprit.SubjectField || c.Kind == culprit.SubjectMap {
			return (&resolver{tree: tree}).unguarded(ctx, c)
		}
		return nil, "", nil
	default:
		return nil, "", nil
	}
	dir := path.Dir(c.Declared.File)
	pkgs, err := tree.Load(ctx, dir)
	if err != nil {
		return nil, "", fmt.Errorf("loading %s: %w", dir, err)
	}
	var list []culprit.Sibling
	files := 0
	for _, pkg := range pkgs {
		files += len(pkg.Files)
		for _, in := range outervar.Instances(pkg.Info, pkg.Files) {
			if pkg.Pos(in.Var.Pos()) == c.Declared {
				continue
			}
			for _, a := range in.Accesses {
				if a.Op == culprit.OpWrite {
					list = append(list, culprit.Sibling{
						Pos: pkg.Pos(a.Pos), Subject: in.Subject, Pattern: in.Pattern, Message: in.Message,
					})
				}
			}
		}
	}
	return list, fmt.Sprintf("searched the %d files of %s, found %d", files, dir, len(list)), nil
}
