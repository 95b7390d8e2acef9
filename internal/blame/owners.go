// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gitx"
)

// recentDays is how far back commits count as recent activity, seen from the
// commit the log was made at, so that the same input ranks the same for good.
const recentDays = 365

// The ranks: what the best of somebody's reasons is worth. Further reasons of a
// lower rank never outweigh one of a higher.
const (
	rankRecent = iota
	rankCodeowners
	rankDeclaration
	rankAccess
	rankAllAccesses
)

// candidate collects what speaks for one owner.
type candidate struct {
	who     string
	rank    int
	bot     bool
	commits int
	reasons []string
}

// Owners ranks who may know the code, best first. files are the files of the
// cause, relative to dir. The string says what could not be looked at.
//
// Ranks: whoever introduced both accesses, then one access, then the
// declaration, then CODEOWNERS, then recent commits to the files; only the best
// reason ranks. Ties go by the number of recent commits, then by name. Bots come
// last.
func Owners(ctx context.Context, dir, rev string, blamed []culprit.Blamed, files []string) ([]culprit.Owner, string, error) {
	repo, why, err := gitx.Open(ctx, dir)
	if repo == nil {
		return nil, why, err
	}
	hash, why, err := repo.Resolve(ctx, rev)
	if hash == "" {
		return nil, why, err
	}
	files = slices.Compact(slices.Sorted(slices.Values(files)))
	byKey := map[string]*candidate{}
	addBlamed(byKey, blamed)
	cut, err := addRecent(ctx, repo, hash, files, byKey)
	if err != nil {
		return nil, "", fmt.Errorf("counting recent commits: %w", err)
	}
	noRules, err := addCodeowners(ctx, repo, hash, files, byKey)
	if err != nil {
		return nil, "", fmt.Errorf("reading CODEOWNERS: %w", err)
	}
	if len(byKey) == 0 {
		cut = cmp.Or(cut, fmt.Sprintf("no line was blamed, and no commit of the last %d days touches the files", recentDays))
	}
	why = strings.Join(slices.DeleteFunc([]string{cut, noRules}, func(s string) bool { return s == "" }), "; ")
	people := make([]*candidate, 0, len(byKey))
	for _, p := range byKey {
		people = append(people, p)
	}
	slices.SortFunc(people, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(boolInt(a.bot), boolInt(b.bot)), cmp.Compare(b.rank, a.rank), cmp.Compare(b.commits, a.commits), cmp.Compare(a.who, b.who))
	})
	const most = 8 // further ones know the file least
	var owners []culprit.Owner
	for _, p := range people[:min(most, len(people))] {
		owners = append(owners, culprit.Owner{Who: p.who, Reasons: p.reasons})
	}
	return owners, why, nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func get(byKey map[string]*candidate, name, email string) *candidate {
	key := strings.ToLower(email)
	if key == "" {
		key = name
	}
	p := byKey[key]
	if p == nil {
		p = &candidate{who: fmt.Sprintf("%s <%s>", name, email)}
		byKey[key] = p
		p.label(isBot(name, email))
	}
	return p
}

// label marks a bot and says so first among the reasons.
func (p *candidate) label(bot bool) {
	if bot {
		p.bot = true
		p.reasons = append(p.reasons, "a bot, by its name")
	}
}

func isBot(name, email string) bool {
	s := strings.ToLower(name + " " + email)
	for _, mark := range []string{"[bot]", "dependabot", "renovate", "github-actions", "-bot@", "bot@users.noreply"} {
		if strings.Contains(s, mark) {
			return true
		}
	}
	return false
}

// addBlamed credits the authors of the blamed lines.
func addBlamed(byKey map[string]*candidate, blamed []culprit.Blamed) {
	type lines struct {
		p       *candidate
		access  []culprit.Blamed
		declare []culprit.Blamed
	}
	var order []*lines
	of := map[*candidate]*lines{}
	total := 0
	for _, b := range blamed {
		p := get(byKey, b.Author, b.Email)
		l := of[p]
		if l == nil {
			l = &lines{p: p}
			of[p] = l
			order = append(order, l)
		}
		if b.Role == culprit.BlameAccess {
			l.access = append(l.access, b)
			total++
		} else {
			l.declare = append(l.declare, b)
		}
	}
	for _, l := range order {
		switch n := len(l.access); {
		case n > 0 && n == total:
			l.p.rank = max(l.p.rank, rankAllAccesses)
			what := "the access"
			if n == 2 {
				what = "both accesses"
			} else if n > 2 {
				what = fmt.Sprintf("all %d accesses", n)
			}
			l.p.reasons = append(l.p.reasons, fmt.Sprintf("introduced %s (%s)", what, commits(l.access)))
		case n > 0:
			l.p.rank = max(l.p.rank, rankAccess)
			l.p.reasons = append(l.p.reasons, fmt.Sprintf("introduced %d of %d accesses (%s)", n, total, commits(l.access)))
		}
		if len(l.declare) > 0 {
			l.p.rank = max(l.p.rank, rankDeclaration)
			l.p.reasons = append(l.p.reasons, fmt.Sprintf("declared the variable (%s)", commits(l.declare)))
		}
	}
}

func commits(list []culprit.Blamed) string {
	var names []string
	for _, b := range list {
		n := b.Commit[:min(10, len(b.Commit))]
		if b.PullRequest > 0 {
			n = fmt.Sprintf("%s, #%d", n, b.PullRequest)
		}
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return strings.Join(names, "; ")
}

// addRecent counts each author's commits to the files in the year before hash.
// Where a shallow clone ends, git shows a commit that adds every file; it
// counts for nobody, and why says so.
func addRecent(ctx context.Context, repo *gitx.Repo, hash string, files []string, byKey map[string]*candidate) (why string, err error) {
	if len(files) == 0 {
		return "", nil
	}
	shallow, err := repo.Shallow(ctx)
	if err != nil {
		return "", err
	}
	out, err := repo.Git(ctx, "show", "-s", "--format=%cI", hash)
	if err != nil {
		return "", err
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(out))
	if err != nil {
		return "", fmt.Errorf("the commit's date: %w", err)
	}
	args := []string{"log", "--no-merges", "--no-show-signature", "--format=%P%x00%aN%x00%aE", "--max-count=5000", "--since=" + at.AddDate(0, 0, -recentDays).Format(time.RFC3339), hash, "--"}
	for _, f := range files {
		args = append(args, repo.Path(f))
	}
	if out, err = repo.Git(ctx, args...); err != nil {
		return "", err
	}
	count := map[*candidate]int{}
	var order []*candidate
	for l := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
		part := strings.Split(l, "\x00")
		if len(part) != 3 {
			continue
		}
		if shallow && part[0] == "" {
			why = "a shallow clone cuts off the history of the files; fetch it with `git fetch --unshallow`"
			continue
		}
		p := get(byKey, person(part[1]), person(part[2]))
		if count[p] == 0 {
			order = append(order, p)
		}
		count[p]++
	}
	for _, p := range order {
		p.commits = count[p]
		p.reasons = append(p.reasons, recently(count[p]))
	}
	return why, nil
}

func recently(n int) string {
	if n == 1 {
		return fmt.Sprintf("one commit to the files in the %d days before", recentDays)
	}
	return fmt.Sprintf("%d commits to the files in the %d days before", n, recentDays)
}
