// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"culprit": main, "measured": measured})
}

// TestScript runs testdata/script/*.txtar. In them culprit is this program's
// own main in a child process. Beside testscript's own commands there are:
//
//	hugeline FILE MIB       write a log with one line of that many MiB between a start and a failure
//	peak MIB COMMAND…       run a command and fail if it used more memory than that
//	rawlog FILE ESCAPED     write the Go string literal ESCAPED, without quotes
//	leftovers               fail if a culprit-* folder is in the TMPDIR of the script
//
// and the conditions [race-ready]: git, go and a C compiler are there, and [root].
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:       "../../testdata/script",
		Setup:     setup,
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"hugeline": hugeLine, "peak": peak, "rawlog": rawLog, "leftovers": leftovers,
		},
	})
}

func condition(cond string) (bool, error) {
	switch cond {
	case "root":
		return os.Geteuid() == 0, nil
	case "race-ready":
		for _, tool := range []string{"git", "go", "cc"} {
			if _, err := exec.LookPath(tool); err != nil {
				return false, nil
			}
		}
		return true, nil
	}
	return false, fmt.Errorf("there is no condition %q", cond)
}

// setup passes on what the go command needs to build without a network.
func setup(e *testscript.Env) error {
	for _, name := range []string{"GOPROXY", "GOFLAGS", "GOTOOLCHAIN", "GONOSUMDB", "GOSUMDB"} {
		if v, ok := os.LookupEnv(name); ok {
			e.Setenv(name, v)
		}
	}
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		return err
	}
	caches := strings.Fields(string(out))
	e.Setenv("GOCACHE", caches[0])
	e.Setenv("GOMODCACHE", caches[1])
	program, err := exec.LookPath("culprit")
	if err != nil {
		return err
	}
	e.Setenv("CULPRIT", program)
	return nil
}

func hugeLine(ts *testscript.TestScript, neg bool, args []string) {
	mib, err := strconv.Atoi(args[1])
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	w := bufio.NewWriter(f)
	w.WriteString("=== RUN   TestHuge\n")
	block := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for range mib {
		w.Write(block)
	}
	w.WriteString("\n--- FAIL: TestHuge (0.00s)\nFAIL\nFAIL\texample.com/huge\t0.01s\n")
	ts.Check(w.Flush())
}

// peak measures through a process of its own: Linux counts for a child the memory
// that its parent had when it started it, and this one has much.
func peak(ts *testscript.TestScript, neg bool, args []string) {
	limit, err := strconv.Atoi(args[0])
	ts.Check(err)
	file := filepath.Join(ts.MkAbs("."), "peak.kib")
	cmd := exec.Command("measured", append([]string{file}, args[1:]...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Run())
	data, err := os.ReadFile(file)
	ts.Check(err)
	kib, err := strconv.Atoi(string(data))
	ts.Check(err)
	// The race detector takes several times the memory.
	if used := kib >> 10; used > limit && !raceDetector {
		ts.Fatalf("%s used %d MiB, more than %d", strings.Join(args[1:], " "), used, limit)
	}
}

// measured runs a command and writes into a file how many KiB it used.
func measured() {
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(127)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if ok {
		err = os.WriteFile(os.Args[1], []byte(strconv.FormatInt(usage.Maxrss, 10)), 0o600) // Linux counts KiB
	}
	if !ok || err != nil {
		fmt.Fprintln(os.Stderr, "the system does not tell how much memory a process used", err)
		os.Exit(127)
	}
	os.Exit(cmd.ProcessState.ExitCode())
}

func rawLog(ts *testscript.TestScript, neg bool, args []string) {
	s, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(s), 0o644))
}

func leftovers(ts *testscript.TestScript, neg bool, args []string) {
	entries, err := os.ReadDir(ts.Getenv("TMPDIR"))
	ts.Check(err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "culprit") {
			ts.Fatalf("%s was left behind", e.Name())
		}
	}
}
