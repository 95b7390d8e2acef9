// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/kind"
)

var update = flag.Bool("update", false, "rewrite docs/kinds.md")

// fields are the evidence that a kind fills in beside tests and text.
var fields = map[culprit.Kind]string{
	culprit.KindDataRace: "race", culprit.KindConcurrentMap: "crash", culprit.KindPanic: "crash", culprit.KindDeadlock: "goroutines",
	culprit.KindTimeout: "timeout, goroutines", culprit.KindGoroutineLeak: "goroutines", culprit.KindOutOfMemory: "crash or exit, resource",
	culprit.KindAssertion: "assertion", culprit.KindEventually: "assertion", culprit.KindMock: "assertion or crash", culprit.KindGolden: "assertion, resource",
	culprit.KindLogAfterTest: "crash", culprit.KindFuzz: "crasher, assertion", culprit.KindBenchmark: "", culprit.KindExample: "assertion",
	culprit.KindTestMain: "exit", culprit.KindExit: "exit or crash", culprit.KindBuild: "diagnostics, packages", culprit.KindVet: "diagnostics, packages",
	culprit.KindLint: "diagnostics", culprit.KindModuleDownload: "resource", culprit.KindPortInUse: "resource", culprit.KindNetwork: "resource",
	culprit.KindDiskFull: "resource", culprit.KindRunnerLost: "", culprit.KindCancelled: "", culprit.KindCoverage: "coverage", culprit.KindUnknown: "",
}

// TestDocs: every kind of the contract has one file and one place in the order, and
// docs/kinds.md says what the files say.
func TestDocs(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# The kinds of failures\n\nWritten by `go test ./internal/kind -run TestDocs -update` out of the comments in `internal/kind`. The kinds are in the\norder in which they are asked: an earlier one claims its tests, crashes, builds and lines first.\n\n")
	_, order, _ := strings.Cut(doc(t, "all.go", "All"), "\n\n")
	b.WriteString(order)
	seen := map[culprit.Kind]bool{}
	for _, k := range kind.All() {
		if seen[k.Name] {
			t.Errorf("kind %s is listed twice", k.Name)
		}
		seen[k.Name] = true
		file := strings.ReplaceAll(string(k.Name), "-", "") + ".go"
		text := doc(t, file, "")
		if text == "" {
			t.Errorf("%s has no comment on its first function", file)
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s", k.Name, text)
		more, ok := fields[k.Name]
		if !ok {
			t.Errorf("kind %s has no line in the table of fields", k.Name)
		}
		if more != "" {
			fmt.Fprintf(&b, "\nIn the JSON: `%s`.\n", strings.ReplaceAll(strings.ReplaceAll(more, ", ", "`, `"), " or ", "` or `"))
		}
	}
	for _, k := range culprit.Kinds {
		if !seen[k] {
			t.Errorf("kind %s of the contract is not in kind.All", k)
		}
	}
	const out = "../../docs/kinds.md"
	if *update {
		if err := os.WriteFile(out, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(out); err != nil || string(have) != b.String() {
		t.Errorf("%s is not what the comments say; run go test ./internal/kind -run TestDocs -update (%v)", out, err)
	}
}

// doc returns the comment of a function without its name in front; when name is "", of
// the first one whose comment says what a kind is ("name: it is …").
func doc(t *testing.T, file, name string) string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Doc == nil {
			continue
		}
		text := fn.Doc.Text()
		if name != "" && fn.Name.Name != name || name == "" && !strings.HasPrefix(text, fn.Name.Name+": ") {
			continue
		}
		text = strings.TrimPrefix(text, fn.Name.Name+": ")
		text = strings.TrimPrefix(text, fn.Name.Name+" ")
		return strings.ToUpper(text[:1]) + strings.ReplaceAll(text[1:], "<", "&lt;")
	}
	return ""
}
