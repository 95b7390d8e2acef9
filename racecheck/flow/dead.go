// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/types"
	"strings"
)

// A test can be switched off by its name: XTestMerge, testMerge that nobody calls. It
// makes no run red.

// idle finds functions that look like tests and that nothing runs.
type idle struct {
	info *types.Info
	used map[types.Object]bool // what the package names; found when first asked for
}

// is reports whether a declaration is a test under a name by which nobody runs it.
func (i *idle) is(d *ast.FuncDecl) bool {
	name := d.Name.Name
	if d.Recv != nil || d.Type.Params.NumFields() != 1 || d.Type.Results != nil || ast.IsExported(name) && !strings.HasPrefix(name, "X") {
		return false
	}
	if !isTesting(i.info.TypeOf(d.Type.Params.List[0].Type)) {
		return false
	}
	if i.used == nil {
		i.used = map[types.Object]bool{}
		for _, obj := range i.info.Uses {
			if fn, ok := obj.(*types.Func); ok {
				i.used[fn] = true
			}
		}
	}
	return !i.used[i.info.Defs[d.Name]]
}
