// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package ingest puts many logs into a store. It can be interrupted at any time
// and run again: a log is known by its digest, and what is stored is whole.
package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/logfile"
	"github.com/culprit-ci/culprit/internal/redact"
	"github.com/culprit-ci/culprit/internal/store"
)

// Options says what to read.
type Options struct {
	// Paths are files, directories and patterns of both.
	Paths []string
	// Job is what is known of all the jobs; what a log says wins.
	Job culprit.Job
	// Again reads logs that are in the store once more.
	Again bool
	// Workers is how many logs are read at the same time, at least 1.
	Workers int
	// Progress is told after each file how far it is; nil means that nobody is.
	Progress func(Summary)
}

// Summary counts what was done.
type Summary struct {
	Files int `json:"files"` // looked at
	New   int `json:"new"`
	// Failed counts those of New that show a failure.
	Failed  int `json:"failed"`
	Known   int `json:"known"`    // in the store already, or the same log twice
	NoTests int `json:"no_tests"` // no Go test run in them, not stored
	// Unreadable says what could not be read, and why, at most [MaxUnreadable].
	Unreadable culprit.List[string] `json:"unreadable"`
}

// MaxUnreadable bounds the list of files that could not be read.
const MaxUnreadable = 1000

// Run reads the logs. A file that cannot be read is noted and the others are
// read; the error is that of the store, of a path that names nothing, or of the
// context.
func Run(ctx context.Context, db store.Cases, o Options) (Summary, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &run{db: db, o: o, cancel: cancel, begun: map[string]bool{}}
	files := make(chan string)
	var workers sync.WaitGroup
	for range max(o.Workers, 1) {
		workers.Go(func() {
			for file := range files {
				r.file(ctx, file)
			}
		})
	}
	err := walk(ctx, o.Paths, files, r.unreadable)
	close(files)
	workers.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return r.sum, err
}

type run struct {
	db     store.Cases
	o      Options
	cancel context.CancelCauseFunc

	mu    sync.Mutex
	sum   Summary
	begun map[string]bool // digests of this run
}

// outcome is what became of a file.
type outcome int

const (
	isNew outcome = iota
	isNewFailed
	isKnown
	hasNoTests
)

func (r *run) file(ctx context.Context, file string) {
	if ctx.Err() != nil {
		return
	}
	got, err := r.read(ctx, file)
	var broken *storeError
	switch {
	case ctx.Err() != nil:
		return
	case errors.As(err, &broken):
		r.cancel(broken.err)
		return
	case err != nil:
		r.unreadable(file, err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Files++
	switch got {
	case isNewFailed:
		r.sum.Failed++
		r.sum.New++
	case isNew:
		r.sum.New++
	case isKnown:
		r.sum.Known++
	case hasNoTests:
		r.sum.NoTests++
	}
	if r.o.Progress != nil {
		r.o.Progress(r.sum)
	}
}

// unreadable notes a file that could not be read.
func (r *run) unreadable(file string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Files++
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if len(r.sum.Unreadable) < MaxUnreadable {
		r.sum.Unreadable = append(r.sum.Unreadable, fmt.Sprintf("%s: %v", file, err))
	}
}

// storeError ends the whole run: the next file would fare no better.
type storeError struct{ err error }

func (e *storeError) Error() string { return e.err.Error() }

// read puts one log into the store.
func (r *run) read(ctx context.Context, file string) (outcome, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	// The digest of a case is that of the log as it is unpacked.
	sum := sha256.New()
	if err := unpack(ctx, f, func(log *logfile.Reader) error {
		_, err := io.Copy(sum, log)
		return err
	}); err != nil {
		return 0, err
	}
	if known, err := r.known(ctx, hex.EncodeToString(sum.Sum(nil))); known || err != nil {
		return isKnown, err
	}
	var record *store.Record
	if err := unpack(ctx, f, func(log *logfile.Reader) error {
		_, err := engine.Triage(ctx, engine.Input{Log: log, Packed: log.Packed(), Save: func(_ context.Context, rec *store.Record) { record = rec }})
		return err
	}); err != nil {
		return 0, err
	}
	if record.Case.Verdict == culprit.NoTests {
		return hasNoTests, nil
	}
	complete(&record.Case.Job, r.o.Job)
	record.Source = redact.Text(file)
	if start := record.Case.Job.StartedAt; start == nil {
		record.Seen = st.ModTime()
	}
	if err := r.db.Save(ctx, record); err != nil {
		return 0, &storeError{err}
	}
	if record.Case.Verdict == culprit.Failed {
		return isNewFailed, nil
	}
	return isNew, nil
}

// known reports whether a log is in the store, or was begun by this run.
func (r *run) known(ctx context.Context, sum string) (bool, error) {
	r.mu.Lock()
	begun := r.begun[sum]
	r.begun[sum] = true
	r.mu.Unlock()
	if begun || r.o.Again {
		return begun, nil
	}
	_, err := r.db.HasLog(ctx, sum)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return false, nil
	case err != nil:
		return false, &storeError{err}
	}
	return true, nil
}

// complete fills in what the log does not tell.
func complete(job *culprit.Job, told culprit.Job) {
	for _, f := range []struct{ to, from *string }{
		{&job.Repository, &told.Repository}, {&job.Branch, &told.Branch}, {&job.Commit, &told.Commit}, {&job.Name, &told.Name},
	} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	if job.PullRequest == 0 {
		job.PullRequest = told.PullRequest
	}
}

// unpack reads a file from its beginning.
func unpack(ctx context.Context, f *os.File, read func(*logfile.Reader) error) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	log, err := logfile.Open(&reader{ctx, f}, logfile.Options{})
	if err != nil {
		return err
	}
	return errors.Join(read(log), log.Close())
}

// reader ends when its context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

// Read reads, if nobody has interrupted.
func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
