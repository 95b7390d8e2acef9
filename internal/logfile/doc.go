// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package logfile unpacks a log: gzip, zstd, or a zip archive such as the one
// that GitHub gives for a run, whose jobs become sections of one text.
//
// What a file is is told by its first bytes, not by its name. What it unpacks is
// bounded, in memory and in all, and nothing is ever written where a name in an
// archive says: names are labels. An archive inside an archive stays closed.
package logfile
