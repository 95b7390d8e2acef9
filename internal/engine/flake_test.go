// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

// written is a module with one test file.
func written(t *testing.T, src string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "m_test.go": src} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// logOf is what go test prints there, with variables that the sandbox will not have.
func logOf(t *testing.T, dir string, env []string, args ...string) []byte {
	t.Helper()
	res, err := gocmd.Run(t.Context(), gocmd.Cmd{Dir: dir, Env: env, Args: append(append([]string{"test", "-count=1", "-vet=off"}, args...), ".")})
	var exit *gocmd.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return res.Stdout
}

// proven triages a log and proves its one failure.
func proven(t *testing.T, dir string, log []byte, budget time.Duration) (*culprit.Case, *culprit.Failure) {
	t.Helper()
	c, err := engine.Triage(t.Context(), engine.Input{Log: bytes.NewReader(log), Repo: dir, Proof: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Failures) != 1 {
		t.Fatalf("%d failures in\n%s", len(c.Failures), log)
	}
	start := time.Now()
	if err := engine.Prove(context.Background(), engine.ProveInput{Case: c, Repo: dir, Budget: budget}); err != nil {
		t.Fatal(err)
	}
	f := c.Failures[0]
	t.Logf("%s: %+v", f.Title, f.Repro)
	if f.Repro != nil {
		t.Logf("plain %+v amplified %+v", f.Repro.Before, f.Repro.AmplifiedBefore)
	}
	if took := time.Since(start); took > budget+30*time.Second {
		t.Errorf("it took %v of a budget of %v", took, budget)
	}
	if f.Fix != nil {
		t.Errorf("a repair is claimed: %+v", f.Fix)
	}
	return c, f
}

// starved fails when the worker does not get a processor for long enough.
const starved = `package m

import (
	"crypto/sha256"
	"os"
	"testing"
	"time"
)

func TestWorker(t *testing.T) {
	patience := 500 * time.Millisecond
	if os.Getenv("IMPATIENT") != "" {
		patience = 0
	}
	done := make(chan bool)
	go func() {
		sum := [32]byte{}
		for range 300_000 {
			sum = sha256.Sum256(sum[:])
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("timed out waiting for the worker")
	}
}
`

// TestFlakeStarved: a wait that is long enough on an idle machine runs out on one
// that has other things to do.
func TestFlakeStarved(t *testing.T) {
	t.Parallel()
	if !gocmd.CanPause {
		t.Skip("processes cannot be stopped here")
	}
	dir := written(t, starved)
	_, f := proven(t, dir, logOf(t, dir, []string{"IMPATIENT=1"}), 2*time.Minute)
	r := f.Repro
	// How nearly always depends on what else the machine does.
	if f.Kind != culprit.KindEventually || r == nil || r.AmplifiedBefore == nil || 2*r.AmplifiedBefore.Failed < r.AmplifiedBefore.Runs ||
		r.Before.Failed > 0 && r.Before.Failed*r.AmplifiedBefore.Runs > r.AmplifiedBefore.Failed*r.Before.Runs {
		t.Fatalf("kind %s, repro %+v", f.Kind, r)
	}
	if r.Before.Failed == 0 && r.Amplify.PauseMS == 0 && r.Amplify.AtOnce == 0 && r.Amplify.Procs == 0 {
		t.Errorf("amplified by %q", r.Amplifier)
	}
}

// polluted makes a package whose one test leaves something behind that another
// one does not expect, among many others.
func polluted(victimFirst bool) string {
	var b strings.Builder
	b.WriteString("package m\n\nimport \"testing\"\n\nvar limit = 10\n\n")
	victim := "func TestVictim(t *testing.T) {\n\tif limit != 10 {\n\t\tt.Errorf(\"limit is %d, want 10\", limit)\n\t}\n}\n\n"
	if victimFirst {
		b.WriteString(victim)
	}
	for i := range 12 {
		body := ""
		if i == 7 {
			body = "limit = 99"
		}
		fmt.Fprintf(&b, "func TestOther%c(t *testing.T) { %s }\n\n", 'A'+i, body)
	}
	if !victimFirst {
		b.WriteString(victim)
	}
	return b.String()
}

// TestFlakeOrder: the test passes alone and fails after one other, which is found.
func TestFlakeOrder(t *testing.T) {
	t.Parallel()
	dir := written(t, polluted(false))
	c, f := proven(t, dir, logOf(t, dir, nil), 2*time.Minute)
	r := f.Repro
	if r == nil || r.Before.Failed != 0 || r.AmplifiedBefore == nil || r.AmplifiedBefore.Failed != r.AmplifiedBefore.Runs {
		t.Fatalf("repro %+v, steps %+v", r, c.Steps)
	}
	if want := []string{"TestOtherH"}; !slices.Equal(r.Amplify.After, want) {
		t.Errorf("after %v, want %v", r.Amplify.After, want)
	}
	if !strings.Contains(r.Note, "TestOtherH ran in the same process before it") || !strings.Contains(r.AmplifiedCommand, "TestVictim|TestOtherH") {
		t.Errorf("note %q, command %q", r.Note, r.AmplifiedCommand)
	}
	// Once it has been measured, a second proof runs nothing.
	before := *r.AmplifiedBefore
	if err := engine.Prove(context.Background(), engine.ProveInput{Case: c, Repo: dir, Budget: time.Minute}); err != nil {
		t.Fatal(err)
	}
	if *f.Repro.AmplifiedBefore != before {
		t.Errorf("measured again: %+v, was %+v", *f.Repro.AmplifiedBefore, before)
	}
}

// shuffledLog runs the tests in drawn orders until one fails.
func shuffledLog(t *testing.T, dir string) []byte {
	t.Helper()
	for seed := 1; seed < 100; seed++ {
		if log := logOf(t, dir, nil, fmt.Sprintf("-shuffle=%d", 1000+seed)); bytes.Contains(log, []byte("--- FAIL")) {
			return log
		}
	}
	t.Fatal("no order made the test fail")
	return nil
}

// TestFlakeShuffle: in the order of the source it passes; the seed of the log, or
// one that is drawn where the log has none, makes it fail.
func TestFlakeShuffle(t *testing.T) {
	t.Parallel()
	dir := written(t, polluted(true))
	log := shuffledLog(t, dir)
	for name, log := range map[string][]byte{"seed": log, "no seed": log[bytes.IndexByte(log, '\n')+1:]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, f := proven(t, dir, log, 2*time.Minute)
			r := f.Repro
			if (f.Shuffle != "") != (name == "seed") {
				t.Errorf("the log's seed is %q", f.Shuffle)
			}
			if r == nil || r.Before.Failed != 0 || r.AmplifiedBefore == nil || r.AmplifiedBefore.Failed != r.AmplifiedBefore.Runs {
				t.Fatalf("repro %+v", r)
			}
			if !slices.Equal(r.Amplify.After, []string{"TestOtherH"}) || r.Amplify.Shuffle == "" {
				t.Errorf("amplified by %q", r.Amplifier)
			}
			if f.Shuffle != "" && r.Amplify.Shuffle != f.Shuffle {
				t.Errorf("seed %s, that of the log is %s", r.Amplify.Shuffle, f.Shuffle)
			}
		})
	}
}

// misled fails here too, and for another reason than in the log.
const misled = `package m

import (
	"os"
	"testing"
)

func TestValue(t *testing.T) {
	got := 3
	if os.Getenv("BROKEN") != "" {
		t.Fatalf("the value is %d, want 4", got)
	}
	t.Fatal("cannot read the settings")
}
`

// TestFlakeOther: another failure of the same test is not this one.
func TestFlakeOther(t *testing.T) {
	t.Parallel()
	dir := written(t, misled)
	c, f := proven(t, dir, logOf(t, dir, []string{"BROKEN=1"}), 20*time.Second)
	if r := f.Repro; r == nil || r.Before == nil || r.Before.Runs == 0 || r.Before.Failed != 0 || r.AmplifiedBefore != nil {
		t.Errorf("repro %+v", f.Repro)
	}
	for _, s := range c.Steps {
		if s.Stage == culprit.StageRepro && s.Outcome != culprit.Inconclusive {
			t.Errorf("step %+v", s)
		}
	}
}

// certainly are programs of other kinds that fail in every run.
var certainly = map[culprit.Kind]struct {
	src  string
	args []string
}{
	culprit.KindPanic: {"package m\n\nimport \"testing\"\n\nfunc TestIt(t *testing.T) {\n\tvar m map[string]int\n\tm[\"a\"] = len(t.Name())\n}\n", nil},
	culprit.KindTimeout: {"package m\n\nimport \"testing\"\n\nfunc wait(c chan int) { <-c }\n\nfunc TestIt(t *testing.T) {\n\twait(make(chan int))\n}\n",
		[]string{"-timeout=1s"}},
	culprit.KindPortInUse: {`package m

import (
	"net"
	"testing"
)

func TestIt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := net.Listen("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
}
`, nil},
	culprit.KindAssertion: {"package m\n\nimport \"testing\"\n\nfunc TestIt(t *testing.T) {\n\tt.Run(\"sub\", func(t *testing.T) { t.Errorf(\"got %d, want %d\", 1, 2) })\n}\n", nil},
}

// TestFlakeKinds: each kind is found again, with a time limit that is kept.
func TestFlakeKinds(t *testing.T) {
	t.Parallel()
	for k, p := range certainly {
		t.Run(string(k), func(t *testing.T) {
			t.Parallel()
			dir := written(t, p.src)
			_, f := proven(t, dir, logOf(t, dir, nil, p.args...), time.Minute)
			if r := f.Repro; f.Kind != k || r == nil || r.Before == nil || r.Before.Failed != r.Before.Runs || r.Before.Runs < 10 {
				t.Errorf("kind %s, repro %+v", f.Kind, f.Repro)
			}
		})
	}
}

// hanging loses a signal that comes before anybody waits for it.
const hanging = `package m

import (
	"os"
	"testing"
	"time"
)

func wait(c chan bool) {
	<-c
}

func TestSignal(t *testing.T) {
	early := os.Getenv("EARLY") != ""
	c := make(chan bool)
	go func() {
		if !early {
			time.Sleep(10 * time.Millisecond)
		}
		select {
		case c <- true:
		default:
		}
	}()
	if early {
		time.Sleep(100 * time.Millisecond)
	}
	wait(c)
}
`

// TestFlakeHang: the statement where the log's goroutine stood got there late, which
// makes it hang.
func TestFlakeHang(t *testing.T) {
	t.Parallel()
	dir := written(t, hanging)
	_, f := proven(t, dir, logOf(t, dir, []string{"EARLY=1"}, "-timeout=1s"), time.Minute)
	r := f.Repro
	if f.Kind != culprit.KindTimeout || r == nil || r.AmplifiedBefore == nil || 2*r.AmplifiedBefore.Failed < r.AmplifiedBefore.Runs {
		t.Fatalf("kind %s, repro %+v", f.Kind, r)
	}
	if r.Before.Failed == 0 && (!strings.HasPrefix(r.Amplify.Delay, "late") || !strings.Contains(r.Amplifier, "m_test.go:10")) {
		t.Errorf("amplified by %q", r.Amplifier)
	}
}
