// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package gitx is the only runner of git.
//
// A repository is hostile input: its configuration can name programs to run.
// Run therefore drops the caller's GIT_* environment, ignores system
// configuration, and switches off hooks, the fsmonitor, pagers, external diffs
// and every transport.
package gitx

import (
	"bytes"
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

// ErrNotFound says that git is not installed.
var ErrNotFound = errors.New("git is not on the PATH: install it (Debian: apt-get install git)")

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
	msg, _, _ := strings.Cut(strings.TrimSpace(e.Stderr), "\n")
	return fmt.Sprintf("git %s: exit code %d: %s", e.Args[0], e.Code, msg)
}

// hardening are the settings that no repository may override.
var hardening = []string{
	"-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat",
	"-c", "diff.external=", "-c", "protocol.allow=never", "-c", "core.quotePath=false",
	"-c", "log.showSignature=false", "-c", "color.ui=false", "-c", "safe.directory=*",
}

// Run runs git with args in dir and returns its standard output. A git that
// fails is an *Error, a missing one ErrNotFound.
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
		return nil, &Error{Args: args, Code: exit.ExitCode(), Stderr: errs.String()}
	case err != nil:
		return nil, fmt.Errorf("running git %s: %w", args[0], err)
	case out.cut:
		return nil, fmt.Errorf("git %s printed more than %d bytes", args[0], limit)
	}
	return out.Bytes(), nil
}

// environment is the caller's without anything that steers git elsewhere.
func environment(extra []string) []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "GIT_") {
			env = append(env, kv)
		}
	}
	env = append(env, "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_ATTR_NOSYSTEM=1", "LC_ALL=C")
	return append(env, extra...)
}

// bounded keeps the first limit bytes.
type bounded struct {
	bytes.Buffer
	limit int64
	cut   bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := b.limit - int64(b.Len()); int64(len(p)) > room {
		b.cut = true
		b.Buffer.Write(p[:max(0, room)])
		return len(p), nil
	}
	return b.Buffer.Write(p)
}

// Repo is a git repository.
type Repo struct {
	root string // top level of the work tree
	sub  string // the opened folder relative to root, "" for root itself
}

// Open finds the repository that holds dir. A nil Repo comes with the reason.
func Open(ctx context.Context, dir string) (*Repo, string, error) {
	out, err := Run(ctx, dir, Options{}, "rev-parse", "--show-toplevel", "--show-prefix")
	var ge *Error
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, err.Error(), nil
	case errors.As(err, &ge):
		return nil, fmt.Sprintf("%s is in no git repository", filepath.Base(dir)), nil
	case err != nil:
		return nil, "", fmt.Errorf("opening the git repository: %w", err)
	}
	lines := strings.SplitN(string(out), "\n", 3)
	if len(lines) < 2 {
		return nil, "git does not tell the repository's top level", nil
	}
	return &Repo{root: lines[0], sub: strings.TrimSuffix(lines[1], "/")}, "", nil
}

// Root is the absolute path of the top level.
func (r *Repo) Root() string { return r.root }

// Path turns a path relative to the opened folder into one relative to Root.
func (r *Repo) Path(rel string) string {
	if r.sub == "" {
		return rel
	}
	return r.sub + "/" + rel
}

// Git runs git at the repository's top level.
func (r *Repo) Git(ctx context.Context, args ...string) (string, error) {
	out, err := Run(ctx, r.root, Options{}, args...)
	return string(out), err
}

// Resolve returns the full hash of the commit that rev names ("" is HEAD), or
// the reason why it names none.
func (r *Repo) Resolve(ctx context.Context, rev string) (hash, why string, err error) {
	name := rev
	if name == "" {
		name = "HEAD"
	}
	out, err := r.Git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	var ge *Error
	switch {
	case errors.As(err, &ge) && rev == "":
		return "", "the repository has no commit", nil
	case errors.As(err, &ge):
		return "", fmt.Sprintf("the repository does not hold commit %s", rev), nil
	case err != nil:
		return "", "", err
	}
	return strings.TrimSpace(out), "", nil
}

// Shallow reports whether the repository lacks the older part of its history.
func (r *Repo) Shallow(ctx context.Context) (bool, error) {
	out, err := r.Git(ctx, "rev-parse", "--is-shallow-repository")
	return strings.TrimSpace(out) == "true", err
}
