// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghapi

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-github/v92/github"
)

// Issue is an issue; pull requests are left out of every list.
type Issue struct {
	Number                       int
	Title, Body, URL             string
	State, StateReason           string
	Author, AuthorType           string
	Association                  string // OWNER, MEMBER, COLLABORATOR, CONTRIBUTOR, NONE, …
	Labels                       []string
	CreatedAt, UpdatedAt, Closed time.Time
}

// Comment is a comment of an issue.
type Comment struct {
	ID                       int64
	Body, Author, AuthorType string
	Association, URL         string
	CreatedAt                time.Time
}

// IssueQuery selects issues. Since is about the last change.
type IssueQuery struct {
	State  string // open, closed, all
	Labels []string
	Since  time.Time
	Limit  int
}

// Issues lists issues, the last changed first, and says whether there are more.
func (c *Client) Issues(ctx context.Context, repo string, q IssueQuery) (list []Issue, more bool, err error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, false, err
	}
	opts := &github.IssueListByRepoOptions{State: q.State, Labels: q.Labels, Sort: "updated", Direction: "desc", Since: q.Since}
	opts.ListOptions.PerPage = 100
	for range maxPages {
		page, resp, err := c.rest.Issues.ListByRepo(ctx, owner, name, opts)
		if err != nil {
			return nil, false, c.explain("the issues of "+repo, err)
		}
		for _, i := range page {
			if !i.IsPullRequest() {
				list = append(list, issue(i))
			}
		}
		next := resp.NextPage
		switch {
		case q.Limit > 0 && len(list) >= q.Limit:
			return list[:q.Limit], next > 0 || len(list) > q.Limit, nil
		case next == 0 && resp.After == "":
			return list, false, nil
		case next > 0:
			opts.ListOptions.Page = next
		default:
			opts.After = resp.After
		}
	}
	return list, true, nil
}

func issue(i *github.Issue) Issue {
	out := Issue{
		Number: i.GetNumber(), Title: i.GetTitle(), Body: i.GetBody(), URL: i.GetHTMLURL(), State: i.GetState(), StateReason: i.GetStateReason(),
		Author: i.GetUser().GetLogin(), AuthorType: i.GetUser().GetType(), Association: i.GetAuthorAssociation(),
		CreatedAt: i.GetCreatedAt().Time, UpdatedAt: i.GetUpdatedAt().Time, Closed: i.GetClosedAt().Time,
	}
	for _, l := range i.Labels {
		out.Labels = append(out.Labels, l.GetName())
	}
	return out
}

// SearchIssues finds issues of a repository by the words of a query. The index
// of GitHub lags behind by seconds to minutes.
func (c *Client) SearchIssues(ctx context.Context, repo, words string) ([]Issue, error) {
	if _, _, err := split(repo); err != nil {
		return nil, err
	}
	opts := &github.SearchOptions{}
	opts.PerPage = 50
	page, _, err := c.rest.Search.Issues(ctx, "repo:"+repo+" is:issue "+words, opts)
	if err != nil {
		return nil, c.explain("a search in the issues of "+repo, err)
	}
	var list []Issue
	for _, i := range page.Issues {
		list = append(list, issue(i))
	}
	return list, nil
}

// Issue gets one issue.
func (c *Client) Issue(ctx context.Context, repo string, number int) (Issue, error) {
	owner, name, err := split(repo)
	if err != nil {
		return Issue{}, err
	}
	i, _, err := c.rest.Issues.Get(ctx, owner, name, number)
	if err != nil {
		return Issue{}, c.explain(fmt.Sprintf("issue %d of %s", number, repo), err)
	}
	return issue(i), nil
}

// CreateIssue opens an issue.
func (c *Client) CreateIssue(ctx context.Context, repo, title, body string, labels []string) (Issue, error) {
	owner, name, err := split(repo)
	if err != nil {
		return Issue{}, err
	}
	i, _, err := c.rest.Issues.Create(ctx, owner, name, github.CreateIssueRequest{Title: title, Body: &body, Labels: labels})
	if err != nil {
		return Issue{}, c.explain("a new issue in "+repo, err)
	}
	return issue(i), nil
}

// SetState opens ("open", "reopened") or closes ("closed", "completed") an issue.
func (c *Client) SetState(ctx context.Context, repo string, number int, state, reason string) (Issue, error) {
	owner, name, err := split(repo)
	if err != nil {
		return Issue{}, err
	}
	i, _, err := c.rest.Issues.Update(ctx, owner, name, number, github.UpdateIssueRequest{State: &state, StateReason: &reason})
	if err != nil {
		return Issue{}, c.explain(fmt.Sprintf("the state of issue %d of %s", number, repo), err)
	}
	return issue(i), nil
}

// AddLabels adds labels to an issue.
func (c *Client) AddLabels(ctx context.Context, repo string, number int, labels []string) error {
	owner, name, err := split(repo)
	if err != nil {
		return err
	}
	_, _, err = c.rest.Issues.AddLabelsToIssue(ctx, owner, name, number, labels)
	return c.explain(fmt.Sprintf("the labels of issue %d of %s", number, repo), err)
}

// Comments lists the comments of an issue, the oldest first.
func (c *Client) Comments(ctx context.Context, repo string, number int) ([]Comment, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	var list []Comment
	opts := &github.IssueListCommentsOptions{}
	opts.PerPage = 100
	for range maxPages {
		page, resp, err := c.rest.Issues.ListComments(ctx, owner, name, number, opts)
		if err != nil {
			return nil, c.explain(fmt.Sprintf("the comments of issue %d of %s", number, repo), err)
		}
		for _, m := range page {
			list = append(list, comment(m))
		}
		if resp.NextPage == 0 {
			break
		}
		opts.Page = resp.NextPage
	}
	return list, nil
}

func comment(m *github.IssueComment) Comment {
	return Comment{
		ID: m.GetID(), Body: m.GetBody(), Author: m.GetUser().GetLogin(), AuthorType: m.GetUser().GetType(),
		Association: m.GetAuthorAssociation(), URL: m.GetHTMLURL(), CreatedAt: m.GetCreatedAt().Time,
	}
}

// CreateComment adds a comment to an issue.
func (c *Client) CreateComment(ctx context.Context, repo string, number int, body string) (Comment, error) {
	owner, name, err := split(repo)
	if err != nil {
		return Comment{}, err
	}
	m, _, err := c.rest.Issues.CreateComment(ctx, owner, name, number, github.IssueCommentRequest{Body: body})
	if err != nil {
		return Comment{}, c.explain(fmt.Sprintf("a comment on issue %d of %s", number, repo), err)
	}
	return comment(m), nil
}

// EditComment replaces the text of a comment.
func (c *Client) EditComment(ctx context.Context, repo string, id int64, body string) (Comment, error) {
	owner, name, err := split(repo)
	if err != nil {
		return Comment{}, err
	}
	m, _, err := c.rest.Issues.UpdateComment(ctx, owner, name, id, github.IssueCommentRequest{Body: body})
	if err != nil {
		return Comment{}, c.explain(fmt.Sprintf("comment %d of %s", id, repo), err)
	}
	return comment(m), nil
}

// Closing is how an issue was closed last.
type Closing struct {
	At time.Time
	// Commit is the commit that closed it, "" when a person did.
	Commit string
	// Merged are pull requests that mention the issue and were merged.
	Merged []int
}

// Closed reads from the timeline how an issue was closed last.
func (c *Client) Closed(ctx context.Context, repo string, number int) (Closing, error) {
	owner, name, err := split(repo)
	if err != nil {
		return Closing{}, err
	}
	var last Closing
	opts := &github.ListOptions{PerPage: 100}
	for range maxPages {
		page, resp, err := c.rest.Issues.ListIssueTimeline(ctx, owner, name, number, opts)
		if err != nil {
			return Closing{}, c.explain(fmt.Sprintf("the timeline of issue %d of %s", number, repo), err)
		}
		for _, e := range page {
			switch e.GetEvent() {
			case "closed":
				last.At, last.Commit = e.GetCreatedAt().Time, e.GetCommitID()
			case "reopened":
				last.At, last.Commit = time.Time{}, ""
			case "cross-referenced":
				if i := e.GetSource().GetIssue(); i.IsPullRequest() && i.GetPullRequestLinks().MergedAt != nil {
					last.Merged = append(last.Merged, i.GetNumber())
				}
			}
		}
		if resp.NextPage == 0 {
			break
		}
		opts.Page = resp.NextPage
	}
	return last, nil
}
