// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package flow tells which accesses to a variable can happen at the same time.
//
// Of each function declaration it makes a tree of runs: the ways in which the
// function literals below it come to run, from "in place" over "parallel subtest"
// and "goroutine" to "kept by somebody". Two accesses by different runs race when
// the start of one reaches the other on the control flow graph without passing
// anything that may wait for it; see [Scope.Concurrent]. What may be an order is
// taken for one: an instance that is missed costs less than a false one.
//
// What functions do with their parameters is known across packages, as facts: see
// [FuncFact].
//
// It stands on types and syntax alone: an SSA form of every package and of all it
// imports would take several times as long as go vet does.
package flow
