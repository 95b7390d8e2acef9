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
