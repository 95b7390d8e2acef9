// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gocmd"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/kind"
)

// run writes the live programs into a folder and runs go test on them for real.
func run(t *testing.T, args ...string) []byte { return runIn(t, "testdata/live.txtar", args...) }

func runIn(t *testing.T, archive string, args ...string) []byte {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range a.Files {
		p := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	res, _ := gocmd.Run(context.Background(), gocmd.Cmd{Dir: dir, Args: append([]string{"test", "-count=1"}, args...)})
	return append(res.Stdout, res.Stderr...)
}

func classify(t *testing.T, log []byte) (culprit.Verdict, []*culprit.Failure) {
	t.Helper()
	l, err := golog.Read(context.Background(), bytes.NewReader(log), golog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	v, why, fs := kind.Classify(l)
	if (v == culprit.Failed) != (why == "") {
		t.Errorf("verdict %s with the reason %q", v, why)
	}
	return v, fs
}

var forms = map[string][]string{"text": nil, "verbose": {"-v"}, "json": {"-json"}}

// TestNothingIsLost: each failing test and each failing package comes out, in
// whatever form the log is, and nothing that passed does.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for form, args := range forms {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			log := run(t, append(args, "./...")...)
			v, fs := classify(t, log)
			if v != culprit.Failed {
				t.Fatalf("verdict %s of\n%s", v, log)
			}
			roles, packages := map[string]culprit.Role{}, map[string]bool{}
			for _, f := range fs {
				packages[f.Package] = true
				for _, x := range f.Tests {
					roles[x.Name] = x.Role
				}
				if regexp.MustCompile(`\d{4}|0x`).MatchString(f.Title) {
					t.Errorf("title %q is not stable", f.Title)
				}
				if f.Evidence.EndByte > int64(len(log)) || f.Evidence.FirstLine > f.Evidence.LastLine {
					t.Errorf("evidence %+v is outside of the log", f.Evidence)
				}
			}
			for name, want := range map[string]culprit.Role{
				"TestNested/deep/er": culprit.RoleCause, "TestNested/deep": culprit.RoleParent, "TestNested": culprit.RoleParent, "TestPlain": culprit.RoleCause,
			} {
				if roles[name] != want {
					t.Errorf("%s: role %q, want %q", name, roles[name], want)
				}
			}
			for name := range roles {
				if strings.HasPrefix(name, "TestFine") || name == "TestInner" {
					t.Errorf("%s passed, or is only text, and is listed", name)
				}
			}
			for _, p := range []string{"example.com/live/fails", "example.com/live/exits", "example.com/live/broken"} {
				if !packages[p] {
					t.Errorf("package %s is lost; have %v in\n%s", p, packages, log)
				}
			}
			if packages["example.com/live/fine"] {
				t.Error("a package that passed is listed")
			}
		})
	}
}

func TestPassing(t *testing.T) {
	t.Parallel()
	for form, args := range forms {
		if v, fs := classify(t, run(t, append(args, "./fine")...)); v != culprit.Passed || len(fs) > 0 {
			t.Errorf("%s: verdict %s, %d failures", form, v, len(fs))
		}
	}
}

// TestRaceInTestMain: no test is marked, only the package fails.
func TestRaceInTestMain(t *testing.T) {
	t.Parallel()
	if ok, why, err := gocmd.RaceReady(context.Background(), ""); err != nil || !ok {
		t.Skipf("no race detector: %s %v", why, err)
	}
	for form, args := range forms {
		v, fs := classify(t, run(t, append(args, "-race", "./racemain")...))
		if v != culprit.Failed || len(fs) != 1 || fs[0].Kind != culprit.KindDataRace {
			t.Errorf("%s: verdict %s, %d failures", form, v, len(fs))
			continue
		}
		for _, x := range fs[0].Tests {
			if x.Role == culprit.RoleCause {
				t.Errorf("%s: %s is called the cause of a race in TestMain", form, x.Name)
			}
		}
		goroutines := map[int]bool{}
		for _, a := range fs[0].Race.Accesses {
			goroutines[a.Goroutine] = true
		}
		if !goroutines[culprit.MainGoroutine] {
			t.Errorf("%s: the main goroutine made one access: %+v", form, fs[0].Race.Accesses)
		}
	}
}
