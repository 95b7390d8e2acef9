// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package dedupe

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
)

// assertion is a failure without a known cause.
func assertion(test, message string) *culprit.Failure {
	return &culprit.Failure{
		Kind: culprit.KindAssertion, Package: "example.com/m/p", Title: "assertion: " + test,
		Tests:    culprit.List[culprit.TestRef]{{Name: test, Role: culprit.RoleCause}},
		Evidence: culprit.Evidence{Text: message},
	}
}

const message = `    server_test.go:118: 2026-04-17T21:56:01.123Z the session 0xc00012a0 of the client was closed before the answer to the request arrived after 1.204s
    server_test.go:119: want status ok and got status unavailable while the connection was drained`

func TestFind(t *testing.T) {
	t.Parallel()
	closed := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	race := failure(10, "example.com/m/p_test.TestTools.func30", "example.com/m/p_test.TestTools.func31")
	race.Fingerprint, race.Title = Fingerprint(race), Title(race)
	race.Blame = culprit.List[culprit.Blamed]{{Commit: "feed", PullRequest: 7}}
	flaky := assertion("TestServer/Drain", message)
	unknown := assertion("TestServer/Drain", message)
	unknown.Kind, unknown.Title = culprit.KindUnknown, "TestServer/Drain failed"
	moved := strings.NewReplacer("118", "220", "119", "221", "0xc00012a0", "0xc0ffee00", "1.204s", "980ms", "21:56:01.123", "03:00:59.9").Replace(message)

	silent := assertion("TestServer/Drain", message)
	silent.Assertion = &culprit.Assertion{}
	said := assertion("TestServer/Drain", message)
	said.Fingerprint, said.Assertion = "mine", &culprit.Assertion{Message: "x"}
	crash := assertion("TestServer/Drain", message)
	crash.Kind, crash.Fingerprint, crash.Crash = culprit.KindPanic, "mine", &culprit.Crash{}

	null := assertion("TestServer/Drain", "goroutine 7 [running]:\nexample.com/m/p.Use(...)\n\t/home/ci/p/p.go:9 +0x1d\n")
	null.Kind, null.Title, null.Fingerprint = culprit.KindPanic, "panic: nil pointer dereference in p.Use", "null"
	null.Crash = &culprit.Crash{Value: "nil pointer dereference", Where: &culprit.Frame{Func: "example.com/m/p.Use", File: "/home/ci/p/p.go", Line: 9}}
	table := assertion("TestServer/Drain", "example.com/m/p.(*S).A(...)\n\t/home/ci/p/p.go:14\nexample.com/m/p.(*S).Get(...)\n")
	table.Kind, table.Title, table.Fingerprint = culprit.KindConcurrentMap, "concurrent map writes in p.(*S).A", "table"
	table.Crash = &culprit.Crash{Value: "concurrent map writes", Where: &culprit.Frame{Func: "example.com/m/p.(*S).A", File: "/home/ci/p/p.go", Line: 14}}
	number := assertion("TestServer/Drain", "    p_test.go:12: got 1.5, want 2.5")
	number.Title, number.Fingerprint = "TestServer: got N.N, want N.N", "number"
	number.Assertion = &culprit.Assertion{File: "p_test.go", Line: 12, Message: "got 1.5, want 2.5", Expected: "2.5"}

	step := assertion("TestServer/Drain", "    p_test.go:12: step 2 failed")
	step.Title, step.Fingerprint = "TestServer: step N failed", "step"
	step.Assertion = &culprit.Assertion{Library: "testing", File: "p_test.go", Line: 12, Message: "step 2 failed"}
	hang := hung([]string{"TestA"}, waits("chan receive", "example.com/m/p.F", "TestA", 9))
	hang.Fingerprint = Fingerprint(hang)
	leak := hung(nil, waits("chan receive", "example.com/m/p.F", "TestA", 9))
	leak.Kind, leak.Fingerprint = culprit.KindGoroutineLeak, "leak"
	short := assertion("TestServer/Drain", "it failed again")
	brief := assertion("TestA", message)
	within := assertion("TestServer/Drain", message)
	within.Tests[0].Role = culprit.RoleParent
	unblamed := assertion("TestX", "x")
	unblamed.Blame = culprit.List[culprit.Blamed]{{Commit: "feed"}}
	at := Spots(race)
	inB := failure(40, "example.com/m/p_test.TestTools.func1.1", "example.com/m/p_test.TestTools.func1")
	for i := range inB.Cause.Sites {
		inB.Cause.Sites[i].Statement = "err = get()"
	}
	inB.Tests = culprit.List[culprit.TestRef]{{Name: "TestTools/B", Role: culprit.RoleCause}}
	inB.Fingerprint, inB.Title = Fingerprint(inB), Title(inB)

	for name, c := range map[string]struct {
		f        *culprit.Failure
		cand     Candidate
		relation culprit.Relation
		atLeast  float64
		why      string
	}{
		"same fingerprint, other title":   {race, Candidate{Title: "x", Fingerprint: race.Fingerprint, Spots: at}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"same title, other fingerprint":   {race, Candidate{Title: race.Title, Fingerprint: "other"}, "", 0, ""},
		"same title of a person":          {race, Candidate{Title: "flake: " + race.Title}, culprit.RelationDuplicate, Same, "both are titled"},
		"same title, other kind":          {flaky, Candidate{Title: flaky.Title, Kind: culprit.KindPanic}, culprit.RelationSameArea, 0.5, "both are about"},
		"same title, other package":       {flaky, Candidate{Title: flaky.Title, Package: "example.com/m/q"}, culprit.RelationSameArea, 0.5, "both are about"},
		"alias":                           {flaky, Candidate{Title: "x", Aliases: []string{flaky.Title}}, culprit.RelationDuplicate, Same, "both are titled"},
		"regression":                      {race, Candidate{Fingerprint: race.Fingerprint, Spots: at, Closed: closed, Fix: "old"}, culprit.RelationRegression, 1, "its fix old is in the failing commit"},
		"before the fix":                  {race, Candidate{Fingerprint: race.Fingerprint, Spots: at, Closed: closed, Fix: "new"}, culprit.RelationBeforeFix, 1, "does not have its fix new"},
		"fix that git does not know":      {race, Candidate{Fingerprint: race.Fingerprint, Spots: at, Closed: closed, Fix: "gone"}, culprit.RelationDuplicate, 1, "nothing says whether"},
		"closed by hand":                  {race, Candidate{Fingerprint: race.Fingerprint, Spots: at, Closed: closed}, culprit.RelationDuplicate, 1, "nothing says which commit"},
		"not planned":                     {race, Candidate{Fingerprint: race.Fingerprint, Spots: at, Closed: closed, NotFixed: "not planned", Fix: "old"}, culprit.RelationDuplicate, 1, "not planned"},
		"its fix wrote the line":          {race, Candidate{Fingerprint: "other", Closed: closed, Fix: "feed"}, culprit.RelationIntroducedByFixOf, 0.8, "which fixed it"},
		"its fix, by pull request":        {race, Candidate{Title: "x", Closed: closed, FixPull: 7}, culprit.RelationIntroducedByFixOf, 0.8, "pull request 7"},
		"same variable":                   {race, Candidate{Fingerprint: "other", Subject: "err", Package: race.Package, Kind: race.Kind}, culprit.RelationSameSubject, 0.6, "both are about err"},
		"same name elsewhere":             {race, Candidate{Fingerprint: "other", Subject: "err", Package: "example.com/other"}, "", 0, ""},
		"text of a person":                {flaky, Candidate{Title: "TestServer/Drain is flaky", Text: "Seen today again.\n```\n" + moved + "\n```\nI have no idea."}, culprit.RelationDuplicate, 0.84, "alike"},
		"same test, another text":         {flaky, Candidate{Title: "TestServer/Drain is slow", Text: "it takes a minute"}, culprit.RelationSameArea, 0.5, "both are about TestServer/Drain"},
		"same text, another test":         {flaky, Candidate{Title: "TestOther", Text: moved}, "", 0, ""},
		"longer name of a test":           {flaky, Candidate{Title: "TestServer/DrainAll is slow"}, "", 0, ""},
		"unknown, same title and text":    {unknown, Candidate{Title: unknown.Title, Text: moved}, culprit.RelationDuplicate, Same, "alike"},
		"unknown, same title only":        {unknown, Candidate{Title: unknown.Title, Text: "x.go:1: something else entirely went wrong here, and no word of it is the same as there"}, culprit.RelationSameArea, 0.5, "both are about"},
		"no message, same title only":     {silent, Candidate{Title: silent.Title, Text: "x.go:1: something else entirely went wrong here, and no word of it is the same as there"}, culprit.RelationSameArea, 0.5, "both are about"},
		"what it says differs a little":   {said, Candidate{Title: said.Title, Fingerprint: "other", Tests: []string{"TestServer/Drain"}, Text: moved}, culprit.RelationDuplicate, 0.84, "alike"},
		"what it says differs":            {said, Candidate{Title: said.Title, Fingerprint: "other", Tests: []string{"TestServer/Drain"}}, culprit.RelationSameArea, 0.5, "both are about"},
		"it crashed elsewhere":            {crash, Candidate{Title: crash.Title, Fingerprint: "other", Tests: []string{"TestServer/Drain"}, Text: moved}, culprit.RelationSameArea, 0.5, "both are about"},
		"a variable of another subtest":   {inB, Candidate{Fingerprint: inB.Fingerprint, Spots: []string{"p_test.go:20", "p_test.TestTools.func2.1 err = get()", "TestTools/A err = get()"}}, culprit.RelationSameArea, 0.5, "does not show p_test.go:40"},
		"the variable of the subtest":     {inB, Candidate{Fingerprint: inB.Fingerprint, Spots: []string{"p_test.go:20", "TestTools/B err = get()"}}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"the same closure and statement":  {inB, Candidate{Fingerprint: inB.Fingerprint, Spots: []string{"p_test.go:20", "p_test.TestTools.func1 err = get()"}}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"the same lines of access":        {inB, Candidate{Fingerprint: inB.Fingerprint, Text: "  /home/ci/p/p_test.go:50 +0x44"}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"another receive of the function": {hang, Candidate{Fingerprint: hang.Fingerprint, Spots: []string{"p.go:4"}}, culprit.RelationSameArea, 0.5, "does not show p.go:3"},
		"the same receive":                {hang, Candidate{Fingerprint: hang.Fingerprint, Spots: []string{"p.go:3"}}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"another leak of the function":    {leak, Candidate{Fingerprint: "leak", Text: "p.go:33"}, culprit.RelationSameArea, 0.5, "does not show p.go:3"},
		"another step":                    {step, Candidate{Fingerprint: "step", Spots: []string{"p_test.go:9", "step 1 failed"}}, culprit.RelationSameArea, 0.5, "does not show"},
		"the same step, moved":            {step, Candidate{Fingerprint: "step", Spots: []string{"p_test.go:9", "step 2 failed"}}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"another number, the same line":   {step, Candidate{Fingerprint: "step", Spots: []string{"p_test.go:12", "step 7 failed"}}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"the same line":                   {null, Candidate{Fingerprint: "null", Spots: []string{"p.go:9", "p.go +0x99"}}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"the line moved":                  {null, Candidate{Fingerprint: "null", Spots: []string{"p.go:99", "p.go +0x1d"}}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"another line":                    {null, Candidate{Fingerprint: "null", Spots: []string{"p.go:10", "p.go +0x2d"}}, culprit.RelationSameArea, 0.5, "does not show p.go:9"},
		"another line, its fix is in":     {null, Candidate{Fingerprint: "null", Spots: []string{"p.go:10"}, Closed: closed, Fix: "old"}, culprit.RelationSameArea, 0.5, "does not show p.go:9"},
		"the same line in a text":         {null, Candidate{Fingerprint: "null", Text: "/x/p.go:9\n"}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"moved in a text":                 {null, Candidate{Fingerprint: "null", Text: "/x/p.go:88 +0x1d\n"}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"another line in a text":          {null, Candidate{Fingerprint: "null", Text: "/x/p.go:99 +0x1d1\n/x/up.go:9 +0x1d"}, culprit.RelationSameArea, 0.5, "does not show p.go:9"},
		"its title, another line":         {null, Candidate{Title: null.Title, Text: "/x/p.go:99"}, "", 0, ""},
		"its title, no line":              {null, Candidate{Title: null.Title, Text: "again"}, culprit.RelationDuplicate, Same, "both are titled"},
		"its title, the same line":        {null, Candidate{Title: null.Title, Text: "/x/p.go:9"}, culprit.RelationDuplicate, Same, "both are titled"},
		"the same method":                 {table, Candidate{Fingerprint: "table", Spots: []string{"example.com/m/p.(*S).A"}}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"the other side":                  {table, Candidate{Fingerprint: "table", Spots: []string{"example.com/m/p.(*S).Get"}}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"another map of the type":         {table, Candidate{Fingerprint: "table", Spots: []string{"example.com/m/p.(*S).B"}}, culprit.RelationSameArea, 0.5, "does not show"},
		"the same check":                  {number, Candidate{Fingerprint: "number", Spots: []string{"p_test.go:12"}}, culprit.RelationDuplicate, 1, "same fingerprint"},
		"another check of such numbers":   {number, Candidate{Fingerprint: "number", Spots: []string{"p_test.go:14"}}, culprit.RelationSameArea, 0.5, "does not show"},
		"another line in its mark":        {null, Candidate{Title: null.Title, Spots: []string{"p.go:10"}}, "", 0, ""},
		"too few words to be alike":       {short, Candidate{Title: "TestServer/Drain", Text: short.Evidence.Text}, culprit.RelationSameArea, 0.5, "both are about"},
		"a short name of a test":          {brief, Candidate{Title: "TestA is slow"}, "", 0, ""},
		"a short name, recorded":          {brief, Candidate{Title: "x", Tests: []string{"TestA"}}, culprit.RelationSameArea, 0.5, "both are about TestA"},
		"a parent is not what failed":     {within, Candidate{Title: "TestServer/Drain is slow"}, "", 0, ""},
		"no pull request on either side":  {unblamed, Candidate{Title: "x", Closed: closed}, "", 0, ""},
		"a race shows in any package":     {race, Candidate{Title: "flake: " + race.Title, Package: "example.com/m/q"}, culprit.RelationDuplicate, Same, "both are titled"},
		"nothing in common":               {race, Candidate{Title: "docs: typo"}, "", 0, ""},
	} {
		ancestry := func(_ context.Context, fix, commit string) (bool, string, error) {
			if fix == "gone" {
				return false, "no such commit", nil
			}
			return fix == "old", "", nil
		}
		got, err := Find(t.Context(), c.f, culprit.Job{Commit: "failing"}, []Candidate{c.cand}, ancestry)
		if err != nil {
			t.Fatal(err)
		}
		if c.relation == "" {
			if len(got) > 0 {
				t.Errorf("%s: %+v, want none", name, got[0])
			}
			continue
		}
		if len(got) != 1 || got[0].Relation != c.relation || got[0].Score < c.atLeast || !strings.Contains(got[0].Why, c.why) {
			t.Errorf("%s: %+v, want %s with %.2f because %q", name, got, c.relation, c.atLeast, c.why)
		}
		if c.relation == culprit.RelationDuplicate && c.atLeast < Same && got[0].Score >= Same {
			t.Errorf("%s: text alone scores %.2f", name, got[0].Score)
		}
	}
}

// TestNoCommit: where the failing commit is not known nothing is a regression.
func TestNoCommit(t *testing.T) {
	t.Parallel()
	f := assertion("TestServer/Drain", message)
	list := []Candidate{{Title: f.Title, Closed: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Fix: "old"}}
	got, err := Find(t.Context(), f, culprit.Job{}, list, func(context.Context, string, string) (bool, string, error) { return true, "", nil })
	if err != nil || len(got) != 1 || got[0].Relation != culprit.RelationDuplicate || !strings.Contains(got[0].Why, "failing commit is not known") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFindOrders(t *testing.T) {
	t.Parallel()
	f := assertion("TestServer/Drain", message)
	var list []Candidate
	for range 30 {
		list = append(list, Candidate{ID: "area", Title: "TestServer/Drain is slow"})
	}
	list = append(list, Candidate{ID: "same", Title: f.Title})
	got, err := Find(t.Context(), f, culprit.Job{}, list, nil)
	if err != nil || len(got) != maxMatches || got[0].ID != "same" {
		t.Errorf("%d matches, first %+v, %v", len(got), got[0], err)
	}
}

// TestDistance checks the band and the bound against the plain table.
func TestDistance(t *testing.T) {
	t.Parallel()
	plain := func(a, b text) int {
		d := make([][]int, len(a)+1)
		for i := range d {
			d[i] = make([]int, len(b)+1)
			for j := range d[i] {
				switch {
				case i == 0:
					d[i][j] = j
				case j == 0:
					d[i][j] = i
				default:
					cost := 1
					if a[i-1] == b[j-1] {
						cost = 0
					}
					d[i][j] = min(d[i-1][j-1]+cost, d[i-1][j]+1, d[i][j-1]+1)
				}
			}
		}
		return d[len(a)][len(b)]
	}
	r := rand.New(rand.NewPCG(1, 2))
	words := text{"a", "b", "c", "d"}
	random := func() text {
		var t text
		for range r.IntN(14) {
			t = append(t, words[r.IntN(len(words))])
		}
		return t
	}
	for range 20000 {
		a, b, limit := random(), random(), r.IntN(10)
		want := plain(a, b)
		if got := distance(a, b, limit); got != min(want, limit+1) {
			t.Fatalf("distance(%v, %v, %d) = %d, want %d", a, b, limit, got, min(want, limit+1))
		}
		if n := max(len(a), len(b)); shared(a, b) < n-1-2*want {
			t.Fatalf("the bound is wrong for %v, %v: %d shared, distance %d", a, b, shared(a, b), want)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	f := assertion("TestServer/Drain", strings.Repeat(message+"\n", 20))
	var list []Candidate
	for i := range 500 {
		list = append(list, Candidate{Title: "issue", Text: strings.Repeat("other words here "+string(rune('a'+i%26))+" and there\n", 100)})
	}
	for b.Loop() {
		if _, err := Find(b.Context(), f, culprit.Job{}, list, nil); err != nil {
			b.Fatal(err)
		}
	}
}
