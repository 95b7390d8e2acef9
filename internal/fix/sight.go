// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit/racecheck"
)

// outOfSight says why a subject cannot be given another type: a file of its folder
// that this build leaves out names it (for another system, or a tag), or another
// package may, as far as the text of the tree shows. "" where nothing speaks against it.
func (s *subject) outOfSight(ctx context.Context) (string, error) {
	if racecheck.IsLocal(s.v) && !s.v.IsField() {
		return "", nil
	}
	dir := dirOf(s.f.Cause.Declared.File)
	pkgs, err := s.tree.Load(ctx, dir)
	if err != nil {
		return "", err
	}
	var seen []string
	for _, pkg := range pkgs {
		for _, file := range pkg.Files {
			seen = append(seen, path.Base(pkg.Rel(file.FileStart)))
		}
	}
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(s.v.Name()) + `\b`)
	entries, _ := os.ReadDir(abs(s.tree, dir))
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || slices.Contains(seen, e.Name()) {
			continue
		}
		if data, err := readFile(s.tree, path.Join(dir, e.Name())); err == nil && word.Match(data) {
			return fmt.Sprintf("%s, which this build leaves out, names a %s: another type may break it", path.Join(dir, e.Name()), s.v.Name()), nil
		}
	}
	if !s.v.Exported() || strings.HasSuffix(s.f.Cause.Declared.File, "_test.go") {
		return "", nil
	}
	for _, rel := range s.tree.Mentioning("." + s.v.Name()) {
		if path.Dir(rel) == dir {
			continue
		}
		if data, err := readFile(s.tree, rel); err == nil && word.Match(data) {
			return fmt.Sprintf("%s names a %s, which is exported: another type may break it", rel, s.v.Name()), nil
		}
	}
	return "", nil
}
