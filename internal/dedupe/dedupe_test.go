// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package dedupe

import (
	"testing"

	"github.com/culprit-ci/culprit"
)

func failure(line int, closures ...string) *culprit.Failure {
	f := &culprit.Failure{
		Kind: culprit.KindDataRace, Package: "example.com/m/p",
		Cause: &culprit.Cause{
			Pattern: culprit.PatternCapturedOuterVariable, Subject: "err",
			Declared:   culprit.Pos{File: "p/p_test.go", Line: line},
			DeclaredIn: "example.com/m/p_test.TestTools",
		},
		Tests: culprit.List[culprit.TestRef]{
			{Name: "TestTools/Send", Role: culprit.RoleCause},
			{Name: "TestTools/Logs", Role: culprit.RoleCause},
			{Name: "TestTools/Other", Role: culprit.RoleCollateral},
		},
	}
	for i, c := range closures {
		f.Cause.Sites = append(f.Cause.Sites, culprit.Site{Pos: culprit.Pos{File: "p/p_test.go", Line: line + 10*i}, Func: c})
	}
	return f
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	base := Fingerprint(failure(10, "example.com/m/p_test.TestTools.func30", "example.com/m/p_test.TestTools.func31"))
	moved := Fingerprint(failure(99, "example.com/m/p_test.TestTools.func8.1", "example.com/m/p_test.TestTools.func7"))
	if base != moved {
		t.Errorf("moved lines and renumbered closures change the fingerprint: %s, %s", base, moved)
	}
	other := failure(10, "example.com/m/p_test.TestTools.func30", "example.com/m/p_test.TestMore.func1")
	if got := Fingerprint(other); got == base {
		t.Errorf("another function has the same fingerprint %s", got)
	}
	other = failure(10, "example.com/m/p_test.TestTools.func30", "example.com/m/p_test.TestTools.func31")
	other.Cause.Subject = "ctx"
	if got := Fingerprint(other); got == base {
		t.Errorf("another subject has the same fingerprint %s", got)
	}
	if got := Fingerprint(&culprit.Failure{Kind: culprit.KindPanic}); got != "" {
		t.Errorf("no cause: fingerprint %q, want none", got)
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	if got, want := Title(failure(10)), "data race: err in p_test.TestTools (Logs, Send)"; got != want {
		t.Errorf("Title = %q, want %q", got, want)
	}
	many := failure(10)
	for _, name := range []string{"A", "B"} {
		many.Tests = append(many.Tests, culprit.TestRef{Name: "TestTools/" + name, Role: culprit.RoleCause})
	}
	if got, want := Title(many), "data race: err in p_test.TestTools"; got != want {
		t.Errorf("of four tests: %q, want %q", got, want)
	}
	slow := hung(nil, waits("chan receive", "example.com/m/p.F", "TestA", 9))
	slow.Title = "timeout: p"
	if got := Title(slow); got != "" { // it has no fingerprint
		t.Errorf("Title = %q", got)
	}
}

func TestDeclared(t *testing.T) {
	t.Parallel()
	for symbol, want := range map[string]string{
		"p.TestTools.func30":       "p.TestTools",
		"p.(*T).funcs.func1.2":     "p.(*T).funcs",
		"p.F.gowrap1":              "p.F",
		"p.F-range1":               "p.F",
		"p.functional.F":           "p.functional.F",
		"example.com/a.func.b/p.F": "example.com/a.func.b/p.F",
	} {
		if got := declared(symbol); got != want {
			t.Errorf("declared(%q) = %q, want %q", symbol, got, want)
		}
	}
}
