// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package gitx is the only runner of git.
//
// A repository is hostile input: its configuration can name programs to run.
// Run therefore drops the caller's GIT_* environment, ignores system
// configuration, and switches off hooks, the fsmonitor, pagers, external diffs
// and every transport. Filter drivers carry names that the repository chooses,
// so [Open] reads those names and switches each off; it also closes the
// transports that the repository allows by name. textconv is switched off per
// command, with --no-textconv. Only a [Repo] is safe on a tree of others.
package gitx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// ErrNotFound says that git is not installed.
var ErrNotFound = errors.New("git is not on the PATH: install it (Debian: apt-get install git)")

// ErrTooLong says that git printed more than Options.MaxOutput.
var ErrTooLong = errors.New("git printed more than the limit")

// maxOutput bounds what Run keeps when Options say nothing.
const maxOutput = 64 << 20

// Options of one run of git; the zero value is ready to use.
type Options struct {
	// Env is added last, as KEY=VALUE.
	Env []string
	// Stdin is git's standard input; nil means none.
	Stdin io.Reader
	// MaxOutput bounds the bytes of standard output; 0 means 64 MiB. More is an
	// error, for half an output can mislead.
	MaxOutput int64
}

// Error is a git that ended with another exit code than 0.
type Error struct {
	Args   []string
	Code   int
	Stderr string // at most 4 KiB
}

func (e *Error) Error() string {
	return fmt.Sprintf("git %s: exit code %d: %s", command(e.Args), e.Code, e.Reason())
}

// Reason is the first line git printed as an error, without "fatal: ".
func (e *Error) Reason() string {
	msg, _, _ := strings.Cut(strings.TrimSpace(e.Stderr), "\n")
	return strings.TrimPrefix(strings.TrimPrefix(msg, "fatal: "), "error: ")
}

// command is the subcommand for a message; args may begin with options.
func command(args []string) string {
	for i := 0; i < len(args); i++ {
		if args[i] == "-c" {
			i++
			continue
		}
		return args[i]
	}
	return ""
}

// hardening are the settings that no repository may override.
var hardening = []string{
	"--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat",
	"-c", "diff.external=", "-c", "protocol.allow=never", "-c", "core.quotePath=false",
	"-c", "log.showSignature=false", "-c", "color.ui=false",
}

// Run runs git with args in dir and returns its standard output. A git that
// fails is an *Error, a missing one ErrNotFound, too much output wraps
// ErrTooLong. When ctx ends, git and what it started are killed.
func Run(ctx context.Context, dir string, o Options, args ...string) ([]byte, error) {
	bin, err := exec.LookPath("git")
	if err != nil {
		return nil, ErrNotFound
	}
	cmd := exec.CommandContext(ctx, bin, append(append([]string{}, hardening...), args...)...)
	cmd.Dir = dir
	cmd.Env = environment(o.Env)
	cmd.Stdin = o.Stdin
	cmd.WaitDelay = 2 * time.Second
	killGroup(cmd)
	limit := o.MaxOutput
	if limit == 0 {
		limit = maxOutput
	}
	out, errs := &bounded{limit: limit}, &bounded{limit: 4 << 10}
	cmd.Stdout, cmd.Stderr = out, errs
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &exit):
		return nil, &Error{Args: args, Code: exit.ExitCode(), Stderr: errs.buf.String()}
	case err != nil:
		return nil, fmt.Errorf("running git %s: %w", command(args), err)
	case out.cut:
		return nil, fmt.Errorf("git %s, %d bytes: %w", command(args), limit, ErrTooLong)
	}
	return out.buf.Bytes(), nil
}

// environment is the caller's without anything that steers git elsewhere.
func environment(extra []string) []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "GIT_") {
			env = append(env, kv)
		}
	}
	env = append(env, "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_ATTR_NOSYSTEM=1",
		"GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_LITERAL_PATHSPECS=1", "LC_ALL=C")
	return append(env, extra...)
}

// bounded keeps the first limit bytes. It does not embed the buffer: io.Copy
// would find the buffer's ReadFrom and go around the limit.
type bounded struct {
	buf   bytes.Buffer
	limit int64
	cut   bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := b.limit - int64(b.buf.Len()); int64(len(p)) > room {
		b.cut = true
		b.buf.Write(p[:max(0, room)])
		return len(p), nil
	}
	return b.buf.Write(p)
}
