// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package blame tells which commit last changed the lines of a cause, which
// pull request brought that commit in, and who may know the code.
package blame

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gitx"
)

// Target is a line to blame.
type Target struct {
	// Role is culprit.BlameAccess or culprit.BlameDeclaration.
	Role string
	// File is relative to the folder that Find is given; Line counts from 1.
	File string
	Line int
}

// Find blames the targets at rev ("" is the work tree). dir may be a folder
// inside the repository. Lines that cannot be blamed are left out, and why says
// so; an error means that git could not run.
func Find(ctx context.Context, dir, rev string, targets []Target) (blamed []culprit.Blamed, why string, err error) {
	repo, why, err := gitx.Open(ctx, dir)
	if repo == nil {
		return nil, why, err
	}
	if rev != "" {
		if rev, why, err = repo.Resolve(ctx, rev); rev == "" {
			return nil, why, err
		}
	} else if hash, why, err := repo.Resolve(ctx, ""); hash == "" {
		return nil, why, err
	}
	shallow, err := repo.Shallow(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("reading the repository: %w", err)
	}
	b := &blamer{repo: repo, rev: rev, shallow: shallow, commits: map[string]culprit.Blamed{}}
	var reasons []string
	for _, t := range targets {
		got, why, err := b.line(ctx, t)
		if err != nil {
			return nil, "", fmt.Errorf("blaming %s: %w", t.File, err)
		}
		if why != "" {
			if !slices.Contains(reasons, why) {
				reasons = append(reasons, why)
			}
			continue
		}
		blamed = append(blamed, got)
	}
	return blamed, strings.Join(reasons, "; "), nil
}

type blamer struct {
	repo    *gitx.Repo
	rev     string
	shallow bool
	commits map[string]culprit.Blamed // by hash: the part that is the commit's
}

const uncommitted = "0000000000000000000000000000000000000000"

// line blames one line. A non-empty reason means that nobody can be named.
func (b *blamer) line(ctx context.Context, t Target) (culprit.Blamed, string, error) {
	var none culprit.Blamed
	out, err := b.porcelain(ctx, t, true)
	var ge *gitx.Error
	if errors.As(err, &ge) { // a broken ignore-revs file must not hide the history
		out, err = b.porcelain(ctx, t, false)
	}
	if errors.As(err, &ge) {
		return none, fmt.Sprintf("%s:%d cannot be blamed (%s)", t.File, t.Line, strings.TrimPrefix(firstLine(ge.Stderr), "fatal: ")), nil
	}
	if err != nil {
		return none, "", err
	}
	hash, boundary := parse(out)
	switch {
	case hash == "":
		return none, fmt.Sprintf("git blames no commit for %s:%d", t.File, t.Line), nil
	case hash == uncommitted:
		return none, fmt.Sprintf("%s:%d is not committed", t.File, t.Line), nil
	case boundary && b.shallow:
		return none, fmt.Sprintf("the history of %s:%d is cut off by a shallow clone; fetch it with `git fetch --unshallow`", t.File, t.Line), nil
	}
	c, err := b.commit(ctx, hash)
	if err != nil {
		return none, "", err
	}
	c.Role, c.File, c.Line = t.Role, t.File, t.Line
	return c, "", nil
}

// porcelain runs git blame on one line; -w ignores white space, -C follows
// lines that were moved between files in one commit.
func (b *blamer) porcelain(ctx context.Context, t Target, ignore bool) (string, error) {
	args := []string{"blame", "--porcelain", "-w", "-C", "-L", fmt.Sprintf("%d,%d", t.Line, t.Line)}
	file := filepath.Join(b.repo.Root(), ".git-blame-ignore-revs")
	if st, err := os.Lstat(file); ignore && err == nil && st.Mode().IsRegular() {
		args = append(args, "--ignore-revs-file", file)
	}
	if b.rev != "" {
		args = append(args, b.rev)
	}
	return b.repo.Git(ctx, append(args, "--", b.repo.Path(t.File))...)
}

// parse reads the hash of the one line of a porcelain blame.
func parse(out string) (hash string, boundary bool) {
	for i, l := range strings.Split(out, "\n") {
		if i == 0 {
			hash, _, _ = strings.Cut(l, " ")
		}
		if l == "boundary" {
			boundary = true
		}
	}
	return hash, boundary
}

func (b *blamer) commit(ctx context.Context, hash string) (culprit.Blamed, error) {
	if c, ok := b.commits[hash]; ok {
		return c, nil
	}
	out, err := b.repo.Git(ctx, "show", "-s", "--no-show-signature", "--format=%aN%x00%aE%x00%aI%x00%s%x00%b", hash)
	if err != nil {
		return culprit.Blamed{}, err
	}
	part := strings.SplitN(out, "\x00", 5)
	if len(part) < 5 {
		return culprit.Blamed{}, fmt.Errorf("git show of %s is not of the form asked for", hash)
	}
	c := culprit.Blamed{
		Commit: hash, Author: clean(part[0]), Email: clean(part[1]),
		Date: utc(part[2]), Subject: clean(part[3]),
	}
	c.FlakeFix = flakeFix(part[3], part[4])
	if c.PullRequest = fromSubject(part[3]); c.PullRequest == 0 {
		if c.PullRequest, err = b.fromMerge(ctx, hash); err != nil {
			return c, err
		}
	}
	b.commits[hash] = c
	return c, nil
}

// fromMerge looks for the merge commit that brought hash into the history.
func (b *blamer) fromMerge(ctx context.Context, hash string) (int, error) {
	head := b.rev
	if head == "" {
		head = "HEAD"
	}
	out, err := b.repo.Git(ctx, "log", "--merges", "--ancestry-path", "--reverse", "--format=%P%x00%s", "--max-count=2000", hash+".."+head)
	var ge *gitx.Error
	if errors.As(err, &ge) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	// --reverse with --max-count counts from the newest; the first line is the
	// oldest merge that has hash among its ancestors.
	for l := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
		parents, subject, ok := strings.Cut(l, "\x00")
		if !ok {
			continue
		}
		p := strings.Fields(parents)
		if len(p) < 2 {
			continue
		}
		// The first parent is the branch merged into: hash came with the merge
		// only when it is not already there.
		if _, err := b.repo.Git(ctx, "merge-base", "--is-ancestor", hash, p[0]); err == nil {
			return 0, nil
		}
		return fromSubject(subject), nil
	}
	return 0, nil
}

func utc(date string) string {
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(date))
	if err != nil {
		return clean(date)
	}
	return t.UTC().Format(time.RFC3339)
}

// fromSubject reads the number of "Merge pull request #7 from …" or of a
// squashed "… (#7)"; of several the last one is the merged one.
func fromSubject(s string) int {
	if rest, ok := strings.CutPrefix(s, "Merge pull request #"); ok {
		num, _, _ := strings.Cut(rest, " ")
		n, _ := strconv.Atoi(num)
		return n
	}
	i := strings.LastIndex(s, "(#")
	if i < 0 {
		return 0
	}
	num, _, ok := strings.Cut(s[i+2:], ")")
	n, err := strconv.Atoi(num)
	if !ok || err != nil || n < 0 {
		return 0
	}
	return n
}

// clean makes a name from a commit fit for one line of text.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(s)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}
