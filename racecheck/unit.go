// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"

	"golang.org/x/tools/go/analysis"
)

// Unit is one package to which analyzers are applied without a driver that keeps
// facts: of what it imports nothing is known but its types. The types may be
// incomplete.
type Unit struct {
	Fset  *token.FileSet
	Files []*ast.File
	Types *types.Package
	Info  *types.Info
	// Sizes are those of the target; nil for none known.
	Sizes types.Sizes

	results map[*analysis.Analyzer]any
}

// Give sets the result of an analyzer, which is then not applied.
func (u *Unit) Give(a *analysis.Analyzer, result any) {
	if u.results == nil {
		u.results = map[*analysis.Analyzer]any{}
	}
	u.results[a] = result
}

// Given reports whether an analyzer has a result.
func (u *Unit) Given(a *analysis.Analyzer) bool { return u.results[a] != nil }

// Run applies an analyzer after those that it requires, and gives its result. Each
// is applied once. report, which may be nil, gets what analyzers that run by this
// call find, with the analyzer. ok is false for an analyzer that fails, or panics
// on incomplete types, or requires one that does: it has no result.
func (u *Unit) Run(a *analysis.Analyzer, report func(*analysis.Analyzer, analysis.Diagnostic)) (result any, ok bool) {
	if r, done := u.results[a]; done {
		return r, r != nil || a.ResultType == nil
	}
	if u.results == nil {
		u.results = map[*analysis.Analyzer]any{}
	}
	u.results[a] = nil
	for _, r := range a.Requires {
		if _, ok := u.Run(r, report); !ok {
			return nil, false
		}
	}
	defer func() {
		if recover() != nil {
			result, ok = nil, false
		}
	}()
	pass := &analysis.Pass{
		Analyzer: a, Fset: u.Fset, Files: u.Files, Pkg: u.Types, TypesInfo: u.Info, TypesSizes: u.Sizes,
		ResultOf: u.results, ReadFile: os.ReadFile,
		Report: func(d analysis.Diagnostic) {
			if report != nil {
				report(a, d)
			}
		},
		ImportObjectFact:  func(types.Object, analysis.Fact) bool { return false },
		ExportObjectFact:  func(types.Object, analysis.Fact) {},
		ImportPackageFact: func(*types.Package, analysis.Fact) bool { return false },
		ExportPackageFact: func(analysis.Fact) {},
		AllObjectFacts:    func() []analysis.ObjectFact { return nil },
		AllPackageFacts:   func() []analysis.PackageFact { return nil },
	}
	result, err := a.Run(pass)
	if err != nil {
		return nil, false
	}
	u.results[a] = result
	return result, true
}
