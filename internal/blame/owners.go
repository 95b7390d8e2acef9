// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hmarr/codeowners"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gitx"
)

// recentDays is how far back commits count as recent activity, seen from the
// commit the log was made at, so that the same input ranks the same for good.
const recentDays = 365

// person collects what speaks for one owner.
type person struct {
	who     string
	score   int
	bot     bool
	commits int
	reasons []string
}

// Owners ranks who may know the code, best first. files are the files of the
// cause, relative to dir. The string says what could not be looked at.
//
// Ranks: whoever introduced both accesses, then one access, then the
// declaration, then CODEOWNERS, then recent commits to the files. Ties go by
// the number of recent commits, then by name. Bots come last.
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
	byKey := map[string]*person{}
	addBlamed(byKey, blamed)
	if err := addRecent(ctx, repo, hash, files, byKey); err != nil {
		return nil, "", fmt.Errorf("counting recent commits: %w", err)
	}
	why = addCodeowners(repo, files, byKey)
	people := make([]*person, 0, len(byKey))
	for _, p := range byKey {
		people = append(people, p)
	}
	slices.SortFunc(people, func(a, b *person) int {
		return cmp.Or(cmp.Compare(boolInt(a.bot), boolInt(b.bot)), cmp.Compare(b.score, a.score), cmp.Compare(b.commits, a.commits), cmp.Compare(a.who, b.who))
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

func get(byKey map[string]*person, name, email string) *person {
	key := strings.ToLower(email)
	if key == "" {
		key = name
	}
	p := byKey[key]
	if p == nil {
		p = &person{who: fmt.Sprintf("%s <%s>", name, email), bot: isBot(name, email)}
		byKey[key] = p
		if p.bot {
			p.reasons = append(p.reasons, "a bot, by its name")
		}
	}
	return p
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
func addBlamed(byKey map[string]*person, blamed []culprit.Blamed) {
	type lines struct {
		p       *person
		access  []culprit.Blamed
		declare []culprit.Blamed
	}
	var order []*lines
	of := map[*person]*lines{}
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
			l.p.score += 1000
			what := "the access"
			if n == 2 {
				what = "both accesses"
			}
			l.p.reasons = append(l.p.reasons, fmt.Sprintf("introduced %s (%s)", what, commits(l.access)))
		case n > 0:
			l.p.score += 500
			l.p.reasons = append(l.p.reasons, fmt.Sprintf("introduced %d of %d accesses (%s)", n, total, commits(l.access)))
		}
		if len(l.declare) > 0 {
			l.p.score += 200
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
func addRecent(ctx context.Context, repo *gitx.Repo, hash string, files []string, byKey map[string]*person) error {
	if len(files) == 0 {
		return nil
	}
	out, err := repo.Git(ctx, "show", "-s", "--format=%cI", hash)
	if err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(out))
	if err != nil {
		return fmt.Errorf("the commit's date: %w", err)
	}
	args := []string{"log", "--no-merges", "--format=%aN%x00%aE", "--max-count=5000", "--since=" + at.AddDate(0, 0, -recentDays).Format(time.RFC3339), hash, "--"}
	for _, f := range files {
		args = append(args, repo.Path(f))
	}
	if out, err = repo.Git(ctx, args...); err != nil {
		return err
	}
	count := map[*person]int{}
	var order []*person
	for l := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
		name, email, ok := strings.Cut(l, "\x00")
		if !ok {
			continue
		}
		p := get(byKey, clean(name), clean(email))
		if count[p] == 0 {
			order = append(order, p)
		}
		count[p]++
	}
	for _, p := range order {
		p.commits = count[p]
		p.score += min(count[p], 50)
		p.reasons = append(p.reasons, recently(count[p]))
	}
	return nil
}

func recently(n int) string {
	if n == 1 {
		return fmt.Sprintf("one commit to the files in the %d days before", recentDays)
	}
	return fmt.Sprintf("%d commits to the files in the %d days before", n, recentDays)
}

// addCodeowners credits whom CODEOWNERS names. The file is looked for where
// GitHub does, in its order.
func addCodeowners(repo *gitx.Repo, files []string, byKey map[string]*person) string {
	for _, name := range []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} {
		file := filepath.Join(repo.Root(), filepath.FromSlash(name))
		if st, err := os.Lstat(file); err != nil || !st.Mode().IsRegular() || st.Size() > 3<<20 {
			continue // GitHub ignores a CODEOWNERS file over 3 MB
		}
		f, err := os.Open(file)
		if err != nil {
			return fmt.Sprintf("%s cannot be read: %v", name, err)
		}
		rules, err := codeowners.ParseFile(f)
		f.Close()
		if err != nil {
			return fmt.Sprintf("%s cannot be parsed: %v", name, err)
		}
		for _, path := range files {
			rule, err := rules.Match(repo.Path(path))
			if err != nil || rule == nil {
				continue
			}
			for _, o := range rule.Owners {
				creditOwner(byKey, o, fmt.Sprintf("%s names %s for %s", name, clean(o.String()), path))
			}
		}
		return ""
	}
	return ""
}

func creditOwner(byKey map[string]*person, o codeowners.Owner, reason string) {
	var p *person
	if o.Type == codeowners.EmailOwner {
		p = get(byKey, o.Value, o.Value)
	} else {
		who := clean(o.String())
		if p = byKey[who]; p == nil {
			p = &person{who: who}
			byKey[who] = p
		}
	}
	if !slices.Contains(p.reasons, reason) {
		p.score += 100
		p.reasons = append(p.reasons, reason)
	}
}
