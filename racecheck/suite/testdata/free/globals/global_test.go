// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package globals

import (
	"fmt"
	"os"
	"testing"
	"time"
)

var fixture map[string]int

func TestMain(m *testing.M) {
	fixture = map[string]int{"a": 1}
	os.Exit(m.Run())
}

func TestAge(t *testing.T) {
	old := now
	defer func() { now = old }()
	at := time.Unix(0, 0)
	now = func() time.Time { return at.Add(time.Hour) }
	if Age(at) != time.Hour {
		t.Fatal()
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	for i := range 3 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			name := fmt.Sprint(i)
			Register(name, func() int { return i })
			if f, ok := Lookup(name); !ok || f() != i {
				t.Error(i)
			}
			if fixture["a"] != 1 {
				t.Error()
			}
		})
	}
}
