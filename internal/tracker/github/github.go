// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package github is the issues of a repository on GitHub.
package github

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit/internal/ghapi"
	"github.com/culprit-ci/culprit/internal/tracker"
)

// Tracker is the issues of one repository. It is a [tracker.Reader] and a
// [tracker.Writer].
type Tracker struct {
	api  *ghapi.Client
	repo string
	now  func() time.Time
}

// New returns the issues of a repository, "owner/name".
func New(api *ghapi.Client, repo string, now func() time.Time) *Tracker {
	return &Tracker{api, repo, now}
}

// lag is how far GitHub's search index may be behind. What changed since is read
// from the list of issues, which is not behind.
const lag = 24 * time.Hour

// Issue gives one issue.
func (t *Tracker) Issue(ctx context.Context, number int) (tracker.Issue, error) {
	i, err := t.api.Issue(ctx, t.repo, number)
	return issue(i), translate(err)
}

// Containing joins what the search finds with the issues that the index may not have yet.
func (t *Tracker) Containing(ctx context.Context, word string) ([]tracker.Issue, error) {
	found, err := t.api.SearchIssues(ctx, t.repo, `in:title,body "`+strings.ReplaceAll(word, `"`, "")+`"`)
	if err != nil {
		return nil, translate(err)
	}
	fresh, more, err := t.api.Issues(ctx, t.repo, ghapi.IssueQuery{State: "all", Since: t.now().Add(-lag), Limit: 2000})
	if err != nil {
		return nil, translate(err)
	}
	if more {
		return nil, fmt.Errorf("more than 2,000 issues of %s changed within a day: it cannot be told which hold %q", t.repo, word)
	}
	var list []tracker.Issue
	for _, i := range append(fresh, found...) {
		known := slices.ContainsFunc(list, func(have tracker.Issue) bool { return have.Number == i.Number })
		if !known && (strings.Contains(i.Body, word) || strings.Contains(i.Title, word)) {
			list = append(list, issue(i))
		}
	}
	slices.SortFunc(list, func(a, b tracker.Issue) int { return a.Number - b.Number })
	return list, nil
}

// Recent lists open issues and those closed lately.
func (t *Tracker) Recent(ctx context.Context, closedSince time.Time, limit int) ([]tracker.Issue, bool, error) {
	open, moreOpen, err := t.api.Issues(ctx, t.repo, ghapi.IssueQuery{State: "open", Limit: limit})
	if err != nil {
		return nil, false, translate(err)
	}
	closed, moreClosed, err := t.api.Issues(ctx, t.repo, ghapi.IssueQuery{State: "closed", Since: closedSince, Limit: limit})
	if err != nil {
		return nil, false, translate(err)
	}
	var list []tracker.Issue
	for _, i := range append(open, closed...) {
		if i.State == "open" || !i.Closed.Before(closedSince) {
			list = append(list, issue(i))
		}
	}
	slices.SortStableFunc(list, func(a, b tracker.Issue) int { return b.Updated.Compare(a.Updated) })
	return list, moreOpen || moreClosed, nil
}

// Comments lists the comments of an issue.
func (t *Tracker) Comments(ctx context.Context, number int) ([]tracker.Comment, error) {
	list, err := t.api.Comments(ctx, t.repo, number)
	if err != nil {
		return nil, translate(err)
	}
	var out []tracker.Comment
	for _, c := range list {
		out = append(out, comment(c))
	}
	return out, nil
}

// near is how long before an issue is closed a pull request that closes it may be merged.
const near = 10 * time.Minute

// Fix reads from the timeline which commit closed an issue. GitHub names it when
// a commit did; when a pull request did, it shows a merged pull request that
// mentions the issue, and that one counts if it was merged when the issue was
// closed, and is the only one.
func (t *Tracker) Fix(ctx context.Context, number int) (tracker.Fix, error) {
	c, err := t.api.Closed(ctx, t.repo, number)
	if err != nil {
		return tracker.Fix{}, translate(err)
	}
	switch {
	case c.At.IsZero():
		return tracker.Fix{Why: "it is not closed"}, nil
	case c.Commit != "":
		return tracker.Fix{Commit: c.Commit}, nil
	}
	var fixes []*ghapi.PullRequest
	for _, n := range c.Merged {
		pr, err := t.api.PullRequest(ctx, t.repo, n)
		if errors.Is(err, ghapi.ErrNotFound) {
			continue // of another repository
		}
		if err != nil {
			return tracker.Fix{}, translate(err)
		}
		if d := c.At.Sub(pr.MergedAt); pr.MergeCommit != "" && d >= -near && d <= near {
			fixes = append(fixes, pr)
		}
	}
	switch len(fixes) {
	case 0:
		return tracker.Fix{Why: "no commit and no merged pull request closed it"}, nil
	case 1:
		return tracker.Fix{Commit: fixes[0].MergeCommit, Pull: fixes[0].Number}, nil
	}
	return tracker.Fix{Why: fmt.Sprintf("%d pull requests that mention it were merged when it was closed", len(fixes))}, nil
}

// Create opens an issue.
func (t *Tracker) Create(ctx context.Context, d tracker.Draft) (tracker.Issue, error) {
	i, err := t.api.CreateIssue(ctx, t.repo, d.Title, d.Body, d.Labels)
	return issue(i), translate(err)
}

// Comment adds a comment.
func (t *Tracker) Comment(ctx context.Context, number int, body string) (tracker.Comment, error) {
	c, err := t.api.CreateComment(ctx, t.repo, number, body)
	return comment(c), translate(err)
}

// EditComment replaces the text of a comment.
func (t *Tracker) EditComment(ctx context.Context, id int64, body string) error {
	_, err := t.api.EditComment(ctx, t.repo, id, body)
	return translate(err)
}

// Reopen opens an issue again.
func (t *Tracker) Reopen(ctx context.Context, number int) error {
	_, err := t.api.SetState(ctx, t.repo, number, "open", "reopened")
	return translate(err)
}

func issue(i ghapi.Issue) tracker.Issue {
	out := tracker.Issue{
		Number: i.Number, ID: fmt.Sprintf("#%d", i.Number), Title: i.Title, Body: i.Body, URL: i.URL, Open: i.State == "open", Labels: i.Labels,
		Trusted: trusted(i.AuthorType, i.Association), Created: i.CreatedAt, Updated: i.UpdatedAt, Closed: i.Closed,
	}
	if !out.Open && (i.StateReason == "not_planned" || i.StateReason == "duplicate") {
		out.NotFixed = strings.ReplaceAll(i.StateReason, "_", " ")
	}
	return out
}

func comment(c ghapi.Comment) tracker.Comment {
	return tracker.Comment{ID: c.ID, Body: c.Body, URL: c.URL, Trusted: trusted(c.AuthorType, c.Association), Created: c.CreatedAt}
}

// trusted tells who may have written a mark: a bot, which somebody with rights
// let in, or a person with rights to the repository.
func trusted(kind, association string) bool {
	return kind == "Bot" || association == "OWNER" || association == "MEMBER" || association == "COLLABORATOR"
}

// translate gives the errors of the API the names that all trackers use.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ghapi.ErrNotFound) || errors.Is(err, ghapi.ErrGone):
		return fmt.Errorf("%w: %w", tracker.ErrNotFound, err)
	case errors.Is(err, ghapi.ErrAuth) || errors.Is(err, ghapi.ErrLimited) || errors.Is(err, ghapi.ErrRefused):
		return fmt.Errorf("%w: %w", tracker.ErrRefused, err)
	}
	return err
}
