// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

var (
	rerun     = lazyre.New(`go test (?:-\S+ )*-run[= ]\S*(Fuzz\S*)`)
	corpus    = lazyre.New(`Failing input written to (\S+)`)
	entry     = lazyre.New(`^failure while testing seed corpus entry: (Fuzz\S+)$`)
	seedEntry = lazyre.New(`^Fuzz[^/]*/[0-9a-f]{16,64}$`)
)

// fuzzes: a fuzz target fails on an input: one that the fuzzer has just found
// ("Failing input written to testdata/fuzz/…"), or one kept in the corpus, which
// runs as a subtest named by its hash (internal/fuzz/fuzz.go).
// Near miss: a target whose seeds fail ("FuzzX/seed#0") is like any table of
// subtests: its message says what failed.
func fuzzes(c *claims) []*culprit.Failure {
	var out []*culprit.Failure
	for _, t := range append(append([]*golog.Test{}, c.leaves()...), c.failedParents()...) {
		if !strings.HasPrefix(t.Name, "Fuzz") || c.claimed[t] {
			continue
		}
		x := &culprit.Crasher{Target: top(t.Name)}
		ls := t.Output.Lines()
		found := seedEntry.MatchString(t.Name)
		if found {
			x.File = "testdata/fuzz/" + t.Name
			x.Command = "go test -run=" + t.Name
		}
		for _, l := range append(ls, c.pkg.Output.Lines()...) {
			s := strings.TrimSpace(l.Text)
			if m := corpus.FindStringSubmatch(s); m != nil && strings.Contains(m[1], x.Target) {
				x.File, found = m[1], true
			}
			if m := rerun.FindStringSubmatch(s); m != nil && strings.HasPrefix(m[1], x.Target) {
				x.Command = s
			}
			if m := entry.FindStringSubmatch(s); m != nil && strings.HasPrefix(m[1], x.Target+"/") && seedEntry.MatchString(m[1]) {
				x.File, x.Command, found = "testdata/fuzz/"+m[1], "go test -run="+m[1], true
			}
			if strings.Contains(s, "fuzzing process hung or terminated unexpectedly") {
				found = true
			}
		}
		if !found {
			continue
		}
		m := c.message(t)
		title := t.Name + " fails on an input"
		if m != nil && m.headline() != "" {
			title = top(t.Name) + " fails on an input: " + m.headline()
		}
		f := &culprit.Failure{Kind: culprit.KindFuzz, Package: c.pkg.Path, Title: steady(title), Crasher: x, Assertion: assertionOf(m)}
		if m != nil && m.file == "testing.go" && strings.HasPrefix(m.text[0], "panic: ") {
			// The fuzzer recovers a panic and logs it with the stack.
			cr := crash{goroutines: parseDump(m.lines), value: strings.TrimPrefix(m.text[0], "panic: "), recovered: true}
			f.Assertion, f.Crash = nil, cr.facts()
		}
		dropped, after := t.Output.Dropped()
		f.Evidence = lines(ls, dropped, after)
		addLine(&f.Evidence, t.Ended)
		c.claimed[t] = true
		c.giveLeaf(f, t, culprit.RoleCause, "it is the fuzz target that fails on the input")
		f.Excluded = excluded(c.log, c.pkg, culprit.KindFuzz)
		out = append(out, f)
	}
	return out
}

// failedParents are failed tests with a failed subtest. The fuzzer reports a
// target twice, the second time below itself.
func (c *claims) failedParents() []*golog.Test {
	var out []*golog.Test
	for _, t := range c.tests {
		if c.parent[t] && !c.claimed[t] {
			out = append(out, t)
		}
	}
	return out
}
