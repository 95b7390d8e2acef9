// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"cmp"
	"context"
	"strings"
	"testing"
	"time"
)

// once has a test that fails in the first run of a folder only, as one on a busy
// machine may, and one that fails whenever the other package's file is changed.
const once = `package m

import (
	"os"
	"testing"

	"example.com/m/p"
)

func TestNow(t *testing.T) {
	if _, err := os.Stat("ran"); err != nil {
		if err := os.WriteFile("ran", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Fatal("the first run")
	}
}

func TestValue(t *testing.T) {
	if p.Value != 1 {
		t.Fatal(p.Value)
	}
}
`

// TestOtherTestsFailOnce: a test that fails once and not again is no fault of the
// change; one that fails in both runs is.
func TestOtherTestsFailOnce(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, value, detail string
		ok                  bool
	}{
		{"flaky", "1", "by themselves", true},
		{"broken", "2", "TestValue", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			s := sandbox(t, module(t, "m_test.go", once, "p/p.go", "package p\n\nconst Value = 1\n"))
			before, why, err := s.Prepare(ctx, &Target{Dir: ".", Module: ".", ModulePath: "example.com/m"}, "before", nil)
			if before == nil {
				t.Fatal(why, err)
			}
			after, why, err := s.Prepare(ctx, &Target{Dir: ".", Module: ".", ModulePath: "example.com/m"}, "after",
				&Change{Files: map[string][]byte{"p/p.go": []byte("package p\n\nconst Value = " + tc.value + "\n")}})
			if after == nil {
				t.Fatal(why, err)
			}
			v := &Verdict{Passed: true}
			res := &Measured{Plan: Plan{Pattern: "^TestOther$"}}
			ok, err := s.wholePackage(ctx, v, res, s.NewTrials(nil, nil), after, &Baseline{Before: before}, time.Now().Add(5*time.Minute), nil)
			if err != nil || ok != tc.ok || !strings.Contains(v.Checks[0].Detail, tc.detail) {
				t.Errorf("%v, %v: %+v", ok, err, v.Checks)
			}
		})
	}
}

// moved is [counter] with room for a change that moves the race.
const moved = counter + "\nfunc Other() {}\n"

// fixed does not race, as N is not written.
var fixed = strings.Replace(moved, "c.N++", "_ = c.N", 1)

// TestVerifyRefuses: what looks as if it ended the race, and does not.
func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	begin := func(stmt string) []byte {
		return []byte(strings.Replace(strings.Replace(hidden, "var mu", stmt+"\n\tvar mu", 1), "import (", "import (\n\t\"os\"", 1) + "\nvar _ = os.Getenv\n\nfunc skip(t *testing.T) { t.SkipNow() }\n")
	}
	for name, c := range map[string]struct {
		after         Files
		check, detail string
		short         bool
		hits          int           // of 20 plain runs before
		wait          time.Duration // at an access; 0 is 2 s
	}{
		"the race moves to another line": {check: "the race is gone", detail: "at a line of the change",
			after: Files{"p/p.go": []byte(strings.Replace(moved, "{ c.N++ } // WRITE", "{ c.bump() }", 1) + "\nfunc (c *Counter) bump() { c.N++ }\n")}},
		"nothing runs": {check: "failing tests run", detail: "TestHidden",
			after: Files{"main_test.go": []byte("package m\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(0) }\n")}},
		"it is skipped": {check: "failing tests run", detail: "TestHidden",
			after: Files{"m_test.go": begin("skip(t)")}},
		// As where the delays themselves make the test fail before it gets there.
		"it fails before that": {check: "the race is gone", detail: "for another reason", short: true,
			after: Files{"m_test.go": begin("if os.Getenv(\"CULPRIT_DELAY\") != \"\" {\n\t\tt.Fatal(\"too late\")\n\t}")}},
		"it passes in plain runs, where it never raced": {check: "the race is gone", detail: "for another reason", short: true, hits: 0,
			after: Files{"p/p.go": []byte(fixed), "m_test.go": begin("if os.Getenv(\"CULPRIT_DELAY\") != \"\" {\n\t\tt.Fatal(\"too late\")\n\t}")}},
		"it fails only behind the accesses": {hits: 0,
			after: Files{"p/p.go": []byte(fixed), "m_test.go": begin("defer func() {\n\t\tif os.Getenv(\"CULPRIT_DELAY\") != \"\" {\n\t\t\tt.Error(\"too late\")\n\t\t}\n\t}()")}},
		// The first access waits in vain and is made; the second still waits.
		"it fails while an access is held up": {check: "the race is gone", detail: "for another reason", short: true,
			after: Files{"p/p.go": []byte(fixed), "m_test.go": []byte(strings.Replace(string(begin("if os.Getenv(\"CULPRIT_DELAY\") != \"\" {\n\t\ttime.AfterFunc(700*time.Millisecond, func() { os.Exit(1) })\n\t}")), "20 * time.Millisecond", "500 * time.Millisecond", 1))}, wait: 400 * time.Millisecond},
		"it passes in plain runs, where it always raced": {hits: 20,
			after: Files{"p/p.go": []byte(fixed), "m_test.go": begin("if os.Getenv(\"CULPRIT_DELAY\") != \"\" {\n\t\tt.Fatal(\"too late\")\n\t}")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sandbox(t, module(t, "m_test.go", hidden, "p/p.go", moved))
			f := failure(s.Tree, map[string]string{"m_test.go": hidden, "p/p.go": moved}, "TestHidden", [2][2]string{{"p/p.go", "WRITE"}, {"m_test.go", "READ"}})
			target := &Target{Dir: ".", Module: ".", ModulePath: "example.com/m", Patterns: []string{"^TestHidden$"}, Points: points(f)}
			before, why, err := s.Prepare(t.Context(), target, "before", nil)
			if before == nil || before.Why != "" {
				t.Fatal(before, why, err)
			}
			set := Setting{Pattern: "^TestHidden$", Delay: ModeMeet, Wait: cmp.Or(c.wait, 2*time.Second)}
			res := &Measured{
				Plan:   Plan{Target: target, Pattern: set.Pattern, Plain: Setting{Pattern: set.Pattern}, Amplified: set, Workers: 2, Limit: time.Minute},
				Before: &Series{Runs: 20, Hits: c.hits}, Amplified: &Series{Setting: set, Runs: 10, Hits: 10},
			}
			v, err := s.Verify(t.Context(), res, s.NewChange(c.after), "after", s.NewMatcher(f, nil), nil, &Baseline{Before: before}, time.Now().Add(5*time.Minute), nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.check == "" {
				if !v.Passed {
					t.Errorf("refused: %+v", v.Checks)
				}
				return
			}
			last := v.Checks[len(v.Checks)-1]
			if v.Passed || v.Short != c.short || last.Name != c.check || !strings.Contains(last.Detail, c.detail) {
				t.Errorf("short %t, %+v", v.Short, v.Checks)
			}
		})
	}
}
