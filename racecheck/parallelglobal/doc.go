// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package parallelglobal defines an analyzer that finds parallel tests which
// change what the whole process shares.
//
// # Analyzer parallelglobal
//
// parallelglobal: report parallel tests that change package variables, the environment or the working directory
//
// A test that replaces a package variable for its own run must be the only one that
// runs. With t.Parallel it is not, also when it puts the old value back:
//
//	func TestExpired(t *testing.T) {
//		t.Parallel()
//		old := timeNow
//		defer func() { timeNow = old }()
//		timeNow = func() time.Time { return later }
//		check(t)
//	}
//
// Either the test runs alone, or it hands the value in:
//
//	func TestExpired(t *testing.T) {
//		t.Parallel()
//		check(t, Clock(func() time.Time { return later }))
//	}
//
// Reported are assignments after t.Parallel to variables of other packages, such as
// os.Stderr, and to variables of the test's package that its code outside of tests
// uses; and calls like os.Setenv and os.Chdir.
//
// # When not to worry
//
// Nothing is reported under a lock, before t.Parallel, or for a variable that only
// tests use. If no other parallel test can come near the variable, say so in a
// directive:
//
//	//culprit:ignore parallelglobal the only parallel test of this package
package parallelglobal
