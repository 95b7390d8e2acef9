// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestMain lets this test binary be culprit: a process that can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("CULPRIT_TEST_BE_CULPRIT") == "yes" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // as cmd/culprit does
		code := Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// TestFileKilled kills the real process with SIGKILL while the issue is created:
// when the request has arrived and nothing was done, and when the issue is there
// and the answer is not.
func TestFileKilled(t *testing.T) {
	for _, after := range []bool{false, true} {
		w := newRemoteWorld(t)
		db := filepath.Join(t.TempDir(), "culprit.db")
		var victim atomic.Pointer[os.Process]
		kill := func(r *http.Request) {
			if p := victim.Load(); p != nil && r.Method == http.MethodPost {
				victim.Store(nil)
				if err := p.Kill(); err != nil {
					t.Error(err)
				}
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					return // its connection is gone
				}
				<-r.Context().Done() // which a server notices once it has read the body
			}
		}
		w.api.Before(func(rw http.ResponseWriter, r *http.Request) bool {
			dying := !after && victim.Load() != nil && r.Method == http.MethodPost
			if !after {
				kill(r)
			}
			return dying
		})
		w.api.After(kill)
		run := func(mortal bool) (string, error) {
			cmd := exec.Command(os.Args[0], "file", w.web+"/o/r/actions/runs/7/job/71", "--no-source", "--store", db)
			cmd.Env = append(os.Environ(), append(w.env, "CULPRIT_TEST_BE_CULPRIT=yes", "TMPDIR="+w.tmp)...)
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if mortal {
				victim.Store(cmd.Process)
			}
			err := cmd.Wait()
			return out.String(), err
		}
		if out, err := run(true); err == nil {
			t.Fatalf("after %v: it was not killed:\n%s", after, out)
		}
		out, err := run(false)
		if err != nil {
			t.Fatalf("after %v: %v\n%s", after, err, out)
		}
		issues := w.api.Repo("o/r").Issues()
		if after {
			if len(issues) != 1 || !strings.Contains(out, "counted in "+issues[0].URL) || len(w.api.Repo("o/r").Comments(1)) != 1 {
				t.Errorf("killed after the issue was made: %d issues\n%s", len(issues), out)
			}
			continue
		}
		// Nobody can know yet whether the request is still on its way.
		if len(issues) != 0 || !strings.Contains(out, "may still be on its way") {
			t.Errorf("killed before the issue was made: %d issues\n%s", len(issues), out)
		}
	}
}
