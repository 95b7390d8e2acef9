// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package repro makes a failure happen on purpose and measures how often it
// does. It runs code of the repository, so it is for those who asked for that.
//
// Everything happens in a [Sandbox]: a copy of the work tree in a temporary
// folder with an environment of its own. The user's checkout is only read.
// A test binary is built once per variant of the source and then run in one
// process per trial, because the race detector reports each pair of stacks once
// per process and so cannot show a rate within one.
//
// A race is amplified by a directed delay (TSVD, SOSP 2019): both statements of
// the report are preceded by a call that waits, within bounds, until the other
// statement has been reached. The delay uses plain variables in functions that
// the detector does not see, so that it adds no happens-before edge and cannot
// hide what it looks for.
package repro
