// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package gocmd

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// module writes files (name, content, …) and a go.mod into a new directory.
func module(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	files = append(files, "go.mod", "module example.com/m\n\ngo 1.26\n")
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRunExitCode(t *testing.T) {
	t.Parallel()
	dir := module(t, "main.go", "package main\n\nimport \"os\"\n\nfunc main() { print(\"why it failed\\n\"); os.Exit(3) }\n")
	res, err := Run(t.Context(), Cmd{Dir: dir, Args: []string{"vet", "./nowhere"}})
	var exit *ExitError
	if !errors.As(err, &exit) || exit.Code != 1 || res.Code != 1 {
		t.Fatalf("go vet ./nowhere: code %d, error %v", res.Code, err)
	}
	if !strings.Contains(err.Error(), "nowhere") || !bytes.Equal(exit.Stderr, res.Stderr) {
		t.Errorf("the error does not carry standard error: %v", err)
	}
	res, err = Run(t.Context(), Cmd{Dir: dir, Args: []string{"run", "."}, Stderr: &bytes.Buffer{}})
	if !errors.As(err, &exit) || !strings.Contains(err.Error(), "why it failed") || res.Stderr != nil {
		t.Errorf("with a writer for standard error: %v, kept %q", err, res.Stderr)
	}
}

func TestRunStreams(t *testing.T) {
	t.Parallel()
	dir := module(t, "main.go", "package main\n\nimport (\"io\"; \"os\")\n\nfunc main() { io.Copy(os.Stdout, os.Stdin) }\n")
	var out bytes.Buffer
	res, err := Run(t.Context(), Cmd{Dir: dir, Args: []string{"run", "."}, Stdin: strings.NewReader("hello"), Stdout: &out})
	if err != nil || out.String() != "hello" || res.Stdout != nil || res.Code != 0 || res.Took <= 0 {
		t.Errorf("got %q, %+v, %v", out.String(), res, err)
	}
	res, err = Run(t.Context(), Cmd{Dir: dir, Args: []string{"run", "."}, Stdin: strings.NewReader(strings.Repeat("x", 1<<20)), MaxOutput: 1000})
	if err != nil || len(res.Stdout) != 1000 || !res.Truncated {
		t.Errorf("kept %d bytes, truncated %v, error %v; want 1000, true, nil", len(res.Stdout), res.Truncated, err)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	last := &tail{max: 5}
	for _, s := range []string{"ab", "cdefghij", "k", ""} {
		if _, err := last.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	if string(last.buf) != "ghijk" {
		t.Errorf("got %q", last.buf)
	}
}

// The program tells over standard output which processes run, so the test needs
// no sleep to know that there is something to kill.
func TestRunCancelKillsGrandchildren(t *testing.T) {
	t.Parallel()
	dir := module(t, "main.go", `package main

import ("fmt"; "os"; "os/exec"; "os/signal")

func main() {
	signal.Ignore(os.Interrupt)
	if len(os.Args) > 1 {
		fmt.Println(os.Getpid())
		select {}
	}
	cmd := exec.Command(os.Args[0], "child")
	cmd.Stdout = os.Stdout
	cmd.Start()
	fmt.Println(os.Getpid())
	var forever chan int
	go func() { for {} }()
	<-forever
}
`)
	pids := &lines{want: 2, ready: make(chan struct{})}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the test says stop")
	go func() {
		<-pids.ready
		cancel(why)
	}()
	start := time.Now()
	_, err := Run(ctx, Cmd{Dir: dir, Args: []string{"run", "."}, Stdout: pids})
	if !errors.Is(err, why) {
		t.Fatalf("error %v; want one that wraps the cause", err)
	}
	for _, pid := range strings.Fields(pids.text) {
		if alive(t, pid) {
			t.Errorf("process %s is still there %v after Run began", pid, time.Since(start))
		}
	}
}

// lines collects what is written and closes ready after want lines.
type lines struct {
	text  string
	want  int
	ready chan struct{}
}

func (l *lines) Write(p []byte) (int, error) {
	had := strings.Count(l.text, "\n")
	l.text += string(p)
	if had < l.want && strings.Count(l.text, "\n") >= l.want {
		close(l.ready)
	}
	return len(p), nil
}

// A test that leaves a process behind must not leave it to the machine.
func TestRunKillsLeftovers(t *testing.T) {
	t.Parallel()
	dir := module(t, "main.go", `package main

import ("fmt"; "os"; "os/exec")

func main() {
	if len(os.Args) > 1 {
		select {}
	}
	cmd := exec.Command(os.Args[0], "child")
	cmd.Start()
	fmt.Println(cmd.Process.Pid)
}
`)
	res, err := Run(t.Context(), Cmd{Dir: dir, Args: []string{"run", "."}})
	if err != nil {
		t.Fatal(err)
	}
	if pid := strings.TrimSpace(string(res.Stdout)); pid == "" || alive(t, pid) {
		t.Errorf("process %q is still there", pid)
	}
}

func TestRunWithoutGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Run(t.Context(), Cmd{Args: []string{"version"}})
	if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "https://go.dev/dl") {
		t.Errorf("got %v", err)
	}
	if _, _, err := RaceReady(t.Context(), ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("RaceReady: %v", err)
	}
}

func TestEnv(t *testing.T) {
	t.Parallel()
	dir := module(t)
	got, err := Env(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.Version, "go1.") || got.GOROOT == "" || got.GOOS == "" || got.GOARCH == "" || filepath.Base(got.GOMOD) != "go.mod" {
		t.Errorf("%+v", got)
	}
}

func TestRaceReady(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		env  []string
		want []string
	}{
		{"compiler", []string{"CC=/nonexistent/cc"}, []string{"/nonexistent/cc was not found", "install"}},
		{"compiler and cgo", []string{"CC=/nonexistent/cc", "CGO_ENABLED=0"}, []string{"/nonexistent/cc was not found"}},
		{"broken compiler", []string{"CC=go"}, []string{"go does not work"}},
		{"cgo", []string{"CGO_ENABLED=0"}, []string{"CGO_ENABLED=1"}},
		{"platform", []string{"GOOS=linux", "GOARCH=mips64"}, []string{"-race is not supported on linux/mips64"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if ready, why, _ := RaceReady(t.Context(), ""); !ready {
				t.Skip("no race detector here, nothing to take away: " + why)
			}
			ok, why, err := raceReady(t.Context(), t.TempDir(), test.env)
			if ok || err != nil {
				t.Fatalf("ok %v, error %v", ok, err)
			}
			for _, want := range test.want {
				if !strings.Contains(why, want) {
					t.Errorf("%q does not say %q", why, want)
				}
			}
		})
	}
}

func TestLockedEnv(t *testing.T) {
	t.Parallel()
	keep := []string{"PATH=/bin", "HOME=/root", "GOWORK=off", "GOSUMDB=sum.golang.org", "GOMODCACHE=/m", "MONKEY=1", "KEYBOARD=us"}
	base := append(slices.Clone(keep), "GITHUB_TOKEN=x", "MY_SECRET_THING=x", "DB_PASSWORD=x", "SIGNING_KEY=x", "AWS_REGION=x", "GH_HOST=x",
		"npm_token=x", "HTTPS_PROXY=http://me:pw@proxy:3128", "GOFLAGS=-toolexec=/evil", "GOPROXY=https://evil", "GONOPROXY=*",
		"GOTOOLCHAIN=go9.9", "CGO_ENABLED=1", "GOCACHEPROG=/evil", "GOENV=evil.env", "GOPACKAGESDRIVER=/evil", "GOAUTH=/evil")
	before := slices.Clone(base)
	got := LockedEnv(base)
	want := append(slices.Clone(keep), "GOENV=off", "GOTOOLCHAIN=local", "GOPROXY=off", "GONOPROXY=none", "GOVCS=*:off",
		"GOFLAGS=-buildvcs=false", "CGO_ENABLED=0", "GOPACKAGESDRIVER=off", "GOAUTH=off")
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if !slices.Equal(base, before) {
		t.Error("base was changed")
	}
	if got := LockedEnv([]string{"GOENV=/home/me/go.env"}); got[0] != "GOENV=/home/me/go.env" {
		t.Errorf("the user's own go/env file was dropped: %q", got)
	}
}

// A tree that brings its own go.env and a GOENV that names it must not get a
// flag into a locked build.
func TestLockedIgnoresTheTreesFlags(t *testing.T) {
	dir := module(t, "p.go", "package p\n", "evil.env", "GOFLAGS=-toolexec=/nonexistent/evil\n")
	t.Setenv("GOENV", "evil.env")
	if _, err := Run(t.Context(), Cmd{Dir: dir, Args: []string{"build", "."}}); err == nil {
		t.Fatal("the fixture does not inject anything, so this test proves nothing")
	}
	if _, err := Run(t.Context(), Cmd{Dir: dir, Args: []string{"build", "."}, Locked: true}); err != nil {
		t.Error(err)
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	got := Line([]string{"CC=my cc", "CGO_ENABLED=1"}, []string{"test", "-race", "-run", "^TestA$/it's", "./..."})
	want := `CC='my cc' CGO_ENABLED=1 go test -race -run '^TestA$/it'\''s' ./...`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
