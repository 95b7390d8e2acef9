// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package results

import (
	"errors"
	"strings"
	"testing"
)

func TestNamed(t *testing.T) {
	if err := Both(func() error { return nil }, func() error { return errors.New("b") }); err == nil {
		t.Error()
	}
	var sb strings.Builder
	if n, err := Copy(&sb, strings.NewReader("abc")); n != 3 || err != nil || sb.Len() != 3 {
		t.Error(n, err)
	}
	if Guarded(func() { panic(1) }) == nil {
		t.Error()
	}
	if v, err := First(func() (int, error) { return 0, errors.New("x") }, func() (int, error) { return 2, nil }); v != 2 || err != nil {
		t.Error(v, err)
	}
	if Locked(4) != 6 {
		t.Error()
	}
	if c, err := Open(); c == nil || err != nil {
		t.Error(err)
	}
}
