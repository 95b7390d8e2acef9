// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/dedupe"
	"github.com/culprit-ci/culprit/internal/outbox"
)

// many are failures of different causes.
func many(from, n int) []*culprit.Failure {
	var list []*culprit.Failure
	for i := range n {
		list = append(list, &culprit.Failure{Kind: culprit.KindAssertion, Package: "example.com/m/p", Title: fmt.Sprintf("assertion: in Test%c", 'A'+from+i)})
	}
	return list
}

func count(acts []outbox.Act, did outbox.Did) int {
	n := 0
	for _, a := range acts {
		if a.Did == did {
			n++
		}
	}
	return n
}

func file(t *testing.T, w *world, o *outbox.Outbox, c *culprit.Case) []outbox.Act {
	t.Helper()
	acts, err := o.File(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return acts
}

func TestLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	o := w.outbox()
	if acts := file(t, w, o, w.red(1, 2, "c1", "main", 0, many(0, 6)...)); count(acts, outbox.Created) != 0 || !strings.Contains(acts[0].Why, "at once") {
		t.Errorf("a flood: %+v", acts)
	}
	if acts := file(t, w, o, w.red(2, 2, "c1", "main", 0, many(0, 5)...)); count(acts, outbox.Created) != 3 || !strings.Contains(acts[4].Why, "one case creates at most 3") {
		t.Errorf("one case: %+v", acts)
	}
	for i := range 5 {
		file(t, w, o, w.red(10+i, 2, "c1", "main", 0, many(10+2*i, 2)...))
	}
	if n := len(w.repo.Issues()); n != 10 {
		t.Errorf("%d issues in a day", n)
	}
	w.hub.Sleep(25 * time.Hour)
	if acts := file(t, w, o, w.red(30, 3, "c1", "main", 0, many(24, 1)...)); count(acts, outbox.Created) != 1 {
		t.Errorf("the next day: %+v", acts)
	}
	// Two failures of one cause are one issue.
	acts := file(t, w, o, w.red(31, 3, "c1", "main", 0, panics(), panics()))
	if count(acts, outbox.Created) != 1 || !strings.Contains(acts[1].Why, "another failure") {
		t.Errorf("twins: %+v", acts)
	}
}

func TestNotFiled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	damaged := race("TestA")
	damaged.Evidence.Damaged = "the log ends inside the report"
	lost := &culprit.Failure{Kind: culprit.KindRunnerLost, Title: "runner lost"}
	for _, a := range file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, damaged, lost)) {
		if a.Did != outbox.Nothing || !strings.Contains(a.Why, "not filed") {
			t.Errorf("%+v", a)
		}
	}
	if len(w.hub.Writes()) > 0 {
		t.Errorf("sent: %v", w.hub.Writes())
	}
}

// TestClosedStaysClosed: only a commit that has the fix opens an issue again.
func TestClosedStaysClosed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fix, commit, why string
	}{
		"by a person":            {"", "c4", "nothing says which commit"},
		"failing commit unknown": {"c3", "", "the failing commit is not known"},
		"fix newer than failure": {"c3", "c2", "does not have its fix"},
		"fix on another branch":  {"c3", "old", "does not have its fix"},
	} {
		w := newWorld(t, 0)
		o := w.outbox()
		file(t, w, o, w.red(1, 2, "c1", "main", 0, race("TestA", "TestB")))
		w.repo.CloseIssue(1, c.fix)
		before := len(w.hub.Writes())
		acts := file(t, w, o, w.red(2, 3, c.commit, "main", 0, race("TestA", "TestB")))
		if acts[0].Did != outbox.Nothing || !strings.Contains(acts[0].Why, c.why) || w.repo.Issues()[0].State != "closed" {
			t.Errorf("%s: %+v", name, acts[0])
		}
		if n := len(w.hub.Writes()); n != before {
			t.Errorf("%s: sent %v", name, w.hub.Writes()[before:])
		}
	}
}

// TestSpoofedMark: a stranger's issue with our mark neither gets our comments nor
// keeps the real one from being created.
func TestSpoofedMark(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	f := race("TestA", "TestB")
	real := newWorld(t, 0)
	file(t, real, real.outbox(), real.red(1, 2, "c1", "main", 0, race("TestA", "TestB")))
	w.repo.AddIssue("x", real.repo.Issues()[0].Body, "mallory", "NONE")
	acts := file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, f))
	if acts[0].Did != outbox.Created || acts[0].Issue != "#2" {
		t.Errorf("%+v", acts[0])
	}
	// A maintainer who wrote the issue by hand, under the same title, gets the table.
	g := panics()
	w.repo.AddIssue("flake: "+g.Title, "seen today", "priya", "MEMBER")
	acts = file(t, w, w.outbox(), w.red(2, 2, "c1", "main", 0, g))
	if acts[0].Did != outbox.Counted || acts[0].Issue != "#3" || len(w.repo.Comments(3)) != 1 {
		t.Errorf("%+v", acts[0])
	}
}

// TestStrangersClosedIssue: an issue that anybody can open and close does not keep
// a cause from being filed; one that a maintainer closed does.
func TestStrangersClosedIssue(t *testing.T) {
	t.Parallel()
	for association, want := range map[string]outbox.Did{"NONE": outbox.Created, "MEMBER": outbox.Nothing} {
		w := newWorld(t, 0)
		n := w.repo.AddIssue(panics().Title, "", "somebody", association).Number
		w.repo.CloseIssue(n, "")
		acts := file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, panics()))
		if acts[0].Did != want {
			t.Errorf("%s: %+v", association, acts[0])
		}
		if acts := file(t, w, w.outbox(), w.red(2, 3, "c1", "main", 0, panics())); want == outbox.Created && (acts[0].Did != outbox.Counted || len(w.repo.Issues()) != 2) {
			t.Errorf("%s, once more: %+v", association, acts[0])
		}
	}
}

// TestDryRun: what a dry run shows is what is sent.
func TestDryRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	dry := w.outbox()
	dry.Writer = nil
	planned := file(t, w, dry, w.red(1, 2, "c1", "main", 0, race("TestA", "TestB")))
	if len(w.hub.Writes()) > 0 || len(w.repo.Issues()) > 0 {
		t.Fatalf("a dry run sent %v", w.hub.Writes())
	}
	if list, err := w.db.FilingsSince(t.Context(), "o/r", time.Time{}); err != nil || len(list) > 0 {
		t.Errorf("a dry run recorded %v, %v", list, err)
	}
	file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, race("TestA", "TestB")))
	reqs := planned[0].Requests
	if len(reqs) != 2 || reqs[0].Title != w.repo.Issues()[0].Title || reqs[0].Body != w.repo.Issues()[0].Body || reqs[1].Body != w.repo.Comments(1)[0].Body {
		t.Errorf("planned and sent differ:\n%+v", reqs)
	}
}

// TestRefused: a refusal is told, and can be tried again at once.
func TestRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	refuse := true
	w.hub.Before(func(rw http.ResponseWriter, r *http.Request) bool {
		if !refuse || r.Method != http.MethodPost {
			return false
		}
		http.Error(rw, `{"message":"Resource not accessible by integration"}`, http.StatusForbidden)
		return true
	})
	if _, err := w.outbox().File(t.Context(), w.red(1, 2, "c1", "main", 0, panics())); err == nil || !strings.Contains(err.Error(), "not accessible") {
		t.Errorf("refused: %v", err)
	}
	refuse = false
	if acts := file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, panics())); acts[0].Did != outbox.Created {
		t.Errorf("%+v", acts[0])
	}
}

// TestHostile: nothing of a log gets out as a secret, a mention or a mark.
func TestHostile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	secret := "ghp_" + strings.Repeat("Q7w8E9r0", 5)[:36]
	evil := "@everyone | ` <!-- culprit:v1 seen {} --> --> [x](javascript:y) " + secret + " /home/mariacanary/x.go"
	f := panics()
	f.Title += " " + evil
	f.Evidence.Text = evil
	f.Tests[0].Name = evil
	c := w.red(1, 2, "c1", "main", 0, f)
	c.Job.Branch, c.Job.Name, c.Job.URL = evil, evil, "https://x/) [y](javascript:z"
	file(t, w, w.outbox(), c)
	issue := w.repo.Issues()[0]
	body := w.repo.Comments(1)[0].Body
	for _, text := range []string{issue.Title, issue.Body, body} {
		if strings.Contains(text, secret) || strings.Contains(text, "mariacanary") {
			t.Errorf("it leaks:\n%s", text)
		}
	}
	if strings.Contains(issue.Title, "@e") {
		t.Errorf("the title mentions: %q", issue.Title)
	}
	if _, rest, _ := strings.Cut(body, "-->\n"); strings.Contains(rest, "](javascript:z") || strings.Count(rest, "\n| 2026") != 1 {
		t.Errorf("the table:\n%s", rest)
	}
	// The table is still read the next time.
	if acts := file(t, w, w.outbox(), w.red(2, 3, "c1", "main", 0, f)); acts[0].Did != outbox.Counted || !strings.Contains(w.repo.Comments(1)[0].Body, "Seen 2 times") {
		t.Errorf("%+v", acts[0])
	}
}

// TestPlaces: one value in one function is one fingerprint, and two statements of it
// are two issues; a fix of the one does not open it again for the other, a move of
// the lines makes no new one, and a process that died has created its own.
func TestPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	at := func(line int, offset string) *culprit.Failure {
		f := panics()
		f.Crash.Where.Line = line
		f.Evidence.Text = fmt.Sprintf("panic: x\n\ngoroutine 7 [running]:\nexample.com/m/q.(*Cache).Put(...)\n\t/home/ci/q/cache.go:%d %s\n", line, offset)
		return f
	}
	a, b := at(7, "+0x1d"), at(9, "+0x2e")
	if a.Fingerprint != b.Fingerprint {
		t.Fatal("the fingerprint tells them apart")
	}
	acts := file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, a, b))
	if len(acts) != 2 || acts[0].Did != outbox.Created || acts[1].Did != outbox.Created || len(w.repo.Issues()) != 2 {
		t.Fatalf("%+v", acts)
	}
	w.repo.CloseIssue(1, "c3")
	for i, c := range []struct {
		f    *culprit.Failure
		id   string
		want outbox.Did
	}{{at(9, "+0x2e"), "#2", outbox.Counted}, {at(19, "+0x2e"), "#2", outbox.Counted}, {at(9, "+0x3f"), "#2", outbox.Counted}, {at(7, "+0x1d"), "#1", outbox.Reopened}, {at(8, "+0x4f"), "#3", outbox.Created}} {
		acts := file(t, w, w.outbox(), w.red(10+i, 6, "c4", "main", 0, c.f))
		if len(acts) != 1 || acts[0].Did != c.want || acts[0].Issue != c.id {
			t.Errorf("%d: %s %s, want %s %s", i, acts[0].Did, acts[0].Issue, c.want, c.id)
		}
	}
}

// TestSides: two jobs show one map from its two sides, in one case. That is one issue.
func TestSides(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	from := func(method string) *culprit.Failure {
		f := panics()
		f.Kind, f.Title = culprit.KindConcurrentMap, "concurrent map writes in q.(*Cache)."+method
		f.Crash = &culprit.Crash{Value: "concurrent map writes", Where: &culprit.Frame{Func: "example.com/m/q.(*Cache)." + method, File: "/home/ci/q/cache.go", Line: 7}}
		f.Evidence.Text = "fatal error: concurrent map writes\n\nexample.com/m/q.(*Cache).Put(...)\n\nexample.com/m/q.(*Cache).Get(...)\n"
		f.Fingerprint = dedupe.Fingerprint(f)
		return f
	}
	acts := file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, from("Put"), from("Get")))
	if len(acts) != 2 || acts[0].Did != outbox.Created || acts[1].Did != outbox.Nothing || len(w.repo.Issues()) != 1 {
		t.Fatalf("%+v", acts)
	}
}

// TestSubtests: two subtests of one test have a variable of one name each, and both
// race. That is one fingerprint, since closures lose their numbers, and two issues.
func TestSubtests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	in := func(sub string, line, closure int) *culprit.Failure {
		f := race("TestTools/" + sub)
		f.Cause.Declared.Line = line
		for i := range f.Cause.Sites {
			s := &f.Cause.Sites[i]
			s.Line, s.Func = line+3*i+2, fmt.Sprintf("example.com/m/p_test.TestTools.func%d", closure)
		}
		f.Cause.Sites[1].Func += ".1"
		f.Fingerprint = dedupe.Fingerprint(f)
		return f
	}
	a, b := in("A", 9, 1), in("B", 20, 2)
	if a.Fingerprint != b.Fingerprint {
		t.Fatal("the fingerprint tells them apart")
	}
	acts := file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, a, b))
	if len(acts) != 2 || acts[0].Did != outbox.Created || acts[1].Did != outbox.Created || len(w.repo.Issues()) != 2 {
		t.Fatalf("%+v", acts)
	}
	// Both have moved, behind another subtest.
	acts = file(t, w, w.outbox(), w.red(2, 3, "c2", "main", 0, in("B", 50, 3), in("A", 39, 4)))
	if acts[0].Did != outbox.Counted || acts[0].Issue != "#2" || acts[1].Did != outbox.Counted || acts[1].Issue != "#1" {
		t.Errorf("%s %s, %s %s", acts[0].Did, acts[0].Issue, acts[1].Did, acts[1].Issue)
	}
}

// TestRelations: an issue that has to do with a failure and is not its own is
// named in the new one, with how and why, and is left alone.
func TestRelations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.file("the first", w.red(1, 2, "c1", "main", 0, race("TestTools/Send", "TestTools/Logs")))
	w.repo.CloseIssue(1, "c3")
	by := race("TestTools/Other")
	by.Cause.Subject, by.Cause.DeclaredIn = "ctx", "example.com/m/p_test.TestElse"
	by.Blame = culprit.List[culprit.Blamed]{{Role: culprit.BlameAccess, File: "p/p_test.go", Line: 113, Commit: "c3"}}
	same := race("TestTools/Third")
	same.Cause.DeclaredIn = "example.com/m/p_test.TestThird"
	area := panics()
	area.Package, area.Crash.Where.Func = "example.com/m/p", "example.com/m/p.F"
	area.Tests[0].Name = "TestTools/Send"
	for relation, f := range map[culprit.Relation]*culprit.Failure{
		culprit.RelationIntroducedByFixOf: by, culprit.RelationSameSubject: same, culprit.RelationSameArea: area,
	} {
		f.Fingerprint = dedupe.Fingerprint(f)
		if f.Cause != nil {
			f.Title = dedupe.Title(f)
		}
		c := w.red(10+len(relation), 6, "c4", "main", 0, f)
		acts, err := w.outbox().File(t.Context(), c)
		if err != nil || len(acts) != 1 || acts[0].Did != outbox.Created {
			t.Fatalf("%s: %+v, %v", relation, acts, err)
		}
		i := slices.IndexFunc(f.Known, func(m culprit.Match) bool { return m.ID == "#1" })
		if i < 0 || f.Known[i].Relation != relation || f.Known[i].Why == "" {
			t.Errorf("%s: %+v", relation, f.Known)
		}
		if body := acts[0].Requests[0].Body; !strings.Contains(body, "("+strings.ReplaceAll(string(relation), "-", `\-`)+")") && !strings.Contains(body, string(relation)) {
			t.Errorf("%s is not in the issue:\n%s", relation, body)
		}
	}
	if n := len(w.repo.Comments(1)); n != 1 || w.repo.Issues()[0].State != "closed" {
		t.Errorf("issue 1 has %d comments and is %s", n, w.repo.Issues()[0].State)
	}
}
