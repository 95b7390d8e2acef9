// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package gocmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Binary describes one run of a program that the go command has built, for
// example a test binary. It runs code of the repository: only on the user's word.
type Binary struct {
	// Path is the program, Args what stands after it, Dir where it runs.
	Path string
	Args []string
	Dir  string
	// Env is the whole environment: nothing is inherited.
	Env []string
	// Output receives standard output and standard error as they come.
	Output io.Writer
	// Timeout ends the run, 0 means none.
	Timeout time.Duration
	// Memory is the number of resident bytes at which the program is killed, 0
	// means no limit. It is looked at ten times a second, where the system tells
	// (Linux): an address-space limit would be no use, as the race detector
	// reserves terabytes.
	Memory int64
	// Pause stops the process again and again for this long, as a machine does that
	// has other things to do. In between it works for Run: of processor time where
	// the system tells (Linux), within at most [idleRuns] times as long. Only where
	// [CanPause] is true.
	Pause, Run time.Duration
}

// Ending is how a program ended.
type Ending struct {
	// Code is the exit code, -1 when a signal ended it.
	Code int
	// TimedOut and OutOfMemory say that this package ended it.
	TimedOut, OutOfMemory bool
	Took                  time.Duration
}

var (
	errTimeout = errors.New("the time limit")
	errMemory  = errors.New("the memory limit")
)

// memoryEvery is how often the memory of a program is looked at.
const memoryEvery = 100 * time.Millisecond

// RunBinary runs a program and waits for it. An error means that it could not
// run, or that ctx ended; how the program itself ended is in the Ending. When it
// returns, no process of the program's group is left.
func RunBinary(ctx context.Context, b Binary) (Ending, error) {
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if b.Timeout > 0 {
		timer := time.AfterFunc(b.Timeout, func() { cancel(errTimeout) })
		defer timer.Stop()
	}
	cmd := exec.CommandContext(run, b.Path, b.Args...)
	cmd.Dir, cmd.Env = b.Dir, b.Env
	cmd.Stdout, cmd.Stderr = b.Output, b.Output
	stop := ownGroup(cmd)
	killAtOnce(cmd)
	start := time.Now()
	err := startWait(cmd, func() {
		if b.Memory > 0 {
			go watchMemory(run, cmd.Process.Pid, b.Memory, func() { cancel(errMemory) })
		}
		if b.Pause > 0 && CanPause {
			go pauses(run, cmd.Process, b.Pause, max(b.Run, time.Millisecond))
		}
	})
	stop()
	end := Ending{Code: -1, Took: time.Since(start)}
	if cmd.ProcessState != nil {
		end.Code = cmd.ProcessState.ExitCode()
	}
	var exit *exec.ExitError
	switch cause := context.Cause(run); {
	case ctx.Err() != nil:
		return end, fmt.Errorf("running %s stopped: %w", b.Path, context.Cause(ctx))
	case errors.Is(cause, errTimeout):
		end.TimedOut = true
	case errors.Is(cause, errMemory):
		end.OutOfMemory = true
	case err == nil, errors.As(err, &exit), errors.Is(err, exec.ErrWaitDelay):
	default:
		return end, fmt.Errorf("cannot run %s: %w", b.Path, err)
	}
	return end, nil
}

// idleRuns bounds how long a process that works little goes on between pauses.
const idleRuns = 20

// pauses stops a process and lets it go on, in turns, until ctx ends or the
// process has. [os.Process] does not signal a process that was waited for, so no
// other one is ever hit.
func pauses(ctx context.Context, p *os.Process, pause, run time.Duration) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	wait := func(d time.Duration) bool {
		timer.Reset(d)
		select {
		case <-ctx.Done(): // what ends the run kills, and a stopped process can be killed
			return false
		case <-timer.C:
			return true
		}
	}
	for {
		// A busy machine may not give it its time at once.
		from, told := worked(p.Pid)
		for start := time.Now(); ; {
			if !wait(min(run, time.Millisecond)) {
				return
			}
			now, ok := worked(p.Pid)
			if since := time.Since(start); since >= idleRuns*run || told && ok && now-from >= run || !(told && ok) && since >= run {
				break
			}
		}
		if p.Signal(stopSignal) != nil || !wait(pause) || p.Signal(contSignal) != nil {
			return
		}
	}
}

// watchMemory calls kill once the process has more resident bytes than limit.
func watchMemory(ctx context.Context, pid int, limit int64, kill func()) {
	ticks := time.NewTicker(memoryEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			if n, ok := resident(pid); ok && n > limit {
				kill()
				return
			}
		}
	}
}
