// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package culprit

// Crash is what a process printed when it died by a panic, a fatal error of the
// runtime, or a signal.
type Crash struct {
	// Value is the panic's value or the error, as printed after "panic: ",
	// "fatal error: " or the signal's name, further values of a re-panic left out.
	Value string `json:"value"`
	// Signal is "SIGSEGV" and the like, "" when none was named.
	Signal string `json:"signal,omitempty"`
	// Recovered is true where the runtime printed "[recovered]": something
	// caught the panic and panicked again, as package testing does.
	Recovered bool `json:"recovered,omitempty"`
	// Goroutine is the one that crashed: the first of the dump.
	Goroutine *Goroutines `json:"goroutine,omitempty"`
	// Where is the topmost frame outside of the standard library, of package
	// testing and of other modules, as far as paths tell; nil when none is.
	Where *Frame `json:"where,omitempty"`
}

// Goroutines are goroutines of a dump that stand at the same place.
type Goroutines struct {
	// Count is how many there are. IDs are the runtime's numbers of the first ten.
	Count int       `json:"count"`
	IDs   List[int] `json:"ids"`
	// State is as printed: "running", "chan receive", "sync.Mutex.Lock".
	State string `json:"state"`
	// Minutes is the longest time one of them was blocked, as far as it is
	// printed: the runtime tells whole minutes, from one on.
	Minutes int `json:"minutes,omitempty"`
	// Stack is innermost first; Created is the statement that started them.
	Stack   List[Frame] `json:"stack"`
	Created List[Frame] `json:"created"`
	// Where is the topmost frame of the repository, see [Crash.Where].
	Where *Frame `json:"where,omitempty"`
	// Test is the top-level test that runs in or started them, "" when the
	// stacks do not tell.
	Test string `json:"test,omitempty"`
}

// Timeout is a time limit that ran out.
type Timeout struct {
	// Limit is the time that was allowed, as printed: "10m0s"; "" when unknown.
	Limit string `json:"limit"`
	// By says whose limit it was: "go test -timeout", "cmd/go" (the process did
	// not obey), or "runner".
	By string `json:"by"`
	// Running are the tests that ran when time was up, with how long they had
	// run. Go prints them since 1.20.
	Running List[RunningTest] `json:"running"`
}

// RunningTest is a test that had not ended.
type RunningTest struct {
	Name string `json:"name"`
	For  string `json:"for"`
}

// Assertion is the check in a test that did not hold.
type Assertion struct {
	// Library is the one whose form the message has, "testing" for a plain
	// t.Error or t.Fatal.
	Library string `json:"library"`
	// File and Line are as printed; "" and 0 when they are not.
	File string `json:"file"`
	Line int    `json:"line"`
	// Message is what was printed, at most a few hundred bytes.
	Message string `json:"message"`
	// Expected and Actual are set where the message tells them apart.
	Expected string `json:"expected,omitempty"`
	Actual   string `json:"actual,omitempty"`
	// Diff is the difference where the message holds one.
	Diff string `json:"diff,omitempty"`
}

// Diagnostic is a message of the compiler, the linker, vet or a linter.
type Diagnostic struct {
	// Package is the import path that was built, "" when the log does not tell.
	Package string `json:"package"`
	// File, Line and Column are as printed; 0 when they are not.
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	// Check is the linter or rule that the message names, "" when it names none.
	Check string `json:"check,omitempty"`
}

// Resource is what a test, a build or a job needed and did not get.
type Resource struct {
	// Type is "endpoint", "address", "path", "module", "process", "memory".
	Type string `json:"type"`
	// Name is as printed: "127.0.0.1:8080", "https://…", "/tmp/x", "golang.org/x/sys@v0.1.0".
	Name string `json:"name"`
	// Error is what was said of it.
	Error string `json:"error"`
}

// Exit is how a process ended that shows no failing test.
type Exit struct {
	// Code is the exit status, 0 when it is not shown.
	Code int `json:"code,omitempty"`
	// Signal is "killed" and the like.
	Signal string `json:"signal,omitempty"`
	// Process names what ended, as far as the log tells.
	Process string `json:"process,omitempty"`
	// Running are tests that had not ended.
	Running List[string] `json:"running"`
	// Last is the last thing it printed.
	Last string `json:"last,omitempty"`
}

// Crasher is an input that a fuzz target fails on.
type Crasher struct {
	Target string `json:"target"`
	// File is where go test wrote the input, "" when it did not.
	File string `json:"file"`
	// Command runs the input again, as printed.
	Command string `json:"command"`
}

// Coverage is a threshold that was missed, in per cent as printed.
type Coverage struct {
	Actual   string `json:"actual"`
	Required string `json:"required"`
}
