// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// concurrentMaps: the runtime found two goroutines in one map, one of them
// writing ("fatal error: concurrent map writes", runtime/map.go). It is a data
// race that did damage; unlike the detector the runtime shows one side only.
//
// Near miss: the same words behind "panic: " inside of a test that recovers; a
// fatal error cannot be recovered, so the process must have ended there.
func concurrentMaps(c *claims) []*culprit.Failure {
	return c.byCrash(culprit.KindConcurrentMap, golog.MarkMapFatal, func(cr *crash) string {
		return cr.headline() + in(cr)
	}, nil)
}

// byCrash makes failures of the crashes of one mark.
func (c *claims) byCrash(is culprit.Kind, mark golog.MarkKind, title func(*crash) string, more func(*culprit.Failure, *crash)) []*culprit.Failure {
	var out []*culprit.Failure
	for _, cr := range c.crashes {
		if !cr.taken && cr.kind == mark {
			out = append(out, c.crashFailure(is, cr, title(cr), more))
		}
	}
	return out
}

// crashFailure is a failure by a crash, with the tests it took along.
func (c *claims) crashFailure(is culprit.Kind, cr *crash, title string, more func(*culprit.Failure, *crash)) *culprit.Failure {
	cr.taken = true
	f := &culprit.Failure{Kind: is, Package: c.pkg.Path, Title: steady(title), Crash: cr.facts(), Evidence: cr.evidence(more == nil)}
	if more != nil {
		more(f, cr)
	}
	if len(f.Tests) == 0 {
		c.giveCrash(f, cr)
	}
	f.Excluded = excluded(c.log, c.pkg, is)
	return f
}

// in names the place of a crash for a title.
func in(cr *crash) string {
	if fr := cr.facts().Where; fr != nil {
		return " in " + shortPath(fr.Func)
	}
	return ""
}
