// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package golog turns the bytes of a CI log into sections: packages, tests,
// race reports, builds, and what the log's own header lines tell of the job.
//
// It reads `go test` text and test2json events, alone or mixed line by line,
// also inside GitHub Actions time stamps, ANSI colours, CRLF and the
// indentation that pasting adds. It is one pass with bounded memory, it
// tolerates anything, and it concludes nothing: what a section means is for
// package kind to say.
//
// Reading order: log.go (what comes out), machine.go (the line machine),
// frame.go (the lines of go test), event.go (test2json), race.go (reports).
package golog
