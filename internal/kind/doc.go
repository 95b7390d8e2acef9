// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package kind says what failed: it turns the sections of a log into failures,
// one file per kind. A matcher sees sections, never bytes.
//
// Reading order: all.go (the list of kinds), classify.go (the pass over the
// packages), then one kind: datarace.go, unknown.go.
package kind
