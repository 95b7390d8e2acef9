// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/report"
)

// sarifSchema is the schema of SARIF 2.1.0 as go-sarif carries it. Its own
// Validate checks what it would write itself, and pads with values that the
// schema refuses, so its copy of the schema is read and the text itself checked.
var sarifSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(strings.TrimSpace(string(dir)), "pkg", "report", "v210", "sarif", "schema.go")
	syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		return nil, err
	}
	text := ""
	ast.Inspect(syntax, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && len(lit.Value) > len(text) {
			text = lit.Value
		}
		return true
	})
	if text, err = strconv.Unquote(text); err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sarif.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("sarif.json")
})

// valid checks a report against the schema of SARIF 2.1.0.
func valid(t *testing.T, text string) *sarif.Report {
	t.Helper()
	schema, err := sarifSchema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err == nil {
		err = schema.Validate(doc)
	}
	if err != nil {
		t.Errorf("no valid SARIF: %v\n%s", err, text)
	}
	r, err := sarif.FromString(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSARIF(t *testing.T) {
	t.Parallel()
	c := demoCase(t)
	r := valid(t, render(t, "sarif", c, report.Options{}))
	f := c.Failures[0]
	results := r.Runs[0].Results
	if len(results) != 1+len(f.Siblings) {
		t.Fatalf("%d results", len(results))
	}
	first := results[0]
	at := first.Locations[0].PhysicalLocation
	if *first.RuleID != "data-race/captured-outer-variable" || first.Level != "error" || *at.ArtifactLocation.URI != f.Cause.Sites[0].File || *at.Region.StartLine != f.Cause.Sites[0].Line {
		t.Errorf("first: %v %s %s:%d", *first.RuleID, first.Level, *at.ArtifactLocation.URI, *at.Region.StartLine)
	}
	if len(first.RelatedLocations) != 2 || first.PartialFingerprints["culpritCause/v1"] != f.Fingerprint || results[1].Level != "warning" {
		t.Errorf("related %d, fingerprints %v, sibling %s", len(first.RelatedLocations), first.PartialFingerprints, results[1].Level)
	}

	// A failure that no line of the repository shows is a notification.
	nowhere := &culprit.Case{Failures: culprit.List[*culprit.Failure]{{Kind: culprit.KindUnknown, Title: "package p failed"}}}
	r = valid(t, render(t, "sarif", nowhere, report.Options{}))
	if len(r.Runs[0].Results) != 0 || len(r.Runs[0].Invocations[0].ToolExecutionNotifications) != 1 {
		t.Error("a failure without a line")
	}
	valid(t, render(t, "sarif", &culprit.Case{}, report.Options{}))

	// The oracle can say no.
	schema, err := sarifSchema()
	if err != nil {
		t.Fatal(err)
	}
	bad, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(render(t, "sarif", c, report.Options{}), `"level": "error"`, `"level": "high"`, 1)))
	if err != nil || schema.Validate(bad) == nil {
		t.Errorf("the level high is allowed, %v", err)
	}
}

// TestSARIFHostile: no text breaks the form, and no path leaves the repository.
func TestSARIFHostile(t *testing.T) {
	t.Parallel()
	for _, attack := range append(attacks, "../../etc/passwd", "/etc/passwd", "C:\\x", "a b/ü#?.go/") {
		c := demoCase(t)
		poison(reflect.ValueOf(c), attack)
		text := render(t, "sarif", c, report.Options{})
		valid(t, text)
		var doc any
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		for _, res := range valid(t, text).Runs[0].Results {
			uri := *res.Locations[0].PhysicalLocation.ArtifactLocation.URI
			if strings.HasPrefix(uri, "/") || strings.HasPrefix(uri, "..") || strings.ContainsAny(uri, " \n\\#?<>") {
				t.Errorf("%q gives the address %q", attack, uri)
			}
		}
	}
}

func TestGitHub(t *testing.T) {
	t.Parallel()
	c := demoCase(t)
	f := c.Failures[0]
	lines := strings.Split(strings.TrimSpace(render(t, "github", c, report.Options{})), "\n")
	want := fmt.Sprintf("::error file=%s,line=%d,title=data race%%3A err in toolsdk_test.TestTools (GetTaskLogs%%2C SendTaskInput)::", f.Cause.Sites[0].File, f.Cause.Sites[0].Line)
	if len(lines) != 1+len(f.Siblings) || !strings.HasPrefix(lines[0], want) || !strings.Contains(lines[0], "%0AProposed fix") {
		t.Errorf("got:\n%s\nwant %s", strings.Join(lines, "\n"), want)
	}
	if len(lines) > 1 && !strings.HasPrefix(lines[1], "::warning file=") {
		t.Errorf("sibling: %s", lines[1])
	}
	// A line of a changed file comes before the first line of the cause.
	f.Cause.Sites[1].File = "changed_test.go"
	got := render(t, "github", c, report.Options{Changed: []string{"changed_test.go"}})
	if !strings.HasPrefix(got, "::error file=changed_test.go,") {
		t.Errorf("changed file: %.80s", got)
	}
}

func TestGitHubLimit(t *testing.T) {
	t.Parallel()
	c := &culprit.Case{}
	for i := range 30 {
		c.Failures = append(c.Failures, &culprit.Failure{Kind: culprit.KindAssertion, Title: fmt.Sprintf("T%d", i), Assertion: &culprit.Assertion{File: fmt.Sprintf("p/x%d_test.go", i), Line: 3}})
	}
	got := strings.Split(strings.TrimSpace(render(t, "github", c, report.Options{Changed: []string{"p/x29_test.go"}})), "\n")
	if len(got) != 10 || !strings.Contains(got[9], "21 more") || !strings.Contains(got[0], "file=p/x29_test.go,") {
		t.Errorf("%d lines, first %s, last %s", len(got), got[0], got[len(got)-1])
	}
}

// TestGitHubHostile: whatever a log says, each line is one of our commands.
func TestGitHubHostile(t *testing.T) {
	t.Parallel()
	for _, attack := range append(attacks, "x\n::stop-commands::x", "a::set-env name=PATH::x", "%0A::add-mask::x", "a,file=/etc/passwd,line=1", "\r\n##[command]x") {
		c := demoCase(t)
		poison(reflect.ValueOf(c), attack)
		for line := range strings.Lines(render(t, "github", c, report.Options{})) {
			head, _, _ := strings.Cut(strings.TrimPrefix(line, "::"), "::")
			if !strings.HasPrefix(line, "::error ") && !strings.HasPrefix(line, "::warning ") || strings.Count(head, "title=") > 1 && strings.Contains(head, "\n") {
				t.Errorf("%q gives %q", attack, line)
			}
			for i, p := range strings.Split(strings.SplitN(head, " ", 2)[1], ",") {
				if name, _, ok := strings.Cut(p, "="); !ok || i > 2 || name != "file" && name != "line" && name != "title" {
					t.Errorf("%q gives the property %q of %q", attack, p, line)
				}
			}
		}
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	c := &culprit.Case{Job: culprit.Job{Repository: "o/widget"}}
	for file, want := range map[string]string{
		"/home/runner/work/widget/widget/p/x_test.go": "file=p/x_test.go,", `D:\a\work\widget\widget\p\x_test.go`: "file=p/x_test.go,",
		"p/x_test.go": "file=p/x_test.go,", "x_test.go": "", "/usr/local/go/src/testing/testing.go": "", "../x_test.go": "", "p/../../x_test.go": "", "~/x/x_test.go": "",
	} {
		c.Failures = culprit.List[*culprit.Failure]{{Title: "t", Assertion: &culprit.Assertion{File: file, Line: 7}}}
		got := render(t, "github", c, report.Options{})
		if want == "" && strings.Contains(got, "file=") || want != "" && !strings.Contains(got, want) {
			t.Errorf("%s: %s", file, got)
		}
	}
}
