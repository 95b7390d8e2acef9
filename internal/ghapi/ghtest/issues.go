// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit/internal/ghapi"
)

func (repo *Repo) issue(i *issue) any {
	return object{
		"id": 9000 + i.Number, "number": i.Number, "title": i.Title, "body": i.Body, "state": i.State, "state_reason": orNil(i.StateReason),
		"html_url": i.URL, "user": user(i.Author), "author_association": i.Association, "created_at": at(i.CreatedAt), "updated_at": at(i.UpdatedAt),
		"closed_at": at(i.Closed), "labels": each(i.Labels, func(l string) any { return object{"name": l} }),
	}
}

func (repo *Repo) find(number int64) *issue {
	for _, i := range repo.issues {
		if int64(i.Number) == number {
			return i
		}
	}
	return nil
}

func (repo *Repo) address(number int) string {
	return fmt.Sprintf("https://github.com/%s/issues/%d", repo.name, number)
}

func listIssues(c *call) reply {
	q := c.r.URL.Query()
	state := q.Get("state")
	if state == "" {
		state = "open"
	}
	since, _ := time.Parse(time.RFC3339, q.Get("since"))
	var list []*issue
	for _, i := range c.repo.issues {
		if (state == "all" || i.State == state) && !i.UpdatedAt.Before(since) && hasLabels(i, q.Get("labels")) {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b *issue) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	part, link := page(c, list)
	return reply{http.StatusOK, each(part, c.repo.issue), link}
}

func hasLabels(i *issue, labels string) bool {
	for l := range strings.SplitSeq(labels, ",") {
		if l != "" && !slices.Contains(i.Labels, l) {
			return false
		}
	}
	return true
}

func createIssue(c *call) reply {
	i := c.repo.newIssue(c.text("title"), c.text("body"), Me, "NONE")
	for _, l := range list(c.body["labels"]) {
		i.Labels = append(i.Labels, fmt.Sprint(l))
	}
	return reply{http.StatusCreated, c.repo.issue(i), http.Header{"Location": {i.URL}}}
}

func (repo *Repo) newIssue(title, body, author, association string) *issue {
	n := len(repo.issues) + len(repo.pulls) + 1
	i := &issue{Issue: ghapi.Issue{
		Number: n, Title: title, Body: body, State: "open", URL: repo.address(n), Author: author, Association: association,
		CreatedAt: repo.s.now, UpdatedAt: repo.s.now,
	}}
	repo.issues = append(repo.issues, i)
	return i
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func getIssue(c *call) reply {
	i := c.repo.find(c.id("issue_number"))
	if i == nil {
		return notFound()
	}
	return ok(c.repo.issue(i))
}

func updateIssue(c *call) reply {
	i := c.repo.find(c.id("issue_number"))
	if i == nil {
		return notFound()
	}
	i.UpdatedAt = c.s.now
	switch state := c.text("state"); {
	case state == "open" && i.State == "closed":
		i.reopen(c.s)
	case state == "closed" && i.State == "open":
		i.close(c.s, "")
	}
	return ok(c.repo.issue(i))
}

func (i *issue) close(s *Server, commit string) {
	i.State, i.StateReason, i.Closed, i.UpdatedAt = "closed", "completed", s.now, s.now
	i.timeline = append(i.timeline, s.event("closed", commit))
}

func (i *issue) reopen(s *Server) {
	i.State, i.StateReason, i.Closed, i.UpdatedAt = "open", "reopened", time.Time{}, s.now
	i.timeline = append(i.timeline, s.event("reopened", ""))
}

func (s *Server) event(name, commit string) any {
	return object{"id": s.id(), "event": name, "commit_id": orNil(commit), "commit_url": nil, "created_at": at(s.now), "actor": user("somebody")}
}

func listComments(c *call) reply {
	var list []*comment
	for _, m := range c.repo.comments {
		if int64(m.issue) == c.id("issue_number") {
			list = append(list, m)
		}
	}
	part, link := page(c, list)
	return reply{http.StatusOK, each(part, commentBody), link}
}

func commentBody(m *comment) any {
	return object{"id": m.ID, "body": m.Body, "html_url": m.URL, "user": user(m.Author), "author_association": m.Association, "created_at": at(m.CreatedAt)}
}

func createComment(c *call) reply {
	i := c.repo.find(c.id("issue_number"))
	if i == nil {
		return notFound()
	}
	m := c.repo.newComment(i, c.text("body"), Me, "NONE")
	return reply{http.StatusCreated, commentBody(m), http.Header{"Location": {m.URL}}}
}

func (repo *Repo) newComment(i *issue, body, author, association string) *comment {
	id := repo.s.id()
	m := &comment{ghapi.Comment{ID: id, Body: body, Author: author, Association: association, URL: fmt.Sprintf("%s#issuecomment-%d", i.URL, id), CreatedAt: repo.s.now}, i.Number}
	repo.comments = append(repo.comments, m)
	i.UpdatedAt = repo.s.now
	return m
}

func updateComment(c *call) reply {
	for _, m := range c.repo.comments {
		if m.ID == c.id("comment_id") {
			m.Body = c.text("body")
			return ok(commentBody(m))
		}
	}
	return reply{status: http.StatusUnprocessableEntity}
}

func addLabels(c *call) reply {
	i := c.repo.find(c.id("issue_number"))
	if i == nil {
		return notFound()
	}
	for _, l := range list(c.body["labels"]) {
		if !slices.Contains(i.Labels, fmt.Sprint(l)) {
			i.Labels = append(i.Labels, fmt.Sprint(l))
		}
	}
	return ok(each(i.Labels, func(l string) any { return object{"name": l} }))
}

func listTimeline(c *call) reply {
	i := c.repo.find(c.id("issue_number"))
	if i == nil {
		return notFound()
	}
	part, link := page(c, i.timeline)
	return reply{http.StatusOK, each(part, func(e any) any { return e }), link}
}

// searchIssues knows plain words and repo:; the index is that of the time of the request.
func searchIssues(c *call) reply {
	var repo *Repo
	var words []string
	for _, w := range strings.Fields(c.r.URL.Query().Get("q")) {
		if name, ok := strings.CutPrefix(w, "repo:"); ok {
			repo = c.s.repos[name]
		} else if !strings.Contains(w, ":") {
			words = append(words, strings.ToLower(strings.Trim(w, `"`)))
		}
	}
	var items []any
	if repo != nil {
		for _, i := range repo.issues {
			text := strings.ToLower(i.Title + " " + i.Body)
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
				items = append(items, repo.issue(i))
			}
		}
	}
	return ok(object{"total_count": len(items), "incomplete_results": false, "items": items})
}
