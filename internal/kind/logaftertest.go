// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// logsAfterTest: a goroutine used the *testing.T of a test that had ended
// ("panic: Log in goroutine after TestX has completed", and the same of Fail, Output
// and Write, testing.go). The test
// that is named has passed; what it left running ended the process.
func logsAfterTest(c *claims) []*culprit.Failure {
	return c.byCrash(culprit.KindLogAfterTest, golog.MarkLogAfter, func(cr *crash) string {
		title, _, _ := strings.Cut(cr.headline(), " has completed")
		if where := cr.facts().Where; where != nil {
			return title + " has completed in " + shortPath(where.Func)
		}
		return title + " has completed"
	}, func(f *culprit.Failure, cr *crash) {
		f.Evidence = cr.evidence(true)
		_, name, _ := strings.Cut(cr.headline(), " after ")
		name, _, _ = strings.Cut(name, " ")
		if name != "" {
			c.give(f, name, culprit.RoleUnknown, "a goroutine used its *testing.T after it had completed; the log does not tell who started the goroutine")
		}
		if owner, why := cr.owner(c.pkg); owner != "" && owner != name && top(owner) != top(name) {
			c.give(f, owner, culprit.RoleUnknown, why)
		}
		c.giveCutOff(f, "the process died while it ran or waited")
	})
}
