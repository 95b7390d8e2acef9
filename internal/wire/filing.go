// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/closing"
	"github.com/culprit-ci/culprit/internal/dedupe"
	"github.com/culprit-ci/culprit/internal/ghapi"
	"github.com/culprit-ci/culprit/internal/gitx"
	"github.com/culprit-ci/culprit/internal/outbox"
	"github.com/culprit-ci/culprit/internal/store"
	trackergithub "github.com/culprit-ci/culprit/internal/tracker/github"
)

// Outbox gives the outbox for the issues of a repository, with a work tree of it
// or "". With dry it sends and records nothing; then the store may be nil.
func (g *GitHub) Outbox(repository, tree string, db store.Store, dry bool) *outbox.Outbox {
	t := trackergithub.New(g.api, repository, time.Now)
	o := &outbox.Outbox{Repository: repository, Reader: t, Ledger: outbox.Empty{}, Ancestry: g.Ancestry(repository, tree), Now: time.Now}
	if db != nil {
		o.Ledger, o.Learn = Ledger{db}, Learn(db, repository)
	}
	if !dry {
		o.Writer = t
	}
	return o
}

// Issues gives the issues of a repository as something to search for duplicates.
func (g *GitHub) Issues(repository string) dedupe.Source {
	return &outbox.Issues{Reader: trackergithub.New(g.api, repository, time.Now), Repository: repository, Now: time.Now}
}

// Ancestry asks the work tree in dir, and where that does not tell, or for "",
// the repository on GitHub.
func (g *GitHub) Ancestry(repository, dir string) dedupe.Ancestry {
	return func(ctx context.Context, ancestor, descendant string) (bool, string, error) {
		if dir != "" {
			repo, _, err := gitx.Open(ctx, dir)
			if err != nil {
				return false, "", err
			}
			if repo != nil {
				if yes, why, err := repo.IsAncestor(ctx, ancestor, descendant); err != nil || why == "" {
					return yes, why, err
				}
			}
		}
		yes, err := g.api.IsAncestor(ctx, repository, ancestor, descendant)
		if errors.Is(err, ghapi.ErrNotFound) {
			return false, fmt.Sprintf("%s does not have both commits", repository), nil
		}
		return yes, "", err
	}
}

// Ledger is the ledger of the outbox in the store.
type Ledger struct{ store.Filings }

// Begin records an intention.
func (l Ledger) Begin(ctx context.Context, e outbox.Entry) (outbox.Entry, bool, error) {
	have, fresh, err := l.Filings.Begin(ctx, filing(e))
	return entry(have), fresh, err
}

// Finish writes what became of an intention.
func (l Ledger) Finish(ctx context.Context, e outbox.Entry) error {
	return l.Filings.Finish(ctx, filing(e))
}

// Get gives an entry.
func (l Ledger) Get(ctx context.Context, key string) (outbox.Entry, error) {
	f, err := l.Filing(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return outbox.Entry{}, outbox.ErrUnknown
	}
	return entry(f), err
}

// Since lists the entries of a repository.
func (l Ledger) Since(ctx context.Context, repository string, t time.Time) ([]outbox.Entry, error) {
	list, err := l.FilingsSince(ctx, repository, t)
	var out []outbox.Entry
	for _, f := range list {
		out = append(out, entry(f))
	}
	return out, err
}

func filing(e outbox.Entry) store.Filing {
	return store.Filing{Key: e.Key, Repository: e.Repository, Action: e.Action, Cause: e.Cause, State: store.State(e.State), Target: e.Target, URL: e.URL, Created: e.Created, Updated: e.Updated}
}

func entry(f store.Filing) outbox.Entry {
	return outbox.Entry{Key: f.Key, Repository: f.Repository, Action: f.Action, Cause: f.Cause, State: outbox.State(f.State), Target: f.Target, URL: f.URL, Created: f.Created, Updated: f.Updated}
}

// Learn writes into the store what the tracker says of a cause. A cause that the
// store does not have is none of its business.
func Learn(causes store.Causes, repository string) func(context.Context, *culprit.Failure, outbox.Closing) error {
	return func(ctx context.Context, f *culprit.Failure, c outbox.Closing) error {
		list, err := causes.Match(ctx, repository, f, "")
		if err != nil {
			return err
		}
		for _, have := range list {
			same := have.Fingerprint == f.Fingerprint && (f.Fingerprint != "" || have.Title == f.Title)
			now := store.Closed{At: c.At, Fix: c.Fix, Why: c.Why}
			if !same || have.Closed.At.Equal(now.At) && have.Closed.Fix == now.Fix {
				continue
			}
			if err := causes.SetClosed(ctx, have.Key, now); err != nil {
				return err
			}
		}
		return nil
	}
}

// Quiet gives the causes of a repository that have been silent for so long that
// their issues may be closed.
func Quiet(ctx context.Context, causes store.Causes, repository string, now time.Time) ([]outbox.Quiet, error) {
	silent, err := causes.Silent(ctx, repository, now.Add(-closing.MinSilence))
	if err != nil {
		return nil, err
	}
	var list []outbox.Quiet
	for _, s := range silent {
		p := closing.Propose(s.Seen, now)
		if !p.Close {
			continue
		}
		key := dedupe.Key(&culprit.Failure{Kind: s.Cause.Kind, Package: s.Cause.Package, Title: s.Cause.Title, Fingerprint: s.Cause.Fingerprint})
		list = append(list, outbox.Quiet{Key: key, Title: s.Cause.Title, Last: s.Cause.LastSeen, Why: p.Why})
	}
	return list, nil
}
