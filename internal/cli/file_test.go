// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
)

func TestFileAddress(t *testing.T) {
	w := newRemoteWorld(t)
	t.Setenv("TMPDIR", w.tmp)
	db := filepath.Join(t.TempDir(), "culprit.db")
	address := w.web + "/o/r/actions/runs/7/job/71"
	repo := w.api.Repo("o/r")

	code, dry, errs := w.run(t, "file", address, "--dry-run", "--store", db, "--label", "flaky-test")
	if code != ExitDone || len(w.api.Writes()) > 0 || len(repo.Issues()) > 0 {
		t.Fatalf("dry run: code %d, sent %v\n%s", code, w.api.Writes(), errs)
	}
	if _, err := os.Stat(db); err == nil {
		t.Error("a dry run made a store")
	}

	code, out, errs := w.run(t, "file", address, "--store", db, "--label", "flaky-test")
	if code != ExitDone || len(repo.Issues()) != 1 {
		t.Fatalf("code %d, %d issues\n%s%s", code, len(repo.Issues()), out, errs)
	}
	issue := repo.Issues()[0]
	for _, want := range []string{"title: " + issue.Title, "labels: flaky-test", strings.TrimRight(issue.Body, "\n"), strings.TrimRight(repo.Comments(1)[0].Body, "\n")} {
		if !strings.Contains(dry, want) {
			t.Errorf("the dry run did not show what was sent:\n%s\n--- wanted\n%s", dry, want)
		}
	}
	if !strings.Contains(issue.Title, "err") || !strings.Contains(issue.Body, w.commit[:10]) || !strings.Contains(issue.Body, "[x] known issues searched") || strings.Join(issue.Labels, ",") != "flaky-test" {
		t.Errorf("the issue: %q %v\n%s", issue.Title, issue.Labels, issue.Body)
	}
	if !strings.Contains(out, "created "+issue.URL) {
		t.Errorf("told: %q", out)
	}

	before := len(w.api.Writes())
	code, out, errs = w.run(t, "file", address, "--store", db)
	if code != ExitDone || len(w.api.Writes()) != before || !strings.Contains(out, "counted already") {
		t.Errorf("once more: code %d, sent %v\n%s%s", code, w.api.Writes()[before:], out, errs)
	}
	// Another machine, without the ledger, finds the issue by its mark.
	code, _, errs = w.run(t, "triage", address, "--file", "--store", filepath.Join(t.TempDir(), "other.db"), "--format", "json")
	if code != ExitDone || len(repo.Issues()) != 1 || !strings.Contains(errs, "counted already") {
		t.Errorf("another machine: code %d, %d issues\n%s", code, len(repo.Issues()), errs)
	}

	code, out, errs = w.run(t, "triage", address, "--format", "json")
	var c culprit.Case
	if err := json.Unmarshal([]byte(out), &c); code != ExitDone || err != nil {
		t.Fatal(code, err, errs)
	}
	if known := c.Failures[0].Known; len(known) != 1 || known[0].ID != "#1" || known[0].Relation != culprit.RelationDuplicate || known[0].Score != 1 {
		t.Errorf("known: %+v", known)
	}
	code, _, errs = w.run(t, "file", "--propose-closing", "--tracker", "o/r", "--store", db)
	if code != ExitDone || !strings.Contains(errs, "nothing has been silent") {
		t.Errorf("closing: code %d\n%s", code, errs)
	}
}

func TestFileSavedCase(t *testing.T) {
	w := newRemoteWorld(t)
	dir := t.TempDir()
	db, saved, log := filepath.Join(dir, "culprit.db"), filepath.Join(dir, "case.json"), filepath.Join(dir, "job.log")
	if err := os.WriteFile(log, []byte(canaryLog()), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := w.run(t, "triage", log, "--format", "json", "-o", saved); code != ExitDone {
		t.Fatal(errs)
	}
	// What a log says of its repository does not decide where issues are opened.
	code, _, errs := w.run(t, "file", saved, "--store", db)
	if code != ExitError || !strings.Contains(errs, "--tracker OWNER/NAME") {
		t.Errorf("no tracker: code %d, %s", code, errs)
	}
	code, dry, errs := w.run(t, "file", saved, "--tracker", "o/r", "--dry-run", "--store", db)
	if code != ExitDone || len(leaks(dry+errs)) > 0 {
		t.Errorf("code %d, the dry run shows %v\n%s", code, leaks(dry+errs), errs)
	}
	for _, arg := range []string{saved, log} {
		if code, out, errs := w.run(t, "file", arg, "--tracker", "o/r", "--store", db); code != ExitDone {
			t.Errorf("code %d\n%s%s", code, out, errs)
		}
	}
	issues := w.api.Repo("o/r").Issues()
	if len(issues) == 0 {
		t.Fatal("no issue was created")
	}
	for _, i := range issues {
		text := i.Title + i.Body
		for _, c := range w.api.Repo("o/r").Comments(i.Number) {
			text += c.Body
			if !strings.Contains(c.Body, "Seen 1 time ") {
				t.Errorf("a case and its log are two occurrences:\n%s", c.Body)
			}
		}
		if found := leaks(text); len(found) > 0 {
			t.Errorf("issue %d shows %v", i.Number, found)
		}
	}
	data, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	if found := leaks(string(data)); len(found) > 0 {
		t.Errorf("the store holds %v", found)
	}
}

func TestFileUsage(t *testing.T) {
	t.Parallel()
	w := &remoteWorld{env: []string{"HOME=" + t.TempDir()}}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"file"}, "nothing to file"},
		{[]string{"file", "x", "--tracker", "o"}, "OWNER/NAME"},
		{[]string{"file", "x", "--max-new", "0"}, "at least 1"},
		{[]string{"triage", "x", "--dry-run"}, "--dry-run is for --file"},
	} {
		if code, out, errs := w.run(t, c.args...); code != ExitError || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%v: code %d, %q; want %q", c.args, code, errs, c.want)
		}
	}
}
