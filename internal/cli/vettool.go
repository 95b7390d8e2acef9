// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/culprit-ci/culprit/racecheck/flow"
	"github.com/culprit-ci/culprit/racecheck/suite"
)

// isVetTool reports whether the go command calls: `go vet -vettool` asks a tool
// for its version and its flags and then gives it one *.cfg file a package. See
// package unitchecker.
func isVetTool(args []string) bool {
	if len(args) == 0 {
		return false
	}
	last := args[len(args)-1]
	return len(args) == 1 && (last == "-V=full" || last == "-flags") ||
		strings.HasSuffix(last, ".cfg") && !slices.ContainsFunc(args[:len(args)-1], func(a string) bool { return !strings.HasPrefix(a, "-") })
}

// vetTool speaks the protocol and ends the process.
func vetTool(args []string) {
	os.Args = append(os.Args[:1], args...)
	// One package is small and the process ends after it: collecting its garbage
	// costs more time than the memory is worth.
	debug.SetGCPercent(400)
	if last := args[len(args)-1]; strings.HasSuffix(last, ".cfg") && factsOnly(last) {
		// A dependency: only what is known of its functions is asked for. The
		// unit checker would run every analyzer, as all of them need facts.
		os.Args = []string{os.Args[0], last}
		unitchecker.Main(flow.Facts)
	}
	unitchecker.Main(toolAnalyzers(args)...)
}

// toolAnalyzers are all analyzers where the go command asks for their flags or an
// optional one is named, else those that run by themselves.
func toolAnalyzers(args []string) []*analysis.Analyzer {
	for _, arg := range args {
		name := strings.TrimLeft(arg, "-")
		name, _, _ = strings.Cut(name, "=")
		if name == "flags" || slices.ContainsFunc(suite.Optional(), func(a *analysis.Analyzer) bool { return a.Name == name }) {
			return suite.All()
		}
	}
	return suite.Analyzers()
}

// factsOnly reports whether a unit is analyzed for its facts alone. What cannot
// be read is left to the unit checker to complain about.
func factsOnly(cfg string) bool {
	data, err := os.ReadFile(cfg)
	return err == nil && bytes.Contains(data, []byte(`"VetxOnly": true`))
}
