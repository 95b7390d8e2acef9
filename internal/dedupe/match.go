// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package dedupe

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// Candidate is something known that a failure may be another occurrence of: an
// issue of a tracker, or a cause of our own history. What is not known is empty.
type Candidate struct {
	ID, URL, Title string
	Aliases        []string
	// Fingerprint is that of the cause, "" for an issue that a person wrote.
	Fingerprint string
	// Spots are those of package dedupe; without them the text tells.
	Spots   []string
	Kind    culprit.Kind
	Package string
	Subject string
	Tests   []string
	// Text is the evidence, or the text of the issue.
	Text string
	// Closed is the zero time for one that is open.
	Closed time.Time
	// Fix is the commit that fixed it, and FixPull the pull request.
	Fix     string
	FixPull int
	// NotFixed says why a closed one was never fixed: "not planned".
	NotFixed string
}

// Source gives candidates.
type Source interface {
	// Candidates lists what a failure may be another occurrence of. What names
	// where it looked, for a person: "the 40 open issues of o/r".
	Candidates(ctx context.Context, job culprit.Job, f *culprit.Failure) (list []Candidate, what string, err error)
}

// Ancestry reports whether a commit is an ancestor of another, or why that
// cannot be told.
type Ancestry func(ctx context.Context, ancestor, descendant string) (yes bool, why string, err error)

// maxMatches bounds what a report lists.
const maxMatches = 10

// Same is the score from which a match is the same cause, as far as names go:
// an equal fingerprint, title or alias. What is like by its text stays below,
// and nothing is done on its account.
const Same = 0.95

// Find gives the candidates that have to do with a failure, the best first, each
// with its reason. The error is that of the ancestry.
func Find(ctx context.Context, f *culprit.Failure, job culprit.Job, list []Candidate, ancestry Ancestry) ([]culprit.Match, error) {
	m := &matcher{f: f, job: job, ancestry: ancestry, text: newText(f.Evidence.Text), spots: Spots(f)}
	var found []culprit.Match
	for _, c := range list {
		match, err := m.match(ctx, c)
		if err != nil {
			return nil, err
		}
		if match.Relation != "" {
			match.ID, match.URL, match.Title = c.ID, c.URL, c.Title
			found = append(found, match)
		}
	}
	slices.SortStableFunc(found, func(a, b culprit.Match) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return found[:min(len(found), maxMatches)], nil
}

type matcher struct {
	f        *culprit.Failure
	job      culprit.Job
	ancestry Ancestry
	text     text
	spots    []string
}

// sharing reports whether a candidate has the fingerprint of the failure.
func (m *matcher) sharing(c Candidate) bool {
	return m.f.Fingerprint != "" && m.f.Fingerprint == c.Fingerprint
}

// elsewhere reports whether a candidate is of another place, where fingerprint and
// title do not tell one from another. A person's issue that shows no place at all is
// believed in what its title says.
func (m *matcher) elsewhere(c Candidate) bool {
	return len(m.spots) > 0 && !c.shows(m.spots) && (m.sharing(c) || len(c.Spots) > 0 || anyLine.MatchString(c.Text))
}

var anyLine = lazyre.New(`\.go:[0-9]`)

// match relates one candidate. The strongest relation wins: the same cause, then
// a fix that introduced the failure, then the same variable, then the same place.
func (m *matcher) match(ctx context.Context, c Candidate) (culprit.Match, error) {
	if score, why := m.same(c); score > 0 {
		relation, more, err := m.relate(ctx, c)
		return culprit.Match{Relation: relation, Score: score, Why: why + more}, err
	}
	if m.sharing(c) { // and elsewhere
		return culprit.Match{Relation: culprit.RelationSameArea, Score: 0.5, Why: fmt.Sprintf(
			"the cause has the same fingerprint %s, which does not tell one place from another, and it does not show %s", c.Fingerprint, m.spots[0])}, nil
	}
	if why := m.introduced(c); why != "" {
		return culprit.Match{Relation: culprit.RelationIntroducedByFixOf, Score: 0.8, Why: why}, nil
	}
	if why := m.subject(c); why != "" {
		return culprit.Match{Relation: culprit.RelationSameSubject, Score: 0.6, Why: why}, nil
	}
	if score, why := m.area(c); why != "" {
		return culprit.Match{Relation: culprit.RelationSameArea, Score: score, Why: why}, nil
	}
	return culprit.Match{}, nil
}

// same reports whether a candidate is of the same cause, and how sure that is.
//
// Two fingerprints that differ are two causes, whatever the titles say. Where they
// are made of what a test says, two texts that are alike are still worth a look: a
// random name may be the difference. Failures of unknown kind are titled by their
// test, and so are those that say nothing, and a test can fail for two reasons, so
// there the texts have to be alike as well.
func (m *matcher) same(c Candidate) (float64, string) {
	f := m.f
	differ := f.Fingerprint != "" && c.Fingerprint != "" && f.Fingerprint != c.Fingerprint
	switch {
	case m.elsewhere(c):
		return 0, "" // one fingerprint, or title, in two places
	case f.Fingerprint != "" && f.Fingerprint == c.Fingerprint:
		return 1, "the cause has the same fingerprint " + f.Fingerprint
	case differ && f.Assertion == nil:
		return 0, ""
	}
	if c.Kind != "" && c.Kind != f.Kind || !m.place(c) {
		return 0, ""
	}
	alike := m.text.alike(newText(c.Text))
	if title := m.title(c); title != "" && !differ {
		if f.Kind != culprit.KindUnknown && (f.Assertion == nil || f.Assertion.Message != "") {
			return Same, fmt.Sprintf("both are titled %q", title)
		}
		if alike >= 0.8 {
			return Same, fmt.Sprintf("both are titled %q, and their texts are %.0f %% alike", title, 100*alike)
		}
		return 0, ""
	}
	if test := m.test(c); test != "" && alike >= 0.8 && len(m.text) >= 8 {
		return 0.6 + 0.3*alike, fmt.Sprintf("both are about %s, and their texts are %.0f %% alike", test, 100*alike)
	}
	return 0, ""
}

// place reports whether a candidate can be in the failure's package. TestNew of
// one package is not TestNew of another; a race is titled by functions, and may
// show in any package that runs them.
func (m *matcher) place(c Candidate) bool {
	trim := func(pkg string) string { return strings.TrimSuffix(pkg, "_test") }
	return c.Package == "" || m.f.Package == "" || m.f.Kind == culprit.KindDataRace || trim(c.Package) == trim(m.f.Package)
}

// title gives the title or alias that both have.
func (m *matcher) title(c Candidate) string {
	mine := append([]string{m.f.Title}, m.f.Aliases...)
	for _, t := range append([]string{c.Title}, c.Aliases...) {
		for _, own := range mine {
			if own != "" && normalTitle(own) == normalTitle(t) {
				return own
			}
		}
	}
	return ""
}

// normalTitle leaves out what people and bots put before a title.
func normalTitle(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, prefix := range []string{"flake:", "flaky:", "flaky test:", "bug:", "ci:", "test:", "[flake]", "[flaky]", "🤖"} {
		s = strings.TrimSpace(strings.TrimPrefix(s, prefix))
	}
	return strings.Join(strings.Fields(s), " ")
}

// relate tells a duplicate from a regression and from a failure of a commit that
// is older than the fix.
func (m *matcher) relate(ctx context.Context, c Candidate) (culprit.Relation, string, error) {
	switch {
	case c.Closed.IsZero():
		return culprit.RelationDuplicate, "", nil
	case c.NotFixed != "":
		return culprit.RelationDuplicate, "; it was closed as " + c.NotFixed, nil
	case c.Fix == "":
		return culprit.RelationDuplicate, "; it is closed, and nothing says which commit fixed it", nil
	case m.job.Commit == "":
		return culprit.RelationDuplicate, "; it is closed, and the failing commit is not known", nil
	case m.ancestry == nil:
		return culprit.RelationDuplicate, "; it is closed, and without the repository nothing says whether the failing commit has the fix", nil
	}
	fixed, why, err := m.ancestry(ctx, c.Fix, m.job.Commit)
	switch {
	case err != nil:
		return "", "", err
	case why != "":
		return culprit.RelationDuplicate, "; it is closed, and nothing says whether the failing commit has the fix: " + why, nil
	case fixed:
		return culprit.RelationRegression, fmt.Sprintf("; its fix %s is in the failing commit", short(c.Fix)), nil
	}
	return culprit.RelationBeforeFix, fmt.Sprintf("; the failing commit does not have its fix %s", short(c.Fix)), nil
}

// introduced reports whether a blamed commit is the fix of the candidate.
func (m *matcher) introduced(c Candidate) string {
	for _, b := range m.f.Blame {
		switch {
		case c.Fix != "" && b.Commit == c.Fix:
			return fmt.Sprintf("commit %s, which fixed it, wrote a line of this failure", short(b.Commit))
		case c.FixPull > 0 && b.PullRequest == c.FixPull:
			return fmt.Sprintf("pull request %d, which fixed it, wrote a line of this failure", b.PullRequest)
		}
	}
	return ""
}

// subject reports whether both are about one variable.
func (m *matcher) subject(c Candidate) string {
	cause := m.f.Cause
	if cause == nil || c.Subject == "" || c.Subject != cause.Subject || c.Package != m.f.Package {
		return ""
	}
	return fmt.Sprintf("both are about %s of %s, and differ in pattern or place", c.Subject, c.Package)
}

// test gives a test that both are about. A short name is in any text.
func (m *matcher) test(c Candidate) string {
	for _, t := range m.f.Tests {
		if t.Role == culprit.RoleCollateral || t.Role == culprit.RoleParent {
			continue
		}
		if slices.Contains(c.Tests, t.Name) || len(t.Name) >= 8 && mentions(c.Title+"\n"+c.Text, t.Name) {
			return t.Name
		}
	}
	return ""
}

// area reports whether both are about one test or one package.
func (m *matcher) area(c Candidate) (float64, string) {
	if test := m.test(c); test != "" {
		return 0.5, "both are about " + test
	}
	if c.Package != "" && c.Package == m.f.Package && c.Kind == m.f.Kind {
		return 0.3, fmt.Sprintf("both are a %s in %s", strings.ReplaceAll(string(c.Kind), "-", " "), path.Base(c.Package))
	}
	return 0, ""
}

// mentions reports whether text has name as a whole word.
func mentions(text, name string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		i += at
		end := i + len(name)
		if (i == 0 || !wordByte(text[i-1])) && (end == len(text) || !wordByte(text[end]) && text[end] != '/') {
			return true
		}
		at = i + 1
	}
}

func wordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

func short(hash string) string { return hash[:min(10, len(hash))] }
