// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit"
)

// The story of the seed: one commit that fixes a flake brings in both writes,
// the declaration is older and by somebody else.
func TestFlakeFixIntroducedBothWrites(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	declared := r.commit("Dora", "add tools test", "toolsdk/tools_test.go", "package toolsdk\nws, err := f()\n// one\n// two\n", "CODEOWNERS", "/toolsdk/ @org/tools dora@example.com\n")
	r.commit("Max", "say more", "toolsdk/tools_test.go", "package toolsdk\nws, err := f()\n// one!\n// two\n")
	fixed := r.commit("Ann", "test(codersdk/toolsdk): fix task status flake (#20682)", "toolsdk/tools_test.go", "package toolsdk\nws, err := f()\nerr = send()\nerr = logs()\n")

	targets := []Target{access("toolsdk/tools_test.go", 3), access("toolsdk/tools_test.go", 4), {culprit.BlameDeclaration, "toolsdk/tools_test.go", 2}}
	blamed, why := find(t, r.dir, "", targets...)
	write := culprit.Blamed{
		Role: "access", File: "toolsdk/tools_test.go", Line: 3, Commit: fixed, Author: "Ann", Email: "ann@example.com", Date: "2020-01-04T12:00:00Z",
		Subject: "test(codersdk/toolsdk): fix task status flake (#20682)", PullRequest: 20682, FlakeFix: `its subject says "fix" and "flake"`,
	}
	second := write
	second.Line = 4
	want := []culprit.Blamed{write, second, {
		Role: "declaration", File: "toolsdk/tools_test.go", Line: 2, Commit: declared, Author: "Dora", Email: "dora@example.com",
		Date: "2020-01-02T12:00:00Z", Subject: "add tools test",
	}}
	if diff := cmp.Diff(want, blamed); diff != "" || why != "" {
		t.Errorf("why %q, blame (-want +got):\n%s", why, diff)
	}

	got, why := owners(t, r.dir, "", blamed, "toolsdk/tools_test.go")
	wantOwners := []culprit.Owner{
		{Who: "Ann <ann@example.com>", Reasons: []string{"introduced both accesses (" + fixed[:10] + ", #20682)", "one commit to the files in the 365 days before"}},
		{Who: "Dora <dora@example.com>", Reasons: []string{"declared the variable (" + declared[:10] + ")", "one commit to the files in the 365 days before", "CODEOWNERS names dora@example.com for toolsdk/tools_test.go"}},
		{Who: "@org/tools", Reasons: []string{"CODEOWNERS names @org/tools for toolsdk/tools_test.go"}},
		{Who: "Max <max@example.com>", Reasons: []string{"one commit to the files in the 365 days before"}},
	}
	if diff := cmp.Diff(wantOwners, got); diff != "" || why != "" {
		t.Errorf("why %q, owners (-want +got):\n%s", why, diff)
	}

	// The same from the folder of the package, with paths relative to it.
	if b := one(t, filepath.Join(r.dir, "toolsdk"), "", access("tools_test.go", 3)); b.Commit != fixed || b.File != "tools_test.go" {
		t.Errorf("from a subdirectory: %+v", b)
	}
}

func TestNobodyIsAccused(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit("Ann", "one", "f.go", "a\nb\n")
	none(t, r.dir, "", access("f.go", 3), "f.go:3 cannot be blamed (file f.go has only 2 lines)")
	none(t, r.dir, "", access("gone.go", 1), "gone.go:1 cannot be blamed")
	none(t, r.dir, "", access("../f.go", 1), "outside repository")
	none(t, r.dir, "deadbeef", access("f.go", 1), "does not hold commit deadbeef")
	none(t, r.dir, "--output=x", access("f.go", 1), "does not hold commit --output=x")
	r.write("new.go", "x\n")
	none(t, r.dir, "", access("new.go", 1), "new.go:1 cannot be blamed")
	r.write("f.go", "a\nchanged\n")
	none(t, r.dir, "", access("f.go", 2), "f.go:2 is not committed")
	if b := one(t, r.dir, "HEAD", access("f.go", 2)); b.Author != "Ann" {
		t.Errorf("at HEAD, a dirty work tree: %+v", b)
	}
	none(t, t.TempDir(), "", access("f.go", 1), "is in no git repository")
	none(t, filepath.Join(r.dir, "nowhere"), "", access("f.go", 1), "nowhere is no folder")
	none(t, newRepo(t).dir, "", access("f.go", 1), "the repository has no commit")
}

// One line past the end must not cost the other lines of the file.
func TestGoodLinesSurviveABadOne(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit("Ann", "one", "f.go", "a\nb\n")
	blamed, why := find(t, r.dir, "", access("f.go", 1), access("f.go", 99), access("f.go", 2))
	if len(blamed) != 2 || blamed[0].Line != 1 || blamed[1].Line != 2 || !strings.Contains(why, "f.go:99") {
		t.Errorf("blamed %v, why %q", blamed, why)
	}
}

func TestUncommittedLineWithSHA256(t *testing.T) {
	t.Parallel()
	r := newRepo(t, "--object-format=sha256")
	r.commit("Ann", "one", "f.go", "a\n")
	r.write("f.go", "a\nb\n")
	none(t, r.dir, "", access("f.go", 2), "not committed")
	if b := one(t, r.dir, "", access("f.go", 1)); len(b.Commit) != 64 {
		t.Errorf("commit %q", b.Commit)
	}
}

func TestShallowBoundaryIsNotAccused(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit("Ann", "old", "f.go", "old\n")
	r.commit("Bob", "unrelated", "z.go", "z\n")
	r.commit("Cid", "new", "f.go", "old\nnew\n")
	clone := filepath.Join(t.TempDir(), "clone")
	r.git("clone", "-q", "--depth=2", "file://"+r.dir, clone)
	none(t, clone, "", access("f.go", 1), "shallow")
	if b := one(t, clone, "", access("f.go", 2)); b.Author != "Cid" {
		t.Errorf("a line above the boundary: %+v", b)
	}
	// Bob's commit seems to add f.go; he has never touched it.
	got, why := owners(t, clone, "", nil, "f.go")
	if len(got) != 1 || got[0].Who != "Cid <cid@example.com>" || !strings.Contains(why, "shallow") {
		t.Errorf("owners %v, why %q", got, why)
	}
}

func TestIgnoredRevisions(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	first := r.commit("Ann", "one", "f.go", "call(a, b)\nend\n")
	format := r.commit("Fmt", "reformat", "f.go", "call(b, a)\nend\nbrand\nnew\nlines\n")
	r.commit("Ann", "ignore it", ".git-blame-ignore-revs", "# formatting\nnot a hash\n"+format+" # why\n"+strings.Repeat("d", 40)+"\n")
	for _, rev := range []string{"", "HEAD"} {
		if b := one(t, r.dir, rev, access("f.go", 1)); b.Commit != first {
			t.Errorf("rev %q: blamed %s by %s, want the commit before the ignored one", rev, b.Commit, b.Author)
		}
		none(t, r.dir, rev, access("f.go", 4), "the list of ignored revisions excludes")
	}
}

func TestConfiguredIgnoreFile(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	first := r.commit("Ann", "one", "f.go", "call(a, b)\nend\n")
	format := r.commit("Fmt", "reformat", "f.go", "call(b, a)\nend\n")
	r.write("ignore.txt", format+"\n")
	r.git("config", "blame.ignoreRevsFile", "ignore.txt")
	if b := one(t, r.dir, "", access("f.go", 1)); b.Commit != first {
		t.Errorf("ignore.txt: blamed %s", b.Author)
	}
	outside := filepath.Join(t.TempDir(), "private")
	if err := os.WriteFile(outside, []byte("secret text\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.git("config", "blame.ignoreRevsFile", outside)
	none(t, r.dir, "", access("f.go", 1), "blame.ignoreRevsFile")
	if _, why := find(t, r.dir, "", access("f.go", 1)); strings.Contains(why, "secret") {
		t.Errorf("the reason quotes a file outside the repository: %s", why)
	}
}

// Many people set blame.ignoreRevsFile for all their repositories; git blame
// then fails in each that has no such file.
func TestUsersConfigurationDoesNotMatter(t *testing.T) {
	r := newRepo(t)
	r.commit("Ann", "one", "f.go", "a\n")
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("GIT_DIR", "/nowhere")
	config := "[blame]\n\tignoreRevsFile = .git-blame-ignore-revs\n"
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if b := one(t, r.dir, "", access("f.go", 1)); b.Author != "Ann" {
		t.Errorf("blamed %+v", b)
	}
}

func TestMovedAndReindentedLines(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	body := "func shared(a, b int) (int, error) {\n\tresult, err := compute(a, b)\n\treturn result, err\n}\n"
	first := r.commit("Ann", "one", "a.go", "package a\n\n"+body)
	r.commit("Bob", "move it", "a.go", "package a\n", "b.go", "package a\n\n"+body)
	r.commit("Cid", "indent it", "b.go", "package a\n\n"+strings.ReplaceAll(body, "\t", "\t\t"))
	if b := one(t, r.dir, "", access("b.go", 4)); b.Commit != first {
		t.Errorf("blamed %s, want Ann, who wrote the line before it moved", b.Author)
	}
}

func TestMailmap(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit("Ann", "one", "f.go", "a\n", ".mailmap", "Ann Real <real@example.com> <ann@example.com>\nAnn Real <REAL@example.com> <old@example.com>\n")
	r.write("f.go", "a\nb\n")
	r.git("add", "-A")
	r.as("annie", "old@example.com", "commit", "-q", "-m", "two")
	blamed, _ := find(t, r.dir, "", access("f.go", 1), access("f.go", 2))
	if len(blamed) != 2 || blamed[0].Author != "Ann Real" || blamed[0].Email != "real@example.com" {
		t.Fatalf("blamed %+v", blamed)
	}
	if got, _ := owners(t, r.dir, "", blamed, "f.go"); len(got) != 1 || !strings.HasPrefix(got[0].Reasons[0], "introduced both accesses") {
		t.Errorf("one person under two addresses: %+v", got)
	}
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b.go", "-L.go", "ünï/日本.go", "a[1].go", ":(top)x.go", "tab\tname.go"} {
		r := newRepo(t)
		r.commit("Ann", "one", name, "a\n", "a1.go", "a\n")
		r.commit("Bob", "other", "a1.go", "b\n")
		if b := one(t, r.dir, "", access(name, 1)); b.Author != "Ann" {
			t.Errorf("%q: %+v", name, b)
		}
		if got, _ := owners(t, r.dir, "", nil, name); len(got) != 1 || got[0].Who != "Ann <ann@example.com>" {
			t.Errorf("%q: owners %v", name, got)
		}
	}
}

func TestDetachedHead(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	first := r.commit("Ann", "one", "f.go", "a\n")
	r.commit("Bob", "two", "f.go", "b\n")
	r.git("checkout", "-q", "--detach", first)
	if b := one(t, r.dir, "", access("f.go", 1)); b.Commit != first {
		t.Errorf("blamed %+v", b)
	}
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.write("f.go", "a\n")
	r.git("add", "-A")
	r.as("Eve\x1b[31m\u202e\u200b\u2028Mallory"+strings.Repeat("x", 500), "e@x", "commit", "-q", "-m", "bad\x07 subject\u2066 "+strings.Repeat("y", 1000))
	b := one(t, r.dir, "", access("f.go", 1))
	if strings.ContainsAny(b.Author+b.Subject, "\x1b\x07\u202e\u200b\u2028\u2066\n") || len([]rune(b.Author)) > maxPerson || len([]rune(b.Subject)) > maxSubject {
		t.Errorf("author %q, subject %q", b.Author, b.Subject)
	}
}

// Programs that the repository's own configuration names must not run.
func TestRepositoryRunsNoPrograms(t *testing.T) {
	t.Parallel()
	pwn := "touch PWNED; cat"
	for name, setup := range map[string]func(*repo){
		"clean filter": func(r *repo) {
			r.write(".gitattributes", "* filter=a.b\n")
			r.git("config", "filter.a.b.clean", pwn)
			r.git("config", "filter.a.b.required", "true")
		},
		"process filter": func(r *repo) {
			r.write(".gitattributes", "* filter=p\n")
			r.git("config", "filter.p.process", "touch PWNED")
			r.git("config", "filter.p.required", "true")
		},
		"included filter": func(r *repo) {
			r.write(".gitattributes", "* filter=i\n")
			r.write(".git/more", "[filter \"i\"]\n\tclean = "+`"touch PWNED; cat"`+"\n")
			r.git("config", "include.path", "more")
		},
		"textconv": func(r *repo) {
			r.write(".gitattributes", "* diff=d\n")
			r.git("config", "diff.d.textconv", pwn)
		},
		"external diff": func(r *repo) { r.git("config", "diff.external", "touch PWNED") },
		"fsmonitor":     func(r *repo) { r.git("config", "core.fsmonitor", "touch PWNED") },
		"pager":         func(r *repo) { r.git("config", "pager.blame", "touch PWNED") },
		"missing object": func(r *repo) {
			blob := r.git("rev-parse", "HEAD:f.go")
			r.git("config", "core.repositoryFormatVersion", "1")
			r.git("config", "extensions.partialClone", "o")
			r.git("config", "remote.o.promisor", "true")
			r.git("config", "remote.o.url", "ext::touch PWNED")
			r.git("config", "protocol.ext.allow", "always")
			if err := os.Remove(filepath.Join(r.dir, ".git/objects", blob[:2], blob[2:])); err != nil {
				r.t.Fatal(err)
			}
		},
	} {
		for _, rev := range []string{"", "HEAD"} {
			r := newRepo(t)
			r.commit("Ann", "one", "f.go", "a\n")
			setup(r)
			blamed, why := find(t, r.dir, rev, access("f.go", 1))
			owners(t, r.dir, "", blamed, "f.go")
			if _, err := os.Stat(filepath.Join(r.dir, "PWNED")); err == nil {
				t.Errorf("%s, rev %q: the program ran", name, rev)
			}
			if name != "missing object" && len(blamed) != 1 {
				t.Errorf("%s, rev %q: not blamed: %s", name, rev, why)
			}
		}
	}
}
