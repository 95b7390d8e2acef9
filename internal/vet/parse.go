// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// diagnostic is the form of "go vet -json", see go doc cmd/vet.
type diagnostic struct {
	Posn    string `json:"posn"`
	End     string `json:"end"`
	Message string `json:"message"`
	Fixes   []struct {
		Message string `json:"message"`
		Edits   []struct {
			Filename string `json:"filename"`
			Start    int    `json:"start"`
			End      int    `json:"end"`
			New      string `json:"new"`
		} `json:"edits"`
	} `json:"suggested_fixes"`
	Related []struct {
		Posn    string `json:"posn"`
		Message string `json:"message"`
	} `json:"related"`
}

// parse reads the objects that go vet -json prints, one a package: package id to
// analyzer to diagnostics, or to an error.
func parse(out []byte, dir string) ([]Finding, error) {
	var list []Finding
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var tree map[string]map[string]json.RawMessage
		err := dec.Decode(&tree)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("cannot read the output of go vet -json: %w", err)
		}
		for id, analyzers := range tree {
			for name, raw := range analyzers {
				var diags []diagnostic
				if err := json.Unmarshal(raw, &diags); err != nil {
					return nil, fmt.Errorf("the analyzer %s failed on %s: %s", name, id, raw)
				}
				for _, d := range diags {
					list = append(list, d.finding(name, dir))
				}
			}
		}
	}
	return sorted(list), nil
}

// sorted orders findings by position and drops those that a package and its
// test variant have in common.
func sorted(list []Finding) []Finding {
	order := func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column,
			strings.Compare(a.Analyzer, b.Analyzer), strings.Compare(a.Message, b.Message))
	}
	slices.SortFunc(list, order)
	return slices.CompactFunc(list, func(a, b Finding) bool { return order(a, b) == 0 })
}

func (d diagnostic) finding(analyzer, dir string) Finding {
	f := Finding{Analyzer: analyzer, Message: d.Message, Related: []Related{}, Fixes: []Fix{}}
	f.path, f.Line, f.Column = position(d.Posn)
	f.File = relative(dir, f.path)
	_, f.EndLine, f.EndCol = position(d.End)
	for _, r := range d.Related {
		file, line, col := position(r.Posn)
		f.Related = append(f.Related, Related{relative(dir, file), line, col, r.Message})
	}
	for _, x := range d.Fixes {
		fix := Fix{Message: x.Message}
		for _, e := range x.Edits {
			fix.Edits = append(fix.Edits, Edit{e.Filename, e.Start, e.End, e.New})
		}
		f.Fixes = append(f.Fixes, fix)
	}
	return f
}

// position splits "file:line:column" from the right, as file names may hold
// colons.
func position(posn string) (file string, line, col int) {
	rest, last, _ := cutLast(posn)
	file, mid, ok := cutLast(rest)
	if !ok {
		line, _ = strconv.Atoi(last)
		return rest, line, 1
	}
	line, errLine := strconv.Atoi(mid)
	col, errCol := strconv.Atoi(last)
	if errLine != nil || errCol != nil {
		return posn, 1, 1
	}
	return file, line, col
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// relative makes a path relative to dir where it is below it.
func relative(dir, file string) string {
	if !filepath.IsAbs(file) {
		return filepath.ToSlash(file)
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(rel)
}
