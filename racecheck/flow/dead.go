// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// A test can be switched off by its name: XTestMerge, testMerge that nobody calls. It
// makes no run red. Nor does an example without output (package testing, "Examples").

// idle finds functions that look like tests and that nothing runs.
type idle struct {
	info *types.Info
	used map[types.Object]bool // what the package names; found when first asked for
}

// is reports whether a declaration is a test under a name by which nobody runs it, or an
// example that is only compiled.
func (i *idle) is(d *ast.FuncDecl, f *ast.File) bool {
	name := d.Name.Name
	if strings.HasPrefix(name, "Example") && d.Recv == nil && d.Type.Params.NumFields() == 0 && d.Type.Results == nil {
		return !tellsOutput(d, f) && !i.uses(d)
	}
	if d.Recv != nil || d.Type.Params.NumFields() != 1 || d.Type.Results != nil || ast.IsExported(name) && !strings.HasPrefix(name, "X") {
		return false
	}
	if !isTesting(i.info.TypeOf(d.Type.Params.List[0].Type)) {
		return false
	}
	return !i.uses(d)
}

// uses reports whether the package names a function.
func (i *idle) uses(d *ast.FuncDecl) bool {
	if i.used == nil {
		i.used = map[types.Object]bool{}
		for _, obj := range i.info.Uses {
			if fn, ok := obj.(*types.Func); ok {
				i.used[fn] = true
			}
		}
	}
	return i.used[i.info.Defs[d.Name]]
}

// tellsOutput reports whether a comment in an example says what it prints.
func tellsOutput(d *ast.FuncDecl, f *ast.File) bool {
	return slices.ContainsFunc(f.Comments, func(c *ast.CommentGroup) bool {
		if !contains(d.Body, c.Pos()) {
			return false
		}
		text := strings.ToLower(strings.TrimSpace(c.Text()))
		return strings.HasPrefix(text, "output:") || strings.HasPrefix(text, "unordered output:")
	})
}
