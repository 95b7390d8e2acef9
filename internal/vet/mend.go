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
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// Mended is what fixing came to.
type Mended struct {
	// Files are the new contents by absolute path; nothing has been written.
	Files map[string][]byte
	// Fixed are the findings with a fix which are gone with the changes: by their own
	// or, when two share a cause, by that of another one.
	Fixed []Finding
	// Refused are the findings which are still there because their fix did not hold.
	Refused []Refusal
}

// Refusal is a finding whose fix did not hold.
type Refusal struct {
	Finding
	// Why says what was wrong with the fix, in a few words.
	Why string
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
		files, left, why, err := hold(ctx, o, dir, before, list)
		if err != nil {
			return m, err
		}
		whys := make([]string, len(list))
		if why != "" {
			whys[0] = why
		}
		if why != "" && len(list) > 1 {
			var kept []Finding
			for i, f := range list {
				if i >= maxTries {
					whys[i] = fmt.Sprintf("it was not tried, as only %d fixes of a folder are tried one by one", maxTries)
					continue
				}
				if len(kept) > 0 && left[keyOf(f)] == 0 {
					continue // a fix of another finding has mended this one, too
				}
				tried, is, why, err := hold(ctx, o, dir, before, append(slices.Clip(kept), f))
				if err != nil {
					return m, err
				}
				if whys[i] = why; why == "" {
					kept, files, left = append(kept, f), tried, is
				}
			}
		}
		maps.Copy(m.Files, files)
		for i, f := range list {
			if whys[i] == "" || len(files) > 0 && left[keyOf(f)] == 0 {
				m.Fixed = append(m.Fixed, f)
			} else {
				m.Refused = append(m.Refused, Refusal{f, whys[i]})
			}
		}
	}
	return m, nil
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

// hold applies the fixes of some findings together and checks them: files are the
// new contents, and left what is found with them. why says what does not hold, empty
// when all does; there are no files then.
func hold(ctx context.Context, o Options, dir string, before, fixes []Finding) (files map[string][]byte, left Baseline, why string, err error) {
	files, ok := apply(fixes)
	if !ok {
		return nil, nil, "it overlaps another one", nil
	}
	after, broken, err := tryOverlay(ctx, o, dir, files)
	if err != nil {
		return nil, nil, "", err
	}
	if len(broken) > 0 {
		return nil, nil, "with it " + broken[0], nil
	}
	was, left := NewBaseline(before), NewBaseline(inFolder(after, dir))
	for k, n := range left {
		if n > was[k] {
			return nil, nil, "it brings another finding: " + k.message, nil
		}
	}
	for k, n := range NewBaseline(fixes) {
		if left[k] > was[k]-n {
			return nil, nil, "the finding is still there with it", nil
		}
	}
	return files, left, "", nil
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
// What does not build with them is in broken, by the names of the files that they replace.
func tryOverlay(ctx context.Context, o Options, dir string, files map[string][]byte) (found []Finding, broken []string, err error) {
	tmp, err := os.MkdirTemp("", "culprit-vet-")
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make a folder to try fixes in: %w", err)
	}
	defer os.RemoveAll(tmp)
	if tmp, err = filepath.EvalSymlinks(tmp); err != nil {
		return nil, nil, err
	}
	replace, back := map[string]string{}, map[string]string{}
	for i, name := range slices.Sorted(maps.Keys(files)) {
		// The base name stays: analyzers look for _test.go, go for _GOOS.go.
		to := filepath.Join(tmp, strconv.Itoa(i), filepath.Base(name))
		if err := os.Mkdir(filepath.Dir(to), 0o700); err != nil {
			return nil, nil, err
		}
		if err := os.WriteFile(to, files[name], 0o600); err != nil {
			return nil, nil, err
		}
		replace[name], back[to] = to, name
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, nil, err
	}
	overlay := filepath.Join(tmp, "overlay.json")
	if err := os.WriteFile(overlay, data, 0o600); err != nil {
		return nil, nil, err
	}
	o.Overlay, o.Patterns = overlay, []string{dir}
	res, err := Run(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	root := resolved(o.Dir)
	for i, f := range res.Findings {
		if name, ok := back[f.path]; ok {
			res.Findings[i].path, res.Findings[i].File = name, relative(root, name)
		}
	}
	for i, text := range res.Broken {
		for to, name := range back {
			text = strings.ReplaceAll(text, to, relative(root, name))
		}
		res.Broken[i] = text
	}
	return res.Findings, res.Broken, nil
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
