// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package caseschema_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"golang.org/x/tools/txtar"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/caseschema"
	"github.com/culprit-ci/culprit/internal/casetest"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/report"
)

var update = flag.Bool("update", false, "rewrite docs/case.schema.json")

const file = "../../docs/case.schema.json"

func generate(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := caseschema.Generate(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFileIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := caseschema.Marshal(generate(t))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the types say; run go test ./internal/caseschema -update", file)
	}
}

// validate checks JSON against the committed file, as another tool would.
func validate(t *testing.T, data []byte) error {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	r, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return r.Validate(v)
}

func TestRealOutputIsValid(t *testing.T) {
	t.Parallel()
	for _, f := range casetest.Files(t) {
		t.Run(casetest.Name(f), func(t *testing.T) {
			t.Parallel()
			if err := validate(t, render(t, f)); err != nil {
				t.Error(err)
			}
		})
	}
}

// render triages a case file and returns its JSON form.
func render(t *testing.T, file string) []byte {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var log []byte
	for _, f := range a.Files {
		if f.Name == "log" {
			log = f.Data
		} else if rel, ok := strings.CutPrefix(f.Name, "src/"); ok {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, rel)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, rel), f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	c, err := engine.Triage(context.Background(), engine.Input{Log: bytes.NewReader(log), Repo: dir})
	if err != nil {
		t.Fatal(err)
	}
	format, err := report.Lookup("json")
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := format.Write(&buf, c, report.Options{}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestWrongOutputIsNot(t *testing.T) {
	t.Parallel()
	c := culprit.Case{Schema: culprit.Schema, Verdict: culprit.Failed, Failures: culprit.List[*culprit.Failure]{{ID: "f1", Kind: culprit.KindDataRace}}}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, data); err != nil {
		t.Fatalf("a small case is valid: %v", err)
	}
	for from, to := range map[string]string{
		`"verdict":"failed"`:         `"verdict":"broken"`,
		`"kind":"data-race"`:         `"kind":"race"`,
		`"tests":[]`:                 `"tests":null`,
		`"schema":"culprit.case/v1"`: `"schema":"culprit.case/v2"`,
		`"id":"f1",`:                 ``,
	} {
		bad := bytes.Replace(data, []byte(from), []byte(to), 1)
		if bytes.Equal(bad, data) {
			t.Fatalf("the case has no %s", from)
		}
		if validate(t, bad) == nil {
			t.Errorf("%s instead of %s is valid", to, from)
		}
	}
}
