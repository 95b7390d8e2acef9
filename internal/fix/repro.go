// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
)

// Command names the command that should make the failure happen again. It is
// not run. A nil Repro comes with the reason.
func Command(tree *source.Tree, f *culprit.Failure) (*culprit.Repro, string) {
	dir, ok := tree.PackageDir(f.Package)
	if !ok {
		return nil, "the failing package is not in the work tree: no command can be named"
	}
	mod, ok := tree.ModuleOf(dir)
	if !ok {
		return nil, "the failing package is in no module of the work tree"
	}
	rel := strings.TrimPrefix(strings.TrimPrefix(dir, mod.Dir), "/")
	if mod.Dir == "." {
		rel = dir
	}
	args := []string{"go"}
	if mod.Dir != "." {
		args = append(args, "-C", mod.Dir)
	}
	args = append(args, "test", "-race")
	if run := runPattern(f.Tests); run != "" {
		args = append(args, "-run", run)
	}
	target := "./" + path.Clean(rel)
	plain := append(slices.Clone(args), "-count=20", target)
	// A higher -parallel removes happens-before edges that the semaphore of
	// package testing makes between parallel subtests.
	amplified := append(slices.Clone(args), "-count=20", "-parallel=16", target)
	return &culprit.Repro{Command: shell(plain), AmplifiedCommand: shell(amplified)}, "the command was not run"
}

// runPattern matches the tests that raced: one alternative per path element
// where they share a parent, their top-level tests otherwise.
func runPattern(tests []culprit.TestRef) string {
	var split [][]string
	for _, t := range tests {
		if t.Role == culprit.RoleCause {
			split = append(split, strings.Split(t.Name, "/"))
		}
	}
	if len(split) == 0 {
		return ""
	}
	depth := len(split[0])
	for _, s := range split {
		if len(s) != depth || s[0] != split[0][0] {
			depth = 1 // several top-level tests: an element-wise pattern would select more than was meant
		}
	}
	var elements []string
	for i := range depth {
		var names []string
		for _, s := range split {
			if q := regexp.QuoteMeta(s[i]); !slices.Contains(names, q) {
				names = append(names, q)
			}
		}
		slices.Sort(names)
		if len(names) == 1 {
			elements = append(elements, "^"+names[0]+"$")
		} else {
			elements = append(elements, "^("+strings.Join(names, "|")+")$")
		}
	}
	return strings.Join(elements, "/")
}

// shell joins arguments into a line for a POSIX shell.
func shell(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = a
		if a == "" || strings.Trim(a, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./,:@%+") != "" {
			quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
