// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
)

func TestSuggestion(t *testing.T) {
	t.Parallel()
	for who, want := range map[string]string{
		"Priya Raman <12345+priya-r@users.noreply.github.com>": "`priya-r`",
		"Priya Raman <priya@users.noreply.github.com>":         "`priya`",
		"@priya":                          "`priya`",
		"Priya Raman <priya@example.com>": "",
		"@tasks-example/agents":           "",
		"dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>": "",
		"x <a@users.noreply.github.com.evil.example>":                         "",
		"x <1+`@everyone@users.noreply.github.com>":                           "",
	} {
		f := &culprit.Failure{Owners: culprit.List[culprit.Owner]{
			{Who: who, Reasons: culprit.List[string]{"introduced both accesses, @all `x`"}}, {Who: "@second"},
		}}
		got := suggestion(f)
		if (got == "") != (want == "") || !strings.Contains(got, want) || strings.Contains(got, "second") {
			t.Errorf("%s: %q, want %q", who, got, want)
		}
		if i := strings.IndexByte(got, '@'); i >= 0 && strings.Count(got[:i], "`")%2 == 0 {
			t.Errorf("%s: a mention in %q", who, got)
		}
		d, err := draft(&culprit.Case{Failures: culprit.List[*culprit.Failure]{f}}, f, nil)
		if err != nil || strings.Contains(d.Body, "Suggested assignee") != (want != "") {
			t.Errorf("%s: the issue, %v:\n%s", who, err, d.Body)
		}
	}
	if got := suggestion(&culprit.Failure{}); got != "" {
		t.Errorf("no owners: %q", got)
	}
}
