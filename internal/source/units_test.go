// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, files map[string]string) *Tree {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, why, err := Open(context.Background(), dir)
	if err != nil || tree == nil {
		t.Fatal(why, err)
	}
	return tree
}

// shape spells out the packages of some folders with the types of all they declare.
func shape(tree *Tree, byDir map[string][]*Package) string {
	var b strings.Builder
	for _, dir := range []string{"a", "b", "c"} {
		for _, p := range byDir[dir] {
			fmt.Fprintf(&b, "%s %s %s %s go%s, told why: %t\n", p.Path, p.Name, p.Dir, p.Degree, p.GoVersion, p.Why != "")
			for _, f := range p.Files {
				rel, _ := filepath.Rel(tree.Root, p.Fset.File(f.FileStart).Name())
				fmt.Fprintf(&b, "  %s\n", rel)
			}
			for _, name := range p.Types.Scope().Names() {
				obj := p.Types.Scope().Lookup(name)
				fmt.Fprintf(&b, "  %s\n", types.ObjectString(obj, nil))
				if tn, ok := obj.(*types.TypeName); ok {
					fmt.Fprintf(&b, "    %s\n", tn.Type().Underlying())
				}
			}
			fmt.Fprintf(&b, "  %d uses, %d selections\n", len(p.Info.Uses), len(p.Info.Selections))
		}
	}
	return b.String()
}

// What is loaded here is what go/packages loads: variants for a test, of what is
// between the package and its external test as well.
func TestUnits(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"go.mod":      "module example.com/m\n\ngo 1.24\n",
		"a/a.go":      "package a\n\nimport \"sync\"\n\ntype T struct {\n\tsync.Mutex\n\tn int\n}\n\nfunc New() *T { return &T{n: 1} }\n",
		"a/a_test.go": "package a\n\nimport \"testing\"\n\nfunc (t *T) Inside() int { return t.n }\n\nfunc TestA(t *testing.T) { New().Inside() }\n",
		"a/x_test.go": "package a_test\n\nimport (\n\t\"testing\"\n\n\t\"example.com/m/a\"\n\t\"example.com/m/b\"\n)\n\nvar both = []*a.T{a.New(), b.Make()}\n\nfunc TestX(t *testing.T) { _ = both[1].Inside() }\n",
		"b/b.go":      "package b\n\nimport \"example.com/m/a\"\n\nfunc Make() *a.T { return a.New() }\n",
		"c/c.go":      "package c\n\nimport (\n\t\"net/http\"\n\n\t\"example.com/m/b\"\n)\n\nvar C, H = b.Make(), http.DefaultClient\n",
	}
	patterns := []string{"./a", "./b", "./c"}
	one, other := write(t, files), write(t, files)
	got, err := one.units(context.Background(), ".", patterns...)
	if err != nil {
		t.Fatal(err)
	}
	want := shape(other, other.packages(context.Background(), ".", patterns...))
	if !strings.Contains(want, "example.com/m/a_test") {
		t.Fatalf("go/packages finds only\n%s", want)
	}
	if d := cmp.Diff(want, shape(one, got)); d != "" {
		t.Errorf("(-packages +units):\n%s", d)
	}
}

// Of what does not build as much is had as go/packages has.
func TestUnitsPartial(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"type":     {"a/a.go": "package a\n\nvar x string = 1\n\nfunc F() int { return 1 }\n"},
		"syntax":   {"a/a.go": "package a\n\nfunc F() {}\n\nfunc {\n", "a/b.go": "package a\n\nvar B = 1\n"},
		"missing":  {"a/a.go": "package a\n\nimport \"example.com/none\"\n\nvar A = none.F()\n"},
		"imported": {"a/a.go": "package a\n\nimport \"example.com/m/b\"\n\nvar A = b.F()\n", "b/b.go": "package b\n\nimport \"example.com/m/c\"\n\nfunc F() c.T { return 1 + \"\" }\n", "c/c.go": "package c\n\ntype T struct{ n int }\n"},
		"cycle":    {"a/a.go": "package a\n\nimport \"example.com/m/b\"\n\nvar A = b.B\n", "b/b.go": "package b\n\nimport \"example.com/m/a\"\n\nvar B = a.A\n"},
		"two":      {"a/a.go": "package a\n", "a/b.go": "package b\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files["go.mod"] = "module example.com/m\n\ngo 1.24\n"
			one, other := write(t, files), write(t, files)
			got, err := one.units(context.Background(), ".", "./a")
			if err != nil {
				t.Fatal(err)
			}
			want := shape(other, other.packages(context.Background(), ".", "./a"))
			if d := cmp.Diff(want, shape(one, got)); d != "" {
				t.Errorf("(-packages +units):\n%s", d)
			}
		})
	}
}
