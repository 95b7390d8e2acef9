// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package tracker is what culprit asks of an issue tracker. Only the outbox
// writes; it alone decides whether, how often and about what. Each tracker is a
// package below this one; trackertest holds what all of them promise.
package tracker

import (
	"context"
	"errors"
	"time"
)

// The errors that an adapter's errors wrap.
var (
	ErrNotFound = errors.New("there is no such issue, or the token may not see it")
	// ErrRefused: the tracker understood and did nothing.
	ErrRefused = errors.New("the tracker refuses it")
)

// Issue is an issue.
type Issue struct {
	Number           int
	ID               string // as people write it: "#12"
	Title, Body, URL string
	Open             bool
	// NotFixed says why a closed one was never fixed: "not planned", "duplicate".
	NotFixed string
	Labels   []string
	// Trusted is true when its author may write to the repository or is a bot.
	// Marks are believed of nobody else: anybody can open an issue.
	Trusted          bool
	Created, Updated time.Time
	Closed           time.Time // zero for an open one
}

// Comment is a comment on an issue.
type Comment struct {
	ID      int64
	Body    string
	URL     string
	Trusted bool
	Created time.Time
}

// Fix says what closed an issue.
type Fix struct {
	// Commit is the commit that fixed it, "" when that is not clear.
	Commit string
	// Pull is the pull request, 0 when there is none.
	Pull int
	// Why says why Commit is empty.
	Why string
}

// Reader reads the issues of one repository.
type Reader interface {
	// Issue gives one issue, or ErrNotFound.
	Issue(ctx context.Context, number int) (Issue, error)
	// Containing finds the issues, open or closed, whose text holds a word. One that was
	// created before the call began is found.
	Containing(ctx context.Context, word string) ([]Issue, error)
	// Recent lists the open issues and those closed at or after a time, the last
	// changed first, and says whether there are more than limit.
	Recent(ctx context.Context, closedSince time.Time, limit int) (list []Issue, more bool, err error)
	// Comments lists the comments of an issue, the oldest first.
	Comments(ctx context.Context, number int) ([]Comment, error)
	// Fix says what closed an issue.
	Fix(ctx context.Context, number int) (Fix, error)
}

// Draft is an issue to be.
type Draft struct {
	Title, Body string
	Labels      []string
}

// Writer changes the issues of one repository. A method that returns an error
// wrapping [ErrRefused] changed nothing; after any other error nobody knows.
type Writer interface {
	Create(ctx context.Context, d Draft) (Issue, error)
	Comment(ctx context.Context, number int, body string) (Comment, error)
	EditComment(ctx context.Context, id int64, body string) error
	Reopen(ctx context.Context, number int) error
}
