// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/store"
)

func testHistory(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	if h, err := s.History(ctx, store.HistoryQuery{}); err != nil || h.Shown != 0 || h.Subject != store.Everything {
		t.Errorf("History of nothing = %+v, %v", h, err)
	}
	passedTwin := func(r *store.Record) { // the other test of a race, which passed
		f := r.Case.Failures[0]
		f.Tests = append(f.Tests, culprit.TestRef{Name: "TestTwin", Package: f.Package, Status: culprit.StatusPass, Role: culprit.RoleCause})
	}
	save(t, s,
		job("c1", day(1), failing("fp1", "data race: err in TestTools", "TestTools", "TestTools/Send"), passedTwin),
		job("c2", day(2)),
		job("c3", day(3), failing("fp2", "Panic: nil map", "TestTools/Get"), at("abc", "main", 0)),
		job("c4", day(4), failing("fp1", "data race: err in TestTools", "TestTools/Send")),
		job("c5", day(5), of("other/repo"), failing("fp1", "data race: err in TestTools", "TestTools")))
	for name, tc := range map[string]struct {
		query   store.HistoryQuery
		subject store.Subject
		names   string
		cases   string // of the occurrences
		shown   int
		failed  int
		jobs    int
	}{
		"everything":         {store.HistoryQuery{}, store.Everything, "", "c5 c4 c3 c1", 4, 4, 0},
		"of a repository":    {store.HistoryQuery{Repository: "example/tasks"}, store.Everything, "", "c4 c3 c1", 3, 3, 0},
		"limit":              {store.HistoryQuery{Limit: 2}, store.Everything, "", "c5 c4", 4, 4, 0},
		"since":              {store.HistoryQuery{Since: day(4)}, store.Everything, "", "c5 c4", 2, 2, 0},
		"test and subtests":  {store.HistoryQuery{Name: "TestTools", Repository: "example/tasks"}, store.SubjectTest, "TestTools TestTools/Get TestTools/Send", "c4 c3 c1 c1", 4, 3, 4},
		"one subtest":        {store.HistoryQuery{Name: "TestTools/Send"}, store.SubjectTest, "TestTools/Send", "c4 c1", 2, 2, 4},
		"test since":         {store.HistoryQuery{Name: "TestTools/Send", Since: day(3)}, store.SubjectTest, "TestTools/Send", "c4", 1, 1, 2},
		"test of two repos":  {store.HistoryQuery{Name: "TestTools", Limit: 1}, store.SubjectTest, "TestTools TestTools TestTools/Get TestTools/Send", "c5", 5, 4, 0},
		"a test that passed": {store.HistoryQuery{Name: "TestTwin"}, store.SubjectTest, "TestTwin", "c1", 1, 0, 4},
		"no half of a test":  {store.HistoryQuery{Name: "TestTool"}, store.SubjectText, "data race: err in TestTools data race: err in TestTools", "c5 c4 c1", 3, 3, 0},
		"package":            {store.HistoryQuery{Name: "example.com/tasks/a", Repository: "example/tasks"}, store.SubjectPkg, "example.com/tasks/a", "c4 c3 c1", 3, 3, 4},
		"end of a package":   {store.HistoryQuery{Name: "tasks/a", Repository: "example/tasks"}, store.SubjectPkg, "example.com/tasks/a", "c4 c3 c1", 3, 3, 4},
		"folder":             {store.HistoryQuery{Name: "./tasks/b", Repository: "example/tasks"}, store.SubjectPkg, "example.com/tasks/b", "", 0, 0, 4},
		"title":              {store.HistoryQuery{Name: "panic: NIL"}, store.SubjectText, "Panic: nil map", "c3", 1, 1, 4},
		"nothing":            {store.HistoryQuery{Name: "TestNo%"}, store.SubjectText, "", "", 0, 0, 0},
		"no wildcard":        {store.HistoryQuery{Name: "nil_map"}, store.SubjectText, "", "", 0, 0, 0},
	} {
		h, err := s.History(ctx, tc.query)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var cases []string
		for _, o := range h.Occurrences {
			cases = append(cases, o.Case)
		}
		if h.Subject != tc.subject || strings.Join(h.Names, " ") != tc.names || strings.Join(cases, " ") != tc.cases || h.Shown != tc.shown || h.FailedJobs != tc.failed || h.Jobs != tc.jobs {
			t.Errorf("%s: History = %s, %v, cases %v, shown %d, failed %d of %d jobs; want %+v", name, h.Subject, h.Names, cases, h.Shown, h.FailedJobs, h.Jobs, tc)
		}
	}
	h, err := s.History(ctx, store.HistoryQuery{Name: "TestTools/Get"})
	want := culprit.List[store.Occurrence]{{
		Case: "c3", Failure: "f1", Seen: day(3), Repository: "example/tasks", Commit: "abc", Branch: "main", Job: "race",
		Kind: culprit.KindDataRace, Package: "example.com/tasks/a", Title: "Panic: nil map",
		Test: "TestTools/Get", Status: culprit.StatusFail, Role: culprit.RoleCause, Runs: 1, Failed: 1, Seconds: 1.5,
	}}
	if err == nil && len(h.Occurrences) == 1 {
		want[0].Cause = h.Occurrences[0].Cause
	}
	if diff := cmp.Diff(want, h.Occurrences); err != nil || diff != "" || want[0].Cause == "" {
		t.Errorf("occurrence (-want +got): %v\n%s", err, diff)
	}
	byKey, err := s.History(ctx, store.HistoryQuery{Name: want[0].Cause})
	if err != nil || byKey.Shown != 1 || byKey.Occurrences[0].Case != "c3" {
		t.Errorf("History of a key = %+v, %v", byKey, err)
	}
}

func testFlakes(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	if f, err := s.Flakes(ctx, store.FlakeQuery{}); err != nil || len(f.List) != 0 || f.Left != 0 || f.More {
		t.Errorf("Flakes of nothing = %+v, %v", f, err)
	}
	n := 0
	add := func(on int, fingerprint, branch string, pr int, change ...func(*store.Record)) {
		n++
		r := job(fmt.Sprintf("c%d", n), day(on), at(fmt.Sprintf("commit%d", n), branch, pr))
		if fingerprint != "" {
			failing(fingerprint, "race: "+fingerprint, "Test"+fingerprint)(r)
		}
		for _, c := range change {
			c(r)
		}
		save(t, s, r)
	}
	for i := range 10 { // the costly one: three pull requests, six days
		add(20+i%6, "costly", "b", 100+i%3)
	}
	for i := range 10 { // as many runs on two pull requests
		add(20+i%6, "second", "b", 200+i%2)
	}
	for i := range 12 { // one pull request keeps failing: its own bug, for all one knows
		add(20+i, "own", "b", 300)
	}
	for i := range 2 { // main and a pull request
		add(25, "main", "main", 400*i)
	}
	// A matrix of three jobs in one run, twice, on two branches.
	for i := range 6 {
		add(26, "matrix", fmt.Sprintf("b%d", i/3), 0, inRun(fmt.Sprintf("m%d", i/3), 1), named(fmt.Sprintf("os%d", i)))
	}
	add(1, "old", "b", 500)
	add(1, "old", "b", 501)
	for range 40 {
		add(24, "", "main", 0)
	}
	f, err := s.Flakes(ctx, store.FlakeQuery{Since: day(20)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range f.List {
		got = append(got, fmt.Sprintf("%s: %d runs %d jobs, %d PRs %d branches, %d days, %d package jobs, %v, %s, %s", r.Fingerprint, r.Runs, r.Jobs, r.PullRequests, r.Branches, r.Days, r.PackageJobs, r.Tests, r.Owner, r.Why))
	}
	want := []string{
		"costly: 10 runs 10 jobs, 3 PRs 0 branches, 6 days, 80 package jobs, [Testcostly], priya, seen on 3 pull requests",
		"second: 10 runs 10 jobs, 2 PRs 0 branches, 6 days, 80 package jobs, [Testsecond], priya, seen on 2 pull requests",
		"main: 2 runs 2 jobs, 1 PRs 1 branches, 1 days, 80 package jobs, [Testmain], priya, seen on 1 pull request and 1 branch",
		"matrix: 2 runs 6 jobs, 0 PRs 2 branches, 1 days, 80 package jobs, [Testmatrix], priya, seen on 2 branches",
	}
	if diff := cmp.Diff(want, got); diff != "" || f.Left != 1 || f.More {
		t.Errorf("left %d, more %v (-want +got):\n%s", f.Left, f.More, diff)
	}
	if last := f.List[0]; !last.LastSeen.Equal(day(25)) || last.Case == "" || last.Failure != "f1" || last.Package != "example.com/tasks/a" {
		t.Errorf("first = %+v", last)
	}
	all, err := s.Flakes(ctx, store.FlakeQuery{All: true})
	if err != nil || len(all.List) != 6 || all.Left != 0 || all.List[0].Fingerprint != "own" || all.List[0].Why != "" {
		t.Errorf("all Flakes = %+v, %v", all, err)
	}
	if other, err := s.Flakes(ctx, store.FlakeQuery{Repository: "other/repo", All: true}); err != nil || len(other.List) != 0 {
		t.Errorf("Flakes of another repository = %+v, %v", other, err)
	}
}

// testFlakesProof checks what proves that a failure is flaky, and what is near.
func testFlakesProof(t *testing.T, d Database) {
	for name, tc := range map[string]struct {
		second func(*store.Record) // the job beside one that failed at commit abc
		why    string
	}{
		"passed on another attempt": {inRun("run 1", 2), "failed and passed at one commit, in 1 job"},
		"passed in another run":     {inRun("run 2", 1), "failed and passed at one commit, in 1 job"},
		"another job of the matrix": {named("windows"), ""},
		"another workflow":          {func(r *store.Record) { r.Case.Job.Workflow = "nightly" }, ""},
		"another repository":        {of("fork/tasks"), ""},
		"a job without a name":      {named(""), ""},
		"another commit":            {at("def", "b", 1), ""},
		"the commit is not known":   {at("", "b", 1), ""},
		"failed again":              {failing("fp1", "race: err", "TestA"), ""},
		"failed by something else":  {failing("fp2", "other", "TestB"), ""},
		"package did not run":       {func(r *store.Record) { r.Runs = r.Runs[1:] }, ""},
		"its end is not shown":      {func(r *store.Record) { r.Runs[0].Result = store.Unknown }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			jobs := []*store.Record{
				job("c1", day(0), at("abc", "b", 1), inRun("run 1", 1), failing("fp1", "race: err", "TestA")),
				job("c2", day(1), at("abc", "b", 1), tc.second),
			}
			// In either order, and saved again.
			for range 2 {
				slices.Reverse(jobs)
				o := open(t, d)
				save(t, o, append(jobs, jobs...)...)
				f, err := o.Flakes(ctx, store.FlakeQuery{All: true})
				i := -1
				if err == nil {
					i = slices.IndexFunc(f.List, func(f store.Flake) bool { return f.Fingerprint == "fp1" })
				}
				if i < 0 || f.List[i].Why != tc.why {
					t.Errorf("Flakes = %+v, %v; want why %q", f, err, tc.why)
				}
			}
		})
	}
	t.Run("neither job nor commit has a name", func(t *testing.T) {
		t.Parallel()
		s, ctx := open(t, d), context.Background()
		save(t, s, job("c1", day(0), at("abc", "b", 1), named(""), failing("fp1", "race: err", "TestA")), job("c2", day(1), at("abc", "b", 1), named("")))
		if f, err := s.Flakes(ctx, store.FlakeQuery{}); err != nil || len(f.List) != 0 {
			t.Errorf("Flakes = %+v, %v", f, err)
		}
	})
	t.Run("run again in the job", func(t *testing.T) {
		t.Parallel()
		s, ctx := open(t, d), context.Background()
		r := job("c1", day(0), at("abc", "b", 1), failing("fp1", "race: err", "TestA", "TestB"))
		r.Runs[0].Tests[1].Runs, r.Runs[0].Tests[1].Passed = 2, 1
		save(t, s, r)
		f, err := s.Flakes(ctx, store.FlakeQuery{})
		if err != nil || len(f.List) != 1 || f.List[0].Why != "failed and passed at one commit, in 1 job" {
			t.Errorf("Flakes = %+v, %v", f, err)
		}
	})
	t.Run("run again in the job without an end", func(t *testing.T) {
		t.Parallel()
		s, ctx := open(t, d), context.Background()
		r := job("c1", day(0), at("abc", "b", 1), failing("fp1", "race: err", "TestA"))
		r.Runs[0].Tests[0].Runs = 2
		save(t, s, r)
		if f, err := s.Flakes(ctx, store.FlakeQuery{}); err != nil || len(f.List) != 0 || f.Left != 1 {
			t.Errorf("Flakes = %+v, %v", f, err)
		}
	})
	t.Run("logs without a branch", func(t *testing.T) {
		t.Parallel()
		s, ctx := open(t, d), context.Background()
		save(t, s, job("c1", day(0), failing("fp1", "race: err", "TestA"), failing("fp2", "once", "TestB")), job("c2", day(1), failing("fp1", "race: err", "TestA")))
		f, err := s.Flakes(ctx, store.FlakeQuery{})
		if err != nil || len(f.List) != 1 || f.List[0].Why != "seen in 2 runs; the logs do not tell the branches" || f.Left != 1 {
			t.Errorf("Flakes = %+v, %v", f, err)
		}
	})
}

// testFlakesLines tells lines of work apart: what one pull request fails with may
// be its own bug, however many kinds of run it has.
func testFlakesLines(t *testing.T, d Database) {
	type on struct {
		branch string
		pr     int
	}
	for name, tc := range map[string]struct {
		jobs []on
		why  string
	}{
		"pull request twice":             {[]on{{"fix", 1}, {"fix", 1}}, ""},
		"pull request and its branch":    {[]on{{"fix", 0}, {"fix", 1}}, ""},
		"pull request and another":       {[]on{{"other", 0}, {"fix", 1}}, "seen on 1 pull request and 1 branch"},
		"pull request and main":          {[]on{{"main", 0}, {"fix", 1}}, "seen on 1 pull request and 1 branch"},
		"of a fork's main, and main":     {[]on{{"main", 0}, {"main", 1}}, "seen on 1 pull request and 1 branch"},
		"two of forks with one branch":   {[]on{{"patch-1", 1}, {"patch-1", 2}}, "seen on 2 pull requests"},
		"its branch is not known":        {[]on{{"fix", 0}, {"", 1}}, ""},
		"its branch is not known, main":  {[]on{{"master", 0}, {"", 1}}, "seen on 1 pull request and 1 branch"},
		"its branch is known once":       {[]on{{"fix", 0}, {"", 1}, {"fix", 1}}, ""},
		"its tries in the merge queue":   {[]on{{"gh-readonly-queue/main/pr-1-abc123", 0}, {"gh-readonly-queue/main/pr-1-def456", 0}, {"fix", 1}}, ""},
		"two in the merge queue":         {[]on{{"gh-readonly-queue/main/pr-1-abc123", 0}, {"gh-readonly-queue/main/pr-2-def456", 0}}, "seen on 2 pull requests"},
		"one branch":                     {[]on{{"main", 0}, {"main", 0}}, ""},
		"two branches":                   {[]on{{"main", 0}, {"release", 0}}, "seen on 2 branches"},
		"one branch, and nobody knows":   {[]on{{"main", 0}, {"", 0}}, "seen in 2 runs; the logs do not tell the branches"},
		"named like a pull request's":    {[]on{{"#1", 0}, {"fix", 1}}, "seen on 1 pull request and 1 branch"},
		"nobody knows, and it was twice": {[]on{{"", 0}, {"", 0}}, "seen in 2 runs; the logs do not tell the branches"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ctx := open(t, d), context.Background()
			for i, o := range tc.jobs {
				save(t, s, job(fmt.Sprintf("c%d", i), day(i), at(fmt.Sprintf("commit%d", i), o.branch, o.pr), failing("fp1", "race: err", "TestA")))
			}
			f, err := s.Flakes(ctx, store.FlakeQuery{All: true})
			if err != nil || len(f.List) != 1 || f.List[0].Why != tc.why {
				t.Errorf("Flakes = %+v, %v; want why %q", f, err, tc.why)
			}
			f, err = s.Flakes(ctx, store.FlakeQuery{})
			if err != nil || len(f.List) == 1 != (tc.why != "") || f.Left == 1 != (tc.why == "") {
				t.Errorf("Flakes without all = %+v, %v; want why %q", f, err, tc.why)
			}
		})
	}
}

// testFlakesLimit puts the flaky ones below many that are not.
func testFlakesLimit(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	n := 0
	add := func(fingerprint string, pr int) {
		n++
		save(t, s, job(fmt.Sprintf("c%d", n), day(n%5), at("", "b", pr), failing(fingerprint, fingerprint, "TestA")))
	}
	for i := range 40 {
		for range 3 {
			add(fmt.Sprintf("own%d", i), 1)
		}
	}
	for i := range 4 {
		for pr := range 2 {
			add(fmt.Sprintf("flaky%d", i), 1+pr)
		}
	}
	for _, tc := range []struct {
		limit, listed, left int
		more                bool
	}{{1, 1, 40, true}, {3, 3, 40, true}, {4, 4, 40, false}, {5, 4, 40, false}, {100, 4, 40, false}} {
		f, err := s.Flakes(ctx, store.FlakeQuery{Limit: tc.limit, Since: time.Time{}})
		if err != nil {
			t.Fatal(err)
		}
		if len(f.List) != tc.listed || f.Left != tc.left || f.More != tc.more {
			t.Errorf("limit %d: %d flakes, left %d, more %v; want %+v", tc.limit, len(f.List), f.Left, f.More, tc)
		}
	}
}
