// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"context"
	"errors"
	"time"
)

// ErrUnknown is what [Ledger.Get] returns for a key that is not there.
var ErrUnknown = errors.New("the ledger does not have the key")

// State is how far a change got.
type State string

// The states.
const (
	Intended State = "intended" // nobody knows whether it was sent
	Sent     State = "sent"
	Rejected State = "rejected" // the tracker refused; nothing changed there
)

// Entry is one change of a tracker.
type Entry struct {
	Key, Repository, Action, Cause string
	State                          State
	// Target is the number of the issue, "" while it is not known.
	Target, URL string
	// Created is when it was intended first, Updated when its state was written.
	Created, Updated time.Time
}

// Ledger keeps entries. What a method has returned from is durable.
type Ledger interface {
	// Begin records an intention. When the key is known it changes nothing, and
	// returns what is there and false.
	Begin(ctx context.Context, e Entry) (Entry, bool, error)
	// Finish writes what became of an intention.
	Finish(ctx context.Context, e Entry) error
	// Get gives an entry, or ErrUnknown.
	Get(ctx context.Context, key string) (Entry, error)
	// Since lists the entries of a repository intended at or after a time.
	Since(ctx context.Context, repository string, t time.Time) ([]Entry, error)
}

// Empty is the ledger of a dry run that has none: nothing was ever done.
type Empty struct{}

// Begin is never called in a dry run.
func (Empty) Begin(context.Context, Entry) (Entry, bool, error) {
	return Entry{}, false, errors.New("there is no ledger to write to")
}

// Finish is never called in a dry run.
func (Empty) Finish(context.Context, Entry) error {
	return errors.New("there is no ledger to write to")
}

// Get knows no key.
func (Empty) Get(context.Context, string) (Entry, error) { return Entry{}, ErrUnknown }

// Since has no entry.
func (Empty) Since(context.Context, string, time.Time) ([]Entry, error) { return nil, nil }
