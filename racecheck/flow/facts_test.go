// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow_test

import (
	"go/ast"
	"go/types"
	"slices"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/culprit-ci/culprit/racecheck/flow"
)

// writes reports each call of a function that writes behind its receiver or its
// first parameter.
var writes = &analysis.Analyzer{
	Name: "writes", Doc: "report calls that write", Requires: []*analysis.Analyzer{flow.Facts},
	Run: func(pass *analysis.Pass) (any, error) {
		set := pass.ResultOf[flow.Facts].(*flow.FactSet)
		for _, f := range pass.Files {
			for n := range ast.Preorder(f) {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					continue
				}
				fn, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
				if !ok || fn.Pkg() == pass.Pkg {
					continue
				}
				fact := set.Of(fn)
				if slices.ContainsFunc(slices.Concat(fact.Recv().Effects, fact.Param(0, fn).Effects), func(e flow.Effect) bool { return e.Write }) {
					pass.Reportf(call.Pos(), "%s writes", fn.Name())
				}
			}
		}
		return nil, nil
	},
}

// Facts of a method are known wherever a value of its type can be got hold of,
// whatever packages are between.
func TestFactsAcrossPackages(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), writes, "a", "far")
}
