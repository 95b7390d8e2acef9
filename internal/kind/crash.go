// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"fmt"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// crash is a crash of a package's process, read once for all the kinds that can
// come of it.
type crash struct {
	raw        *golog.Crash
	kind       golog.MarkKind
	lines      []golog.Line
	value      string // what was printed, without "panic: "
	full       string // all the text before the first goroutine
	signal     string
	recovered  bool
	goroutines []goroutine
	taken      bool
}

// crashes reads the crashes of a package, quoted ones left out.
func crashes(p *golog.Package) []*crash {
	var out []*crash
	for _, raw := range p.Crashes {
		if raw.Quoted || quotedCrash(p, raw) {
			continue
		}
		c := &crash{raw: raw, kind: raw.Kind, lines: raw.Text.Lines()}
		if c.read(); !c.printed(p) {
			out = append(out, c)
		}
	}
	return out
}

// quotedCrash reports whether a test that passed printed the text. A process
// that really died has no result line of that test behind it, unless the test's
// own goroutine was through: then goroutines are dumped.
func quotedCrash(p *golog.Package, raw *golog.Crash) bool {
	t := p.Test(raw.Carrier)
	return t != nil && t.Status == culprit.StatusPass && !raw.Dumped && t.Ended.No > raw.First.No
}

// printed reports whether a test that has no result printed a fatal error as text:
// the runtime's is followed by goroutines and by nothing else.
func (c *crash) printed(p *golog.Package) bool {
	if c.raw.Dumped || p.Test(c.raw.Carrier) == nil || p.Closed && p.Result == golog.ResultFail && p.Ended.No > c.raw.First.No || len(c.goroutines) > 0 && len(c.goroutines[0].stack) > 0 {
		return false
	}
	return c.kind == golog.MarkAllAsleep || c.kind == golog.MarkMapFatal || c.kind == golog.MarkMemory
}

// read takes the value and the goroutines out of the text.
func (c *crash) read() {
	var head []string
	for _, l := range c.lines {
		s := strings.TrimSpace(l.Text)
		if _, ok := goroutineHeader(s); ok {
			break
		}
		if len(head) < 60 {
			head = append(head, s)
		}
	}
	c.full = strings.TrimSpace(strings.Join(head, "\n"))
	c.value = c.full
	if first, _, _ := strings.Cut(c.value, "\n"); strings.HasPrefix(first, "signal: ") || strings.HasPrefix(first, "exit status 0xc0") {
		c.value = first
	}
	for _, p := range []string{"panic:", "fatal error:"} {
		if rest, ok := strings.CutPrefix(c.value, p); ok {
			c.value = strings.TrimSpace(rest)
			break
		}
	}
	// "panic: x [recovered]\n\tpanic: x": the first value is the cause.
	for _, mark := range []string{" [recovered, repanicked]", " [recovered]"} {
		if i := strings.Index(c.value, mark); i >= 0 {
			c.value, c.recovered = c.value[:i], true
		}
	}
	if i := strings.Index(c.value, "\n[signal "); i >= 0 {
		c.value = c.value[:i]
	}
	if rest, ok := strings.CutPrefix(c.value, "[signal "); ok {
		c.value, _, _ = strings.Cut(rest, " code=")
	}
	for _, s := range []string{"SIGSEGV", "SIGABRT", "SIGQUIT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS"} {
		if strings.HasPrefix(c.full, s+":") || strings.Contains(c.full, "[signal "+s) {
			c.signal = s
			break
		}
	}
	c.goroutines = parseDump(c.lines)
	if len(c.goroutines) == 0 {
		c.naked(head)
	}
}

// naked reads a stack without a goroutine header, as people cut it out.
func (c *crash) naked(head []string) {
	ls := []golog.Line{{Text: "goroutine 0 [running]:"}}
	ls = append(ls, c.lines[min(1, len(c.lines)):]...)
	if gs := parseDump(ls); len(gs) > 0 && len(gs[0].stack) > 0 {
		c.goroutines = gs
		if len(head) > 0 {
			c.value, _, _ = strings.Cut(c.value, "\n")
		}
	}
}

// headline is the first line of the value.
func (c *crash) headline() string {
	line, _, _ := strings.Cut(c.value, "\n")
	return strings.TrimSpace(line)
}

// crashed is the goroutine that crashed: the runtime dumps it first. The alarm's
// goroutine is none.
func (c *crash) crashed() *goroutine {
	if len(c.goroutines) == 0 {
		return nil
	}
	return &c.goroutines[0]
}

// evidence shows the crash up to the end of the goroutine that crashed when
// short is true, else all of it.
func (c *crash) evidence(short bool) culprit.Evidence {
	dropped, after := c.raw.Text.Dropped()
	ls := c.lines
	for len(ls) > 0 && strings.TrimSpace(ls[len(ls)-1].Text) == "" {
		ls = ls[:len(ls)-1]
	}
	if short {
		seen := 0
		for i, l := range ls {
			if _, ok := goroutineHeader(strings.TrimSpace(l.Text)); ok {
				if seen++; seen == 2 {
					ls, dropped = ls[:i], 0
					break
				}
			}
		}
	}
	e := lines(ls, dropped, after)
	if len(ls) == 0 {
		addLine(&e, c.raw.First)
		e.Text = c.raw.First.Text + "\n"
	}
	return e
}

// facts fills in what the crash shows.
func (c *crash) facts() *culprit.Crash {
	out := &culprit.Crash{Value: clip(c.value, 4000), Signal: c.signal, Recovered: c.recovered}
	if g := c.crashed(); g != nil {
		gr := g.group(goroot(c.goroutines))
		gr.Count, gr.IDs = 1, culprit.List[int]{g.id}
		if g.id == 0 {
			gr.IDs = nil
		}
		// The panic's own frames are above the one that panicked.
		for i, f := range g.stack {
			if f.Func == "panic" || f.Func == "runtime.gopanic" || f.Func == "runtime.sigpanic" || f.Func == "runtime.throw" || f.Func == "runtime.fatal" {
				gr.Where = where(g.stack[i+1:], goroot(c.goroutines))
			}
		}
		out.Goroutine, out.Where = &gr, gr.Where
	}
	return out
}

// owner finds the test whose goroutine crashed, and says why.
func (c *crash) owner(p *golog.Package) (name, why string) {
	if g := c.crashed(); g != nil {
		for _, list := range [][]culprit.Frame{g.stack, g.created} {
			for i := len(list) - 1; i >= 0; i-- {
				if n := topTest(list[i].Func); n != "" {
					return innermost(p, n, c.raw), fmt.Sprintf("%s is in the stack that crashed", n)
				}
			}
		}
	}
	return "", ""
}

// innermost finds the subtest of a top-level test that was running, or that was
// reported as failed right before the crash, when there is just one.
func innermost(p *golog.Package, name string, raw *golog.Crash) string {
	if t := p.Test(raw.Carrier); t != nil && t.Failing() && strings.HasPrefix(t.Name, name+"/") {
		return t.Name
	}
	var leaf []*golog.Test
	for _, t := range p.Tests {
		if t.Name != name && !strings.HasPrefix(t.Name, name+"/") {
			continue
		}
		if t.Status == culprit.StatusUnknown || t.Failing() && t.Output.Empty() {
			leaf = append(leaf, t)
		}
	}
	outer := map[string]bool{}
	for _, t := range leaf {
		for i := strings.LastIndexByte(t.Name, '/'); i >= 0; i = strings.LastIndexByte(t.Name[:i], '/') {
			outer[t.Name[:i]] = true
		}
	}
	var inner []*golog.Test
	for _, t := range leaf {
		if !outer[t.Name] {
			inner = append(inner, t)
		}
	}
	if len(inner) == 1 {
		return inner[0].Name
	}
	for _, t := range inner {
		if t.Name == raw.Carrier {
			return t.Name
		}
	}
	return name
}

// giveCrash hands the tests to a failure by a crash: its owner, the owner's
// parents, and the tests that the end of the process cut off.
func (c *claims) giveCrash(f *culprit.Failure, cr *crash) {
	name, why := cr.owner(c.pkg)
	if name == "" {
		if t := c.carrier(cr); t != nil {
			name, why = t.Name, "it was reported as failed where the process died"
			if !t.Failing() {
				name, why = "", ""
				if only := c.onlyRunning(); only != nil {
					name, why = only.Name, "it was the only test that had not ended"
				}
			}
		} else if only := c.onlyRunning(); only != nil {
			name, why = only.Name, "it was the only test that had not ended"
		}
	}
	if name != "" {
		c.give(f, name, culprit.RoleCause, why)
	}
	if t := c.pkg.Test(cr.raw.Carrier); t != nil && t.Failing() && !c.claimed[t] && t.Ended.No > cr.raw.First.No && name != "" {
		// test2json fails the test that printed last when the process dies.
		c.give(f, t.Name, culprit.RoleCollateral, "it was the last to print when the process died; "+name+" is in the stack")
	}
	c.giveCutOff(f, "the process died while it ran or waited")
}

// carrier is the test that was reported as failed right before the crash, or
// whose output holds it.
func (c *claims) carrier(cr *crash) *golog.Test {
	var last *golog.Test
	for _, t := range c.pkg.Tests {
		if t.Failing() && t.Ended.No > 0 && t.Ended.No <= cr.raw.First.No && t.Ended.No+3 >= cr.raw.First.No && (last == nil || len(t.Name) > len(last.Name)) {
			last = t
		}
	}
	if last != nil {
		return last
	}
	return c.pkg.Test(cr.raw.Carrier)
}

// onlyRunning is the one test that had not ended, subtests before parents.
func (c *claims) onlyRunning() *golog.Test {
	var only *golog.Test
	for _, t := range c.pkg.Tests {
		if t.Status != culprit.StatusUnknown {
			continue
		}
		if only != nil && !strings.HasPrefix(t.Name, only.Name+"/") {
			return nil
		}
		only = t
	}
	return only
}

// maxCutOff bounds the tests that are listed because a process died.
const maxCutOff = 1000

// giveCutOff lists the tests that had not ended.
func (c *claims) giveCutOff(f *culprit.Failure, why string) {
	n := 0
	for _, t := range c.pkg.Tests {
		if t.Status != culprit.StatusUnknown || c.claimed[t] || has(f, t.Name) {
			continue
		}
		if n++; n > maxCutOff {
			return
		}
		c.claimed[t] = true
		f.Tests = append(f.Tests, ref(c.pkg, t, culprit.RoleCollateral, why))
	}
}

// give lists a test by name, and its parents that failed or had not ended.
func (c *claims) give(f *culprit.Failure, name string, role culprit.Role, why string) {
	if has(f, name) {
		return
	}
	if t := c.pkg.Test(name); t != nil {
		c.claimed[t] = true
		f.Tests = append(f.Tests, ref(c.pkg, t, role, why))
	} else {
		f.Tests = append(f.Tests, culprit.TestRef{Name: name, Package: c.pkg.Path, Status: culprit.StatusUnknown, Role: role, Why: why})
	}
	for up := name; ; {
		i := strings.LastIndexByte(up, '/')
		if i < 0 {
			return
		}
		up = up[:i]
		if a := c.pkg.Test(up); a != nil && (a.Failing() || a.Status == culprit.StatusUnknown) && !has(f, up) {
			c.claimed[a] = true
			f.Tests = append(f.Tests, ref(c.pkg, a, culprit.RoleParent, "it did not pass because its subtest "+name+" did not"))
		}
	}
}

// clip cuts s to at most n bytes at a rune.
func clip(s string, n int) string {
	if len(s) <= n {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
