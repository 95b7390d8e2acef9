// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package outbox is the only door out: it turns the failures of a case into
// issues, comments and reopenings of a tracker. It does what it does at most
// once, also when it is killed at any moment, and it would rather do nothing
// than something wrong.
//
//   - An issue is created for a cause that is not known yet, and one comment of
//     it holds a table of all occurrences, which is edited.
//   - A closed issue is opened again only for a failing commit that has the fix.
//     A commit that lacks it, a fix that is not known, an issue that was closed
//     as not planned: nothing is done, and the reason is given.
//   - Few issues are created in one run and on one day. Many new causes at once
//     are rather one broken thing than many, so then none is created.
//   - Nobody is assigned and nobody is mentioned.
//
// # At most once
//
// Each change has a key. It is written to the [Ledger] as intended before it is
// sent, and as sent with the answer. Whoever finds an intention without an answer
// looks for the change itself: issues and comments carry a hidden mark with the
// key. Only if it is not there, and the intention is older than the longest time
// that a request can be on its way, is it sent again.
//
// Two machines without a common ledger that meet a new cause within the same
// seconds can still create two issues; the mark lets a person see it.
package outbox
