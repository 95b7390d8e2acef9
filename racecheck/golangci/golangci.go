// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package golangci makes the analyzers of culprit vet a module plug-in of
// golangci-lint, under the name culprit. Build a golangci-lint with it:
//
//	# .custom-gcl.yml
//	version: v2.15.0
//	plugins:
//	  - module: github.com/culprit-ci/culprit
//	    import: github.com/culprit-ci/culprit/racecheck/golangci
//
//	# .golangci.yml
//	version: "2"
//	linters:
//	  enable: [culprit]
//	  settings:
//	    custom:
//	      culprit:
//	        type: module
//	        description: race patterns
//	        settings:
//	          disable: [sleepwait]
//
// The culprit program does not import this package.
package golangci

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit/racecheck/suite"
)

// Settings are what .golangci.yml may say.
type Settings struct {
	// Disable names analyzers that do not run.
	Disable []string `json:"disable"`
}

// registered is initialized when the package is imported, which is all that
// golangci-lint does with a plug-in.
var _ = registered()

func registered() bool {
	register.Plugin("culprit", New)
	return true
}

// New makes the plug-in with the settings of the configuration file.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, err
	}
	for _, name := range s.Disable {
		if _, ok := suite.Lookup(name); !ok {
			return nil, fmt.Errorf("culprit has no analyzer %q", name)
		}
	}
	return &plugin{s}, nil
}

type plugin struct{ settings Settings }

// BuildAnalyzers lists the analyzers. Related positions are left out: golangci-lint
// makes an issue of its own of each.
func (p *plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	var list []*analysis.Analyzer
	for _, a := range suite.Analyzers() {
		if slices.Contains(p.settings.Disable, a.Name) {
			continue
		}
		run := a.Run
		a := *a
		a.Run = func(pass *analysis.Pass) (any, error) {
			report := pass.Report
			pass.Report = func(d analysis.Diagnostic) {
				d.Related = nil
				report(d)
			}
			return run(pass)
		}
		list = append(list, &a)
	}
	return list, nil
}

// GetLoadMode says that types are needed.
func (*plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
