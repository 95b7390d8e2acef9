// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/casetest"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/kind"
)

// recordedLogs are logs that our own programs printed: those of the reader's
// tests and those of the cases.
func recordedLogs(t testing.TB) map[string][]byte {
	t.Helper()
	logs := map[string][]byte{}
	files, _ := filepath.Glob("../golog/testdata/log/*.log")
	if len(files) == 0 {
		t.Fatal("no logs")
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		logs[filepath.Base(f)] = data
	}
	for _, f := range casetest.Files(t) {
		a, err := txtar.ParseFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range a.Files {
			if s.Name == "log" {
				logs[casetest.Name(f)] = s.Data
			}
		}
	}
	return logs
}

// TestRecordedLogs: the invariants over whole logs, and that a failure is found
// again from where its evidence starts and no more behind it.
func TestRecordedLogs(t *testing.T) {
	t.Parallel()
	for name, log := range recordedLogs(t) {
		// One of the programs prints what a runner says. A log cut right behind it
		// cannot be told from one whose runner died.
		// The forms and these show what damage does; the cases are alike.
		if len(log) < 32<<10 && !strings.HasSuffix(name, ".txtar") {
			checkDamage(t, name, bytes.ReplaceAll(log, []byte("##[error]The"), []byte("The")))
		}
		_, fs := classify(t, log)
		if strings.Contains(name, "junit") || strings.Contains(name, "gotestsum") || strings.Contains(name, "rerun") {
			continue // a part of a summary or of an XML file is none
		}
		// The evidence of these says by itself what happened; that of a failed test
		// starts at its message, behind the line that names the test.
		whole := map[culprit.Kind]bool{
			culprit.KindDataRace: true, culprit.KindPanic: true, culprit.KindConcurrentMap: true, culprit.KindDeadlock: true,
			culprit.KindTimeout: true, culprit.KindLogAfterTest: true,
		}
		times := map[string]int{}
		for _, f := range fs {
			times[string(f.Kind)+f.Title]++
		}
		for _, f := range fs {
			if !whole[f.Kind] {
				continue
			}
			if !finds(t, log[f.Evidence.FirstByte:], f) {
				t.Errorf("%s: %s %q is not found from where it starts, line %d", name, f.Kind, f.Title, f.Evidence.FirstLine)
			}
			if times[string(f.Kind)+f.Title] == 1 && f.Evidence.Repeats == 1 && finds(t, log[f.Evidence.EndByte:], f) {
				t.Errorf("%s: %s %q is found behind its end, line %d", name, f.Kind, f.Title, f.Evidence.LastLine)
			}
		}
	}
}

func finds(t *testing.T, log []byte, want *culprit.Failure) bool {
	t.Helper()
	_, fs := classify(t, log)
	for _, f := range fs {
		if f.Kind == want.Kind && f.Title == want.Title {
			return true
		}
	}
	return false
}

// FuzzClassify: whatever the bytes, evidence lies inside the log, titles are
// stable, and no test is listed twice.
func FuzzClassify(f *testing.F) {
	for _, log := range recordedLogs(f) {
		if len(log) < 16<<10 {
			f.Add(log)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := golog.Read(context.Background(), bytes.NewReader(data), golog.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, _, fs := kind.Classify(l)
		for _, x := range fs {
			checkFailure(t, "fuzz", x, int64(len(data)))
		}
	})
}
