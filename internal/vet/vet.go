// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package vet runs the analyzers of racecheck over packages and handles what
// they find: formats, baselines and fixes.
//
// The go command does the work: it is asked to vet the packages with culprit
// itself as the tool. So results are cached per package in the build cache,
// packages are analyzed in parallel and without loading the whole program, and
// "culprit vet" finds exactly what "go vet -vettool=culprit" finds.
package vet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit/internal/gocmd"
)

// Options say what to analyze and with what.
type Options struct {
	// Dir is the folder the patterns are of; findings are relative to it.
	Dir string
	// Patterns are those of the go command; none is ./...
	Patterns []string
	// Tool is the path of this program.
	Tool string
	// Only are the names of the analyzers to run, none for all.
	Only []string
	// Tags are the build tags, as of go build -tags.
	Tags string
	// Overlay is a file as of go build -overlay, "" for none.
	Overlay string
}

// Finding is one diagnostic. Positions start at 1.
type Finding struct {
	Analyzer string `json:"analyzer"`
	// File is relative to the folder of the run, with slashes; that of a file
	// outside of it is absolute.
	File    string    `json:"file"`
	Line    int       `json:"line"`
	Column  int       `json:"column"`
	EndLine int       `json:"end_line"`
	EndCol  int       `json:"end_column"`
	Message string    `json:"message"`
	Related []Related `json:"related"`
	Fixes   []Fix     `json:"fixes"`
	path    string    // absolute
}

// Related is a further position of a finding.
type Related struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// Fix is a change of source that mends a finding.
type Fix struct {
	Message string `json:"message"`
	Edits   []Edit `json:"edits"`
}

// Edit replaces the bytes from Start to End of a file.
type Edit struct {
	File  string `json:"file"` // absolute
	Start int    `json:"start"`
	End   int    `json:"end"`
	New   string `json:"new"`
}

// Result is what a run found.
type Result struct {
	Findings []Finding
	// Broken are packages that do not build, with what the go command said about
	// them. They, and those that import them, have been analyzed as far as their
	// types are known.
	Broken []string
}

// Run analyzes packages. An error means that nothing was analyzed.
func Run(ctx context.Context, o Options) (Result, error) {
	dir := resolved(o.Dir)
	args := []string{"vet", "-vettool=" + o.Tool, "-json"}
	if o.Tags != "" {
		args = append(args, "-tags="+o.Tags)
	}
	if o.Overlay != "" {
		args = append(args, "-overlay="+o.Overlay)
	}
	for _, name := range o.Only {
		args = append(args, "-"+name)
	}
	args = append(args, "--")
	if len(o.Patterns) == 0 {
		args = append(args, "./...")
	}
	args = append(args, o.Patterns...)
	out, err := gocmd.Run(ctx, gocmd.Cmd{Dir: dir, Args: args, Locked: true})
	var exit *gocmd.ExitError
	if err != nil && !errors.As(err, &exit) {
		return Result{}, err
	}
	if out.Truncated {
		return Result{}, fmt.Errorf("go vet printed more than %d MiB: name fewer packages", gocmd.DefaultMaxOutput>>20)
	}
	findings, errParse := parse(out.Stdout, dir)
	if errParse != nil {
		return Result{}, errParse
	}
	res := Result{Findings: findings}
	if exit != nil {
		res.Broken = broken(string(out.Stderr))
		if len(res.Broken) == 0 {
			return Result{}, exit
		}
		if o.Overlay == "" {
			res.Findings = sorted(append(res.Findings, partly(ctx, o, dir)...))
		}
	}
	return res, nil
}

// resolved makes a folder absolute and without symbolic links, as in the paths
// that the go command prints.
func resolved(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return dir
}

// broken splits what the go command says into one text per package, or per line where
// it names none.
func broken(stderr string) []string {
	var list []string
	named := false
	for line := range strings.Lines(stderr) {
		more := named || strings.HasPrefix(line, "\t")
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "go: downloading "):
		case strings.HasPrefix(line, "# "):
			list, named = append(list, strings.TrimPrefix(line, "# ")+":"), true
		case !more || len(list) == 0:
			list = append(list, line)
		default:
			list[len(list)-1] += " " + line
		}
	}
	// A package is complained about once by itself and once with its tests.
	slices.Sort(list)
	return slices.Compact(list)
}
