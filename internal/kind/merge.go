// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"fmt"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// merged folds what the machine lacked into one failure over all packages.
func merged(all []*culprit.Failure) []*culprit.Failure {
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
