// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hmarr/codeowners"

	"github.com/culprit-ci/culprit/internal/gitx"
)

// maxCodeowners is the size above which GitHub ignores the file
// (docs.github.com, "About code owners", "CODEOWNERS file size": 3 MB).
const maxCodeowners = 3 << 20

// rules are what CODEOWNERS of a commit says.
type rules struct {
	name string // of the file, "" when there is none
	set  codeowners.Ruleset
	why  string // why it cannot be used
}

// readCodeowners looks for the file where GitHub does, in its order; the first one
// counts.
func readCodeowners(ctx context.Context, repo *gitx.Repo, hash string) (*rules, error) {
	name, text, err := repo.ReadFirst(ctx, hash, maxCodeowners, ".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
	if err != nil || name == "" {
		return &rules{}, err
	}
	set, err := codeowners.ParseFile(bytes.NewReader(text))
	if err != nil {
		// Sections as GitLab has them, "[Section]", end up here.
		return &rules{name: name, why: fmt.Sprintf("%s cannot be parsed: %s", name, clean(err.Error(), maxSubject))}, nil
	}
	return &rules{name: name, set: set}, nil
}

// addCodeowners credits whom CODEOWNERS of the commit names.
func (h *History) addCodeowners(files []string, byKey map[string]*candidate) {
	for _, path := range files {
		rule, err := h.rules.set.Match(h.repo.Path(path))
		if err != nil || rule == nil {
			continue
		}
		for _, o := range rule.Owners {
			creditOwner(byKey, o, fmt.Sprintf("%s names %s for %s", h.rules.name, clean(o.String(), maxPerson), path))
		}
	}
}

func creditOwner(byKey map[string]*candidate, o codeowners.Owner, reason string) {
	var p *candidate
	if o.Type == codeowners.EmailOwner {
		p = get(byKey, person(o.Value), person(o.Value))
	} else {
		who := clean(o.String(), maxPerson)
		key := strings.ToLower(who) // GitHub's handles ignore case
		if p = byKey[key]; p == nil {
			p = &candidate{who: who}
			byKey[key] = p
			p.label(isBot(who, ""))
		}
	}
	if !slices.Contains(p.reasons, reason) {
		p.rank = max(p.rank, rankCodeowners)
		p.reasons = append(p.reasons, reason)
	}
}
