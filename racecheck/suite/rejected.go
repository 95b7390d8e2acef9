// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package suite

// Idea is a check that is not in the suite.
type Idea struct {
	Name, Reason string
}

// Rejected lists the ideas that were tried or thought through and left out.
func Rejected() []Idea {
	return []Idea{
		{"failnow", "t.FailNow in a goroutine is go vet's testinggoroutine; require in one is no race, and testifylint's go-require reports it"},
		{"outlives", "a goroutine that uses t and is not waited for mostly ends in time, as one that serves until a deferred Close: too many findings for the failures it explains"},
		{"handler", "an HTTP handler that writes what the test reads is ordered by the response in nearly every test; outervar reports it where goroutines make the requests, sleepwait and signalread where a sleep or a signal shows it"},
		{"unlocked", "a field that most code accesses under a lock, and some without, as a check that always runs: too often the object is not shared yet; sharedobject reports it where a goroutine is known to use it, otherlock where it is under another lock, partlock when it is named"},
		{"element", "elements of one slice written by several goroutines: nearly always one each"},
	}
}
