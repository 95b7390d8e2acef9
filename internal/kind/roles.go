// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"fmt"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// giveTests hands the tests of a package to its race failures: owners of an
// access whether they failed or not, then the failed tests that the detector
// marked, then their failed ancestors.
//
// The mark goes to whatever test is running when package testing looks at the
// detector's count, not to the test that raced (golang/go#60083).
func giveTests(c *claims, fs []*culprit.Failure, rs []*golog.Report) {
	for i, f := range fs {
		owners(c, f, rs[i])
	}
	tests, parent := failing(c.pkg)
	for _, t := range tests {
		if t.Racy && !parent[t] {
			giveMarked(c, t, fs, rs)
		}
	}
	for _, t := range tests {
		if t.Racy && parent[t] {
			giveMarked(c, t, fs, rs)
		}
	}
}

// owners lists the tests that own an access of f.
func owners(c *claims, f *culprit.Failure, r *golog.Report) {
	for _, a := range r.Race.Accesses {
		if a.Test == "" || has(f, a.Test) {
			continue
		}
		tr := culprit.TestRef{Name: a.Test, Package: c.pkg.Path, Status: culprit.StatusUnknown, Role: culprit.RoleCause, Why: describe(a.Test)}
		if t := c.pkg.Test(a.Test); t != nil {
			tr.Status = t.Status
			// Without the mark and with a failure of its own, it is one more failure.
			if t.Racy || !t.Failing() || t.Output.Empty() {
				c.claimed[t] = true
			}
		}
		f.Tests = append(f.Tests, tr)
	}
}

func has(f *culprit.Failure, name string) bool {
	for _, t := range f.Tests {
		if t.Name == name {
			return true
		}
	}
	return false
}

// giveMarked hands one marked test to the races that were reported while it
// ran, or to all when none was.
func giveMarked(c *claims, t *golog.Test, fs []*culprit.Failure, rs []*golog.Report) {
	c.claimed[t] = true
	any := false
	for i := range fs {
		any = any || during(t, rs[i])
	}
	for i, f := range fs {
		if any && !during(t, rs[i]) {
			continue
		}
		if !has(f, t.Name) {
			role, why := markedRole(c.pkg, t, rs[i].Race)
			f.Tests = append(f.Tests, ref(c.pkg, t, role, why))
		}
		for _, a := range ancestors(c.pkg, t) {
			if a.Failing() && !has(f, a.Name) {
				f.Tests = append(f.Tests, ref(c.pkg, a, culprit.RoleParent, "it failed because its subtest "+t.Name+" did"))
				c.claimed[a] = true
			}
		}
	}
}

// markedRole says what part a marked test played in a race whose accesses it
// is not known to own.
func markedRole(p *golog.Package, t *golog.Test, r *culprit.Race) (culprit.Role, string) {
	names, all := stackTests(r)
	own := top(t.Name)
	for _, sub := range p.Tests {
		if sub.Failing() && len(sub.Name) > len(t.Name) && sub.Name[:len(t.Name)+1] == t.Name+"/" {
			return culprit.RoleParent, "it failed because its subtest " + sub.Name + " did"
		}
	}
	switch {
	case names[own]:
		return culprit.RoleUnknown, fmt.Sprintf("%s is in the stacks; the log does not tell which of its subtests made the access", own)
	case all:
		return culprit.RoleCollateral, fmt.Sprintf("it ran while the race was reported; its function %s is in no stack", own)
	}
	return culprit.RoleUnknown, "it ran while the race was reported; the log does not tell which test started the racing goroutines"
}
