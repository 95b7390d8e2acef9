// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame

import (
	"fmt"
	"strings"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

// flakeWords are what people call a failure that comes and goes; fixWords what
// they call its repair. A commit must say both in its subject, or the body must
// say that it fixes a flake, before it is called a flake fix. A race that is
// the detector, a mode or a test run is none; so is what the subject reverts,
// denies, or only documents. A race that is not of a test is a bug of the
// program, so the subject must name a test, too.
var (
	flakeWords = lazyre.New(`(?i)(?:^|[^-\w])(flak(?:e|es|y|iness|ey)|data race|race condition|races?|racy|intermittent(?:ly)?|nondeterministic|non-deterministic|test timing)\b(\s+(?:detect\w*|mode|builds?|runs?|jobs?|flags?|tests?|enabled)\b)?`)
	fixWords   = lazyre.New(`(?i)\b(fix(?:e[sd])?|fixing|avoid(?:s|ed)?|resolv(?:e|es|ed)|prevent(?:s|ed)?|stabili[sz]e[sd]?|eliminate[sd]?)\b`)
	deflake    = lazyre.New(`(?i)\b(de-?flak\w*|unflak\w*)\b`)
	bodyFix    = lazyre.New(`(?i)\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?)\b[^\n.]{0,60}\bflak\w*`)
	ofTest     = lazyre.New(`(?i)(?:^|[^a-z])tests?(?:$|[^a-z])|_test\b|\b(?-i:Test[A-Z])`)
	denied     = lazyre.New(`(?i)^\W*(?:revert|reapply)\b|\b(?:not|n't|never|cannot|can't|without)\s+(?:\w+\s+)?fix|\b(?:typos?|comments?|docs?|documentation|spelling|changelog)\b`)
)

// flakeFix says why a commit looks like the fix of an earlier flaky test, ""
// when it does not.
func flakeFix(subject, body string) string {
	if denied.MatchString(subject) {
		return ""
	}
	if m := deflake.FindString(subject); m != "" {
		return fmt.Sprintf("its subject says %q", m)
	}
	if fx, fl := fixWords.FindString(subject), flakeWord(subject); fx != "" && fl != "" {
		return fmt.Sprintf("its subject says %q and %q", fx, fl)
	}
	if m := bodyFix.FindString(body); m != "" && !denied.MatchString(m) {
		return fmt.Sprintf("its message says %q", clean(strings.Join(strings.Fields(m), " "), maxSubject))
	}
	return ""
}

// flakeWord is the first word for a flake in s. "flaky test" is one, "race
// test" is not.
func flakeWord(s string) string {
	for _, m := range flakeWords.FindAllStringSubmatch(s, -1) {
		if strings.HasPrefix(strings.ToLower(m[1]), "flak") || m[2] == "" && ofTest.MatchString(s) {
			return m[1]
		}
	}
	return ""
}
