// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
)

// render is what `go test -v` prints, out of what `go test -json` did: the events
// hold it byte for byte, packages in between each other, where the text holds one
// package after the other.
func render(log []byte) []byte {
	var builds, out bytes.Buffer
	of := map[string]*bytes.Buffer{}
	for line := range bytes.Lines(log) {
		var ev struct{ Action, Package, Test, Output string }
		if json.Unmarshal(line, &ev) != nil {
			out.Write(line)
			continue
		}
		if ev.Package == "" {
			builds.WriteString(ev.Output)
			continue
		}
		if of[ev.Package] == nil {
			of[ev.Package] = &bytes.Buffer{}
		}
		of[ev.Package].WriteString(ev.Output)
		if ev.Test == "" && (ev.Action == "fail" || ev.Action == "pass" || ev.Action == "skip") {
			out.Write(of[ev.Package].Bytes())
		}
	}
	return append(builds.Bytes(), out.Bytes()...)
}

// seen is what a log shows of one test or package, for comparison.
type seen map[string]string

func see(t *testing.T, name string, log []byte) seen {
	t.Helper()
	out := seen{}
	_, fs := classify(t, log)
	for _, f := range fs {
		checkFailure(t, name, f, int64(len(log)))
		pkg := shorten(f.Package)
		if len(f.Tests) == 0 {
			out[pkg] = string(f.Kind)
		}
		for _, x := range f.Tests {
			out[pkg+" "+x.Name] = fmt.Sprintf("%s %s", f.Kind, x.Role)
		}
	}
	return out
}

func shorten(pkg string) string { return pkg[strings.LastIndexByte(pkg, '/')+1:] }

// TestKinds runs a program for each kind, and holds the events and the text of one
// run to the same conclusions.
func TestKinds(t *testing.T) {
	t.Parallel()
	want := seen{
		"conmap TestMap":                    "concurrent-map cause",
		"panics TestTree":                   "panic parent",
		"panics TestTree/empty":             "panic cause",
		"panicgo TestStarts":                "panic cause",
		"panicgo TestWaits":                 "panic collateral",
		"logafter TestLeaves":               "log-after-test unknown",
		"bubble TestBubble":                 "deadlock cause",
		"memory TestHuge":                   "out-of-memory unknown",
		"leak TestLeak":                     "goroutine-leak cause",
		"lacks TestPort":                    "port-in-use cause",
		"lacks TestNetwork":                 "network cause",
		"lacks TestModule":                  "module-download cause",
		"lacks TestServed":                  "panic cause",
		"lacks TestComparesTexts":           "assertion cause",
		"says TestAssertion":                "assertion parent",
		"says TestAssertion/case1":          "assertion cause",
		"says TestAssertion/case2":          "assertion cause",
		"says TestEventually":               "eventually cause",
		"says TestGolden":                   "golden cause",
		"says TestMock":                     "mock cause",
		"says TestSilent":                   "unknown cause",
		"says Example_two":                  "example cause",
		"corpus FuzzSmall":                  "fuzz parent",
		"corpus FuzzSmall/89787629af52e864": "fuzz cause",
		"mainafter":                         "test-main",
		"mainbefore":                        "test-main",
		"exits TestExits":                   "exit cause",
		"exitzero TestExits":                "exit cause",
		"broken":                            "build",
		"vets":                              "vet",
	}
	if runtime.GOOS == "linux" {
		want["lacks TestDisk"] = "disk-full cause"
		want["killed TestKilled"] = "out-of-memory unknown"
	}
	log := runIn(t, "testdata/kinds.txtar", "-json", "./conmap", "./panics", "./panicgo", "./logafter", "./bubble", "./memory", "./leak",
		"./lacks", "./says", "./corpus", "./mainafter", "./mainbefore", "./exits", "./exitzero", "./killed", "./broken", "./above", "./vets", "./near")
	for name, data := range map[string][]byte{"events": log, "text": render(log)} {
		got := see(t, name, data)
		for k, w := range want {
			if got[k] != w {
				t.Errorf("%s: %s: got %q, want %q", name, k, got[k], w)
			}
		}
		for k, g := range got {
			if want[k] == "" {
				t.Errorf("%s: %s is listed as %q and should not be", name, k, g)
			}
		}
		if t.Failed() {
			t.Logf("%s", data)
		}
	}
	_, fs := classify(t, log)
	checkEvidence(t, fs)
	checkInvariants(t, "text", render(log))
	checkInvariants(t, "events", log)
}

// checkEvidence looks at what the failures of TestKinds hold.
func checkEvidence(t *testing.T, fs []*culprit.Failure) {
	t.Helper()
	for _, f := range fs {
		bad := func(what string, got any) { t.Errorf("%s of %s: %+v", what, f.Title, got) }
		switch shorten(f.Package) {
		case "panics":
			if w := f.Crash.Where; w == nil || !strings.HasSuffix(w.Func, "panics.deref") || f.Crash.Signal != "SIGSEGV" || !f.Crash.Recovered {
				bad("crash", f.Crash)
			}
		case "panicgo":
			if f.Crash.Value != "from a goroutine" || !strings.HasSuffix(f.Crash.Goroutine.Created[0].Func, "panicgo.TestStarts") {
				bad("crash", f.Crash)
			}
		case "leak":
			i := slices.IndexFunc(f.Goroutines, func(g culprit.Goroutines) bool {
				return g.State == "chan receive" && g.Where != nil && strings.HasSuffix(g.Where.Func, "leak.serve")
			})
			if i < 0 || !strings.Contains(f.Goroutines[i].Created[0].Func, "leak.TestLeak") {
				bad("goroutines", f.Goroutines)
			}
		case "broken":
			if d := f.Diagnostics[0]; d.File != "broken/a.go" || d.Line != 5 || !strings.HasPrefix(d.Message, "cannot use") || !slices.Equal(f.Packages, []string{"example.com/kinds/above"}) {
				bad("diagnostics", f.Diagnostics)
			}
		case "corpus":
			if f.Crasher.File != "testdata/fuzz/FuzzSmall/89787629af52e864" {
				bad("crasher", f.Crasher)
			}
		case "exits":
			if f.Exit == nil || !slices.Equal(f.Exit.Running, []string{"TestExits"}) {
				bad("exit", f.Exit)
			}
		}
		switch {
		case f.Kind == culprit.KindExample && (f.Assertion.Actual != "one" || f.Assertion.Expected != "two"):
			bad("example", f.Assertion)
		case f.Kind == culprit.KindAssertion && strings.HasPrefix(f.Title, "TestAssertion") && (f.Assertion.Actual != "1" || f.Assertion.Expected != "2" || f.Assertion.File != "a_test.go"):
			bad("assertion", f.Assertion)
		case f.Kind == culprit.KindNetwork && !strings.HasPrefix(f.Resource.Name, "127.0.0.1:"):
			bad("endpoint", f.Resource)
		case f.Kind == culprit.KindModuleDownload && f.Resource.Name != "example.invalid/gone@v1.0.0":
			bad("module", f.Resource)
		case f.Kind == culprit.KindDiskFull && f.Resource.Name != "/dev/full":
			bad("path", f.Resource)
		case f.Kind == culprit.KindGolden && f.Resource.Name != "testdata/out.golden":
			bad("path", f.Resource)
		}
	}
}

// TestHeld runs what needs flags of its own.
func TestHeld(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		args []string
		want seen
		kind culprit.Kind
	}{
		{[]string{"-timeout=1s", "./hangs"}, seen{"hangs TestHangs/inner": "timeout cause", "hangs TestHangs": "timeout parent"}, culprit.KindTimeout},
		{[]string{"-timeout=0", "./asleep"}, seen{"asleep TestAsleep": "deadlock cause"}, culprit.KindDeadlock},
		{[]string{"-bench=.", "./bench"}, seen{"bench BenchmarkSilent": "benchmark cause", "bench BenchmarkSays": "assertion cause"}, ""},
	} {
		log := runIn(t, "testdata/kinds.txtar", append([]string{"-json"}, x.args...)...)
		for name, data := range map[string][]byte{"events": log, "text": render(log)} {
			got := see(t, name, data)
			for k, w := range x.want {
				if got[k] != w {
					t.Errorf("%v, %s: %s: got %q, want %q in\n%s", x.args, name, k, got[k], w, data)
				}
			}
			if len(got) != len(x.want) {
				t.Errorf("%v, %s: %v", x.args, name, got)
			}
		}
		_, fs := classify(t, log)
		if x.kind == culprit.KindTimeout {
			f := fs[0]
			if f.Timeout.Limit != "1s" || len(f.Timeout.Running) != 2 {
				t.Errorf("timeout: %+v", f.Timeout)
			}
			five := slices.ContainsFunc(f.Goroutines, func(g culprit.Goroutines) bool {
				return g.Count == 5 && g.State == "sync.Mutex.Lock" && g.Where != nil && strings.Contains(g.Where.Func, "hangs.TestHangs.func1.1")
			})
			if !five {
				t.Errorf("the five goroutines at one place are not one group: %+v", f.Goroutines)
			}
		}
	}
}
