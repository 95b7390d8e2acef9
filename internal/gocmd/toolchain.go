// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package gocmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
)

// Toolchain is what `go env` says in a directory.
type Toolchain struct {
	Version string `json:"GOVERSION"` // "go1.26.8"
	GOROOT  string
	GOOS    string
	GOARCH  string
	// GOMOD is the main module's go.mod, os.DevNull outside a module. GOWORK is
	// the go.work in use, "" or "off" without one.
	GOMOD, GOWORK string
	// GOCACHE and GOMODCACHE are directories.
	GOCACHE, GOMODCACHE string
	// CGO is "0" or "1"; the go command turns it off by itself where it finds
	// no C compiler.
	CGO string `json:"CGO_ENABLED"`
	// CC is the C compiler command, possibly with flags.
	CC string
}

// Env asks the installed toolchain about itself in dir. It never downloads
// another toolchain, whatever dir's go.mod asks for.
func Env(ctx context.Context, dir string) (Toolchain, error) {
	return env(ctx, dir, nil)
}

func env(ctx context.Context, dir string, extra []string) (Toolchain, error) {
	var t Toolchain
	res, err := Run(ctx, Cmd{Dir: dir, Env: append([]string{"GOTOOLCHAIN=local"}, extra...), Args: []string{"env", "-json",
		"GOVERSION", "GOROOT", "GOOS", "GOARCH", "GOMOD", "GOWORK", "GOCACHE", "GOMODCACHE", "CGO_ENABLED", "CC"}})
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(res.Stdout, &t); err != nil {
		return t, fmt.Errorf("cannot read the output of go env: %w", err)
	}
	return t, nil
}

// RaceReady says whether `go test -race` can work in dir. When it cannot, why is
// one sentence that names what is missing and how to get it. An error means that
// it could not be found out, for example because there is no go command.
func RaceReady(ctx context.Context, dir string) (ok bool, why string, err error) {
	return raceReady(ctx, dir, nil)
}

// raceReady is RaceReady with extra KEY=VALUE entries.
func raceReady(ctx context.Context, dir string, extra []string) (ok bool, why string, err error) {
	t, err := env(ctx, dir, extra)
	if err != nil {
		return false, "", err
	}
	compiler := t.compiler()
	if t.CGO == "0" && t.GOOS != "darwin" && raceSupported(t) {
		if _, err := exec.LookPath(compiler); err != nil {
			return false, missingCompiler(t, compiler), nil
		}
		return false, "CGO_ENABLED is 0 and the race detector needs cgo on " + t.GOOS + ": set CGO_ENABLED=1 and try again", nil
	}
	// The go command itself refuses what it does not support, so that no list of
	// platforms here can grow old.
	_, err = Run(ctx, Cmd{Dir: dir, Env: append([]string{"GOTOOLCHAIN=local", "GOWORK=off", "GO111MODULE=off", "GOFLAGS=-buildvcs=false"}, extra...), Args: []string{"list", "-race", "unsafe"}})
	var exit *ExitError
	switch {
	case errors.As(err, &exit):
		return false, "the race detector does not work here: " + lastLines(string(exit.Stderr), 1), nil
	case err != nil:
		return false, "", err
	}
	if t.CGO == "0" || t.GOOS != runtime.GOOS {
		return true, "", nil
	}
	return compilerWorks(ctx, t, compiler)
}

// raceSupported guesses from the pair of platform names only whether a missing
// compiler is worth naming first; `go list -race` has the last word.
func raceSupported(t Toolchain) bool {
	switch t.GOARCH {
	case "amd64", "arm64", "loong64", "ppc64le", "riscv64", "s390x":
		return t.GOOS == runtime.GOOS && t.GOARCH == runtime.GOARCH
	}
	return false
}

// compiler is the program in CC, without its flags.
func (t Toolchain) compiler() string {
	if fields := strings.Fields(t.CC); len(fields) > 0 {
		return strings.Trim(fields[0], `"'`)
	}
	return "gcc"
}

// compilerWorks preprocesses the two headers that runtime/cgo needs: a compiler
// without the C library's headers is a common half-installed state in images.
func compilerWorks(ctx context.Context, t Toolchain, compiler string) (bool, string, error) {
	path, err := exec.LookPath(compiler)
	if err != nil {
		return false, missingCompiler(t, compiler), nil
	}
	cmd := exec.CommandContext(ctx, path, "-E", "-x", "c", "-")
	cmd.Stdin = strings.NewReader("#include <stdlib.h>\n#include <pthread.h>\n")
	stderr := &head{max: stderrTail}
	cmd.Stderr = stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return false, "", context.Cause(ctx)
		}
		return false, fmt.Sprintf("the race detector needs a working C compiler, and %s does not work (%s): %s",
			compiler, lastLines(string(stderr.buf), 1), howToInstall(t.GOOS)), nil
	}
	return true, "", nil
}

func missingCompiler(t Toolchain, compiler string) string {
	return fmt.Sprintf("the race detector needs a C compiler, and %s was not found: %s", compiler, howToInstall(t.GOOS))
}

// howToInstall names the shortest way to a C compiler on goos.
func howToInstall(goos string) string {
	switch goos {
	case "linux":
		return "install one (Debian, Ubuntu: apt-get install gcc libc6-dev; Alpine: apk add gcc musl-dev; Fedora: dnf install gcc) or set CC to the one you have"
	case "darwin":
		return "run xcode-select --install, or set CC to the one you have"
	case "windows":
		return "install one for amd64 (mingw-w64, for example with: winget install MSYS2.MSYS2) and put it into PATH"
	}
	return "install one with the system's package manager, or set CC to the one you have"
}
