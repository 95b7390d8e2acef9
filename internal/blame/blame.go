// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package blame tells which commit last changed the lines of a cause, which
// pull request brought that commit in, and who may know the code.
package blame

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

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

// Find blames the targets. Lines that cannot be blamed are left out, and why says
// so: a line is rather left out than put on a commit that only moved the
// boundary of a shallow clone, is on the list of ignored revisions, or merged
// what others wrote. An error means that git could not run.
func (h *History) Find(ctx context.Context, targets []Target) (blamed []culprit.Blamed, why string, err error) {
	b := &blamer{History: h, files: map[string]*lines{}, commits: map[string]commit{}}
	if err := b.read(ctx, targets); err != nil {
		return nil, "", err
	}
	if err := b.readCommits(ctx, targets); err != nil {
		return nil, "", fmt.Errorf("reading the blamed commits: %w", err)
	}
	var reasons []string
	for _, t := range targets {
		got, why, err := b.target(ctx, t)
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
	*History
	files map[string]*lines

	mu      sync.Mutex
	commits map[string]commit // by hash
}

// read blames the targets of each file with one run of git, the files side by side.
func (b *blamer) read(ctx context.Context, targets []Target) error {
	want := map[string][]int{}
	for _, t := range targets {
		if !slices.Contains(want[t.File], t.Line) {
			want[t.File] = append(want[t.File], t.Line)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxAtOnce)
	var mu sync.Mutex
	for file, wanted := range want {
		group.Go(func() error {
			l, err := b.porcelain(ctx, file, wanted, around)
			if err != nil {
				return fmt.Errorf("blaming %s: %w", file, err)
			}
			mu.Lock()
			defer mu.Unlock()
			b.files[file] = l
			return nil
		})
	}
	return group.Wait()
}

// maxAtOnce is how many runs of git go on at the same time.
const maxAtOnce = 4

// target blames one line. A non-empty reason means that nobody can be named.
func (b *blamer) target(ctx context.Context, t Target) (culprit.Blamed, string, error) {
	var none culprit.Blamed
	at := fmt.Sprintf("%s:%d", clean(t.File, maxSubject), t.Line)
	of := b.files[t.File]
	hash, ok := of.hash[t.Line]
	if !ok {
		// One bad line makes git refuse all of the file's: ask for this alone.
		var err error
		if of, err = b.porcelain(ctx, t.File, []int{t.Line}, 0); err != nil {
			return none, "", err
		}
		hash = of.hash[t.Line]
	}
	switch {
	case of.why != "":
		return none, fmt.Sprintf("%s cannot be blamed (%s)", at, of.why), nil
	case hash == "":
		return none, "git blames no commit for " + at, nil
	case strings.Trim(hash, "0") == "":
		return none, at + " is not committed", nil
	case of.boundary[hash] && b.shallow:
		return none, fmt.Sprintf("the history of %s is cut off by a shallow clone; fetch it with `git fetch --unshallow`", at), nil
	case b.ignored.has[hash]:
		return none, fmt.Sprintf("%s was written by %.10s, which the list of ignored revisions excludes from blame", at, hash), nil
	}
	c, err := b.commit(ctx, hash)
	if err != nil {
		return none, "", err
	}
	if c.merge {
		return none, fmt.Sprintf("%s was last changed while merging, in %.10s, and who wrote it cannot be told", at, hash), nil
	}
	c.Role, c.File, c.Line = t.Role, t.File, t.Line
	return c.Blamed, "", nil
}

// lines is what git blame says of some lines of a file.
type lines struct {
	hash     map[int]string  // by line
	boundary map[string]bool // by hash
	why      string          // git's reason for refusing
}

// around is how many lines before and after a line are blamed with it: -C sees
// a move only in a run of lines with 40 letters and digits (git-blame(1), -C).
const around = 10

// porcelain runs git blame. -w ignores white space, -C follows lines that were
// moved between files in one commit. --no-textconv keeps a program that the
// repository names from running.
func (b *blamer) porcelain(ctx context.Context, file string, want []int, around int) (*lines, error) {
	args := []string{"blame", "--porcelain", "-w", "-C", "--no-textconv"}
	if b.ignored.file != "" {
		args = append(args, "--ignore-revs-file", b.ignored.file)
	}
	for _, n := range want {
		args = append(args, "-L", fmt.Sprintf("%d,%d", max(1, n-around), n+around))
	}
	if b.rev != "" {
		args = append(args, b.rev)
	}
	out, err := b.repo.Git(ctx, append(args, "--", b.repo.Path(file))...)
	var ge *gitx.Error
	switch {
	case errors.As(err, &ge):
		if strings.Contains(ge.Stderr, "object name") {
			// git quotes lines of the file, which could be any.
			return &lines{why: "blame.ignoreRevsFile in .git/config names a file that is no list of revisions"}, nil
		}
		return &lines{why: clean(ge.Reason(), maxSubject)}, nil
	case errors.Is(err, gitx.ErrTooLong):
		return &lines{why: "the line is too long"}, nil
	case err != nil:
		return nil, err
	}
	return parse(out), nil
}

// parse reads `git blame --porcelain`: per line a header "hash original final",
// the commit's fields where it comes up first, and a tab before the text.
func parse(out string) *lines {
	l := &lines{hash: map[int]string{}, boundary: map[string]bool{}}
	hash := ""
	for s := range strings.SplitSeq(out, "\n") {
		switch {
		case strings.HasPrefix(s, "\t"):
			hash = ""
		case hash == "":
			var orig, final int
			if n, _ := fmt.Sscanf(s, "%s %d %d", &hash, &orig, &final); n == 3 {
				l.hash[final] = hash
			}
		case s == "boundary":
			l.boundary[hash] = true
		}
	}
	return l
}
