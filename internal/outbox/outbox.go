// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/dedupe"
	"github.com/culprit-ci/culprit/internal/redact"
	"github.com/culprit-ci/culprit/internal/tracker"
)

// Limits bound what is created. A zero field takes its default.
type Limits struct {
	// Run is the most issues that one case may create: 3.
	Run int
	// Day is the most issues of a repository within 24 hours: 10.
	Day int
	// Flood is the number of new causes in one case from which on none is
	// created: 6. So many at once are one broken thing.
	Flood int
}

func (l Limits) filled() Limits {
	fill := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	fill(&l.Run, 3)
	fill(&l.Day, 10)
	fill(&l.Flood, 6)
	return l
}

// Grace is how long a request can be on its way. An intention that is younger
// and has left no trace is neither sent again nor taken for lost.
const Grace = 15 * time.Minute

// Outbox files the failures of one repository.
type Outbox struct {
	Repository string
	Reader     tracker.Reader
	// Writer is nil for a dry run: then nothing is sent and nothing recorded.
	Writer tracker.Writer
	Ledger Ledger
	// Known are further sources of candidates, as the case's own history is one;
	// the tracker is always searched.
	Known    []dedupe.Source
	Ancestry dedupe.Ancestry
	Limits   Limits
	Labels   []string
	Now      func() time.Time
	// Learn, when set, is told whether the issue of a failure is closed, so that our
	// own history knows it where the tracker is not asked. A dry run teaches nothing.
	Learn func(ctx context.Context, f *culprit.Failure, c Closing) error
}

// Closing is how an issue was closed; the zero Closing is of an open one.
type Closing struct {
	At time.Time
	// Fix is the commit that fixed it, "" when not known.
	Fix string
	Why string
}

// Did is what became of one failure.
type Did string

// What can become of a failure.
const (
	Created  Did = "create"  // a new issue
	Counted  Did = "comment" // one more row in the comment with the occurrences
	Reopened Did = "reopen"  // and counted
	Proposed Did = "propose-closing"
	Nothing  Did = "nothing"
	Unsure   Did = "unsure" // an earlier request may still be on its way; try again later
)

// Act is what was done about one failure, or in a dry run would be.
type Act struct {
	Failure string // its ID
	Title   string
	Did     Did
	// Issue is "#12", "" for one that is not there yet.
	Issue, URL string
	// Why is the reason.
	Why string
	// Requests are what is sent, in order.
	Requests []Request
}

// Request is one change that is sent to the tracker.
type Request struct {
	Action Did
	// Issue is the number, 0 for a new one or for the edit of a comment.
	Issue int
	// Comment is the comment that is edited, 0 for a new one.
	Comment int64
	Title   string   // of a new issue
	Body    string   // of an issue or comment
	Labels  []string // of a new issue
}

// unfit are kinds that are no fault of the code under test.
var unfit = map[culprit.Kind]string{
	culprit.KindCancelled: "the job was cancelled", culprit.KindRunnerLost: "the runner was lost", culprit.KindDiskFull: "the runner's disk was full",
	culprit.KindNetwork: "the network failed", culprit.KindModuleDownload: "modules could not be downloaded",
	culprit.KindBuild: "what does not build is not an issue but a commit", culprit.KindVet: "what does not vet is not an issue but a commit", culprit.KindLint: "a linter speaks for itself",
	culprit.KindCoverage: "a coverage limit speaks for itself",
}

// plan is what is to be done about one failure.
type plan struct {
	f     *culprit.Failure
	act   *Act
	key   string
	place string         // of package dedupe: what is one issue
	issue *tracker.Issue // nil for a new one
	note  string         // for the row
}

// File files the failures of a case. The case is redacted first. An error ends
// it; what was done until then is in the acts.
func (o *Outbox) File(ctx context.Context, c *culprit.Case) ([]Act, error) {
	redact.Case(c)
	var acts []*Act
	var plans []*plan
	source := &Issues{Reader: o.Reader, Repository: o.Repository, Now: o.Now}
	for _, f := range c.Failures {
		p := &plan{f: f, act: &Act{Failure: f.ID, Title: f.Title, Did: Nothing}, key: dedupe.Key(f), place: dedupe.Place(f)}
		acts = append(acts, p.act)
		if p.act.Why = why(f); p.act.Why != "" {
			continue
		}
		if err := o.decide(ctx, c, p, source); err != nil {
			return done(acts), err
		}
		plans = append(plans, p)
	}
	if err := o.limit(ctx, plans); err != nil {
		return done(acts), err
	}
	for _, p := range plans {
		if p.act.Did == Nothing || p.act.Did == Unsure {
			continue
		}
		if err := o.do(ctx, c, p); err != nil {
			return done(acts), err
		}
	}
	return done(acts), nil
}

func done(acts []*Act) []Act {
	var list []Act
	for _, a := range acts {
		list = append(list, *a)
	}
	return list
}

// why says why a failure is not filed at all.
func why(f *culprit.Failure) string {
	if w := unfit[f.Kind]; w != "" {
		return "not filed: " + w
	}
	if f.Evidence.Damaged != "" {
		return "not filed: the evidence is damaged: " + f.Evidence.Damaged
	}
	return ""
}

// decide finds the issue of a failure, and what is to be done.
func (o *Outbox) decide(ctx context.Context, c *culprit.Case, p *plan, source *Issues) error {
	entry, err := o.entry(ctx, createKey(o.Repository, p.place))
	if err != nil {
		return err
	}
	match, fix, err := o.match(ctx, c, p, source)
	if err != nil {
		return err
	}
	n := 0
	switch {
	case match.ID != "":
		n = number(match.ID)
	case entry != nil && entry.State == Sent:
		n, _ = strconv.Atoi(entry.Target)
	}
	if entry != nil && entry.State == Intended && n > 0 && o.Writer != nil {
		// A process that died had created it.
		if err := o.finish(ctx, p.act, *entry, strconv.Itoa(n), match.URL); err != nil {
			return err
		}
	}
	if n == 0 {
		p.act.Did, p.act.Why = Created, "no issue is about this cause"
		return nil
	}
	issue, err := o.Reader.Issue(ctx, n)
	if errors.Is(err, tracker.ErrNotFound) {
		p.act.Why = fmt.Sprintf("issue %d of this cause was deleted, so no other one is created", n)
		return nil
	}
	if err != nil {
		return err
	}
	if !issue.Open && !issue.Trusted && match.Relation == culprit.RelationDuplicate {
		// Or anybody could keep a cause from being filed: by an issue under its
		// title, closed at once.
		p.act.Did, p.act.Why = Created, fmt.Sprintf("%s is closed, and its author has no rights here", issue.ID)
		return nil
	}
	p.issue, p.act.Issue, p.act.URL = &issue, issue.ID, issue.URL
	if match.ID == "" {
		match.Relation, match.Why = culprit.RelationDuplicate, "the ledger names it"
	}
	p.judge(match)
	return o.learn(ctx, p, fix)
}

// learn tells of the issue of a failure. What was closed without a fix is not fixed.
func (o *Outbox) learn(ctx context.Context, p *plan, fix string) error {
	if o.Learn == nil || o.Writer == nil || !p.issue.Open && p.issue.NotFixed != "" {
		return nil
	}
	var c Closing
	if !p.issue.Open && p.act.Did != Reopened {
		c = Closing{At: p.issue.Closed, Fix: fix, Why: "its issue " + p.issue.ID + " is closed"}
	}
	if err := o.Learn(ctx, p.f, c); err != nil {
		return fmt.Errorf("remembering that %s is closed: %w", p.issue.ID, err)
	}
	return nil
}

// judge decides by the state of the issue and the relation to it.
func (p *plan) judge(m culprit.Match) {
	switch {
	case p.issue.Open:
		p.act.Did, p.act.Why = Counted, m.Why
	case m.Relation == culprit.RelationRegression:
		p.act.Did, p.act.Why, p.note = Reopened, m.Why, "regression"
	case m.Relation == culprit.RelationBeforeFix:
		p.act.Why = "it is fixed already: " + m.Why
	default:
		p.act.Why = "it is closed, and is not opened again: " + m.Why
	}
}

// match gives the best issue of the same cause, one that is open before one that
// is closed, and the commit that fixed it if that is known.
func (o *Outbox) match(ctx context.Context, c *culprit.Case, p *plan, source *Issues) (culprit.Match, string, error) {
	list, what, err := source.Candidates(ctx, c.Job, p.f)
	if err != nil {
		return culprit.Match{}, "", err
	}
	for _, s := range o.Known {
		more, _, err := s.Candidates(ctx, c.Job, p.f)
		if err != nil {
			return culprit.Match{}, "", err
		}
		list = append(list, more...)
	}
	matches, err := dedupe.Find(ctx, p.f, c.Job, list, o.Ancestry)
	if err != nil {
		return culprit.Match{}, "", err
	}
	p.f.Known = matches
	noteSearch(c, p.f, what, len(matches))
	var best culprit.Match
	for _, m := range matches {
		same := m.Relation == culprit.RelationDuplicate || m.Relation == culprit.RelationRegression || m.Relation == culprit.RelationBeforeFix
		if !same || m.Score < dedupe.Same || number(m.ID) == 0 {
			continue
		}
		if best.ID == "" || open(list, m.ID) && !open(list, best.ID) {
			best = m
		}
	}
	fix := ""
	if i := slices.IndexFunc(list, func(c dedupe.Candidate) bool { return c.ID == best.ID }); i >= 0 {
		fix = list[i].Fix
	}
	return best, fix, nil
}

func open(list []dedupe.Candidate, id string) bool {
	for _, c := range list {
		if c.ID == id {
			return c.Closed.IsZero()
		}
	}
	return false
}

// noteSearch records the search in the case, so that the checklist of the issue
// has it.
func noteSearch(c *culprit.Case, f *culprit.Failure, what string, found int) {
	step := culprit.Step{Stage: culprit.StageDuplicate, Failure: f.ID, Outcome: culprit.Done, Why: fmt.Sprintf("searched %s, found %d", what, found)}
	for i, s := range c.Steps {
		if s.Stage == step.Stage && s.Failure == step.Failure {
			c.Steps[i] = step
			return
		}
	}
	c.Steps = append(c.Steps, step)
}

// entry looks a key up in the ledger.
func (o *Outbox) entry(ctx context.Context, key string) (*Entry, error) {
	e, err := o.Ledger.Get(ctx, key)
	if errors.Is(err, ErrUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	return &e, nil
}

func createKey(repository, cause string) string { return "create/" + repository + "/" + cause }
