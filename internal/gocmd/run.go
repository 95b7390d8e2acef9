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
	"path/filepath"
	"strings"
	"time"
)

// Cmd describes one run of the go command.
type Cmd struct {
	// Dir is the directory the command runs in; "" is the current one.
	Dir string
	// Args are what stands after "go".
	Args []string
	// Env holds KEY=VALUE entries that are added last and so win over both the
	// process's environment and [LockedEnv].
	Env []string
	// Stdin is the command's input; nil is an empty one.
	Stdin io.Reader
	// Stdout and Stderr receive the output as it comes. Where one is nil, that
	// stream is kept in the [Result] instead, up to MaxOutput bytes.
	Stdout, Stderr io.Writer
	// Locked runs the command in LockedEnv(os.Environ()). It must be set for
	// every tree that is not our own.
	Locked bool
	// Bare runs the command in Env alone: nothing is inherited.
	Bare bool
	// MaxOutput bounds what is kept of each stream, in bytes. 0 is
	// [DefaultMaxOutput]. What exceeds it is read and dropped, so the command
	// never blocks on a full pipe.
	MaxOutput int64
}

// DefaultMaxOutput is the number of bytes kept of a stream where
// [Cmd.MaxOutput] is 0. `go list -deps -json` of a large module needs about a
// tenth of it.
const DefaultMaxOutput = 64 << 20

// stderrTail is how much of the end of standard error an [ExitError] keeps: the
// go command puts the reason of a failure last.
const stderrTail = 16 << 10

// interruptGrace is how long the go command gets to remove its temporary
// directory after the context has ended, before everything is killed.
const interruptGrace = 2 * time.Second

// pipeGrace is how long output pipes may stay open after the go command has
// ended: a process left behind by a test holds them.
const pipeGrace = 5 * time.Second

// Result is what a finished command left.
type Result struct {
	// Stdout and Stderr are the first MaxOutput bytes of the streams that had
	// no writer of their own; nil for the others.
	Stdout, Stderr []byte
	// Truncated is true when a kept stream was longer than MaxOutput.
	Truncated bool
	// Code is the exit code, 0 for success, -1 when a signal ended the command.
	Code int
	// Took is the wall-clock time of the run.
	Took time.Duration
}

// ErrNotFound is returned (wrapped or not) when there is no go command in PATH.
var ErrNotFound = errors.New("the go command is not in PATH: install Go 1.26 or newer from https://go.dev/dl and put its bin directory into PATH")

// ExitError is the error of a go command that ended with a non-zero code.
type ExitError struct {
	// Args are the arguments after "go".
	Args []string
	// Code is the exit code, -1 when a signal ended the command.
	Code int
	// Stderr is the end of standard error, at most 16 KiB, also when the
	// command had a writer for it.
	Stderr []byte
}

// Error names the command, the code and the last lines of standard error.
func (e *ExitError) Error() string {
	name := "go"
	if len(e.Args) > 0 {
		name += " " + e.Args[0]
	}
	if text := lastLines(string(e.Stderr), 3); text != "" {
		return fmt.Sprintf("%s: exit code %d: %s", name, e.Code, text)
	}
	return fmt.Sprintf("%s: exit code %d", name, e.Code)
}

// Run runs the go command and waits for it. A non-zero exit is an [*ExitError]
// with a complete Result beside it; a missing go command is [ErrNotFound]. When
// ctx ends, the process group is interrupted, after two seconds killed, and
// the error wraps the context's cause. When Run returns, no process of the
// group is left.
func Run(ctx context.Context, c Cmd) (Result, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return Result{Code: -1}, ErrNotFound
	}
	limit := c.MaxOutput
	if limit <= 0 {
		limit = DefaultMaxOutput
	}
	stdout, stderr, tail := &head{max: limit}, &head{max: limit}, &tail{max: stderrTail}

	cmd := exec.CommandContext(ctx, path, c.Args...)
	cmd.Dir = c.Dir
	cmd.Env = c.environ()
	cmd.Stdin = c.Stdin
	cmd.Stdout = orKeep(c.Stdout, stdout)
	cmd.Stderr = io.MultiWriter(orKeep(c.Stderr, stderr), tail)
	stop := ownGroup(cmd)

	start := time.Now()
	err = startWait(cmd, nil)
	stop()
	res := Result{Stdout: stdout.buf, Stderr: stderr.buf, Truncated: stdout.cut || stderr.cut, Code: -1, Took: time.Since(start)}
	if cmd.ProcessState != nil {
		res.Code = cmd.ProcessState.ExitCode()
	}
	return res, c.failure(ctx, err, res.Code, tail.buf)
}

// failure turns the error of exec into one of this package's.
func (c Cmd) failure(ctx context.Context, err error, code int, stderr []byte) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("go %s stopped: %w", strings.Join(c.Args, " "), context.Cause(ctx))
	case errors.As(err, &exit):
		return &ExitError{Args: c.Args, Code: code, Stderr: stderr}
	case errors.Is(err, exec.ErrWaitDelay):
		return fmt.Errorf("go %s ended, but a process it had started kept its output open for %v and was killed", strings.Join(c.Args, " "), pipeGrace)
	default:
		return fmt.Errorf("cannot run go %s: %w", strings.Join(c.Args, " "), err)
	}
}

// environ is the environment of the command. PWD is set like os/exec does for
// commands without an own environment: the go command trusts it to name the
// directory without resolving symbolic links.
func (c Cmd) environ() []string {
	env := os.Environ()
	if c.Bare {
		env = nil
	} else if c.Locked {
		env = LockedEnv(env)
	}
	if c.Dir != "" {
		if dir, err := filepath.Abs(c.Dir); err == nil {
			env = append(env, "PWD="+dir)
		}
	}
	return append(env, c.Env...)
}

func orKeep(w io.Writer, keep *head) io.Writer {
	if w != nil {
		return w
	}
	return keep
}

// head keeps the first max bytes written to it.
type head struct {
	buf []byte
	max int64
	cut bool
}

func (h *head) Write(p []byte) (int, error) {
	room := h.max - int64(len(h.buf))
	if int64(len(p)) > room {
		h.cut = true
		h.buf = append(h.buf, p[:room]...)
		return len(p), nil
	}
	h.buf = append(h.buf, p...)
	return len(p), nil
}

// tail keeps the last max bytes written to it.
type tail struct {
	buf []byte
	max int
}

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p[max(0, len(p)-t.max):]...)
	if extra := len(t.buf) - t.max; extra > 0 {
		t.buf = append(t.buf[:0], t.buf[extra:]...)
	}
	return len(p), nil
}

// lastLines is the last n non-empty lines of text, joined by "; ".
func lastLines(text string, n int) string {
	var kept []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-n):], "; ")
}
