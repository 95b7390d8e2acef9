// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame

import (
	"strings"
	"testing"
)

// branch makes a commit on a new branch and returns to main.
func branch(r *repo, from, name string) string {
	r.git("checkout", "-q", "-b", name, from)
	return r.commit("Bob", "work on "+name, name+".go", name+"\n")
}

func merge(r *repo, into, from, subject string) {
	r.day++
	r.git("checkout", "-q", into)
	r.git("merge", "-q", "--no-ff", from, "-m", subject)
}

func TestPullRequestOfMerge(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit("Ann", "start", "f.go", "a\n")
	branch(r, "main", "feat")
	direct := func() { r.git("checkout", "-q", "main"); r.commit("Ann", "direct", "direct.go", "d\n") }
	direct()
	merge(r, "feat", "main", "Merge main into feat (#99)") // a number that is of neither
	r.commit("Bob", "after the merge", "late.go", "l\n")
	branch(r, "main", "inner")
	r.git("checkout", "-q", "-b", "dev", "main")
	merge(r, "dev", "inner", "Merge pull request #5 from x/inner")
	r.commit("Cid", "straight to dev", "dev.go", "d\n")
	merge(r, "main", "feat", "Merge pull request #7 from x/feat")
	merge(r, "main", "dev", "Merge pull request #8 from x/dev")
	r.git("checkout", "-q", "-b", "local", "main")
	branch(r, "local", "nameless")
	merge(r, "local", "nameless", "Merge branch 'nameless'")

	for file, want := range map[string]int{
		"feat.go": 7, "late.go": 7, "direct.go": 0, "f.go": 0,
		"inner.go": 5, // the pull request into dev, not the one that merged dev
		"dev.go":   8, "nameless.go": 0,
	} {
		if b := one(t, r.dir, "", access(file, 1)); b.PullRequest != want {
			t.Errorf("%s: pull request %d, want %d", file, b.PullRequest, want)
		}
	}
}

func TestLineOfAMergeCommit(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit("Ann", "start", "f.go", "a\n")
	branch(r, "main", "feat")
	r.git("checkout", "-q", "main")
	r.commit("Ann", "more", "g.go", "g\n")
	r.git("merge", "-q", "--no-ff", "--no-commit", "feat")
	r.commit("Max", "Merge pull request #7 from x/feat", "f.go", "a\nevil\n")
	none(t, r.dir, "", access("f.go", 2), "while merging")
}

func TestFromSubject(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]int{
		"fix task status flake (#20682)":          20682,
		"Merge pull request #123 from x/y":        123,
		`Revert "fix it (#12)" (#15)`:             15,
		`Revert "fix it (#12)"`:                   0,
		"fix the bug (#12) for good":              0,
		"fix #12":                                 0,
		"see (#)":                                 0,
		"overflow (#99999999999999999999)":        0,
		"Merge branch 'main' into feat":           0,
		"(#7) ":                                   7,
		"Merge pull request #1x from somewhere":   0,
		"it says Merge pull request #12 from x/y": 0,
	} {
		if got := fromSubject(subject); got != want {
			t.Errorf("%q: %d, want %d", subject, got, want)
		}
	}
}

func TestFlakeFix(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ subject, body, want string }{
		{"test: fix task status flake (#1)", "", `its subject says "fix" and "flake"`},
		{"Fix data race in TestServer", "", `its subject says "Fix" and "data race"`},
		{"test(codersdk/toolsdk): fix task status race for send/logs (#20682)", "", `its subject says "fix" and "race"`},
		{"[FIXED] Data race reading consumer config", "", ""},
		{"Fix race on the latest config", "", ""},
		{"avoid flaky test run", "", `its subject says "avoid" and "flaky"`},
		{"deflake TestX", "", `its subject says "deflake"`},
		{"wait for the server", "Fixes the flaky TestX.", `its message says "Fixes the flaky"`},
		{"fix typo in race detector docs", "", ""},
		{"fix: enable race tests in CI", "", ""},
		{"fix -race build", "", ""},
		{`Revert "fix flaky test"`, "", ""},
		{"do not fix flaky TestX", "", ""},
		{"mark TestX as flaky", "", ""},
		{"fix trace output", "", ""},
		{"add embrace", "It fixes nothing. The flake stays.", ""},
		{"fix prefix", "", ""},
	} {
		if got := flakeFix(c.subject, c.body); got != c.want {
			t.Errorf("%q, %q: %q, want %q", c.subject, c.body, got, c.want)
		}
	}
}

func TestCodeowners(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files []string
		first string // owner after the author; "" for none
		why   string
	}{
		{"root", []string{"CODEOWNERS", "*.go @a\n"}, "@a", ""},
		{"order", []string{"docs/CODEOWNERS", "* @d\n", "CODEOWNERS", "* @r\n", ".github/CODEOWNERS", "* @g\n"}, "@g", ""},
		{"docs last", []string{"docs/CODEOWNERS", "* @d\n"}, "@d", ""},
		{"last rule wins", []string{"CODEOWNERS", "* @a\n*.go @b\n"}, "@b", ""},
		{"no owner", []string{"CODEOWNERS", "* @a\n*.go\n"}, "", ""},
		{"gitlab", []string{"CODEOWNERS", "[Section]\n* @a\n"}, "", "CODEOWNERS cannot be parsed"},
	} {
		r := newRepo(t)
		r.commit("Ann", "one", append(c.files, "f.go", "a\n")...)
		got, why := owners(t, r.dir, "", nil, "f.go")
		first := ""
		for _, o := range got {
			if strings.HasPrefix(o.Who, "@") {
				first = o.Who
			}
		}
		if first != c.first || !strings.Contains(why, c.why) || (c.why == "") != (why == "") {
			t.Errorf("%s: %q, why %q; want %q, %q", c.name, first, why, c.first, c.why)
		}
	}
}

// An owner of many files does not outrank who wrote an access, and a bot
// outranks nobody.
func TestRanks(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	files := []string{"a.go", "b.go", "c.go", "d.go", "e.go", "f.go", "g.go"}
	pairs := []string{"CODEOWNERS", "* @all\n"}
	for _, f := range files {
		pairs = append(pairs, f, "one\n")
	}
	r.commit("dependabot[bot]", "bump", pairs...)
	for range 3 {
		r.day++
		r.write("b.go", strings.Repeat("x\n", r.day))
		r.git("add", "-A")
		r.as("Zoe", "zoe@example.com", "commit", "-q", "-m", "more")
	}
	r.commit("Ann", "write", "a.go", "one\ntwo\n")
	r.commit("Old", "other", "b.go", "y\n")
	blamed, _ := find(t, r.dir, "", access("a.go", 2), access("c.go", 1))
	got, _ := owners(t, r.dir, "", blamed, files...)
	var who []string
	for _, o := range got {
		who = append(who, o.Who)
	}
	want := "Ann <ann@example.com>, @all, Zoe <zoe@example.com>, Old <old@example.com>, dependabot[bot] <dependabot[bot]@example.com>"
	if s := strings.Join(who, ", "); s != want {
		t.Errorf("owners %s\nwant   %s", s, want)
	}
	if bot := got[len(got)-1]; bot.Reasons[0] != "a bot, by its name" {
		t.Errorf("the bot's reasons: %q", bot.Reasons)
	}
}

// Recent means before the commit, not before today.
func TestRecentIsRelativeToTheCommit(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit("Old", "old", "f.go", "a\n")
	r.day += 363
	second := r.commit("Mid", "mid", "f.go", "b\n")
	r.day += 1
	r.commit("New", "new", "f.go", "c\n")
	for rev, want := range map[string]string{second: "Mid Old", "HEAD": "Mid New"} {
		got, why := owners(t, r.dir, rev, nil, "f.go")
		var who []string
		for _, o := range got {
			who = append(who, strings.Fields(o.Who)[0])
		}
		if s := strings.Join(who, " "); s != want || why != "" {
			t.Errorf("%s: owners %s, %q; want %s", rev, s, why, want)
		}
	}
}
