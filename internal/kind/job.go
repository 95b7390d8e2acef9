// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// has reports whether a failure of a kind was found.
func (j *job) has(k culprit.Kind) bool {
	for _, f := range j.failures {
		if f.Kind == k {
			return true
		}
	}
	return false
}

func (j *job) use(notes []int) {
	for _, i := range notes {
		j.used[i] = true
	}
}

// passing reports whether the log as a whole passed: packages did, none failed, and
// no line says that the job failed. What it printed besides is noise.
func (j *job) passing() bool {
	passed := false
	for _, p := range j.log.Packages {
		switch p.Result {
		case golog.ResultPass:
			passed = true
		case golog.ResultFail, golog.ResultNone:
			return false
		}
	}
	for _, m := range j.log.Marks {
		switch m.Kind {
		case golog.MarkJobFailed, golog.MarkRunFailed, golog.MarkCancelled, golog.MarkRunnerLost, golog.MarkJobTimeout:
			return false
		}
	}
	return passed
}

// lacks makes failures of builds and notes that hold one of the forms.
func (j *job) lacks(is culprit.Kind, rows []row, tell func(line string) (kind, name, title string)) []*culprit.Failure {
	return j.lacksIf(is, func(s string) (bool, bool) {
		if !saysLine(s, rows) {
			return false, false
		}
		for _, r := range rows {
			if !r.alone && saysLine(s, []row{r}) {
				return true, false
			}
		}
		return true, true
	}, tell)
}

// lacksIf is lacks with a question of its own: holds, and whether the line counts
// only when nothing else failed. All lines of one title are one failure.
func (j *job) lacksIf(is culprit.Kind, ask func(s string) (holds, alone bool), tell func(line string) (kind, name, title string)) []*culprit.Failure {
	var out []*culprit.Failure
	at := map[string]*culprit.Failure{}
	for _, b := range j.builds {
		if b.taken || !j.believed(b) {
			continue
		}
		for _, l := range b.lines {
			if holds, _ := ask(l.Text); !holds {
				continue
			}
			kind, name, title := tell(l.Text)
			f := b.failure(is, title)
			f.Title = steady(title)
			resource(kind, name, l.Text)(f)
			if old := at[f.Title]; old != nil {
				old.Related = append(old.Related, f.Evidence)
				old.Packages = append(append(old.Packages, f.Package), f.Packages...)
			} else {
				at[f.Title] = f
				out = append(out, f)
			}
			j.use(b.notes)
			break
		}
	}
	if j.passing() {
		return out
	}
	for i, n := range j.log.Notes {
		holds, alone := ask(n.Line.Text)
		alone = alone || ofFailed(n)
		if !holds || !j.open(i) || alone && (len(j.failures) > 0 || len(out) > 0) || !blamesOutput(n.Line.Text) || n.Inside && len(j.failures) > 0 {
			continue
		}
		kind, name, title := tell(n.Line.Text)
		title = steady(title)
		j.used[i] = true
		if old := at[title]; old != nil {
			if len(old.Related) < 50 {
				old.Related = append(old.Related, lines([]golog.Line{n.Line}, 0, 0))
			}
			continue
		}
		if j.hasTitle(title) {
			continue
		}
		f := &culprit.Failure{Kind: is, Title: title, Evidence: lines([]golog.Line{n.Line}, 0, 0)}
		if kind != "" {
			resource(kind, name, n.Line.Text)(f)
		}
		f.Excluded = culprit.List[culprit.Excluded]{{Kind: culprit.KindAssertion, Why: "no test is shown to fail by it"}}
		at[title] = f
		out = append(out, f)
	}
	return out
}

// ofFailed reports whether a line is of a package that ran and failed: its tests say
// why, and what it printed besides does not.
func ofFailed(n golog.Note) bool {
	return n.Run != nil && n.Run.Result == golog.ResultFail && n.Run.BuildFailed == ""
}

func (j *job) hasTitle(title string) bool {
	for _, f := range j.failures {
		if f.Title == title {
			return true
		}
	}
	return false
}

// cutOff lists the tests of all packages that had not ended.
func (j *job) cutOff(f *culprit.Failure, why string) {
	for _, p := range j.log.Packages {
		if p.Result != golog.ResultNone {
			continue
		}
		if f.Package == "" {
			f.Package = p.Path
		}
		for _, t := range p.Tests {
			if t.Status == culprit.StatusUnknown && len(f.Tests) < maxCutOff && !j.lists(p, t.Name) {
				f.Tests = append(f.Tests, ref(p, t, culprit.RoleCollateral, why))
			}
		}
	}
}

// lists reports whether a failure accounts for a test.
func (j *job) lists(p *golog.Package, name string) bool {
	for _, f := range j.failures {
		for _, t := range f.Tests {
			if t.Name == name && t.Package == p.Path {
				return true
			}
		}
	}
	return false
}

// failsAlone reports whether a package's run failed without a failed test, and it
// did build.
func (c *claims) failsAlone() bool {
	return c.pkg.Result == golog.ResultFail && c.pkg.BuildFailed == "" && len(c.tests) == 0 && len(c.pkg.Reports) == 0
}

// timedOut reports whether go test's time limit ended the run.
func (c *claims) timedOut() bool {
	_, ok := markOf(c.pkg.Marks, golog.MarkTimeout)
	return ok
}

// unfinished are the tests that had not ended.
func (c *claims) unfinished() culprit.List[string] {
	var out culprit.List[string]
	for _, t := range c.pkg.Tests {
		if t.Status == culprit.StatusUnknown && len(out) < maxCutOff {
			out = append(out, t.Name)
		}
	}
	return out
}

// output is what a package printed outside of tests that passed or failed: what a
// test that never ended printed is often all there is.
func (c *claims) output() []golog.Line {
	ls := c.pkg.Output.Lines()
	for _, t := range c.pkg.Tests {
		if t.Status == culprit.StatusUnknown && len(ls) < 5000 {
			ls = append(ls, t.Output.Lines()...)
		}
	}
	return ls
}

// processFailure is a failure of a package's process without a failed test.
func (c *claims) processFailure(is culprit.Kind, title string, at golog.Line) *culprit.Failure {
	f := &culprit.Failure{Kind: is, Package: c.pkg.Path, Title: steady(strings.TrimSpace(title))}
	ls := c.output()
	dropped, after := c.pkg.Output.Dropped()
	f.Evidence = lines(ls, dropped, after)
	if len(ls) == 0 && at.No > 0 {
		f.Evidence = lines([]golog.Line{at}, 0, 0)
	}
	addLine(&f.Evidence, c.pkg.Ended)
	if only := c.onlyRunning(); only != nil {
		c.give(f, only.Name, culprit.RoleCause, "it was the only test that had not ended when the process did")
	}
	for _, t := range c.pkg.Tests {
		if t.Status == culprit.StatusUnknown && len(f.Tests) < maxCutOff && !has(f, t.Name) {
			c.claimed[t] = true
			f.Tests = append(f.Tests, ref(c.pkg, t, culprit.RoleUnknown, "it is one of the tests that had not ended when the process did"))
		}
	}
	f.Excluded = excluded(c.log, c.pkg, is)
	return f
}
