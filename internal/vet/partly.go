// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"context"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"

	"github.com/culprit-ci/culprit/internal/gocmd"
	"github.com/culprit-ci/culprit/racecheck/suite"
)

// partly analyzes the packages that do not type-check, or import one that does
// not, with what is known of their types. go vet does not look at them at all;
// old commits with dependencies that no longer build would not be searchable.
func partly(ctx context.Context, o Options, dir string) []Finding {
	patterns := o.Patterns
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	cfg := &packages.Config{
		Context: ctx, Dir: dir, Env: gocmd.LockedEnv(os.Environ()), Tests: true, Fset: token.NewFileSet(),
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedSyntax |
			packages.NeedTypes | packages.NeedTypesInfo | packages.NeedTypesSizes | packages.NeedModule | packages.NeedForTest,
	}
	if o.Tags != "" {
		cfg.BuildFlags = []string{"-tags=" + o.Tags}
	}
	pkgs, err := packages.Load(cfg, patterns...)
	if err != nil {
		return nil // go vet has said what is wrong
	}
	var list []Finding
	for _, p := range pkgs {
		if len(p.Syntax) == 0 || p.TypesInfo == nil || p.Types == nil || !p.IllTyped && len(p.Errors) == 0 {
			continue
		}
		d := &driver{pkg: p, dir: dir, results: map[*analysis.Analyzer]any{}}
		for _, a := range chosen(o.Only) {
			d.run(a)
		}
		list = append(list, d.found...)
	}
	return sorted(list)
}

// chosen are the named analyzers, or those that run by themselves.
func chosen(only []string) []*analysis.Analyzer {
	if len(only) == 0 {
		return suite.Analyzers()
	}
	return slices.DeleteFunc(suite.All(), func(a *analysis.Analyzer) bool { return !slices.Contains(only, a.Name) })
}

// driver runs analyzers over one package, without facts of what it imports.
type driver struct {
	pkg     *packages.Package
	dir     string
	results map[*analysis.Analyzer]any
	found   []Finding
}

// run runs an analyzer after those it requires. An analyzer that fails or panics
// on incomplete types has no result, and finds nothing.
func (d *driver) run(a *analysis.Analyzer) (ok bool) {
	if r, done := d.results[a]; done {
		return r != nil || a.ResultType == nil
	}
	d.results[a] = nil
	for _, r := range a.Requires {
		if !d.run(r) {
			return false
		}
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	pass := &analysis.Pass{
		Analyzer: a, Fset: d.pkg.Fset, Files: d.pkg.Syntax, Pkg: d.pkg.Types, TypesInfo: d.pkg.TypesInfo, TypesSizes: d.pkg.TypesSizes,
		ResultOf: d.results, ReadFile: os.ReadFile,
		Report:            func(diag analysis.Diagnostic) { d.found = append(d.found, d.finding(a.Name, diag)) },
		ImportObjectFact:  func(o types.Object, f analysis.Fact) bool { return false },
		ExportObjectFact:  func(types.Object, analysis.Fact) {},
		ImportPackageFact: func(*types.Package, analysis.Fact) bool { return false },
		ExportPackageFact: func(analysis.Fact) {},
		AllObjectFacts:    func() []analysis.ObjectFact { return nil },
		AllPackageFacts:   func() []analysis.PackageFact { return nil },
	}
	result, err := a.Run(pass)
	if err != nil {
		return false
	}
	d.results[a] = result
	return true
}

// finding makes a finding of a diagnostic. Its fixes are left out: whether they
// hold could not be checked.
func (d *driver) finding(analyzer string, diag analysis.Diagnostic) Finding {
	at, end := d.pkg.Fset.Position(diag.Pos), d.pkg.Fset.Position(diag.Pos)
	if diag.End.IsValid() {
		end = d.pkg.Fset.Position(diag.End)
	}
	f := Finding{
		Analyzer: analyzer, File: relative(d.dir, at.Filename), path: filepath.Clean(at.Filename), Line: at.Line, Column: at.Column,
		EndLine: end.Line, EndCol: end.Column, Message: diag.Message, Related: []Related{}, Fixes: []Fix{},
	}
	for _, r := range diag.Related {
		p := d.pkg.Fset.Position(r.Pos)
		f.Related = append(f.Related, Related{relative(d.dir, p.Filename), p.Line, p.Column, r.Message})
	}
	return f
}
