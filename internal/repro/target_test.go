// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"context"
	"testing"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	tree, why, err := source.Open(context.Background(), module(t, "m_test.go", "package m\n\nfunc TestAlone() {}\n", "p/p_test.go", "package p\n\nfunc TestInP() {}\n"))
	if tree == nil {
		t.Fatal(why, err)
	}
	f := &culprit.Failure{Package: "example.com/m", Tests: culprit.List[culprit.TestRef]{
		{Name: "TestTools/Send it's", Role: culprit.RoleCause}, {Name: "TestTools/Get", Role: culprit.RoleCause}, {Name: "TestTools", Role: culprit.RoleParent},
	}}
	got, _ := NewTarget(tree, f)
	want := `go test -race -run '^TestTools$/^(Get|Send it'\''s)$' -count=20 ./.`
	if got == nil || got.Command().Command != want {
		t.Errorf("got %+v, want %s", got, want)
	}
	f.Package = "example.com/other"
	if got, why := NewTarget(tree, f); got != nil || why == "" {
		t.Errorf("a package elsewhere: %+v, %q", got, why)
	}
	// A log without a closing line names no package; the tree may.
	f.Package, f.Tests = "", culprit.List[culprit.TestRef]{{Name: "TestInP/x", Role: culprit.RoleCause}}
	if got, why := NewTarget(tree, f); got == nil || got.Dir != "p" {
		t.Errorf("found by the test's name: %+v, %q", got, why)
	}
	f.Tests[0].Name = "TestNowhere"
	if got, _ := NewTarget(tree, f); got != nil {
		t.Errorf("a test that no package declares: %+v", got)
	}
}
