// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCanariesInStore: no byte of the database shows a secret, and no answer from it.
func TestCanariesInStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log, junit := filepath.Join(dir, "job.log"), filepath.Join(dir, "junit.xml")
	if err := os.WriteFile(log, []byte(canaryLog()), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, save := range map[string][]string{"ingest": {"ingest", log}, "save": {"triage", "--save", log}} {
		db := filepath.Join(dir, name, "culprit.db")
		for _, args := range [][]string{
			save, {"history"}, {"history", "--format", "json"}, {"history", "TestLogin"}, {"history", "TestLogin", "--format", "json"}, {"flakes", "--since", "all", "--all"},
			{"flakes", "--since", "all", "--all", "--format", "json"},
		} {
			var out, errs bytes.Buffer
			if code := Main(context.Background(), append(args, "--store", db), strings.NewReader(""), &out, &errs); code != ExitDone {
				t.Fatalf("%s: %v: code %d, %s", name, args, code, &errs)
			}
			if out.Len() == 0 {
				t.Errorf("%s: %v says nothing", name, args)
			}
			if found := leaks(out.String() + errs.String()); len(found) > 0 {
				t.Errorf("%s: %v shows %v:\n%s", name, args, found, &out)
			}
		}
		files, err := os.ReadDir(filepath.Dir(db))
		if err != nil || len(files) == 0 {
			t.Fatal(err)
		}
		for _, f := range files {
			data, err := os.ReadFile(filepath.Join(filepath.Dir(db), f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if found := leaks(string(data)); len(found) > 0 {
				t.Errorf("%s: %s holds %v", name, f.Name(), found)
			}
		}
	}
	var out, errs bytes.Buffer
	if code := Main(context.Background(), []string{"log", log, "--junit", junit}, strings.NewReader(""), &out, &errs); code != ExitFindings {
		t.Fatalf("log: code %d, %s", code, &errs)
	}
	report, err := os.ReadFile(junit)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"log": out.String() + errs.String(), "junit": string(report)} {
		if found := leaks(text); len(found) > 0 {
			t.Errorf("%s shows %v:\n%s", name, found, text)
		}
	}
}
