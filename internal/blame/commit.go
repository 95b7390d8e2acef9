// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/sync/errgroup"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// commit is the part of a blamed line that is the commit's.
type commit struct {
	culprit.Blamed
	merge bool
}

func (b *blamer) commit(ctx context.Context, hash string) (commit, error) {
	b.mu.Lock()
	c, ok := b.commits[hash]
	b.mu.Unlock()
	if ok {
		return c, nil
	}
	out, err := b.repo.Git(ctx, "show", "-s", "--no-show-signature", "--format=%aN%x00%aE%x00%aI%x00%P%x00%s%x00%b", hash)
	if err != nil {
		return commit{}, err
	}
	part := strings.SplitN(out, "\x00", 6)
	if len(part) < 6 {
		return commit{}, fmt.Errorf("git show of %s is not of the form asked for", hash)
	}
	subject, body := part[4], part[5]
	c = commit{merge: len(strings.Fields(part[3])) > 1, Blamed: culprit.Blamed{
		Commit: hash, Author: person(part[0]), Email: person(part[1]),
		Date: utc(part[2]), Subject: clean(subject, maxSubject), FlakeFix: flakeFix(subject, body),
	}}
	if c.PullRequest = fromSubject(subject); c.PullRequest == 0 && !c.merge {
		if c.PullRequest, err = b.fromMerge(ctx, hash); err != nil {
			return c, err
		}
	}
	b.mu.Lock()
	b.commits[hash] = c
	b.mu.Unlock()
	return c, nil
}

// readCommits reads the commits of the blamed lines side by side.
func (b *blamer) readCommits(ctx context.Context, targets []Target) error {
	wanted := map[string]bool{}
	for _, t := range targets {
		if hash := b.files[t.File].hash[t.Line]; strings.Trim(hash, "0") != "" {
			wanted[hash] = true
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxAtOnce)
	for hash := range wanted {
		group.Go(func() error {
			_, err := b.commit(ctx, hash)
			return err
		})
	}
	return group.Wait()
}

// nested bounds how many merges into one another fromMerge follows, and
// maxBetween how many commits it reads of those that have one among their ancestors.
const (
	nested     = 8
	maxBetween = 200_000
)

// fromMerge is the number in the subject of the merge that brought hash into
// the history of head, 0 when there is none. It follows the first parents, the
// branch merged into: the oldest commit there that has hash among its ancestors
// is that merge. A merge inside the merged branch is nearer to hash and wins.
func (b *blamer) fromMerge(ctx context.Context, hash string) (int, error) {
	number, head := 0, b.head
	for range nested {
		parents, subject, err := b.merge(ctx, hash, head)
		if err != nil || len(parents) != 2 {
			return number, err
		}
		if n := fromSubject(subject); n > 0 {
			number = n
		}
		head = parents[1]
	}
	return number, nil
}

// merge finds the commit on head's chain of first parents that brought hash in.
// No parents: hash is on that chain itself, or is no ancestor of head.
func (b *blamer) merge(ctx context.Context, hash, head string) (parents []string, subject string, err error) {
	if hash == head {
		return nil, "", nil
	}
	out, err := b.repo.Git(ctx, "log", "--no-show-signature", "--ancestry-path", fmt.Sprintf("--max-count=%d", maxBetween), "--format=%H%x00%P%x00%s", hash+".."+head)
	if err != nil {
		return nil, "", err
	}
	above := map[string][]string{} // to parents and subject
	for l := range strings.SplitSeq(out, "\n") {
		if part := strings.SplitN(l, "\x00", 3); len(part) == 3 {
			above[part[0]] = part[1:]
		}
	}
	if len(above) >= maxBetween {
		return nil, "", nil // no telling what was cut
	}
	for at := head; above[at] != nil; {
		parents, subject = strings.Fields(above[at][0]), above[at][1]
		at = ""
		if len(parents) > 0 {
			at = parents[0]
		}
	}
	if len(parents) > 0 && (parents[0] == hash || above[parents[0]] != nil) {
		return nil, "", nil // hash is on the chain
	}
	return parents, subject, nil
}

var (
	mergeNumber  = lazyre.New(`^Merge pull request #(\d{1,9}) from `)
	squashNumber = lazyre.New(`\(#(\d{1,9})\)\s*$`)
)

// fromSubject reads the number of "Merge pull request #7 from …" or of a
// squashed "… (#7)". Only the end of a subject counts: "(#7)" before it is an
// issue that the author mentions.
func fromSubject(s string) int {
	for _, re := range []*lazyre.Regexp{mergeNumber, squashNumber} {
		if m := re.FindStringSubmatch(s); m != nil {
			n, _ := strconv.Atoi(m[1])
			return n
		}
	}
	return 0
}

func utc(date string) string {
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(date))
	if err != nil {
		return clean(date, maxPerson)
	}
	return t.UTC().Format(time.RFC3339)
}

// The longest names and subjects kept, in characters.
const (
	maxPerson  = 120
	maxSubject = 300
)

// person makes a name or address fit to stand in "Name <email>".
func person(s string) string {
	return clean(strings.NewReplacer("<", "", ">", "").Replace(s), maxPerson)
}

// clean makes text from a commit fit for one line: no controls, no characters
// that are invisible or turn the direction of writing, at most limit characters.
func clean(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	r := []rune(strings.TrimSpace(s))
	if len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return string(r)
}
