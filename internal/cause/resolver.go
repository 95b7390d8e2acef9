// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"context"
	"fmt"
	"go/types"
	"path"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
)

// resolver follows the frames of one report through one work tree.
type resolver struct {
	tree *source.Tree
}

// find is tree.Find, but a package that cannot be read is a frame without a
// place, not an error: the other frames may still tell.
func (r *resolver) find(ctx context.Context, f culprit.Frame) (*source.Place, string, error) {
	place, why, err := r.tree.Find(ctx, f)
	if err != nil {
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		return nil, err.Error(), nil
	}
	return place, why, nil
}

// varKey identifies a variable across loads: the same field comes from source in
// one load and from export data in another, which agree on file, line and name.
func varKey(pkg *source.Package, v *types.Var) string {
	v = v.Origin()
	at := pkg.Fset.PositionFor(v.Pos(), false)
	where := ""
	if v.Pkg() != nil {
		where = strings.TrimSuffix(v.Pkg().Path(), "_test")
	}
	return fmt.Sprintf("%s %s:%d %s", where, path.Base(strings.ReplaceAll(at.Filename, `\`, "/")), at.Line, v.Name())
}

// packageDir returns the folder of a function's package, if the tree holds it.
func (r *resolver) packageDir(fn *types.Func) (string, bool) {
	if fn.Pkg() == nil {
		return "", false
	}
	return r.tree.PackageDir(fn.Pkg().Path())
}
