// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/lazyre"
	"github.com/culprit-ci/culprit/internal/store"
)

// saved is a case on its way into the tables.
type saved struct {
	*store.Record
	repository string
	line, head string
	runKey     string
	seen, day  int64
	seq        int64
	outcomes   map[int64]*outcome // by the ID of the test
}

// Save implements [store.Cases].
func (s *DB) Save(ctx context.Context, r *store.Record) error {
	if r.Case == nil || r.Case.ID == "" {
		return s.failed("saving a case", errors.New("it has no ID"))
	}
	body, err := json.Marshal(r.Case)
	if err != nil {
		return s.failed("saving case "+r.Case.ID, err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		c := &saved{Record: r}
		if err := c.prepare(ctx, tx, s.now()); err != nil {
			return err
		}
		before, err := present(ctx, tx, c.seq)
		if err != nil {
			return err
		}
		if err := forget(ctx, tx, c.seq); err != nil {
			return err
		}
		if err := c.insert(ctx, tx, s.now(), body); err != nil {
			return err
		}
		if err := c.insertRuns(ctx, tx); err != nil {
			return err
		}
		if err := c.insertFailures(ctx, tx); err != nil {
			return err
		}
		flipped, err := c.prove(ctx, tx)
		if err != nil {
			return err
		}
		return c.count(ctx, tx, before, flipped)
	})
	return s.failed("saving case "+r.Case.ID, err)
}

// prepare computes what several tables hold. A case that was saved before keeps
// the time at which it was seen, unless a better one is known.
func (c *saved) prepare(ctx context.Context, tx *sql.Tx, now time.Time) error {
	job := c.Case.Job
	c.repository = clean(job.Repository, maxIdent)
	seen := c.Seen
	if seen.IsZero() && job.StartedAt != nil {
		seen = *job.StartedAt
	}
	var was int64
	err := tx.QueryRowContext(ctx, "SELECT seq, seen_at FROM cases WHERE id = $1", clean(c.Case.ID, maxIdent)).Scan(&c.seq, &was)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	case !seen.IsZero():
		c.seen = micros(seen)
	case err == nil:
		c.seen = was
	default:
		c.seen = micros(now)
	}
	c.day = dayOf(c.seen)
	c.line, c.head = lineOf(job)
	c.runKey = clean("case "+c.Case.ID, maxIdent)
	if job.RunID != "" {
		c.runKey = clean(fmt.Sprintf("%s %s/%d", job.Provider, job.RunID, job.Attempt), maxIdent)
	}
	return nil
}

// lineOf gives the line of work of a job, and the branch it is on. GitHub's merge
// queue makes a branch for each try of a pull request, which is that one's work.
func lineOf(job culprit.Job) (line, head string) {
	pr := job.PullRequest
	if queued := queueBranch.FindStringSubmatch(job.Branch); pr == 0 && queued != nil {
		pr, _ = strconv.Atoi(queued[1])
		job.Branch = ""
	}
	head = clean(job.Branch, maxIdent)
	switch {
	case pr > 0:
		return "#" + strconv.Itoa(pr), head
	case job.Branch != "":
		return clean("="+job.Branch, maxIdent), head
	}
	return "", ""
}

var queueBranch = lazyre.New(`^gh-readonly-queue/.+/pr-(\d{1,9})-[0-9a-f]+$`)

// insert writes the row of the case and learns its number.
func (c *saved) insert(ctx context.Context, tx *sql.Tx, now time.Time, body []byte) error {
	job := c.Case.Job
	ident := func(s string) string { return clean(s, maxIdent) }
	complete := 0
	if c.Complete {
		complete = 1
	}
	return tx.QueryRowContext(ctx, `
		INSERT INTO cases (id, repository, provider, run_id, job_id, attempt, job_name, workflow, url, commit_sha,
			branch, pull_request, line, run_key, verdict, log_sha256, source, seen_at, saved_at, complete, body)
		VALUES (`+places(1, 21)+`)
		ON CONFLICT (id) DO UPDATE SET repository = excluded.repository, provider = excluded.provider,
			run_id = excluded.run_id, job_id = excluded.job_id, attempt = excluded.attempt,
			job_name = excluded.job_name, workflow = excluded.workflow, url = excluded.url,
			commit_sha = excluded.commit_sha, branch = excluded.branch, pull_request = excluded.pull_request,
			line = excluded.line, run_key = excluded.run_key, verdict = excluded.verdict,
			log_sha256 = excluded.log_sha256, source = excluded.source, seen_at = excluded.seen_at,
			saved_at = excluded.saved_at, complete = excluded.complete, body = excluded.body
		RETURNING seq`,
		ident(c.Case.ID), c.repository, ident(job.Provider), ident(job.RunID), ident(job.JobID), job.Attempt,
		ident(job.Name), ident(job.Workflow), clean(job.URL, maxName), ident(job.Commit),
		ident(job.Branch), job.PullRequest, c.line, c.runKey, ident(string(c.Case.Verdict)),
		ident(c.Case.Log.SHA256), clean(c.Source, maxName), c.seen, micros(now), complete, body).Scan(&c.seq)
}

// Load implements [store.Cases].
func (s *DB) Load(ctx context.Context, id string) (*culprit.Case, error) {
	var body []byte
	err := s.db.QueryRowContext(ctx, "SELECT body FROM cases WHERE id = $1", clean(id, maxIdent)).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	c := &culprit.Case{}
	if err == nil {
		err = json.Unmarshal(body, c)
	}
	if err != nil {
		return nil, s.failed("reading case "+id, err)
	}
	return c, nil
}

// HasLog implements [store.Cases].
func (s *DB) HasLog(ctx context.Context, sha256 string) (string, error) {
	var id string
	err := s.db.QueryRowContext(ctx, "SELECT id FROM cases WHERE log_sha256 = $1 AND complete = 1 ORDER BY seq LIMIT 1",
		clean(sha256, maxIdent)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", store.ErrNotFound
	}
	return id, s.failed("looking for a log", err)
}
