// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghtest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"

	"github.com/culprit-ci/culprit/internal/ghapi"
)

// AddRun adds a run; a second one of the same ID is another attempt.
func (repo *Repo) AddRun(r ghapi.Run) {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	r.Attempt = max(r.Attempt, 1)
	if r.Status == "" {
		r.Status = "completed"
	}
	if r.URL == "" {
		r.URL = fmt.Sprintf("https://github.com/%s/actions/runs/%d", repo.name, r.ID)
	}
	if r.HeadRepository == "" {
		r.HeadRepository = repo.name
	}
	if r.Actor == "" {
		r.Actor = "priya"
	}
	if r.Started.IsZero() {
		r.Started = repo.s.now
	}
	repo.runs = append(repo.runs, &r)
}

// AddJob adds a job with its log.
func (repo *Repo) AddJob(j ghapi.Job, log string) {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	j.Attempt = max(j.Attempt, 1)
	if j.Status == "" {
		j.Status = "completed"
	}
	if j.URL == "" {
		j.URL = fmt.Sprintf("https://github.com/%s/actions/runs/%d/job/%d", repo.name, j.RunID, j.ID)
	}
	if j.Started.IsZero() {
		j.Started, j.Completed = repo.s.now, repo.s.now
	}
	repo.jobs = append(repo.jobs, &j)
	repo.logs[j.ID] = log
}

// ExpireLog deletes the log of a job, as GitHub does after 90 days.
func (repo *Repo) ExpireLog(job int64) {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	repo.expired[job] = true
}

// AddAnnotation adds an annotation to a job.
func (repo *Repo) AddAnnotation(job int64, a ghapi.Annotation) {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	repo.notes[job] = append(repo.notes[job], a)
}

// AddArtifact adds an artifact that holds files.
func (repo *Repo) AddArtifact(run int64, name string, files map[string]string) {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	var names []string
	for n := range files {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		w, err := z.Create(n)
		if err == nil {
			_, err = w.Write([]byte(files[n]))
		}
		if err != nil {
			repo.s.t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		repo.s.t.Fatal(err)
	}
	id := repo.s.id()
	repo.archives[id] = buf.Bytes()
	repo.artifacts[run] = append(repo.artifacts[run], ghapi.Artifact{ID: id, Name: name, Bytes: int64(buf.Len())})
}

// AddCommit adds a commit.
func (repo *Repo) AddCommit(sha string, parents ...string) {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	repo.parents[sha] = parents
}

// AddPull adds a pull request.
func (repo *Repo) AddPull(p ghapi.PullRequest) {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	repo.pulls = append(repo.pulls, &p)
}

// AddIssue opens an issue as somebody.
func (repo *Repo) AddIssue(title, body, author, association string) ghapi.Issue {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	return repo.newIssue(title, body, author, association).Issue
}

// AddComment writes a comment as somebody.
func (repo *Repo) AddComment(number int, body, author, association string) {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	repo.newComment(repo.find(int64(number)), body, author, association)
}

// CloseIssue closes an issue, by a commit or by a person ("").
func (repo *Repo) CloseIssue(number int, commit string) {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	repo.find(int64(number)).close(repo.s, commit)
}

// MergeMention lets a merged pull request mention an issue.
func (repo *Repo) MergeMention(number, pr int) {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	i := repo.find(int64(number))
	i.timeline = append(i.timeline, object{
		"event": "cross-referenced", "created_at": at(repo.s.now), "updated_at": at(repo.s.now), "actor": user("somebody"),
		"source": object{"type": "issue", "issue": object{"number": pr, "state": "closed", "pull_request": object{
			"merged_at": at(repo.s.now), "url": "https://example.invalid/", "html_url": "https://example.invalid/", "diff_url": "https://example.invalid/", "patch_url": "https://example.invalid/",
		}}},
	})
}

// Issues lists the issues as they are now.
func (repo *Repo) Issues() []ghapi.Issue {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	var list []ghapi.Issue
	for _, i := range repo.issues {
		list = append(list, i.Issue)
	}
	return list
}

// Comments lists the comments of an issue as they are now.
func (repo *Repo) Comments(number int) []ghapi.Comment {
	repo.s.mu.Lock()
	defer repo.s.mu.Unlock()
	var list []ghapi.Comment
	for _, m := range repo.comments {
		if m.issue == number {
			list = append(list, m.Comment)
		}
	}
	return list
}
