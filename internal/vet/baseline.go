// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

// A baseline lists findings that are known and not to fail for, so that an old
// repository can adopt the analyzers today. An entry has no line numbers: a
// finding is known by analyzer, file and message, and how often it occurs.

// entry is one line of a baseline file.
type entry struct {
	Analyzer string `json:"analyzer"`
	File     string `json:"file"`
	Message  string `json:"message"`
	Count    int    `json:"count"`
}

type entryKey struct{ analyzer, file, message string }

// Baseline are the known findings.
type Baseline map[entryKey]int

// number is what may change in a message when code above it moves.
var number = lazyre.New(`\d+`)

func keyOf(f Finding) entryKey {
	return entryKey{f.Analyzer, f.File, number.ReplaceAllString(f.Message, "N")}
}

// NewBaseline makes a baseline of findings.
func NewBaseline(findings []Finding) Baseline {
	b := Baseline{}
	for _, f := range findings {
		b[keyOf(f)]++
	}
	return b
}

// Split separates the findings that the baseline does not know from the number
// of those that it does, and counts entries that occur no more.
func (b Baseline) Split(findings []Finding) (fresh []Finding, known, gone int) {
	seen := Baseline{}
	for _, f := range findings {
		k := keyOf(f)
		if seen[k]++; seen[k] > b[k] {
			fresh = append(fresh, f)
		} else {
			known++
		}
	}
	for k, n := range b {
		gone += max(0, n-seen[k])
	}
	return fresh, known, gone
}

// baselineHeader is the first line of a baseline file.
const baselineHeader = "# culprit vet baseline v1: findings that are known. Written by culprit vet --write-baseline; lines may be deleted.\n"

// Write writes a baseline, sorted so that it merges well.
func (b Baseline) Write(w io.Writer) error {
	var list []entry
	for k, n := range b {
		list = append(list, entry{k.analyzer, k.file, k.message, n})
	}
	slices.SortFunc(list, func(x, y entry) int {
		return cmp.Or(strings.Compare(x.File, y.File), strings.Compare(x.Analyzer, y.Analyzer), strings.Compare(x.Message, y.Message))
	})
	var buf bytes.Buffer
	buf.WriteString(baselineHeader)
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	for _, e := range list {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// ReadBaseline reads a baseline file.
func ReadBaseline(name string) (Baseline, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := Baseline{}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Analyzer == "" || e.File == "" || e.Count < 1 {
			return nil, fmt.Errorf("line %d is no entry of a baseline", n)
		}
		b[entryKey{e.Analyzer, e.File, e.Message}] += e.Count
	}
	return b, sc.Err()
}
