// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golangci_test

import (
	"slices"
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	_ "github.com/culprit-ci/culprit/racecheck/golangci"
	"github.com/culprit-ci/culprit/racecheck/suite"
)

func TestPlugin(t *testing.T) {
	t.Parallel()
	build, err := register.GetPlugin("culprit")
	if err != nil {
		t.Fatal(err)
	}
	p, err := build(map[string]any{"disable": []string{"sleepwait"}})
	if err != nil {
		t.Fatal(err)
	}
	list, err := p.BuildAnalyzers()
	if err != nil {
		t.Fatal(err)
	}
	if err := analysis.Validate(list); err != nil {
		t.Fatal(err)
	}
	if len(list) != len(suite.Analyzers())-1 || slices.ContainsFunc(list, func(a *analysis.Analyzer) bool { return a.Name == "sleepwait" }) {
		t.Errorf("the plug-in has %d analyzers, want all %d but sleepwait", len(list), len(suite.Analyzers()))
	}
	if p.GetLoadMode() != register.LoadModeTypesInfo {
		t.Errorf("load mode %s: facts need types", p.GetLoadMode())
	}
	for _, bad := range []map[string]any{{"disable": []string{"nosuch"}}, {"enable": true}} {
		if _, err := build(bad); err == nil {
			t.Errorf("settings %v were taken", bad)
		}
	}
}
