// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"bytes"
	"context"
	"testing"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

// lingering uses a test that has ended: within a moment the detector reports it,
// later the process dies.
const lingering = `package m

import (
	"os"
	"testing"
	"time"
)

func TestLingering(t *testing.T) {
	go func() {
		if d, _ := time.ParseDuration(os.Getenv("LATE")); d > 0 {
			time.Sleep(d)
		}
		t.Log("late") // LOG
	}()
}

// The message of a goroutine goes to the parent of its test as long as that runs.
func TestMain(m *testing.M) {
	code := m.Run()
	time.Sleep(300 * time.Millisecond)
	os.Exit(code)
}
`

func TestUsedLate(t *testing.T) {
	t.Parallel()
	dir := module(t, "m_test.go", lingering)
	res, _ := gocmd.Run(context.Background(), gocmd.Cmd{Dir: dir, Env: []string{"LATE=50ms"}, Args: []string{"test", "-count=1", "-vet=off", "."}})
	out := res.Stdout
	if !bytes.Contains(out, []byte("Log in goroutine after TestLingering has completed")) {
		t.Fatalf("the late use did not panic:\n%s", out)
	}
	files := map[string]string{"m_test.go": lingering}
	f := failure(dir, files, "TestLingering", [2][2]string{{"m_test.go", "LOG"}, {"m_test.go", "LOG"}})
	f.Race.Accesses[0].Stack = append(culprit.List[culprit.Frame]{{Func: "testing.(*common).Logf", File: "/go/src/testing/testing.go", Line: 1}}, f.Race.Accesses[0].Stack...)
	f.Race.Accesses[1].Stack = culprit.List[culprit.Frame]{{Func: "testing.tRunner.func1", File: "/go/src/testing/testing.go", Line: 2}}
	s := &Sandbox{Tree: dir}
	if !s.NewMatcher(f, nil).usedLate(out, nil) {
		t.Errorf("the panic at the line of the access is not seen:\n%s", out)
	}
	moved := func(string, int) int { return 1 }
	if s.NewMatcher(f, nil).usedLate(out, moved) {
		t.Error("another line is taken for the access")
	}
	f.Race.Accesses[1].Stack[0].Func = "example.com/m.other"
	if s.NewMatcher(f, nil).usedLate(out, nil) {
		t.Error("a race without the end of a test is taken for one")
	}
}
