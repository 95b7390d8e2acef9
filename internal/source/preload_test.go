// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit/internal/source"
)

// known spells out what a load found out, so that two can be compared.
func known(pkgs []*source.Package, err error) string {
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, p := range pkgs {
		fmt.Fprintf(&b, "%s %s %s %s %q go%s:", p.Path, p.Name, p.Dir, p.Degree, p.Why, p.GoVersion)
		for _, f := range p.Files {
			fmt.Fprintf(&b, " %s", filepath.Base(p.Fset.File(f.FileStart).Name()))
		}
		fmt.Fprintf(&b, "; %d of %v\n", len(p.Types.Scope().Names()), p.Types)
	}
	return b.String()
}

// What is loaded together is what is loaded folder by folder, whatever is wrong
// with a folder, and whoever asks meanwhile waits for it.
func TestPreload(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"go.mod":          "module example.com/m\n\ngo 1.24\n",
		"root.go":         "package m\n\nfunc F() int { return 1 }\n",
		"a/a.go":          "package a\n\nimport \"example.com/m\"\n\nvar A = m.F()\n",
		"a/a_test.go":     "package a\n\nvar inside = A\n",
		"a/x_test.go":     "package a_test\n\nimport \"example.com/m/a\"\n\nvar outside = a.A\n",
		"b/b.go":          "package b\n\nimport \"example.com/m/a\"\n\nvar B = a.A\n",
		"bad/bad.go":      "package bad\n\nvar x string = 1\n",
		"broken/b.go":     "package broken\n\nfunc {\n",
		"none/README":     "no Go\n",
		"other/os.go":     "//go:build plan9\n\npackage other\n",
		"nested/go.mod":   "module example.com/nested\n\ngo 1.23\n",
		"nested/n.go":     "package nested\n\nvar N = 1\n",
		"nested/p/p.go":   "package p\n\nvar P = 1\n",
		"toolong/go.mod":  "module example.com/new\n\ngo 9.99\n",
		"toolong/long.go": "package new\n\nvar V = 1\n",
	}
	dirs := []string{".", "a", "b", "bad", "broken", "none", "other", "nested", "nested/p", "toolong", "missing"}
	together, alone := open(t, files), open(t, files)
	var early, all sync.WaitGroup
	early.Go(func() { together.Preload(context.Background(), dirs) })
	got := make([]string, len(dirs))
	for i, dir := range dirs {
		all.Go(func() { got[i] = known(together.Load(context.Background(), dir)) })
	}
	early.Wait()
	all.Wait()
	for i, dir := range dirs {
		want := known(alone.Load(context.Background(), dir))
		if d := cmp.Diff(strings.ReplaceAll(want, alone.Root, "ROOT"), strings.ReplaceAll(got[i], together.Root, "ROOT")); d != "" {
			t.Errorf("%s (-alone +together):\n%s", dir, d)
		}
	}
}
