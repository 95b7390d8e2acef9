// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package lazyre_test

import (
	"regexp"
	"testing"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

// TestSame compares each method with that of package regexp.
func TestSame(t *testing.T) {
	t.Parallel()
	const expr, text = `(\w)(\d)`, "a1 b2 c"
	lazy, plain := lazyre.New(expr), regexp.MustCompile(expr)
	if lazy.String() != plain.String() || lazy.MatchString(text) != plain.MatchString(text) || lazy.Match([]byte(text)) != plain.Match([]byte(text)) {
		t.Error("another expression")
	}
	if lazy.FindString(text) != "a1" || lazy.FindStringIndex(text)[1] != 2 || lazy.FindStringSubmatch(text)[2] != "1" || lazy.FindStringSubmatchIndex(text)[4] != 1 {
		t.Error("the first match is another")
	}
	if got := lazy.FindAllString(text, -1); len(got) != 2 || got[1] != "b2" {
		t.Error(got)
	}
	if got := lazy.FindAllStringSubmatchIndex(text, -1); len(got) != 2 {
		t.Error(got)
	}
	if got := lazy.ReplaceAllString(text, "$2"); got != "1 2 c" {
		t.Error(got)
	}
}

func TestNoExpression(t *testing.T) {
	t.Parallel()
	r := lazyre.New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	r.MatchString("")
}
