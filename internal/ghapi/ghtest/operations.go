// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghtest

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/culprit-ci/culprit/internal/ghapi"
)

// operations are what the server can do.
func operations() map[string]func(*call) reply {
	const r = "/repos/{owner}/{repo}"
	return map[string]func(*call) reply{
		"GET " + r + "/actions/runs":                                         listRuns,
		"GET " + r + "/actions/runs/{run_id}":                                getRun,
		"GET " + r + "/actions/runs/{run_id}/attempts/{attempt_number}":      getAttempt,
		"GET " + r + "/actions/runs/{run_id}/jobs":                           listJobs,
		"GET " + r + "/actions/runs/{run_id}/attempts/{attempt_number}/jobs": listJobs,
		"GET " + r + "/actions/jobs/{job_id}":                                getJob,
		"GET " + r + "/actions/jobs/{job_id}/logs":                           getLog,
		"GET " + r + "/actions/runs/{run_id}/artifacts":                      listArtifacts,
		"GET " + r + "/actions/artifacts/{artifact_id}/{archive_format}":     getArtifact,
		"GET " + r + "/check-runs/{check_run_id}/annotations":                listAnnotations,
		"GET " + r + "/git/commits/{commit_sha}":                             getCommit,
		"GET " + r + "/pulls/{pull_number}":                                  getPull,
		"GET " + r + "/commits/{commit_sha}/pulls":                           listPulls,
		"GET " + r + "/issues":                                               listIssues,
		"POST " + r + "/issues":                                              createIssue,
		"GET " + r + "/issues/{issue_number}":                                getIssue,
		"PATCH " + r + "/issues/{issue_number}":                              updateIssue,
		"GET " + r + "/issues/{issue_number}/comments":                       listComments,
		"POST " + r + "/issues/{issue_number}/comments":                      createComment,
		"PATCH " + r + "/issues/comments/{comment_id}":                       updateComment,
		"POST " + r + "/issues/{issue_number}/labels":                        addLabels,
		"GET " + r + "/issues/{issue_number}/timeline":                       listTimeline,
		"GET " + r + "/compare/{basehead}":                                   compare,
		"GET /search/issues":                                                 searchIssues,
	}
}

// paths are the paths of the operations.
func paths() []string {
	seen := map[string]bool{}
	for op := range operations() {
		_, p, _ := strings.Cut(op, " ")
		seen[p] = true
	}
	var list []string
	for p := range seen {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}

func hash(b []byte) uint64 {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}

// page cuts a list as the request asks, with the Link header of GitHub.
func page[T any](c *call, list []T) ([]T, http.Header) {
	q := c.r.URL.Query()
	per, _ := strconv.Atoi(q.Get("per_page"))
	if per <= 0 {
		per = 30
	}
	per = min(per, 100)
	if c.s.PerPage > 0 {
		per = min(per, c.s.PerPage)
	}
	n, _ := strconv.Atoi(q.Get("page"))
	n = max(n, 1)
	from, to := min((n-1)*per, len(list)), min(n*per, len(list))
	if to == len(list) {
		return list[from:to], nil
	}
	u := *c.r.URL
	q.Set("page", strconv.Itoa(n+1))
	u.RawQuery = q.Encode()
	return list[from:to], http.Header{"Link": {fmt.Sprintf(`<%s%s>; rel="next"`, strings.TrimSuffix(c.s.API, "/"), u.String())}}
}

func each[T any](list []T, f func(T) any) []any {
	out := make([]any, 0, len(list))
	for _, v := range list {
		out = append(out, f(v))
	}
	return out
}

func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func user(login string) object {
	kind := "User"
	if strings.HasSuffix(login, "[bot]") {
		kind = "Bot"
	}
	return object{"login": login, "type": kind}
}

func (repo *Repo) run(r *ghapi.Run) any {
	o := object{
		"id": r.ID, "run_attempt": r.Attempt, "name": r.Name, "event": r.Event, "status": r.Status, "conclusion": orNil(r.Conclusion),
		"head_sha": r.HeadSHA, "head_branch": r.HeadBranch, "html_url": r.URL, "actor": user(r.Actor), "triggering_actor": user(r.Actor),
		"run_started_at": at(r.Started), "repository": object{"full_name": repo.name}, "head_repository": object{"full_name": r.HeadRepository},
	}
	var pulls []any
	for _, n := range r.PullRequests {
		pulls = append(pulls, object{"number": n})
	}
	o["pull_requests"] = pulls
	return o
}

func listRuns(c *call) reply {
	q := c.r.URL.Query()
	var list []*ghapi.Run
	for _, r := range slices.Backward(c.repo.runs) {
		status := q.Get("status")
		if (q.Get("head_sha") == "" || q.Get("head_sha") == r.HeadSHA) && (status == "" || status == r.Status || status == r.Conclusion) &&
			(q.Get("branch") == "" || q.Get("branch") == r.HeadBranch) && !slices.ContainsFunc(list, func(have *ghapi.Run) bool { return have.ID == r.ID }) {
			list = append(list, r)
		}
	}
	part, link := page(c, list)
	return reply{http.StatusOK, object{"total_count": len(list), "workflow_runs": each(part, c.repo.run)}, link}
}

func getRun(c *call) reply {
	for _, r := range slices.Backward(c.repo.runs) {
		if r.ID == c.id("run_id") {
			return ok(c.repo.run(r))
		}
	}
	return reply{status: http.StatusNotFound}
}

func getAttempt(c *call) reply {
	for _, r := range c.repo.runs {
		if r.ID == c.id("run_id") && int64(r.Attempt) == c.id("attempt_number") {
			return ok(c.repo.run(r))
		}
	}
	return reply{status: http.StatusNotFound}
}

func job(j *ghapi.Job) any {
	var steps []any
	for i, name := range append([]string{"Set up job"}, j.FailedSteps...) {
		conclusion := "success"
		if i > 0 {
			conclusion = "failure"
		}
		steps = append(steps, object{"name": name, "status": "completed", "conclusion": conclusion, "number": i + 1})
	}
	return object{
		"id": j.ID, "run_id": j.RunID, "run_attempt": j.Attempt, "name": j.Name, "workflow_name": orNil(j.Workflow), "status": j.Status,
		"conclusion": orNil(j.Conclusion), "head_sha": j.HeadSHA, "head_branch": orNil(j.HeadBranch), "html_url": orNil(j.URL),
		"started_at": at(j.Started), "completed_at": at(j.Completed), "steps": steps,
	}
}

func listJobs(c *call) reply {
	attempt := c.id("attempt_number")
	if attempt == 0 {
		for _, j := range c.repo.jobs {
			if j.RunID == c.id("run_id") {
				attempt = max(attempt, int64(j.Attempt))
			}
		}
	}
	var list []*ghapi.Job
	for _, j := range c.repo.jobs {
		if j.RunID == c.id("run_id") && int64(j.Attempt) == attempt {
			list = append(list, j)
		}
	}
	part, link := page(c, list)
	return reply{http.StatusOK, object{"total_count": len(list), "jobs": each(part, job)}, link}
}

func getJob(c *call) reply {
	for _, j := range c.repo.jobs {
		if j.ID == c.id("job_id") {
			return ok(job(j))
		}
	}
	return reply{status: http.StatusNotFound}
}

func (c *call) stored(kind string, id int64) reply {
	return reply{http.StatusFound, nil, http.Header{"Location": {fmt.Sprintf("%s/%s/%d?sig=signed", c.s.blobs.URL, kind, id)}}}
}

func getLog(c *call) reply {
	id := c.id("job_id")
	if c.repo.expired[id] {
		return reply{status: http.StatusGone, body: object{"message": "Server Error"}}
	}
	return c.stored("log", id)
}

func listArtifacts(c *call) reply {
	list := c.repo.artifacts[c.id("run_id")]
	part, link := page(c, list)
	return reply{http.StatusOK, object{"total_count": len(list), "artifacts": each(part, func(a ghapi.Artifact) any {
		return object{"id": a.ID, "name": a.Name, "size_in_bytes": a.Bytes, "expired": a.Expired}
	})}, link}
}

func getArtifact(c *call) reply { return c.stored("zip", c.id("artifact_id")) }

func listAnnotations(c *call) reply {
	part, link := page(c, c.repo.notes[c.id("check_run_id")])
	return reply{http.StatusOK, each(part, func(a ghapi.Annotation) any {
		return object{"path": a.Path, "start_line": a.Line, "end_line": a.Line, "annotation_level": a.Level, "title": a.Title, "message": a.Message}
	}), link}
}

func getCommit(c *call) reply {
	parents, found := c.repo.parents[c.param("commit_sha")]
	if !found {
		return notFound()
	}
	return ok(object{"sha": c.param("commit_sha"), "parents": each(parents, func(p string) any { return object{"sha": p} })})
}

// compare knows the commits that were added.
func compare(c *call) reply {
	base, head, _ := strings.Cut(c.param("basehead"), "...")
	for _, sha := range []string{base, head} {
		if _, known := c.repo.parents[sha]; !known {
			return notFound()
		}
	}
	status := "diverged"
	switch {
	case base == head:
		status = "identical"
	case c.repo.reaches(head, base):
		status = "ahead"
	case c.repo.reaches(base, head):
		status = "behind"
	}
	return ok(object{"status": status})
}

func (repo *Repo) reaches(from, to string) bool {
	for _, p := range repo.parents[from] {
		if p == to || repo.reaches(p, to) {
			return true
		}
	}
	return false
}

func pull(p *ghapi.PullRequest) object {
	return object{
		"number": p.Number, "title": p.Title, "merged_at": at(p.MergedAt), "merge_commit_sha": orNil(p.MergeCommit),
		"head": object{"sha": p.HeadSHA, "ref": p.HeadRef}, "base": object{"sha": p.BaseSHA, "ref": p.BaseRef},
	}
}

func getPull(c *call) reply {
	for _, p := range c.repo.pulls {
		if int64(p.Number) == c.id("pull_number") {
			o := pull(p)
			o["merged"] = p.Merged
			return ok(o)
		}
	}
	return notFound()
}

func listPulls(c *call) reply {
	var list []any
	for _, p := range c.repo.pulls {
		if p.HeadSHA == c.param("commit_sha") || p.MergeCommit == c.param("commit_sha") {
			list = append(list, pull(p))
		}
	}
	return ok(list)
}
