// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// said is what a kind makes of one test's message; ok is false when the test is
// none of its own.
type said struct {
	ok bool
	// title names the failure without the test; tests that say the same are one
	// failure: in one package, or in the subtests of one test when own is true.
	title string
	own   bool
	fill  func(f *culprit.Failure)
}

// item is one thing that a failed test says. A test says one, a suite of specs one
// for each spec that failed.
type item struct {
	m    *message // nil: it says nothing
	done bool
}

// byMessage makes failures of the tests whose message is of one kind.
func (c *claims) byMessage(is culprit.Kind, match func(t *golog.Test, m *message) said) []*culprit.Failure {
	var out []*culprit.Failure
	at := map[string]*culprit.Failure{}
	for _, t := range c.leaves() {
		open := false
		for _, it := range c.items(t) {
			if it.done {
				continue
			}
			s := match(t, it.m)
			if it.done = s.ok; !it.done {
				open = true
				continue
			}
			key := s.title
			if s.own {
				key = speaker(t, it.m) + "\x00" + key
			}
			f := at[key]
			if f == nil {
				f = c.said(is, t, it.m, s)
				at[key] = f
				out = append(out, f)
			} else if len(f.Related) < 50 {
				f.Related = append(f.Related, c.messageEvidence(t, it.m))
			}
			role, why := leafRole(t, it.m)
			if name := speaker(t, it.m); it.m != nil && it.m.lib == "gocheck" && name == it.m.test {
				if !c.lists(f, name) {
					f.Tests = append(f.Tests, culprit.TestRef{Name: name, Package: c.pkg.Path, Status: culprit.StatusFail, Role: role, Why: "gocheck says that it failed with this message"})
					c.listed[f][name] = true
				}
				role, why = culprit.RoleParent, "it runs gocheck's suites, and "+name+" failed"
			}
			if t.Name != "" && !c.lists(f, t.Name) {
				c.giveLeaf(f, t, role, why)
			}
		}
		c.claimed[t] = !open
	}
	return out
}

// said makes a failure of what one test says.
func (c *claims) said(is culprit.Kind, t *golog.Test, m *message, s said) *culprit.Failure {
	f := &culprit.Failure{Kind: is, Package: c.pkg.Path, Title: s.title, Evidence: c.messageEvidence(t, m)}
	if s.own {
		f.Title = speaker(t, m) + ": " + s.title
	}
	if s.fill != nil {
		s.fill(f)
	}
	f.Excluded = excluded(c.log, c.pkg, is)
	return f
}

// speaker is the test that a failure is named after: the top-level one, or the one of
// a suite of gocheck's.
func speaker(t *golog.Test, m *message) string {
	if m != nil && m.lib == "gocheck" && m.test != "" {
		return m.test
	}
	return top(t.Name)
}

func leafRole(t *golog.Test, m *message) (culprit.Role, string) {
	switch {
	case passedAgain(t):
		return culprit.RoleUnknown, again(t)
	case m == nil:
		return culprit.RoleCause, "it is marked FAIL and says nothing else"
	case m.whole:
		return culprit.RoleCause, "it is marked FAIL with this output"
	}
	return culprit.RoleCause, "it failed with this message"
}

// leaves are the tests that failed of themselves and that no kind has claimed:
// a test with a failed subtest counts only when its message names it.
func (c *claims) leaves() []*golog.Test {
	var out []*golog.Test
	for _, t := range c.tests {
		if c.claimed[t] || c.parent[t] {
			continue
		}
		out = append(out, t)
	}
	for _, t := range c.pkg.Tests {
		if !c.claimed[t] && (c.parent[t] || t.Status == culprit.StatusUnknown) && c.failedItself(t) {
			out = append(out, t)
		}
	}
	return out
}

// failedItself reports whether a test without a result of its own failed all the
// same: testify's block names the test, or the log ends while it runs and it shows
// what a library prints of a failure only.
func (c *claims) failedItself(t *golog.Test) bool {
	if t.Output.Empty() {
		return false
	}
	itself, known := c.itself[t]
	if !known {
		for _, m := range messages(t.Output.Lines()) {
			itself = itself || m.lib == "testify" && m.testify() != "" && m.test == t.Name
			itself = itself || m.sure() && t.Status == culprit.StatusUnknown && c.pkg.Result == golog.ResultNone && len(c.crashes) == 0
		}
		c.itself[t] = itself
	}
	return itself
}

// items are what a test says, read once.
func (c *claims) items(t *golog.Test) []*item {
	if its, ok := c.spoke[t]; ok {
		return its
	}
	its := c.read(t)
	c.spoke[t] = its
	return its
}

// message is the first thing that a test says.
func (c *claims) message(t *golog.Test) *message { return c.items(t)[0].m }

func (c *claims) read(t *golog.Test) []*item {
	ls := t.Output.Lines()
	if len(ls) == 0 {
		ls = c.above(t)
	}
	all := messages(ls)
	m := pick(all)
	if m == nil || m.lib == "testing" && t.Output.Empty() {
		// Suites that print without indentation, and no "=== RUN" to go by.
		if more := messages(c.before(t)); len(more) > 0 {
			if x := pick(more); x != nil && x.lib != "testing" {
				all, m = more, x
			}
		}
	}
	if m == nil {
		m = tail(ls)
	}
	return itemsOf(all, m)
}

// itemsOf are m, or where a suite speaks all that it says.
func itemsOf(all []*message, m *message) []*item {
	if m == nil || m.lib != "ginkgo" && m.lib != "gocheck" {
		return []*item{{m: m}}
	}
	var its []*item
	for _, x := range all {
		if x.lib == m.lib {
			its = append(its, &item{m: x})
		}
	}
	return its
}

// before is the output of the package between the result of the test before t and
// its own: without -v nothing else tells whose it is.
func (c *claims) before(t *golog.Test) []golog.Line {
	from := int64(0)
	for _, u := range c.pkg.Tests {
		if u.Ended.No < t.Ended.No && u != t && top(u.Name) != top(t.Name) {
			from = max(from, u.Ended.No)
		}
	}
	var out []golog.Line
	for _, l := range c.pkg.Output.Lines() {
		if l.No > from && l.No < t.Ended.No {
			out = append(out, l)
		}
	}
	return out
}

// above is the indented output of the package right above the result of a test
// that shows none of its own: a benchmark's, or one whose start was cut off.
func (c *claims) above(t *golog.Test) []golog.Line {
	ls := c.pkg.Output.Lines()
	end := len(ls)
	for end > 0 && ls[end-1].No >= t.Ended.No {
		end--
	}
	start, no := end, t.Ended.No
	for start > 0 && ls[start-1].No == no-1 && (ls[start-1].Text == "" || indentWidth(ls[start-1].Text) > 0) {
		start--
		no--
	}
	return ls[start:end]
}

// messageEvidence shows the message of a test, from its result line on where that comes first.
func (c *claims) messageEvidence(t *golog.Test, m *message) culprit.Evidence {
	var e culprit.Evidence
	if m != nil {
		e = lines(m.lines, 0, 0)
	} else {
		dropped, after := t.Output.Dropped()
		e = lines(t.Output.Lines(), dropped, after)
	}
	if e.FirstLine == 0 || t.Ended.No < e.FirstLine {
		addLine(&e, t.Ended) // without -v the message stands below the result
	}
	e.Repeats = max(1, t.Failed)
	return e
}

// lists reports whether f lists a test. It is has for failures of many tests.
func (c *claims) lists(f *culprit.Failure, name string) bool {
	if c.listed[f] == nil {
		c.listed[f] = map[string]bool{}
		for _, t := range f.Tests {
			c.listed[f][t.Name] = true
		}
	}
	return c.listed[f][name]
}

// giveLeaf lists a failed test and its failed parents.
func (c *claims) giveLeaf(f *culprit.Failure, t *golog.Test, role culprit.Role, why string) {
	if c.lists(f, t.Name) {
		return
	}
	f.Tests = append(f.Tests, ref(c.pkg, t, role, why))
	c.listed[f][t.Name] = true
	for _, a := range ancestors(c.pkg, t) {
		if !a.Failing() || c.lists(f, a.Name) {
			continue
		}
		f.Tests = append(f.Tests, ref(c.pkg, a, culprit.RoleParent, "it failed because its subtest "+t.Name+" did"))
		c.listed[f][a.Name] = true
		if !c.failedItself(a) {
			c.claimed[a] = true
		}
	}
}

// resource fills in what was needed and not had.
func resource(kind, name, line string) func(*culprit.Failure) {
	return func(f *culprit.Failure) {
		f.Resource = &culprit.Resource{Type: kind, Name: name, Error: clip(strings.TrimSpace(line), 1000)}
	}
}

// assertionOf is a message as evidence.
func assertionOf(m *message) *culprit.Assertion {
	if m == nil || m.whole {
		return nil
	}
	return &culprit.Assertion{
		Library: m.lib, File: m.file, Line: m.line, Message: m.message(),
		Expected: clip(m.expect, 1000), Actual: clip(m.actual, 1000), Diff: m.diff,
	}
}
