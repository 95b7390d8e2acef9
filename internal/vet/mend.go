// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/format"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/aymanbagabas/go-udiff"
)

// Mended is what fixing came to.
type Mended struct {
	// Files are the new contents by absolute path; nothing has been written.
	Files map[string][]byte
	// Fixed are the findings whose fix builds and which are gone with it.
	Fixed []Finding
	// Refused are the findings with a fix that did not hold.
	Refused []Finding
}

// maxTries bounds how often the fixes of one folder are tried one by one.
const maxTries = 40

// Mend tries the first fix of each finding. A fix is kept only when the package
// still builds with it, its finding is gone and no other has come instead. All
// fixes of a file are applied in one pass; where that fails they are tried one
// by one, each on top of the ones that held.
func Mend(ctx context.Context, o Options, findings []Finding) (Mended, error) {
	m := Mended{Files: map[string][]byte{}}
	folders := map[string][]Finding{}
	for _, f := range findings {
		if len(f.Fixes) > 0 {
			dir := filepath.Dir(f.path)
			folders[dir] = append(folders[dir], f)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(folders)) {
		list := folders[dir]
		before := inFolder(findings, dir)
		fixed, files, err := hold(ctx, o, dir, before, nil, list)
		if err != nil {
			return m, err
		}
		if fixed == nil && len(list) > 1 {
			var kept []Finding
			for i, f := range list {
				if i >= maxTries {
					break
				}
				more, tried, err := hold(ctx, o, dir, before, kept, []Finding{f})
				if err != nil {
					return m, err
				}
				if more != nil {
					kept, files = more, tried
				}
			}
			fixed = kept
		}
		maps.Copy(m.Files, files)
		m.Fixed = append(m.Fixed, fixed...)
		for _, f := range list {
			if !m.IsFixed(f) {
				m.Refused = append(m.Refused, f)
			}
		}
	}
	return m, nil
}

func same(a, b Finding) bool {
	return a.path == b.path && a.Line == b.Line && a.Column == b.Column && a.Analyzer == b.Analyzer && a.Message == b.Message
}

func inFolder(findings []Finding, dir string) []Finding {
	var list []Finding
	for _, f := range findings {
		if filepath.Dir(f.path) == dir {
			list = append(list, f)
		}
	}
	return list
}

// hold applies the fixes of kept and more together and checks them. fixed is nil
// when they do not hold.
func hold(ctx context.Context, o Options, dir string, before, kept, more []Finding) (fixed []Finding, files map[string][]byte, err error) {
	files, ok := apply(append(slices.Clip(kept), more...))
	if !ok {
		return nil, nil, nil
	}
	after, broken, err := tryOverlay(ctx, o, dir, files)
	if err != nil || broken {
		return nil, nil, err
	}
	was, is := NewBaseline(before), NewBaseline(inFolder(after, dir))
	for k, n := range is {
		if n > was[k] {
			return nil, nil, nil // the fix brought a finding
		}
	}
	fixed = append(slices.Clip(kept), more...)
	left := NewBaseline(fixed)
	for k, n := range left {
		if is[k] > was[k]-n {
			return nil, nil, nil // the finding is still there
		}
	}
	return fixed, files, nil
}

// apply gives the contents of the files with the fixes applied; ok is false when
// edits overlap or are out of range.
func apply(findings []Finding) (map[string][]byte, bool) {
	edits := map[string][]Edit{}
	for _, f := range findings {
		for _, e := range f.Fixes[0].Edits {
			if !slices.Contains(edits[e.File], e) { // two findings may have one fix
				edits[e.File] = append(edits[e.File], e)
			}
		}
	}
	files := map[string][]byte{}
	for name, list := range edits {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, false
		}
		slices.SortStableFunc(list, func(a, b Edit) int { return a.Start - b.Start })
		var out bytes.Buffer
		at := 0
		for _, e := range list {
			if e.Start < at || e.End < e.Start || e.End > len(src) {
				return nil, false
			}
			out.Write(src[at:e.Start])
			out.WriteString(e.New)
			at = e.End
		}
		out.Write(src[at:])
		result := out.Bytes()
		// Only a file that was formatted is kept formatted.
		if f, err := format.Source(src); err == nil && bytes.Equal(f, src) {
			if result, err = format.Source(result); err != nil {
				return nil, false
			}
		}
		files[name] = result
	}
	return files, len(files) > 0
}

// tryOverlay analyzes the packages of a folder as if files had these contents.
func tryOverlay(ctx context.Context, o Options, dir string, files map[string][]byte) (found []Finding, broken bool, err error) {
	tmp, err := os.MkdirTemp("", "culprit-vet-")
	if err != nil {
		return nil, false, fmt.Errorf("cannot make a folder to try fixes in: %w", err)
	}
	defer os.RemoveAll(tmp)
	if tmp, err = filepath.EvalSymlinks(tmp); err != nil {
		return nil, false, err
	}
	replace, back := map[string]string{}, map[string]string{}
	for i, name := range slices.Sorted(maps.Keys(files)) {
		// The base name stays: analyzers look for _test.go, go for _GOOS.go.
		to := filepath.Join(tmp, strconv.Itoa(i), filepath.Base(name))
		if err := os.Mkdir(filepath.Dir(to), 0o700); err != nil {
			return nil, false, err
		}
		if err := os.WriteFile(to, files[name], 0o600); err != nil {
			return nil, false, err
		}
		replace[name], back[to] = to, name
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, false, err
	}
	overlay := filepath.Join(tmp, "overlay.json")
	if err := os.WriteFile(overlay, data, 0o600); err != nil {
		return nil, false, err
	}
	o.Overlay, o.Patterns = overlay, []string{dir}
	res, err := Run(ctx, o)
	if err != nil {
		return nil, false, err
	}
	root := resolved(o.Dir)
	for i, f := range res.Findings {
		if name, ok := back[f.path]; ok {
			res.Findings[i].path, res.Findings[i].File = name, relative(root, name)
		}
	}
	return res.Findings, len(res.Broken) > 0, nil
}

// IsFixed reports whether a finding is gone with the changes.
func (m Mended) IsFixed(f Finding) bool {
	return slices.ContainsFunc(m.Fixed, func(x Finding) bool { return same(x, f) })
}

// Diff gives the changes as a unified diff.
func (m Mended) Diff(dir string) (string, error) {
	var out bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		src, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		rel := relative(resolved(dir), name)
		out.WriteString(udiff.Unified("a/"+rel, "b/"+rel, string(src), string(m.Files[name])))
	}
	return out.String(), nil
}

// Write writes the changed files, each with the permissions it had.
func (m Mended) Write() error {
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		st, err := os.Stat(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, m.Files[name], st.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}
