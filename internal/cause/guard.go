// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"context"
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/fielduse"
)

// maxGuardFiles bounds the search for a field's other accesses.
const maxGuardFiles = 400

// use is one access of a field in the package that declares it.
type use struct {
	fielduse.Use
	pkg *source.Package
}

// uses lists the accesses of a field in the packages of the folder where it is
// declared, its tests included.
func (r *resolver) uses(ctx context.Context, declared culprit.Pos, name string) ([]use, error) {
	if !r.tree.Has(declared.File) {
		return nil, nil
	}
	pkgs, err := r.tree.Load(ctx, path.Dir(declared.File))
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", path.Dir(declared.File), err)
	}
	var list []use
	for _, pkg := range pkgs {
		for i, f := range pkg.Files {
			if i >= maxGuardFiles {
				break
			}
			var decl *ast.FuncDecl
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					decl = n
				case *ast.FuncLit:
				default:
					return true
				}
				if mentions(pkg, n, name) {
					list = append(list, usesIn(pkg, decl, n, declared, name)...)
				}
				return true
			})
		}
	}
	return list, nil
}

func usesIn(pkg *source.Package, decl *ast.FuncDecl, fn ast.Node, declared culprit.Pos, name string) []use {
	var list []use
	all := fielduse.In(pkg.Info, decl, fn, func(v *types.Var) bool {
		if !v.IsField() || v.Name() != name {
			return false
		}
		at := pkg.Pos(v.Origin().Pos())
		return at.File == declared.File && at.Line == declared.Line
	})
	for _, u := range all {
		if u.Kind == racecheck.TouchOwn && !u.Atomic && !u.Init {
			list = append(list, use{u, pkg})
		}
	}
	return list
}

// mentions reports whether a function uses a variable of the name at all.
func mentions(pkg *source.Package, fn ast.Node, name string) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name {
			if _, isVar := pkg.Info.Uses[id].(*types.Var); isVar {
				found = true
			}
		}
		return !found
	})
	return found
}

// guardOf names the lock under which most of the accesses are made.
func guardOf(list []use) (guard string, guarded, total int) {
	var plain []fielduse.Use
	for _, u := range list {
		plain = append(plain, u.Use)
	}
	return fielduse.GuardOf(plain)
}

// unguarded lists, as siblings, the accesses of the cause's field that are made
// without the lock under which most are.
func (r *resolver) unguarded(ctx context.Context, c *culprit.Cause) ([]culprit.Sibling, string, error) {
	name := c.Subject[strings.LastIndexByte(c.Subject, '.')+1:]
	list, err := r.uses(ctx, c.Declared, strings.TrimSuffix(name, "[]"))
	if err != nil {
		return nil, "", err
	}
	guard, guarded, total := guardOf(list)
	if guard == "" {
		return nil, fmt.Sprintf("no lock stands at most of the %d accesses of %s", total, c.Subject), nil
	}
	racing := map[string]bool{}
	for _, s := range append(c.Sites, c.OtherSites...) {
		racing[fmt.Sprintf("%s:%d", s.File, s.Line)] = true
	}
	var out []culprit.Sibling
	for _, u := range list {
		at := u.pkg.Pos(u.Pos)
		key := fmt.Sprintf("%s:%d", at.File, at.Line)
		if u.Lock() != "" || u.Expects || racing[key] {
			continue
		}
		racing[key] = true
		out = append(out, culprit.Sibling{
			Pos: at, Subject: c.Subject, Pattern: culprit.PatternPartialLock,
			Message: fmt.Sprintf("%s is accessed here without %s, under which %d of its %d accesses are made", c.Subject, guard, guarded, total),
		})
	}
	return out, fmt.Sprintf("looked at the %d accesses of %s in its package, found %d more without %s", total, c.Subject, len(out), guard), nil
}
