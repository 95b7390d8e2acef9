// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/culprit-ci/culprit/internal/redact"
	"github.com/culprit-ci/culprit/internal/tracker"
)

// Quiet is a cause that has not been seen for so long that its issue may be closed.
type Quiet struct {
	// Key is that of package dedupe.
	Key, Title string
	// Last is when it was seen last.
	Last time.Time
	// Why is the statistics.
	Why string
}

// ProposeClosing comments once for each silence on the issue of each cause. It
// closes nothing.
func (o *Outbox) ProposeClosing(ctx context.Context, list []Quiet) ([]Act, error) {
	var acts []Act
	for _, q := range list {
		act := Act{Title: q.Title, Did: Nothing}
		err := o.propose(ctx, q, &act)
		acts = append(acts, act)
		if err != nil {
			return acts, err
		}
	}
	return acts, nil
}

func (o *Outbox) propose(ctx context.Context, q Quiet, act *Act) error {
	target, url, found, err := o.marked(ctx, q.Key, nil)
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(target)
	if !found {
		act.Why = "no issue is about this cause"
		return nil
	}
	issue, err := o.Reader.Issue(ctx, n)
	if err != nil {
		return err
	}
	act.Issue, act.URL = issue.ID, url
	if !issue.Open {
		act.Why = "its issue is closed"
		return nil
	}
	there, err := o.proposed(ctx, n, q)
	if err != nil {
		return err
	}
	if there {
		act.Why = "it was proposed already"
		return nil
	}
	act.Did, act.Why = Proposed, q.Why
	body := mark(quietMark, quietMeta{q.Key, q.Last.UTC()}) + redact.Text(fmt.Sprintf(
		"**This may be closed.** %s.\n\n<sub>culprit closes nothing by itself. If it comes back after the fix, culprit opens the issue again.</sub>\n", q.Why))
	_, err = o.once(ctx, act, change{
		entry: Entry{Key: fmt.Sprintf("quiet/%s/%d/%d", o.Repository, n, q.Last.Unix()), Action: string(Proposed), Cause: q.Key},
		req:   Request{Action: Proposed, Issue: n, Body: body},
		find:  func() (string, string, bool, error) { return "", "", false, nil }, // it was looked for just now
		send: func() (string, string, error) {
			m, err := o.Writer.Comment(ctx, n, body)
			return target, m.URL, err
		},
	})
	return err
}

// proposed looks for the proposal of this silence.
func (o *Outbox) proposed(ctx context.Context, issue int, q Quiet) (bool, error) {
	list, err := o.Reader.Comments(ctx, issue)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(list, func(c tracker.Comment) bool {
		var m quietMeta
		return c.Trusted && readMark(quietMark, c.Body, &m) && m.Last.Equal(q.Last.UTC())
	}), nil
}
