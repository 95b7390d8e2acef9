// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"fmt"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

var (
	// noreply is the address that GitHub gives a commit instead of the person's own.
	noreply = lazyre.New(`<(?:[0-9]+\+)?([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))@users\.noreply\.github\.com>$`)
	// handle is a person of CODEOWNERS; a team, "@org/team", cannot be assigned.
	handle = lazyre.New(`^@([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))$`)
)

// suggestion names whom to assign, "" for nobody. It is the first of the owners,
// and only if the account is certain: the second best is not a stand-in, and a name or
// an address is no account. It is text, in code and without a mention: nobody is assigned,
// and nobody is notified. Who triages the issue decides, and one click does it.
func suggestion(f *culprit.Failure) string {
	if len(f.Owners) == 0 {
		return ""
	}
	best := f.Owners[0]
	account := ""
	for _, form := range []*lazyre.Regexp{noreply, handle} {
		if m := form.FindStringSubmatch(best.Who); m != nil {
			account = m[1]
		}
	}
	if account == "" {
		return ""
	}
	why := ""
	if len(best.Reasons) > 0 {
		why = ", " + cell(strings.Join(best.Reasons, "; "))
	}
	return fmt.Sprintf("\n\n**Suggested assignee:** `%s`%s. Nobody was assigned or notified.", account, why)
}
