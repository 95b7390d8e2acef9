// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"fmt"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
)

// Roles tells the tests whose goroutines made the accesses from those that were
// only running. tests are the tests that the failure accounts for, owners the
// owners of all accesses of all its reports, all every test that the log shows.
// A racing test that passed is added. The second result says what was told.
func Roles(tests []culprit.TestRef, owners []Owner, all []culprit.TestRef) ([]culprit.TestRef, string, bool) {
	racing := racingTests(owners, all)
	known := true
	var unknownWhy string
	for _, o := range owners {
		if len(o.Tests) == 0 && !o.NoTest {
			known, unknownWhy = false, o.Why
		}
	}
	out := slices.Clone(tests)
	for _, name := range sortedKeys(racing) {
		if !slices.ContainsFunc(out, func(t culprit.TestRef) bool { return t.Name == name }) {
			out = append(out, fromLog(name, all, tests))
		}
	}
	for i := range out {
		t := &out[i]
		switch why, ok := racing[t.Name]; {
		case ok:
			t.Role, t.Why = culprit.RoleCause, why
			if t.Status == culprit.StatusPass {
				t.Why += "; it is marked as passed because the detector's count was checked while another test ran"
			}
		case hasFailedChild(t.Name, out):
			t.Role, t.Why = culprit.RoleParent, "a test fails when one of its subtests fails"
		case !known:
			t.Role, t.Why = culprit.RoleUnknown, "not every racing goroutine could be given to a test: "+unknownWhy
		default:
			t.Role, t.Why = culprit.RoleCollateral, collateralWhy(t.Name, sortedKeys(racing))
		}
	}
	return out, summary(out, owners, known, unknownWhy), known
}

// racingTests maps each test that made an access to the evidence. Of several
// candidates of one t.Run site, those that the log marks failed count: they run
// the same code, and the detector cannot tell them apart.
func racingTests(owners []Owner, all []culprit.TestRef) map[string]string {
	racing := map[string]string{}
	for _, o := range owners {
		if len(o.Tests) == 1 {
			racing[o.Tests[0]] = "its goroutine made one of the accesses (" + strings.TrimPrefix(o.Why, o.Tests[0]+": ") + ")"
		}
	}
	for _, o := range owners {
		if len(o.Tests) < 2 {
			continue
		}
		whole := everyCandidate(o, owners)
		for _, t := range all {
			if slices.Contains(o.Tests, t.Name) && (whole || t.Status == culprit.StatusFail) && racing[t.Name] == "" {
				racing[t.Name] = o.Why
				if whole {
					racing[t.Name] = fmt.Sprintf("each of the %d subtests of one t.Run site made an access (%s)", len(o.Tests), strings.SplitN(o.Why, ";", 2)[0])
				}
			}
		}
	}
	return racing
}

// everyCandidate reports whether as many goroutines raced as the site has
// subtests, so that each of them did.
func everyCandidate(o Owner, owners []Owner) bool {
	goroutines := map[int]bool{}
	for _, p := range owners {
		if slices.Equal(p.Tests, o.Tests) {
			goroutines[p.Goroutine] = true
		}
	}
	return len(goroutines) == len(o.Tests)
}

// fromLog makes the reference of a racing test that is not marked failed.
func fromLog(name string, all, tests []culprit.TestRef) culprit.TestRef {
	for _, t := range all {
		if t.Name == name {
			return t
		}
	}
	ref := culprit.TestRef{Name: name, Status: culprit.StatusUnknown}
	if len(tests) > 0 {
		ref.Package = tests[0].Package
	} else if len(all) > 0 {
		ref.Package = all[0].Package
	}
	return ref
}

func hasFailedChild(name string, tests []culprit.TestRef) bool {
	return slices.ContainsFunc(tests, func(t culprit.TestRef) bool {
		return strings.HasPrefix(t.Name, name+"/") && t.Status == culprit.StatusFail
	})
}

func collateralWhy(name string, racing []string) string {
	for _, r := range racing {
		if strings.HasPrefix(name, r+"/") {
			return fmt.Sprintf("a subtest of %s that made neither access: testing marks whatever runs when the report is counted", r)
		}
	}
	if len(racing) == 0 {
		return "it made neither access: no test's goroutine did, and testing marks whatever runs when the report is counted"
	}
	return fmt.Sprintf("it made neither access (%s did): testing marks whatever runs when the report is counted", strings.Join(racing, " and "))
}

func summary(tests []culprit.TestRef, owners []Owner, known bool, unknownWhy string) string {
	if !known {
		return unknownWhy
	}
	count := map[culprit.Role]int{}
	for _, t := range tests {
		count[t.Role]++
	}
	if count[culprit.RoleCause] == 0 && len(owners) > 0 {
		return owners[0].Why
	}
	return fmt.Sprintf("%d raced, %d collateral, %d parents", count[culprit.RoleCause], count[culprit.RoleCollateral], count[culprit.RoleParent])
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
