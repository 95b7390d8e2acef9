// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestHouse(t *testing.T) {
	t.Parallel()
	root := os.DirFS("../..")
	found, err := Check(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
	// A check that looked at the wrong folder would pass on nothing.
	files, err := load(root)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range files {
		seen[f.folder] = true
	}
	for _, want := range []string{".", "cmd/culprit", "internal/archtest", "internal/golog"} {
		if !seen[want] {
			t.Errorf("no source file of %s was read", want)
		}
	}
}

// TestRules proves that each rule can fail, and that what is right beside it
// does not. Each case is one source file with what it must be told.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, path, src string
		want            []string
	}{
		{"lower layer", "internal/kind/a.go", body(`import "github.com/culprit-ci/culprit/internal/golog"`), nil},
		{"same layer", "internal/golog/a.go", body(`import "github.com/culprit-ci/culprit/internal/gitx"`),
			[]string{"internal/golog/a.go:7: in layer 1 imports internal/gitx of layer 1, which is not lower"}},
		{"higher layer", "internal/report/a.go", body(`import "github.com/culprit-ci/culprit/internal/engine"`),
			[]string{"internal/report/a.go:7: in layer 1 imports internal/engine of layer 6, which is not lower"}},
		{"root imports internal", "a.go", body(`import "github.com/culprit-ci/culprit/internal/golog"`), []string{
			"a.go:7: in layer 0 imports internal/golog of layer 1, which is not lower",
			"a.go:7: is the vocabulary and imports github.com/culprit-ci/culprit/internal/golog from outside the standard library",
		}},
		{"wildcard layer", "racecheck/loopvar/a.go", body(`import "github.com/culprit-ci/culprit/racecheck"`), nil},
		{"import of an unlisted package", "internal/engine/a.go", body(`import "github.com/culprit-ci/culprit/internal/utils"`),
			[]string{"internal/engine/a.go:7: imports internal/utils, which has no layer"}},
		{"unlisted package", "internal/utils/a.go", body(""),
			[]string{"internal/utils: is a package without a layer; give it one in internal/archtest/layers.go and docs/ARCHITECTURE.md"}},
		{"stage imports stage", "internal/cause/a.go", body(`import "github.com/culprit-ci/culprit/internal/blame"`),
			[]string{"internal/cause/a.go:7: is a stage and imports the stage internal/blame; they meet in internal/engine"}},
		{"exec in its place", "internal/gitx/a.go", body(`import "os/exec"`), nil},
		{"exec elsewhere", "internal/engine/a.go", body(`import "os/exec"`),
			[]string{"internal/engine/a.go:7: imports os/exec, which only internal/gocmd, internal/gitx, internal/store/pgtest, internal/store/storetest may"}},
		{"exec in a test", "internal/engine/a_test.go", body(`import "os/exec"`), nil},
		{"below http elsewhere", "internal/engine/a.go", body(`import "net/http/httptest"`),
			[]string{"internal/engine/a.go:7: imports net/http/httptest, which only internal/ci/*, internal/tracker/*, internal/ghapi, internal/ghapi/*, internal/server, internal/mcp may"}},
		{"http in a provider", "internal/ci/github/a.go", body(`import "net/http"`), nil},
		{"sql elsewhere", "internal/server/a.go", body(`import "database/sql"`),
			[]string{"internal/server/a.go:7: imports database/sql, which only internal/store/*, internal/work, internal/wire may"}},
		{"sql in a store", "internal/store/sqlite/a.go", body(`import "database/sql"`), nil},
		{"a database for tests", "internal/wire/a.go", body(`import "github.com/culprit-ci/culprit/internal/store/pgtest"`),
			[]string{"internal/wire/a.go:7: imports github.com/culprit-ci/culprit/internal/store/pgtest, which only tests may"}},
		{"a database in a test", "internal/wire/a_test.go", body(`import "github.com/culprit-ci/culprit/internal/store/pgtest"`), nil},
		{"cgo", "internal/golog/a.go", body(`import "C"`),
			[]string{"internal/golog/a.go:7: imports C; the program is built without cgo"}},
		{"init", "internal/golog/a_test.go", body("func init() {}"),
			[]string{"internal/golog/a_test.go:7: has an init function; put what it lists into a table in one file"}},
		{"method named init", "internal/golog/a.go", body("type t int\n\nfunc (t) init() {}"), nil},
		{"no package comment", "internal/golog/a.go", header + "\npackage golog\n",
			[]string{"internal/golog: is a package without a package comment"}},
		{"no doc on a function", "internal/golog/a.go", body("func Read() {}"),
			[]string{"internal/golog/a.go:7: exports Read without a doc comment"}},
		{"no doc on a method", "internal/golog/a.go", body("// T is.\ntype T[A any] int\n\nfunc (*T[A]) M() {}"),
			[]string{"internal/golog/a.go:10: exports M without a doc comment"}},
		{"method of an unexported type", "internal/golog/a.go", body("type t int\n\nfunc (t) String() string { return \"\" }"), nil},
		{"method of the error interface", "internal/golog/a.go", body("// T is.\ntype T int\n\nfunc (T) Error() string { return \"\" }"), nil},
		{"no doc on a type", "internal/golog/a.go", body("type T int"),
			[]string{"internal/golog/a.go:7: exports T without a doc comment"}},
		{"no doc on a constant", "internal/golog/a.go", body("const (\n\tA = 1\n\tB = 2 // B is\n)"),
			[]string{"internal/golog/a.go:8: exports A without a doc comment"}},
		{"no header", "internal/golog/a.go", "// Package golog is.\npackage golog\n",
			[]string{"internal/golog/a.go:1: does not start with the copyright and SPDX lines"}},
		{"too long", "internal/golog/a.go", body(strings.Repeat("\n", MaxLines)),
			[]string{"internal/golog/a.go: has 507 lines, more than 500"}},
		{"long test", "internal/golog/a_test.go", body(strings.Repeat("\n", MaxLines)), nil},
		{"fmt.Println", "internal/golog/a.go", body("import \"fmt\"\n\nfunc f() { fmt.Println() }"),
			[]string{"internal/golog/a.go:9: calls fmt.Println below the command line"}},
		{"renamed fmt", "internal/golog/a.go", body("import out \"fmt\"\n\nfunc f() { out.Printf(\"\") }"),
			[]string{"internal/golog/a.go:9: calls fmt.Printf below the command line"}},
		{"fmt.Fprintln", "internal/golog/a.go", body("import \"fmt\"\n\nfunc f() { fmt.Fprintln(nil) }"), nil},
		{"builtin println", "internal/golog/a.go", body("func f() { println() }"),
			[]string{"internal/golog/a.go:7: calls println below the command line"}},
		{"log", "internal/golog/a.go", body(`import "log"`),
			[]string{"internal/golog/a.go:7: imports log; below the command line nothing is logged"}},
		{"printing in the command line", "internal/cli/a.go", body("import \"fmt\"\n\nfunc f() { fmt.Println() }"), nil},
		{"root does I/O", "a.go", body(`import "io/fs"`),
			[]string{"a.go:7: is the vocabulary and imports io/fs, which does I/O"}},
		{"root with os/exec", "a.go", body(`import "os/exec"`), []string{
			"a.go:7: imports os/exec, which only internal/gocmd, internal/gitx, internal/store/pgtest, internal/store/storetest may",
			"a.go:7: is the vocabulary and imports os/exec, which does I/O",
		}},
		{"root with a dependency", "a.go", body(`import "golang.org/x/mod/modfile"`),
			[]string{"a.go:7: is the vocabulary and imports golang.org/x/mod/modfile from outside the standard library"}},
		{"testdata is not read", "internal/golog/testdata/a.go", "not Go", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := Check(fstest.MapFS{tc.path: {Data: []byte(tc.src)}})
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, v := range got {
				lines = append(lines, v.String())
			}
			if diff := cmp.Diff(tc.want, lines); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBrokenSourceIsAnError(t *testing.T) {
	t.Parallel()
	_, err := Check(fstest.MapFS{"internal/golog/a.go": {Data: []byte("not Go")}})
	if err == nil || !strings.Contains(err.Error(), "internal/golog/a.go") {
		t.Errorf("Check = %v, want an error that names the file", err)
	}
}

// TestTableIsOfTheHouse keeps the lists consistent with the table of layers: a
// misspelt folder in them would never match anything.
func TestTableIsOfTheHouse(t *testing.T) {
	t.Parallel()
	for s := range stages {
		if _, ok := layerOf(s); !ok {
			t.Errorf("stage %s has no layer", s)
		}
	}
	for p, folders := range reserved {
		for _, f := range folders {
			if _, ok := layerOf(strings.ReplaceAll(f, "*", "x")); !ok || path.Clean(f) != f {
				t.Errorf("%s is reserved for %s, which has no layer", p, f)
			}
		}
	}
}

// TestArchitectureIsWrittenDown keeps the table of docs/ARCHITECTURE.md equal to
// the one that is checked, for each package that exists.
func TestArchitectureIsWrittenDown(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]string{} // folder to layer
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \| (.+?) \|`).FindAllStringSubmatch(string(doc), -1) {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(m[2], -1) {
			written[name[1]] = m[1]
		}
	}
	files, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		layer, ok := layerOf(f.folder)
		if f.test || !ok || f.folder == "internal/archtest" {
			continue
		}
		name := f.folder
		if name == "." {
			name = "culprit"
		}
		if written[name] != strconv.Itoa(layer) {
			t.Errorf("docs/ARCHITECTURE.md gives %s the layer %q, want %d", name, written[name], layer)
			written[name] = strconv.Itoa(layer) // once per package
		}
	}
}

// body gives a file of any package that is right but for what is added from
// line 7 on.
func body(add string) string {
	return header + "\n// Package p is one.\npackage p\n\n" + add + "\n"
}
