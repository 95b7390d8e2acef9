// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package culprit

// Kind says what a failure is.
type Kind string

// The kinds. docs/kinds.md describes each one.
const (
	KindDataRace       Kind = "data-race"
	KindConcurrentMap  Kind = "concurrent-map"
	KindPanic          Kind = "panic"
	KindDeadlock       Kind = "deadlock"
	KindTimeout        Kind = "timeout"
	KindGoroutineLeak  Kind = "goroutine-leak"
	KindOutOfMemory    Kind = "out-of-memory"
	KindAssertion      Kind = "assertion"
	KindEventually     Kind = "eventually" // a wait or deadline inside the test ran out
	KindMock           Kind = "mock"
	KindGolden         Kind = "golden"
	KindLogAfterTest   Kind = "log-after-test"
	KindFuzz           Kind = "fuzz"
	KindBenchmark      Kind = "benchmark"
	KindExample        Kind = "example"
	KindTestMain       Kind = "test-main"
	KindExit           Kind = "exit" // os.Exit, or an exit code without a failing test
	KindBuild          Kind = "build"
	KindVet            Kind = "vet"
	KindLint           Kind = "lint"
	KindModuleDownload Kind = "module-download"
	KindPortInUse      Kind = "port-in-use"
	KindNetwork        Kind = "network"
	KindDiskFull       Kind = "disk-full"
	KindRunnerLost     Kind = "runner-lost"
	KindCancelled      Kind = "cancelled"
	KindCoverage       Kind = "coverage"
	KindUnknown        Kind = "unknown" // it failed, and nothing recognised says why
)

// Kinds lists every kind, in the order of the contract.
var Kinds = []Kind{
	KindDataRace, KindConcurrentMap, KindPanic, KindDeadlock, KindTimeout, KindGoroutineLeak,
	KindOutOfMemory, KindAssertion, KindEventually, KindMock, KindGolden, KindLogAfterTest,
	KindFuzz, KindBenchmark, KindExample, KindTestMain, KindExit, KindBuild, KindVet, KindLint,
	KindModuleDownload, KindPortInUse, KindNetwork, KindDiskFull, KindRunnerLost, KindCancelled,
	KindCoverage, KindUnknown,
}
