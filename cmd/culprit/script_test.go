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
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"culprit": main})
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

func peak(ts *testscript.TestScript, neg bool, args []string) {
	limit, err := strconv.Atoi(args[0])
	ts.Check(err)
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Run())
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		ts.Fatalf("the system does not tell how much memory a process used")
	}
	// Linux counts KiB.
	if used := int(usage.Maxrss) >> 10; used > limit {
		ts.Fatalf("%s used %d MiB, more than %d", strings.Join(args[1:], " "), used, limit)
	}
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
