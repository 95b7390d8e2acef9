// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/report"
)

var update = flag.Bool("update", false, "rewrite the golden reports")

// demoCase is the JSON form of a real run of `culprit demo`.
func demoCase(t testing.TB) *culprit.Case { return readCase(t, "testdata/demo.json") }

// kindsCase is the JSON form of a real run of programs in
// internal/kind/testdata/kinds.txtar, with the paths of a CI machine.
func kindsCase(t testing.TB) *culprit.Case { return readCase(t, "testdata/kinds.json") }

func readCase(t testing.TB, file string) *culprit.Case {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := new(culprit.Case)
	if err := json.Unmarshal(data, c); err != nil {
		t.Fatal(err)
	}
	return c
}

func render(t testing.TB, format string, c *culprit.Case, o report.Options) string {
	t.Helper()
	f, err := report.Lookup(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b, c, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	small := func(v culprit.Verdict, why string) *culprit.Case {
		c := &culprit.Case{Schema: culprit.Schema, ID: "c0ffee", Verdict: v, VerdictWhy: why, Steps: culprit.List[culprit.Step]{
			{Stage: culprit.StageRead, Outcome: culprit.Done, Why: "12 bytes in 1 lines"},
			{Stage: culprit.StageClassify, Outcome: culprit.Done, Why: "the log shows no failure: " + why},
		}}
		c.Checklist = culprit.Checklist(c)
		return c
	}
	nothing := demoCase(t) // the same failure without a repository: nothing is concluded
	f := nothing.Failures[0]
	f.Cause, f.Blame, f.Owners, f.Fix, f.Repro, f.Siblings = nil, nil, nil, nil, nil, nil
	f.Evidence.Damaged = "the log ends inside the report"
	for i := range nothing.Steps {
		if s := &nothing.Steps[i]; s.Failure != "" {
			s.Outcome, s.Why = culprit.Skipped, "no repository was given (--repo DIR)"
		}
	}
	nothing.Checklist = culprit.Checklist(nothing)
	for name, c := range map[string]*culprit.Case{
		"demo": demoCase(t), "kinds": kindsCase(t), "nothing": nothing, "passed": small(culprit.Passed, "every test that started has a result and none failed"),
		"incomplete": small(culprit.Incomplete, "the log ends before the result of p"), "no-tests": small(culprit.NoTests, "the input is empty"),
	} {
		for _, format := range []string{"text", "markdown"} {
			got := render(t, format, c, report.Options{})
			file := filepath.Join("testdata", name+"."+format)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s (-want +got):\n%s", file, d)
			}
		}
	}
}

func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	first := render(t, "json", demoCase(t), report.Options{})
	c := new(culprit.Case)
	if err := json.Unmarshal([]byte(first), c); err != nil {
		t.Fatal(err)
	}
	if again := render(t, "json", c, report.Options{}); again != first {
		t.Error("a case that was written, read and written again differs")
	}
	if strings.Contains(render(t, "json", &culprit.Case{Failures: culprit.List[*culprit.Failure]{{}}}, report.Options{}), "null") {
		t.Error("a list is null")
	}
}

// attacks are texts that a log, a commit or a file name could carry.
var attacks = []string{
	"@everyone and @org/team", "fixes #1, GH-2, owner/repo#3", "<script>alert(1)</script><img src=x onerror=y>",
	"[click](javascript:alert(1)) ![x](http://evil.example/x.png)", "http://evil.example www.evil.example me@evil.example",
	"``` \n```\n# heading\n", "~~~\n<details>", "<!-- culprit:v1 sig=spoofed -->", "a | b \\| c", "`` ` ``", "*bold* _it_ ~~x~~",
	"\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "\u202Eevil\u202C \u200B\u2066x", "a\r\nb\tc\x00d", "&lt;b&gt; &#64;all",
	"\n\n- [x] done\n\n> quote", "--- \n===", "1. one",
}

// poison puts an attack into every string of a value.
func poison(v reflect.Value, attack string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), attack)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				poison(v.Field(i), attack)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), attack)
		}
	case reflect.String:
		// Fields with fixed values steer the rendering and never hold hostile text.
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString(attack + v.String())
		}
	}
}

func TestHostileText(t *testing.T) {
	t.Parallel()
	for _, attack := range attacks {
		for _, c := range []*culprit.Case{demoCase(t), kindsCase(t)} {
			steps := c.Steps
			poison(reflect.ValueOf(c).Elem(), attack)
			for i := range c.Steps { // keep the links between steps and failures
				c.Steps[i].Failure = steps[i].Failure
			}
			checkMarkdown(t, attack, render(t, "markdown", c, report.Options{}))
			checkText(t, attack, render(t, "text", c, report.Options{}))
		}
	}
}

var (
	ours   = regexp.MustCompile(`^(<!-- -->|</?details>|</?summary>|</?sub>|\n)+$`)
	active = regexp.MustCompile(`(?i)@\w|#\d|GH-\d|https?://|www\.`)
)

func checkMarkdown(t *testing.T, attack, md string) {
	t.Helper()
	src := []byte(md)
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(src))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link, *ast.Image, *ast.AutoLink, *ast.Blockquote:
			t.Errorf("%q: the report has a %s", attack, n.Kind())
		case *ast.RawHTML:
			if raw := string(n.Segments.Value(src)); !ours.MatchString(raw) {
				t.Errorf("%q: raw HTML %q", attack, raw)
			}
		case *ast.HTMLBlock:
			raw := strings.ReplaceAll(string(n.Lines().Value(src)), "Log text", "")
			if raw = strings.TrimSpace(raw); !ours.MatchString(raw) {
				t.Errorf("%q: an HTML block %q", attack, raw)
			}
		case *ast.Text:
			if parent := n.Parent().Kind(); parent != ast.KindCodeSpan && active.Match(n.Value(src)) {
				t.Errorf("%q: live text %q", attack, n.Value(src))
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	checkRunes(t, attack, md)
}

func checkText(t *testing.T, attack, s string) {
	t.Helper()
	checkRunes(t, attack, s)
}

func checkRunes(t *testing.T, attack, s string) {
	t.Helper()
	for _, r := range s {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			t.Errorf("%q: the report holds the character %U", attack, r)
			return
		}
	}
}

// TestLength keeps the conclusions of a case that is far too long.
func TestLength(t *testing.T) {
	t.Parallel()
	c := demoCase(t)
	f := c.Failures[0]
	f.Evidence.Text = strings.Repeat("a line of log\n", 4000)
	for range 3000 {
		f.Tests = append(f.Tests, culprit.TestRef{Name: "TestTools/" + strings.Repeat("x", 50), Role: culprit.RoleCollateral, Why: "it ran"})
	}
	md := render(t, "markdown", c, report.Options{})
	if len(md) > 60_000 {
		t.Errorf("%d bytes", len(md))
	}
	for _, want := range []string{"### Root cause analysis", "err := store.UpdateAppHealth", "### Quality checklist", "bytes left out", "more, see the JSON form"} {
		if !strings.Contains(md, want) {
			t.Errorf("the report has lost %q", want)
		}
	}
	if short := render(t, "markdown", c, report.Options{MaxBytes: 3000}); len(short) > 3000 || !strings.Contains(short, "longer than an issue") {
		t.Errorf("%d bytes of at most 3000", len(short))
	}
}

func TestColourAndLinks(t *testing.T) {
	t.Parallel()
	plain := render(t, "text", demoCase(t), report.Options{Width: 100})
	rich := render(t, "text", demoCase(t), report.Options{Width: 100, Color: true, Links: true, Root: "/work tree"})
	escapes := regexp.MustCompile("\x1b\\[[0-9;]*m|\x1b\\]8;;[^\x1b]*\x1b\\\\")
	if strings.Contains(plain, "\x1b") || !strings.Contains(rich, "\x1b]8;;file:///work%20tree/sdk/toolsdk/toolsdk_test.go\x1b\\") {
		t.Error("escape sequences where none were asked for, or none where they were")
	}
	if d := cmp.Diff(plain, escapes.ReplaceAllString(rich, "")); d != "" {
		t.Errorf("colour changes the text:\n%s", d)
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, a := range attacks {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := &culprit.Case{Verdict: culprit.Failed, Failures: culprit.List[*culprit.Failure]{{
			Title: s, Kind: culprit.KindUnknown, Package: s, Evidence: culprit.Evidence{Text: s},
			Tests: culprit.List[culprit.TestRef]{{Name: s, Why: s, Role: culprit.RoleCause}},
		}}}
		checkMarkdown(t, s, render(t, "markdown", c, report.Options{}))
		checkText(t, s, render(t, "text", c, report.Options{}))
	})
}
