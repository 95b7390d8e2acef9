// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package culprit

// Fix is a proposed repair.
type Fix struct {
	// Strategy names how it repairs: "redeclare-locally".
	Strategy string `json:"strategy"`
	// Message says what the patch does, as a commit subject would.
	Message string `json:"message"`
	// Patch is a unified diff that `git apply` takes at the repository root.
	Patch  string      `json:"patch"`
	Status FixStatus   `json:"status"`
	Checks List[Check] `json:"checks"`
	// Note is what a reader of the patch must know besides: instances of the
	// class that it leaves.
	Note string `json:"note,omitempty"`
	// Tried are the repairs that were tried before this one and failed a check.
	Tried List[Attempt] `json:"tried"`
}

// Attempt is a repair that was tried and did not hold.
type Attempt struct {
	Strategy string      `json:"strategy"`
	Message  string      `json:"message"`
	Patch    string      `json:"patch"`
	Status   FixStatus   `json:"status"`
	Checks   List[Check] `json:"checks"`
}

// FixStatus says how far a fix was proven.
type FixStatus string

// The statuses of a fix.
const (
	FixProposed FixStatus = "proposed" // nothing was run on it
	FixBuilds   FixStatus = "builds"   // it applies, is formatted, builds and vets
	FixVerified FixStatus = "verified" // the failure goes away and nothing else breaks
	FixRejected FixStatus = "rejected" // a check failed
)

// Check is one thing that was tried on a fix.
type Check struct {
	Name   string `json:"name"`
	Passed bool   `json:"passed"`
	Detail string `json:"detail"`
}

// Repro is how to make the failure happen.
type Repro struct {
	// Command is a shell command to run at the repository root.
	Command string `json:"command"`
	// AmplifiedCommand raises the rate; "" when there is none.
	AmplifiedCommand string `json:"amplified_command,omitempty"`
	// Before and After are measured rates without and with the fix; nil when
	// nothing was run.
	Before          *Rate `json:"before,omitempty"`
	After           *Rate `json:"after,omitempty"`
	AmplifiedBefore *Rate `json:"amplified_before,omitempty"`
	AmplifiedAfter  *Rate `json:"amplified_after,omitempty"`
	// SecondsToFirst is the time to the first failure of the plain runs, and
	// AmplifiedSecondsToFirst that of the amplified ones; 0 when there was none.
	SecondsToFirst          float64 `json:"seconds_to_first,omitempty"`
	AmplifiedSecondsToFirst float64 `json:"amplified_seconds_to_first,omitempty"`
	// Amplifier says what the amplified runs do that plain ones do not.
	Amplifier string `json:"amplifier,omitempty"`
	// Amplify is how the amplified runs were made, nil when nothing was run.
	Amplify *Amplify `json:"amplify,omitempty"`
	// Note says what limits the numbers, "" when nothing does.
	Note string `json:"note,omitempty"`
}

// Amplify is a way to run the tests under which a race shows more often.
type Amplify struct {
	// Run is the value of -run, "" for all tests of the package.
	Run string `json:"run"`
	// Delay says which accesses wait: "meet" (each for the other one), "first" or
	// "second" (of the report), or "first-start" and "second-start" for the start of
	// its goroutine, or "lateN" for another statement, which Amplifier names; "" is no
	// delay. Self says that both accesses are one statement. WaitMS is how long, in
	// milliseconds.
	Delay  string `json:"delay"`
	Self   bool   `json:"self,omitempty"`
	WaitMS int64  `json:"wait_ms,omitempty"`
	// Parallel is the value of -parallel and Procs that of GOMAXPROCS, 0 for
	// their defaults. LingerMS is the detector's atexit_sleep_ms.
	Parallel int `json:"parallel,omitempty"`
	Procs    int `json:"procs,omitempty"`
	LingerMS int `json:"linger_ms"`
	// NoRace says that the tests are built without the detector, AtOnce how many
	// processes run at the same time where that is what matters, and Shuffle is the
	// value of -shuffle.
	NoRace  bool   `json:"no_race,omitempty"`
	AtOnce  int    `json:"at_once,omitempty"`
	Shuffle string `json:"shuffle,omitempty"`
	// PauseMS is for how long the process is stopped again and again, in
	// milliseconds, and RunMS how long it works in between.
	PauseMS int64 `json:"pause_ms,omitempty"`
	RunMS   int64 `json:"run_ms,omitempty"`
	// After are the tests that have to run before the failing one, or beside it where
	// it runs in parallel: with one less it passes.
	After List[string] `json:"after"`
}

// Rate is a measured failure rate.
type Rate struct {
	Runs   int `json:"runs"`
	Failed int `json:"failed"`
	// Low and High bound the true rate: the 95 % Wilson score interval.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}
