// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/culprit-ci/culprit/internal/gocmd"
)

// Binary is a test binary built in the sandbox.
type Binary struct {
	Path string
	// Dir is the folder it must run in.
	Dir string
	// Race is true when it was built with the detector.
	Race bool
	// Seconds is what the build took.
	Seconds float64
}

// Files are sources that replace or add to those of the tree: path relative to
// the tree to content.
type Files map[string][]byte

// Build builds the tests of a package with files in place of those of the tree.
// name must be new. A nil binary comes with what the compiler says.
func (s *Sandbox) Build(ctx context.Context, dir, name string, files Files, race bool) (*Binary, string, error) {
	bin := filepath.Join(s.Root, "bin", name)
	args := []string{"test", "-c", "-vet=off", "-o", bin}
	if race {
		args = append(args, "-race")
	}
	res, why, err := s.Go(ctx, dir, name, files, append(args, ".")...)
	if err != nil || why != "" {
		return nil, why, err
	}
	if _, err := os.Stat(bin); err != nil {
		return nil, "the package has no tests", nil
	}
	folder := filepath.Join(s.Tree, filepath.FromSlash(dir))
	if fixedPorts(folder) != "" {
		s.runAlone(folder) // two at once would take the port from each other
	}
	return &Binary{Path: bin, Dir: folder, Race: race, Seconds: res.Took.Seconds()}, "", nil
}

// Go runs the go command in a folder of the tree with files as an overlay. why
// is its complaint when it is not content. name must be new for other files.
//
// Where go.mod or go.sum lack something, or the vendor folder does not fit, the
// command runs again with -mod=mod, which may write to the copy.
func (s *Sandbox) Go(ctx context.Context, dir, name string, files Files, args ...string) (gocmd.Result, string, error) {
	if len(files) > 0 {
		overlay, err := s.overlay(name, files)
		if err != nil {
			return gocmd.Result{}, "", err
		}
		args = append([]string{args[0], "-overlay", overlay}, args[1:]...)
	}
	cmd := gocmd.Cmd{Dir: filepath.Join(s.Tree, filepath.FromSlash(dir)), Args: args, Bare: true, Env: s.env(s.modFlag()...), MaxOutput: 1 << 20}
	res, err := gocmd.Run(ctx, cmd)
	var exit *gocmd.ExitError
	if errors.As(err, &exit) && !s.modMod && wantsMod(string(res.Stderr)) {
		s.modMod = true
		cmd.Env = s.env(s.modFlag()...)
		res, err = gocmd.Run(ctx, cmd)
	}
	switch {
	case errors.As(err, &exit):
		return res, complaint(string(res.Stderr) + string(res.Stdout)), nil
	case err != nil:
		return res, "", fmt.Errorf("running the go command in the sandbox: %w", err)
	}
	return res, "", nil
}

func (s *Sandbox) modFlag() []string {
	if s.modMod {
		return []string{"GOFLAGS=-buildvcs=false -mod=mod"}
	}
	return nil
}

// wantsMod recognises what the go command says when -mod=mod would help.
func wantsMod(stderr string) bool {
	for _, p := range []string{"updates to go.mod needed", "missing go.sum entry", "inconsistent vendoring", "go mod tidy", "go mod download", "-mod=mod", "no required module provides package"} {
		if strings.Contains(stderr, p) {
			return true
		}
	}
	return false
}

// complaint is what the compiler or vet says. Who shows it cuts it.
func complaint(out string) string {
	out = strings.TrimSpace(out)
	if out == "" {
		return "the go command failed without a word"
	}
	return out
}

// overlay writes the files and the go command's description of them.
func (s *Sandbox) overlay(name string, files Files) (string, error) {
	replace := map[string]string{}
	for rel, data := range files {
		if !filepath.IsLocal(rel) {
			return "", fmt.Errorf("the file %s is outside the tree", rel)
		}
		file := filepath.Join(s.Root, "overlay", name, fmt.Sprint(len(replace)), path.Base(rel))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return "", fmt.Errorf("writing the overlay: %w", err)
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return "", fmt.Errorf("writing the overlay: %w", err)
		}
		replace[filepath.Join(s.Tree, filepath.FromSlash(rel))] = file
	}
	desc, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return "", fmt.Errorf("writing the overlay: %w", err)
	}
	file := filepath.Join(s.Root, "overlay", name+".json")
	if err := os.WriteFile(file, desc, 0o600); err != nil {
		return "", fmt.Errorf("writing the overlay: %w", err)
	}
	return file, nil
}

// Read returns a file of the tree, or its replacement in files.
func (s *Sandbox) Read(files Files, rel string) ([]byte, error) {
	if data, ok := files[rel]; ok {
		return data, nil
	}
	if !filepath.IsLocal(rel) {
		return nil, fmt.Errorf("the file %s is outside the tree", rel)
	}
	return os.ReadFile(filepath.Join(s.Tree, filepath.FromSlash(rel)))
}

// Delayed adds to files the delays of the points and the helper package. move
// gives the line of a point in the changed tree. A nil result comes with the
// reason why nothing can be delayed.
func (s *Sandbox) Delayed(t *Target, files Files, move func(file string, line int) int) (Files, []Point, string) {
	byFile := map[string][]Point{}
	self := t.self()
	for _, p := range t.Points {
		if self && p.Side < startSide {
			p.Side = 0
		}
		if move != nil {
			p.Line = move(p.File, p.Line)
		}
		byFile[p.File] = append(byFile[p.File], p)
	}
	out := Files{}
	for rel, data := range files {
		out[rel] = data
	}
	var done []Point
	why := "no access of the report is in the work tree"
	for rel, list := range byFile {
		src, err := s.Read(files, rel)
		if err == nil {
			src, err = instrument(src, list, helperImport(t.ModulePath))
		}
		if src == nil {
			why = fmt.Sprintf("%s cannot be instrumented: %v", rel, err)
			continue
		}
		out[rel] = src
		done = append(done, list...)
	}
	if len(done) == 0 {
		return nil, nil, why
	}
	out[path.Join(t.Module, helperDir, "delay.go")] = helperSource
	return out, done, ""
}
