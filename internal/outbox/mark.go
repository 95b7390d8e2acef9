// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/dedupe"
)

// The marks stand at the very beginning of a text, in a comment that is not
// displayed. Text of logs never gets there.
const (
	causeMark = "<!-- culprit:v1 cause "
	seenMark  = "<!-- culprit:v1 seen "
	quietMark = "<!-- culprit:v1 quiet "
	endMark   = " -->"
)

// causeMeta is what the mark of an issue says of its cause.
type causeMeta struct {
	Key         string       `json:"key"`
	Fingerprint string       `json:"fingerprint,omitempty"`
	Kind        culprit.Kind `json:"kind"`
	Package     string       `json:"package,omitempty"`
	Subject     string       `json:"subject,omitempty"`
	Title       string       `json:"title"`
	Aliases     []string     `json:"aliases,omitempty"`
	Tests       []string     `json:"tests,omitempty"`
	Spots       []string     `json:"spots,omitempty"`
}

const (
	maxNames = 20    // in a list of a mark
	maxName  = 200   // bytes of a name in a mark
	maxMark  = 6_000 // bytes of the mark of an issue; its text has the rest
)

func metaOf(f *culprit.Failure) causeMeta {
	m := causeMeta{Key: dedupe.Key(f), Fingerprint: f.Fingerprint, Kind: f.Kind, Package: short(f.Package), Title: short(f.Title), Tests: causeTests(f, maxNames)}
	if f.Cause != nil {
		m.Subject = short(f.Cause.Subject)
	}
	m.Spots = dedupe.Spots(f)
	for _, a := range f.Aliases[:min(len(f.Aliases), maxNames)] {
		m.Aliases = append(m.Aliases, short(a))
	}
	for len(mark(causeMark, m)) > maxMark && len(m.Aliases)+len(m.Tests) > 0 {
		m.Aliases, m.Tests = m.Aliases[:len(m.Aliases)/2], m.Tests[:len(m.Tests)/2]
	}
	return m
}

// short cuts a name, of which a log may hold one of any length.
func short(s string) string {
	if len(s) > maxName {
		return strings.ToValidUTF8(s[:maxName], "") + "…"
	}
	return s
}

// causeTests are the tests that failed or raced themselves.
func causeTests(f *culprit.Failure, most int) []string {
	var list []string
	for _, t := range f.Tests {
		if (t.Role == culprit.RoleCause || t.Role == culprit.RoleUnknown) && len(list) < most {
			list = append(list, short(t.Name))
		}
	}
	return list
}

// seenMeta is what the mark of the comment with the occurrences says.
type seenMeta struct {
	Key   string    `json:"key"`
	Count int       `json:"count"`
	First time.Time `json:"first"`
	Rows  []seen    `json:"rows"` // newest first
}

// seen is one occurrence.
type seen struct {
	Job    string    `json:"job"` // names the job and its attempt
	When   time.Time `json:"when"`
	Name   string    `json:"name,omitempty"`
	URL    string    `json:"url,omitempty"`
	Commit string    `json:"commit,omitempty"`
	Branch string    `json:"branch,omitempty"`
	Pull   int       `json:"pull,omitempty"`
	Tests  []string  `json:"tests,omitempty"`
	Note   string    `json:"note,omitempty"`
}

// quietMeta is what the mark of a proposal to close says.
type quietMeta struct {
	Key  string    `json:"key"`
	Last time.Time `json:"last"`
}

// word is a word that finds the issues of a cause. It is visible text of their
// bodies, so that every search finds it.
func word(key string) string { return "culprit" + key }

// mark writes a value into a mark. JSON escapes the angle brackets; two hyphens,
// which would end a comment in some readers, are escaped here.
func mark(kind string, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // the types of this file can be written
	}
	return kind + strings.ReplaceAll(string(data), "--", `-\u002d`) + endMark + "\n"
}

// readMark reads the mark at the beginning of a text.
func readMark(kind, text string, v any) bool {
	rest, ok := strings.CutPrefix(text, kind)
	if !ok {
		return false
	}
	data, _, ok := strings.Cut(rest, endMark)
	return ok && json.Unmarshal([]byte(data), v) == nil
}
