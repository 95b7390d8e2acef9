// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package demo makes a small repository with a real data race in its tests, and
// makes it fail: everything that follows is derived from that run, nothing is
// prepared. The code is our own, shaped like the first user's case: two
// parallel subtests assign an outer err, in lines that one commit brought in,
// and a helper that recovers a panic leaves phantom frames in the report.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/culprit-ci/culprit/internal/gitx"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

//go:embed repo.txtar
var repoTxtar []byte

// Repo is the demo's repository on disk.
type Repo struct {
	// Dir is the absolute path of its work tree.
	Dir string
}

// Build makes the repository in dir, which must be empty or absent. Authors,
// dates and contents are fixed, so the commits have the same hashes everywhere.
func Build(ctx context.Context, dir string) (*Repo, error) {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty; name an empty or new directory", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the repository: %w", err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("making the folder of the repository: %w", err)
	}
	b := &builder{dir: dir, tree: map[string]string{}}
	for _, f := range txtar.Parse(repoTxtar).Files {
		b.tree[f.Name] = string(f.Data)
	}
	if err := b.git(ctx, nil, "init", "--quiet", "--initial-branch=main"); err != nil {
		return nil, err
	}
	for _, c := range history {
		if err := b.commit(ctx, c); err != nil {
			return nil, fmt.Errorf("commit %q: %w", c.subject, err)
		}
	}
	return &Repo{Dir: dir}, nil
}

type builder struct {
	dir  string
	tree map[string]string // the files of the last commit
}

// git runs git without the user's configuration, which could sign commits, add
// hooks or convert line ends.
func (b *builder) git(ctx context.Context, env []string, args ...string) error {
	env = append([]string{"GIT_CONFIG_GLOBAL=" + os.DevNull}, env...)
	_, err := gitx.Run(ctx, b.dir, gitx.Options{Env: env}, append([]string{"-c", "core.autocrlf=false", "-c", "commit.gpgSign=false"}, args...)...)
	return err
}

func (b *builder) commit(ctx context.Context, c commit) error {
	for _, name := range c.files {
		text, ok := b.tree[name]
		if !ok {
			return fmt.Errorf("the tree has no file %s", name)
		}
		for _, cut := range c.without {
			var err error
			if text, err = cut.from(name, text); err != nil {
				return err
			}
		}
		path := filepath.Join(b.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := b.git(ctx, nil, "add", "--all"); err != nil {
		return err
	}
	message := c.subject
	if c.body != "" {
		message += "\n\n" + c.body
	}
	return b.git(ctx, []string{
		"GIT_AUTHOR_NAME=" + c.by.name, "GIT_AUTHOR_EMAIL=" + c.by.email, "GIT_AUTHOR_DATE=" + c.date,
		"GIT_COMMITTER_NAME=" + c.by.name, "GIT_COMMITTER_EMAIL=" + c.by.email, "GIT_COMMITTER_DATE=" + c.date,
	}, "commit", "--quiet", "--no-verify", "-m", message)
}

// Run is the run of the tests that failed.
type Run struct {
	// Command is the go command as a user would type it.
	Command string
	// Tries counts the runs up to and including this one; Took is its wall time.
	Tries int
	Took  time.Duration
}

// String says what happened, for a person.
func (r Run) String() string {
	return fmt.Sprintf("Run %d of %q failed with a data race (%.1f s).", r.Tries, r.Command, r.Took.Seconds())
}

// parallel are the values of -parallel that Fail goes through, 0 being go
// test's own default. More tests at once meet more often: the semaphore of
// package testing orders tests that have to wait for it.
var parallel = []int{0, 0, 4, 4, 8, 8, 16, 16, 16, 16, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32}

// patience is for how many runs Fail waits for one in which the race also marks
// DeleteTask, an innocent test that merely runs: the case to be shown has
// collateral failures. After that any run with a race will do.
const patience = 12

// Fail runs the tests under the race detector until a race is reported, and
// writes the log of that run to logPath.
func (r *Repo) Fail(ctx context.Context, logPath string, progress func(string)) (Run, error) {
	for i, n := range parallel {
		args := []string{"test", "-race", "-json", "-count=1"}
		if n > 0 {
			args = append(args, fmt.Sprintf("-parallel=%d", n))
		}
		args = append(args, "./...")
		run := Run{Command: "go " + strings.Join(args, " "), Tries: i + 1}
		if progress != nil {
			progress(fmt.Sprintf("Running %q, try %d …", run.Command, run.Tries))
		}
		start := time.Now()
		res, err := gocmd.Run(ctx, gocmd.Cmd{Dir: r.Dir, Args: args, Env: []string{"GOFLAGS=", "GOWORK=off", "GORACE="}})
		run.Took = time.Since(start)
		var exit *gocmd.ExitError
		switch {
		case err != nil && !errors.As(err, &exit):
			return run, fmt.Errorf("running the tests: %w", err)
		case err == nil:
			continue
		case !bytes.Contains(res.Stdout, []byte("WARNING: DATA RACE")):
			return run, fmt.Errorf("%s failed without a data race: %s", run.Command, tail(string(res.Stderr)+string(res.Stdout)))
		}
		if i < patience && !bytes.Contains(res.Stdout, []byte(`"Test":"TestTools/DeleteTask","Output":"--- FAIL`)) &&
			!bytes.Contains(res.Stdout, []byte(`    --- FAIL: TestTools/DeleteTask `)) {
			continue
		}
		if err := os.WriteFile(logPath, res.Stdout, 0o644); err != nil {
			return run, fmt.Errorf("keeping the log: %w", err)
		}
		return run, nil
	}
	return Run{}, fmt.Errorf("%d runs of the tests, with up to -parallel=%d, showed no data race; run the demo again", len(parallel), parallel[len(parallel)-1])
}

func tail(s string) string {
	s = strings.TrimSpace(s)
	return s[max(0, len(s)-800):]
}
