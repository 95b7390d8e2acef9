// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"context"
	"go/token"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"

	"github.com/culprit-ci/culprit/internal/gocmd"
	"github.com/culprit-ci/culprit/racecheck"
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
		d := &driver{pkg: p, dir: dir}
		unit := &racecheck.Unit{Fset: p.Fset, Files: p.Syntax, Types: p.Types, Info: p.TypesInfo, Sizes: p.TypesSizes}
		for _, a := range chosen(o.Only) {
			unit.Run(a, func(a *analysis.Analyzer, diag analysis.Diagnostic) {
				d.found = append(d.found, d.finding(a.Name, diag))
			})
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

// driver makes findings of one package.
type driver struct {
	pkg   *packages.Package
	dir   string
	found []Finding
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
