// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/config"
)

func TestParse(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("x.yaml", []byte(`
# comments are fine
rules:
  - match:
      package: ^example\.com/db
      text: 'pq: .* deadlock detected'
    kind: network
    note: >-
      the database of the job is
      shared; ask #infra
  - comment: only a note
    match: {test: ^TestE2E}
    note: needs the staging cluster
`))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rules) != 2 {
		t.Fatalf("%+v", c.Rules)
	}
	r := c.Rules[0]
	if r.Kind != culprit.KindNetwork || r.Note != "the database of the job is shared; ask #infra" || r.Package.String() != `^example\.com/db` || r.Test != nil || r.Line != 4 {
		t.Errorf("%+v", r)
	}
	if r := c.Rules[1]; r.Kind != "" || !r.Test.MatchString("TestE2E/x") || r.Line != 11 {
		t.Errorf("%+v", r)
	}
	for _, empty := range []string{"", "# nothing\n", "rules: []\n", "---\n"} {
		if c, err := config.Parse("x.yaml", []byte(empty)); err != nil || len(c.Rules) != 0 {
			t.Errorf("%q: %v, %v", empty, c, err)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"rules:\n  - match: {txet: x}\n    kind: network\n":                   "x.yaml:2:13: unknown field",
		"rules:\n  - match: {text: x}\n    kind: flaky\n":                     `x.yaml:3:11: "flaky" is no kind; it is one of data-race, `,
		"rules:\n  - match: {text: '('}\n    kind: network\n":                 "x.yaml:2:19: missing closing ): `(` in the pattern",
		"rules:\n  - match: {text: 5}\n    kind: network\n":                   "x.yaml:2:19: must be a text",
		"rules:\n  - kind: network\n":                                         "a rule needs package, test or text under match",
		"rules:\n  - match: {text: x}\n":                                      "a rule needs a kind or a note",
		"rules:\n  - match: {text: x\n":                                       "x.yaml:2:",
		"rules: 5\n":                                                          "x.yaml:1:8: ",
		"rule: []\n":                                                          "x.yaml:1:1: unknown field",
		"rules: []\nrules: []\n":                                              "x.yaml:2:1: ",
		"a: &a [x]\nrules: *a\n":                                              "anchors and aliases are not allowed",
		"rules: []\n---\nrules: []\n":                                         "more than one document",
		"rules:\n" + strings.Repeat("  - {match: {text: x}, note: y}\n", 201): "201 rules, more than 200",
		strings.Repeat("#", 64<<10+1):                                         "larger than 64 KiB",
	} {
		c, err := config.Parse("x.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, %v; want %q", text, c, err, want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	repo := t.TempDir()
	if c, err := config.Find(repo); c != nil || err != nil {
		t.Errorf("without a file: %v, %v", c, err)
	}
	outside := filepath.Join(t.TempDir(), "secret.yaml")
	if err := os.WriteFile(outside, []byte("rules: [{match: {text: x}, note: y}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(repo, config.Name)
	if err := os.Symlink(outside, name); err == nil {
		if c, err := config.Find(repo); err == nil {
			t.Errorf("a link out of the tree was followed: %v", c)
		}
		os.Remove(name)
	}
	if err := os.WriteFile(name, []byte("rules: [{match: {text: x}, note: y}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := config.Find(repo); err != nil || len(c.Rules) != 1 {
		t.Errorf("%v, %v", c, err)
	}
	if c, err := config.Load(outside); err != nil || len(c.Rules) != 1 {
		t.Errorf("%v, %v", c, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("rules:\n  - match: {package: a, test: b, text: c}\n    kind: network\n    note: x\n"))
	f.Add([]byte("rules:\n  - match:\n      text: |\n        a\n    note: 'b'\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := config.Parse("x", data)
		if err != nil {
			return
		}
		for _, r := range c.Rules {
			if r.Package == nil && r.Test == nil && r.Text == nil || r.Kind == "" && r.Note == "" {
				t.Errorf("an empty rule passed: %+v", r)
			}
		}
	})
}
