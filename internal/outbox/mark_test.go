// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
)

// limit is what GitHub takes of an issue's body or a comment.
const limit = 65_536

// FuzzMark writes hostile names into a comment and an issue: the mark is read back,
// nothing of the names ends it, and the text fits.
func FuzzMark(f *testing.F) {
	f.Add("TestA/b", "main", "https://example.com/1", 3)
	f.Add("Test --> <!-- culprit:v1 seen {}", "--><b>", "x", 40)
	f.Add(strings.Repeat("<", 1024), strings.Repeat("é", 900), strings.Repeat("-", 999), 60)
	f.Fuzz(func(t *testing.T, test, branch, url string, n int) {
		if len(test)+len(branch)+len(url) > 4096 {
			return
		}
		m := &seenMeta{Key: "k"}
		for i := range min(max(n, 1), 40) {
			m.add(seen{Job: strings.Repeat("j", i+1), When: time.Unix(int64(i), 0).UTC(), Name: short(branch), URL: short(url), Commit: short(branch), Branch: short(branch), Tests: []string{short(test), short(test), short(test)}})
		}
		text := m.text()
		var got seenMeta
		if !readMark(seenMark, text, &got) {
			t.Fatalf("the mark is not read back from %.300q", text)
		}
		if got.Count != m.Count || len(got.Rows) == 0 || len(text) > limit {
			t.Errorf("count %d of %d, %d rows, %d bytes", got.Count, m.Count, len(got.Rows), len(text))
		}
		if first, _, _ := strings.Cut(text, "\n"); strings.Index(first, "-->") != len(first)-len("-->") {
			t.Errorf("the mark ends early: %.300q", first)
		}

		fail := &culprit.Failure{Kind: culprit.KindAssertion, Title: test, Package: branch, Aliases: slices.Repeat([]string{branch}, 30)}
		for range 30 {
			fail.Tests = append(fail.Tests, culprit.TestRef{Name: test, Role: culprit.RoleCause})
		}
		d, err := draft(&culprit.Case{}, fail, nil)
		if err != nil {
			t.Fatal(err)
		}
		var meta causeMeta
		if !readMark(causeMark, d.Body, &meta) || meta.Key == "" || len(d.Body) > limit {
			t.Errorf("%d bytes, read back as %+v", len(d.Body), meta)
		}
	})
}
