// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

// TestCrashInTree: the place of a panic is a file of the work tree, also where the
// frames above it are of a deferred call.
func TestCrashInTree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/crash\n\ngo 1.26\n",
		"pool/pool.go": `package pool

func Last(list []int) int { return list[len(list)-1] }
`,
		"pool/pool_test.go": `package pool

import "testing"

func TestLast(t *testing.T) {
	defer func() {
		if r := recover(); r != nil {
			panic(r)
		}
	}()
	Last(nil)
}
`,
	} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	res, err := gocmd.Run(context.Background(), gocmd.Cmd{Dir: dir, Args: []string{"test", "-count=1", "./..."}})
	if err == nil {
		t.Fatal("the test passes")
	}
	c, err := engine.Triage(context.Background(), engine.Input{Log: bytes.NewReader(append(res.Stdout, res.Stderr...)), Repo: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Failures) != 1 || c.Failures[0].Kind != culprit.KindPanic {
		t.Fatalf("failures %+v", c.Failures)
	}
	w := c.Failures[0].Crash.Where
	if w == nil || w.File != "pool/pool.go" || w.Line != 3 || w.Func != "example.com/crash/pool.Last" {
		t.Errorf("where: %+v in\n%s", w, res.Stdout)
	}
	if x := c.Failures[0].Tests; len(x) != 1 || x[0].Name != "TestLast" || x[0].Role != culprit.RoleCause {
		t.Errorf("tests: %+v", x)
	}
}
