// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame

import (
	"fmt"
	"regexp"
	"strings"
)

// flakeWords are what people call a failure that comes and goes; fixWords what
// they call its repair. A commit must say both in its subject, or the body must
// say that it fixes a flake, before it is called a flake fix.
var (
	flakeWords = regexp.MustCompile(`(?i)\b(flak(?:e|es|y|iness|ey)|data race|race condition|races?|racy|intermittent(?:ly)?|nondeterministic|non-deterministic)\b`)
	fixWords   = regexp.MustCompile(`(?i)\b(fix(?:e[sd])?|fixing|avoid(?:s|ed)?|resolv(?:e|es|ed)|prevent(?:s|ed)?|stabili[sz]e[sd]?|eliminate[sd]?)\b`)
	deflake    = regexp.MustCompile(`(?i)\b(de-?flak\w*|unflak\w*)\b`)
	bodyFix    = regexp.MustCompile(`(?i)\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?)\b[^\n]{0,60}\bflak\w*`)
)

// flakeFix says why a commit looks like the fix of an earlier flaky test, ""
// when it does not.
func flakeFix(subject, body string) string {
	if m := deflake.FindString(subject); m != "" {
		return fmt.Sprintf("its subject says %q", m)
	}
	if fx, fl := fixWords.FindString(subject), flakeWords.FindString(subject); fx != "" && fl != "" {
		return fmt.Sprintf("its subject says %q and %q", fx, fl)
	}
	if m := bodyFix.FindString(body); m != "" {
		return fmt.Sprintf("its message says %q", clean(strings.Join(strings.Fields(m), " ")))
	}
	return ""
}
