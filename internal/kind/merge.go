// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"fmt"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// merged folds what the machine lacked into one failure over all packages, and says
// of tests that passed when they were run again that they are flaky.
func merged(log *golog.Log, all []*culprit.Failure) []*culprit.Failure {
	var out []*culprit.Failure
	at := map[string]*culprit.Failure{}
	for _, f := range all {
		key := ""
		switch f.Kind {
		case culprit.KindDiskFull, culprit.KindPortInUse, culprit.KindModuleDownload:
			key = string(f.Kind) + f.Title
		}
		old := at[key]
		if key == "" || old == nil {
			at[key] = f
			out = append(out, f)
			continue
		}
		old.Tests = append(old.Tests, f.Tests...)
		old.Related = append(append(old.Related, f.Evidence), f.Related...)
		for _, p := range append(culprit.List[string]{f.Package}, f.Packages...) {
			if p != "" && p != old.Package && !contains(old.Packages, p) {
				if old.Package == "" {
					old.Package = p
					continue
				}
				old.Packages = append(old.Packages, p)
			}
		}
	}
	rerunPassed(log, out)
	return out
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// passedAgain reports whether a test failed and passed when it was run again in a
// re-run, as gotestsum --rerun-fails does.
func passedAgain(t *golog.Test) bool { return t.Reran && t.Failed > 0 && t.Last == culprit.StatusPass }

func again(t *golog.Test) string {
	return fmt.Sprintf("it failed in %d of %d runs and passed when it was run again: flaky, by this log", t.Failed, t.Runs)
}

// rerunPassed finds the tests of a failed run that passed in a later run of the same
// package that ran these tests only: that is what a re-run of the failures looks like.
func rerunPassed(log *golog.Log, fs []*culprit.Failure) {
	for i, p := range log.Packages {
		failed := 0
		for _, t := range p.Tests {
			if t.Failing() {
				failed++
			}
		}
		if failed == 0 || p.Path == "" {
			continue
		}
		for _, q := range log.Packages[i+1:] {
			if q.Path != p.Path || q.Result != golog.ResultPass || q.Passed == 0 || q.Passed > int64(failed) {
				continue
			}
			for _, f := range fs {
				for k := range f.Tests {
					x := &f.Tests[k]
					if x.Package == p.Path && x.Status == culprit.StatusFail && x.Role == culprit.RoleCause && f.Race == nil {
						x.Role, x.Why = culprit.RoleUnknown, "it failed, and the package passed when its failed tests were run again: flaky, by this log"
					}
				}
			}
		}
	}
}
