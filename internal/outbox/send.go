// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/dedupe"
	"github.com/culprit-ci/culprit/internal/tracker"
)

// do carries a plan out.
func (o *Outbox) do(ctx context.Context, c *culprit.Case, p *plan) error {
	if p.act.Did == Created {
		if sent, err := o.create(ctx, c, p); err != nil || !sent {
			return err
		}
	}
	// The row comes before the reopening: whoever is killed in between finds the
	// issue still closed and does the rest.
	if err := o.count(ctx, c, p); err != nil || p.act.Did != Reopened {
		return err
	}
	return o.reopen(ctx, p)
}

// change is one change with what is needed to make it at most once.
type change struct {
	entry Entry
	req   Request
	// find looks for the change at the tracker: an earlier process may have made
	// it and died. It gives the number and address of the issue.
	find func() (target, url string, found bool, err error)
	send func() (target, url string, err error)
}

// once makes a change at most once. It gives the target, or "" when it was not
// made: then act says why.
func (o *Outbox) once(ctx context.Context, act *Act, ch change) (string, error) {
	act.Requests = append(act.Requests, ch.req)
	if o.Writer == nil {
		return "", nil
	}
	ch.entry.Repository, ch.entry.State, ch.entry.Created, ch.entry.Updated = o.Repository, Intended, o.Now(), o.Now()
	have, fresh, err := o.Ledger.Begin(ctx, ch.entry)
	if err != nil {
		return "", fmt.Errorf("writing the ledger: %w", err)
	}
	if !fresh && have.State == Sent {
		act.URL = have.URL
		return have.Target, nil
	}
	if !fresh && have.State == Intended {
		target, url, found, err := ch.find()
		if err != nil {
			return "", err
		}
		if found {
			return target, o.finish(ctx, act, ch.entry, target, url)
		}
		if o.Now().Sub(have.Updated) < Grace {
			act.Did, act.Why = Unsure, fmt.Sprintf("an earlier request may still be on its way: nothing is sent again before %s", have.Updated.Add(Grace).UTC().Format("15:04:05 MST"))
			return "", nil
		}
	}
	if !fresh { // from here it is on its way once more
		if err := o.Ledger.Finish(ctx, ch.entry); err != nil {
			return "", fmt.Errorf("writing the ledger: %w", err)
		}
	}
	target, url, err := ch.send()
	if errors.Is(err, tracker.ErrRefused) || errors.Is(err, tracker.ErrNotFound) {
		ch.entry.State, ch.entry.Updated = Rejected, o.Now()
		return "", errors.Join(err, o.Ledger.Finish(ctx, ch.entry))
	}
	if err != nil {
		return "", err // it stays intended: nobody knows
	}
	return target, o.finish(ctx, act, ch.entry, target, url)
}

func (o *Outbox) finish(ctx context.Context, act *Act, e Entry, target, url string) error {
	e.State, e.Target, e.URL, e.Updated = Sent, target, url, o.Now()
	act.URL = url
	if err := o.Ledger.Finish(ctx, e); err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	return nil
}

// create opens the issue of a new cause.
func (o *Outbox) create(ctx context.Context, c *culprit.Case, p *plan) (sent bool, err error) {
	d, err := draft(c, p.f, o.Labels)
	if err != nil {
		return false, err
	}
	target, err := o.once(ctx, p.act, change{
		entry: Entry{Key: createKey(o.Repository, p.place), Action: string(Created), Cause: p.key},
		req:   Request{Action: Created, Title: d.Title, Body: d.Body, Labels: d.Labels},
		find:  func() (string, string, bool, error) { return o.marked(ctx, p.key, dedupe.Spots(p.f)) },
		send: func() (string, string, error) {
			i, err := o.Writer.Create(ctx, d)
			return strconv.Itoa(i.Number), i.URL, err
		},
	})
	if err != nil || target == "" {
		return o.Writer == nil && err == nil, err
	}
	n, err := strconv.Atoi(target)
	if err != nil {
		return false, fmt.Errorf("the ledger names issue %q", target)
	}
	p.issue = &tracker.Issue{Number: n, ID: fmt.Sprintf("#%d", n), URL: p.act.URL, Open: true}
	p.act.Issue = p.issue.ID
	return true, nil
}

// marked looks for an issue with the mark of a cause, and one of its spots if it
// has any; the oldest counts.
func (o *Outbox) marked(ctx context.Context, key string, spots []string) (target, url string, found bool, err error) {
	list, err := o.Reader.Containing(ctx, word(key))
	if err != nil {
		return "", "", false, err
	}
	for _, i := range list {
		var m causeMeta
		if i.Trusted && readMark(causeMark, i.Body, &m) && m.Key == key && (len(spots) == 0 || dedupe.Meet(spots, m.Spots)) {
			return strconv.Itoa(i.Number), i.URL, true, nil
		}
	}
	return "", "", false, nil
}

// reopen opens a closed issue again. The key has the time it was closed, so that
// it can be opened once for each time that it is closed.
func (o *Outbox) reopen(ctx context.Context, p *plan) error {
	n := p.issue.Number
	_, err := o.once(ctx, p.act, change{
		entry: Entry{Key: fmt.Sprintf("reopen/%s/%d/%d", o.Repository, n, p.issue.Closed.Unix()), Action: string(Reopened), Cause: p.key},
		req:   Request{Action: Reopened, Issue: n},
		// The issue was read as closed a moment ago, and reopening twice is reopening once.
		find: func() (string, string, bool, error) { return "", "", false, nil },
		send: func() (string, string, error) { return strconv.Itoa(n), p.issue.URL, o.Writer.Reopen(ctx, n) },
	})
	return err
}

// count adds a row to the comment with the occurrences. The table says which jobs
// it has, so adding one twice is adding it once; only the first comment needs
// the ledger.
func (o *Outbox) count(ctx context.Context, c *culprit.Case, p *plan) error {
	row := occurrence(c, p.f, o.Now(), p.note)
	table := seenMeta{Key: p.key}
	if p.issue == nil { // a dry run of a new issue
		table.add(row)
		p.act.Requests = append(p.act.Requests, Request{Action: Counted, Body: table.text()})
		return nil
	}
	id, err := o.table(ctx, p.issue.Number, &table)
	if err != nil {
		return err
	}
	if !table.add(row) {
		if p.act.Did == Counted {
			p.act.Did, p.act.Why = Nothing, "this job is counted already"
		}
		return nil
	}
	body := table.text()
	if id == 0 {
		return o.firstTable(ctx, p, body)
	}
	p.act.Requests = append(p.act.Requests, Request{Action: Counted, Issue: p.issue.Number, Comment: id, Body: body})
	if o.Writer == nil {
		return nil
	}
	return o.Writer.EditComment(ctx, id, body)
}

// table reads the comment with the occurrences of an issue.
func (o *Outbox) table(ctx context.Context, issue int, m *seenMeta) (id int64, err error) {
	list, err := o.Reader.Comments(ctx, issue)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(list, func(c tracker.Comment) bool { return c.Trusted && readMark(seenMark, c.Body, m) })
	if i < 0 {
		return 0, nil
	}
	return list[i].ID, nil
}

// firstTable writes the comment for the first time.
func (o *Outbox) firstTable(ctx context.Context, p *plan, body string) error {
	n := p.issue.Number
	_, err := o.once(ctx, p.act, change{
		entry: Entry{Key: fmt.Sprintf("table/%s/%d", o.Repository, n), Action: string(Counted), Cause: p.key},
		req:   Request{Action: Counted, Issue: n, Body: body},
		// It was looked for just now.
		find: func() (string, string, bool, error) { return "", "", false, nil },
		send: func() (string, string, error) {
			m, err := o.Writer.Comment(ctx, n, body)
			return strconv.Itoa(n), m.URL, err
		},
	})
	return err
}
