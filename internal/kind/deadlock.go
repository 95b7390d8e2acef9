// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// deadlocks: no goroutine can ever run again. The runtime notices only when
// nothing else could wake one: a timer such as that of -timeout hides it, so most
// deadlocks of tests end as timeouts. testing/synctest says the same of a bubble.
//
// go-deadlock, which people put in the place of package sync, reports what it suspects
// and ends the process ("POTENTIAL DEADLOCK:").
func deadlocks(c *claims) []*culprit.Failure {
	out := c.byCrash(culprit.KindDeadlock, golog.MarkAllAsleep, func(cr *crash) string {
		for _, g := range groups(cr.goroutines) {
			if g.Where != nil && g.State != "running" {
				return "deadlock: " + g.State + " in " + shortPath(g.Where.Func)
			}
		}
		return "deadlock: " + cr.headline()
	}, func(f *culprit.Failure, cr *crash) {
		f.Goroutines = groups(cr.goroutines)
		f.Crash = nil
		for _, g := range f.Goroutines {
			if g.Test != "" && g.State != "running" {
				c.give(f, innermost(c.pkg, g.Test, cr.raw), culprit.RoleCause, "its goroutine is blocked for good: "+g.State)
				break
			}
		}
		if len(f.Tests) == 0 {
			c.giveCrash(f, cr)
		}
		c.giveCutOff(f, "the process died while it ran or waited")
	})
	if len(out) > 0 || !c.failsAlone() && c.pkg.Result != golog.ResultNone || len(c.tests) > 0 || len(c.crashes) > 0 {
		return out
	}
	ls := c.output()
	for i, l := range ls {
		if !strings.HasPrefix(strings.TrimSpace(l.Text), "POTENTIAL DEADLOCK:") {
			continue
		}
		f := c.processFailure(culprit.KindDeadlock, suspected(ls[i:]), l)
		f.Goroutines = groups(parseDump(ls[i:]))
		return append(out, f)
	}
	return out
}

// jobDeadlocks keeps what an excerpt of go-deadlock's report shows.
func jobDeadlocks(j *job) []*culprit.Failure {
	if len(j.failures) > 0 || len(j.log.Packages) > 0 {
		return nil
	}
	for i, n := range j.log.Notes {
		if !strings.HasPrefix(strings.TrimSpace(n.Line.Text), "POTENTIAL DEADLOCK:") || n.Run == nil {
			continue
		}
		ls := n.Run.Output.Lines()
		at := slices.IndexFunc(ls, func(l golog.Line) bool { return l.No == n.Line.No })
		f := &culprit.Failure{Kind: culprit.KindDeadlock, Title: steady(suspected(ls[max(0, at):]))}
		f.Evidence = lines(ls[max(0, at):], 0, 0)
		f.Goroutines = groups(parseDump(ls[max(0, at):]))
		j.used[i] = true
		return []*culprit.Failure{f}
	}
	return nil
}

// suspected is go-deadlock's report in one line: what it suspects, and where the lock
// is taken, which it marks with "<<<<<".
func suspected(ls []golog.Line) string {
	title := strings.TrimRight(strings.ToLower(strings.TrimSpace(ls[0].Text)), ":")
	title, _, _ = strings.Cut(title, ", saw ")
	for _, l := range ls {
		if s, ok := strings.CutSuffix(strings.TrimSpace(l.Text), " <<<<<"); ok {
			s, _, _ = strings.Cut(s, " {")
			return title + ": " + shortPath(strings.TrimSuffix(s, " ???"))
		}
	}
	return title
}
