// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
)

var unstable = regexp.MustCompile(`\d{4}|0x[0-9a-f]|\x00|\n`)

// checkFailure holds a failure to what is true of every failure of every log.
func checkFailure(t *testing.T, name string, f *culprit.Failure, size int64) {
	t.Helper()
	title := f.Title
	for _, x := range f.Tests { // a test is called the same in every run
		top, _, _ := strings.Cut(x.Name, "/")
		title = strings.ReplaceAll(strings.ReplaceAll(title, x.Name, ""), top, "")
	}
	if f.Title == "" || unstable.MatchString(title) {
		t.Errorf("%s: title %q is empty or not stable", name, f.Title)
	}
	e := f.Evidence
	if e.FirstLine < 1 || e.LastLine < e.FirstLine || e.FirstByte < 0 || e.EndByte > size || e.EndByte <= e.FirstByte {
		t.Errorf("%s: evidence of %q is outside of the log: lines %d to %d, bytes %d to %d of %d", name, f.Title, e.FirstLine, e.LastLine, e.FirstByte, e.EndByte, size)
	}
	seen := map[string]bool{}
	for _, x := range f.Tests {
		if seen[x.Package+" "+x.Name] {
			t.Errorf("%s: %s is listed twice in %q", name, x.Name, f.Title)
		}
		seen[x.Package+" "+x.Name] = true
		if x.Why == "" {
			t.Errorf("%s: no reason why %s is %s", name, x.Name, x.Role)
		}
	}
	for _, x := range f.Excluded {
		if x.Kind == f.Kind || x.Why == "" {
			t.Errorf("%s: %q excludes %q because of %q", name, f.Kind, x.Kind, x.Why)
		}
	}
}

// variants are what CI systems do to a log on its way.
func variants(log []byte) map[string][]byte {
	prefixed := func(p string) []byte {
		var out []byte
		for line := range bytes.Lines(log) {
			out = append(append(out, p...), line...)
		}
		return out
	}
	return map[string][]byte{
		"crlf":       bytes.ReplaceAll(log, []byte("\n"), []byte("\r\n")),
		"timestamps": prefixed("2026-04-17T21:56:01.1234567Z "),
		"ansi":       prefixed("\x1b[36;1m"),
	}
}

// conclusions are what a log comes to, without positions.
func conclusions(t *testing.T, name string, log []byte) (all []string, kinds map[culprit.Kind]bool) {
	t.Helper()
	kinds = map[culprit.Kind]bool{}
	_, fs := classify(t, log)
	for _, f := range fs {
		checkFailure(t, name, f, int64(len(log)))
		kinds[f.Kind] = true
		s := fmt.Sprintf("%s %s %q", f.Kind, f.Package, f.Title)
		for _, x := range f.Tests {
			s += fmt.Sprintf(" %s:%s:%s", x.Name, x.Status, x.Role)
		}
		all = append(all, s)
	}
	return all, kinds
}

// checkInvariants holds a log to checkDamage and to checkSpans.
func checkInvariants(t *testing.T, name string, log []byte) {
	t.Helper()
	checkDamage(t, name, log)
	checkSpans(t, name, log)
}

// checkDamage holds a log to what no damage may change: the form in which it
// comes changes nothing, and a log that was cut short names no kind that the
// whole one does not.
func checkDamage(t *testing.T, name string, log []byte) {
	t.Helper()
	want, kinds := conclusions(t, name, log)
	for v, data := range variants(log) {
		if got, _ := conclusions(t, name+", "+v, data); !slices.Equal(got, want) {
			t.Errorf("%s, %s: got\n%s\nwant\n%s", name, v, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	// What is left of a cut log may lack the reason: these are what it comes to then.
	weak := map[culprit.Kind]bool{
		culprit.KindUnknown: true, culprit.KindExit: true, culprit.KindAssertion: true, culprit.KindPanic: true, culprit.KindTestMain: true,
		culprit.KindBuild: true, culprit.KindLint: true, culprit.KindEventually: true, culprit.KindBenchmark: true,
	}
	for i := 1; i < 16; i++ {
		cut := log[:len(log)*i/16]
		_, got := conclusions(t, fmt.Sprintf("%s, cut at %d/16", name, i), cut)
		for k := range got {
			if !kinds[k] && !weak[k] {
				t.Errorf("%s, cut at %d/16: kind %s, which the whole log has not", name, i, k)
			}
		}
	}
}

// checkSpans: the same failure is found again where it starts, and not behind
// its end. It does not hold for a part of a summary or of an XML file.
func checkSpans(t *testing.T, name string, log []byte) {
	t.Helper()
	_, fs := classify(t, log)
	for _, f := range fs {
		if f.Kind == culprit.KindTestMain || f.Kind == culprit.KindExit {
			continue // what they rest on is that no test failed before
		}
		end := f.Evidence.EndByte
		for _, r := range f.Related {
			end = max(end, r.EndByte)
		}
		same := func(g *culprit.Failure) bool { return g.Kind == f.Kind && g.Title == f.Title && g.Package == f.Package }
		if _, from := classify(t, log[f.Evidence.FirstByte:]); !slices.ContainsFunc(from, same) {
			t.Errorf("%s: %s %q is not found again from where it starts", name, f.Kind, f.Title)
		}
		if _, behind := classify(t, log[end:]); slices.ContainsFunc(behind, same) {
			t.Errorf("%s: %s %q is found again behind its end", name, f.Kind, f.Title)
		}
	}
}

// TestInvariants: the forms, each as a log of its own.
func TestInvariants(t *testing.T) {
	t.Parallel()
	for _, f := range readForms(t) {
		if f.place == "process" && strings.Contains(f.message, "SIGQUIT") {
			continue // the reason is its last line
		}
		if f.place == "log" {
			checkDamage(t, fmt.Sprintf("forms.txt:%d", f.no), []byte(f.log())) // the start of the test stands before the message
			continue
		}
		checkInvariants(t, fmt.Sprintf("forms.txt:%d", f.no), []byte(f.log()))
	}
}
