// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
)

// Vet runs go vet on the packages of a change, with it and, where it complains,
// without it: what was wrong before is not the change's fault. Where product
// code changes, all packages of the module must still build.
func (s *Sandbox) Vet(ctx context.Context, t *Target, label string, change *Change) (culprit.List[culprit.Check], bool, error) {
	dirs, product, declares := map[string]bool{t.Dir: true}, map[string]bool{}, false
	for rel, after := range change.Files {
		dir := filepath.ToSlash(filepath.Dir(rel))
		dirs[dir] = true
		if strings.HasSuffix(rel, "_test.go") {
			continue
		}
		product[dir] = true
		before, err := s.Read(nil, rel)
		declares = declares || err != nil || !bodiesOnly(before, after)
	}
	var checks culprit.List[culprit.Check]
	if !declares {
		for _, dir := range slices.Sorted(maps.Keys(product)) {
			if _, why, err := s.Go(ctx, dir, label+"-build", change.Files, "build", "."); err != nil {
				return nil, false, err
			} else if why != "" {
				return append(checks, culprit.Check{Name: "go build", Detail: cut(why)}), false, nil
			}
			checks = append(checks, culprit.Check{Name: "go build", Passed: true, Detail: dir + " builds; no declaration changes, so nothing can for those who import it"})
		}
	} else {
		_, why, err := s.Go(ctx, t.Module, label+"-build", change.Files, "build", "./...")
		if err != nil {
			return nil, false, err
		}
		if why != "" {
			if _, before, err := s.Go(ctx, t.Module, label+"-build0", nil, "build", "./..."); err != nil {
				return nil, false, err
			} else if before == "" {
				return append(checks, culprit.Check{Name: "go build", Detail: cut(why)}), false, nil
			}
		}
		checks = append(checks, culprit.Check{Name: "go build", Passed: true, Detail: "all packages of the module build with the patch, or as far as without it"})
	}
	for dir := range dirs {
		_, after, err := s.Go(ctx, dir, label+"-vet", change.Files, "vet", ".")
		if err != nil {
			return nil, false, err
		}
		if after == "" {
			continue
		}
		_, before, err := s.Go(ctx, dir, label+"-vet0", nil, "vet", ".")
		if err != nil {
			return nil, false, err
		}
		known := map[string]int{}
		for _, m := range messages(before) {
			known[m]++
		}
		for _, m := range messages(after) {
			if known[m]--; known[m] < 0 {
				return append(checks, culprit.Check{Name: "go vet", Detail: cut(m)}), false, nil
			}
		}
	}
	return append(checks, culprit.Check{Name: "go vet", Passed: true, Detail: fmt.Sprintf("nothing new in %d folders", len(dirs))}), true, nil
}

// bodiesOnly reports whether two versions of a file differ in nothing but imports
// and the bodies of their functions: what other packages see is the same then.
func bodiesOnly(before, after []byte) bool {
	a, okA := outline(before)
	b, okB := outline(after)
	return okA && okB && a == b
}

// outline is a file without imports, comments and function bodies. The values of
// variables stay: a function literal there belongs to the declaration.
func outline(src []byte) (string, bool) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return "", false
	}
	var b strings.Builder
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			d.Body = nil
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
		}
		if err := printer.Fprint(&b, fset, d); err != nil {
			return "", false
		}
		b.WriteByte('\n')
	}
	return strings.Join(strings.Fields(b.String()), " "), true
}

// messages lists what vet says, without positions, which a patch moves.
func messages(out string) []string {
	var list []string
	for l := range strings.Lines(out) {
		file, rest, ok := strings.Cut(strings.TrimSpace(l), ".go:")
		if !ok || strings.HasPrefix(l, "#") {
			continue
		}
		if _, msg, ok := strings.Cut(rest, ": "); ok {
			list = append(list, filepath.Base(file)+".go: "+msg)
		}
	}
	return list
}
