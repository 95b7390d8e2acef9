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

// Owners ranks who may know the code, best first, from who wrote the blamed lines
// and what [History.Recent] says of the cause's files. The string says what could
// not be looked at.
//
// Ranks: whoever introduced both accesses, then one access, then the
// declaration, then CODEOWNERS, then recent commits to the files; only the best
// reason ranks. Ties go by the number of recent commits, then by name. Bots come
// last.
func (h *History) Owners(blamed []culprit.Blamed, recent *Recent) ([]culprit.Owner, string) {
	byKey := map[string]*candidate{}
	addBlamed(byKey, blamed)
	addRecent(byKey, recent)
	h.addCodeowners(recent.files, byKey)
	cut := recent.why
	if len(byKey) == 0 {
		cut = cmp.Or(cut, fmt.Sprintf("no line was blamed, and no commit of the last %d days touches the files", recentDays))
	}
	why := strings.Join(slices.DeleteFunc([]string{cut, h.rules.why}, func(s string) bool { return s == "" }), "; ")
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
	return owners, why
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

// Recent is who changed some files in the year before a commit.
type Recent struct {
	files   []string
	authors []author
	why     string // what could not be looked at
}

// author is somebody and the number of their commits.
type author struct {
	name, email string
	commits     int
}

// Recent counts each author's commits to the files, relative to the folder that
// was opened, in the year before the commit. Where a shallow clone ends, git shows a
// commit that adds every file; it counts for nobody.
func (h *History) Recent(ctx context.Context, files []string) (*Recent, error) {
	r := &Recent{files: slices.Compact(slices.Sorted(slices.Values(files)))}
	if len(files) == 0 {
		return r, nil
	}
	args := []string{"log", "--no-merges", "--no-show-signature", "--format=%P%x00%aN%x00%aE", "--max-count=5000", "--since=" + h.date.AddDate(0, 0, -recentDays).Format(time.RFC3339), h.head, "--"}
	for _, f := range r.files {
		args = append(args, h.repo.Path(f))
	}
	out, err := h.repo.Git(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("counting recent commits: %w", err)
	}
	for l := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
		part := strings.Split(l, "\x00")
		if len(part) != 3 {
			continue
		}
		if h.shallow && part[0] == "" {
			r.why = "a shallow clone cuts off the history of the files; fetch it with `git fetch --unshallow`"
			continue
		}
		a := author{name: person(part[1]), email: person(part[2])}
		i := slices.IndexFunc(r.authors, func(o author) bool { return o.name == a.name && o.email == a.email })
		if i < 0 {
			i, r.authors = len(r.authors), append(r.authors, a)
		}
		r.authors[i].commits++
	}
	return r, nil
}

// addRecent credits the authors of recent commits. Several names can be one
// candidate's.
func addRecent(byKey map[string]*candidate, recent *Recent) {
	var order []*candidate
	for _, a := range recent.authors {
		p := get(byKey, a.name, a.email)
		if p.commits == 0 {
			order = append(order, p)
		}
		p.commits += a.commits
	}
	for _, p := range order {
		p.reasons = append(p.reasons, recently(p.commits))
	}
}

func recently(n int) string {
	if n == 1 {
		return fmt.Sprintf("one commit to the files in the %d days before", recentDays)
	}
	return fmt.Sprintf("%d commits to the files in the %d days before", n, recentDays)
}
