// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package dedupe tells whether two failures are the same bug: it titles a
// failure by its cause, computes the cause's fingerprint, and relates a failure to
// what is known of others. docs/DUPLICATES.md says the same for people.
package dedupe

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
)

// Title names a failure by its cause, in one line without anything that changes
// between runs. It is "" without a cause, and where the title has all of it.
func Title(f *culprit.Failure) string {
	c := f.Cause
	if c == nil {
		return blockedTitle(f)
	}
	where := path.Base(strings.TrimSuffix(f.Package, "_test"))
	if c.DeclaredIn != "" {
		where = path.Base(declared(c.DeclaredIn))
	}
	var tests []string
	for _, t := range f.Tests {
		if t.Role == culprit.RoleCause {
			tests = append(tests, t.Name[strings.LastIndexByte(t.Name, '/')+1:])
		}
	}
	slices.Sort(tests)
	title := fmt.Sprintf("%s: %s in %s", strings.ReplaceAll(string(f.Kind), "-", " "), c.Subject, where)
	if n := len(tests); n > 1 && n <= 3 {
		title += " (" + strings.Join(tests, ", ") + ")"
	}
	return title
}

// blockedTitle adds to the title of a timeout where its test was blocked: a test can
// hang in two places, which are two causes and must not be called the same.
func blockedTitle(f *culprit.Failure) string {
	if f.Kind != culprit.KindTimeout || f.Fingerprint == "" {
		return ""
	}
	name := ""
	for _, g := range holding(f) {
		at := path.Base(declared(g.Where.Func))
		if name != "" && at != name {
			return ""
		}
		name = at
	}
	if name == "" || strings.Contains(f.Title, name) {
		return ""
	}
	return f.Title + ", blocked in " + name
}

// declared cuts the parts of a symbol that the compiler numbers: a closure's
// number changes when another closure is added above it.
func declared(symbol string) string {
	for _, mark := range []string{".func", ".gowrap", ".deferwrap", "-range"} {
		for at := 0; ; {
			i := strings.Index(symbol[at:], mark)
			if i < 0 {
				break
			}
			end := at + i + len(mark)
			if end < len(symbol) && '0' <= symbol[end] && symbol[end] <= '9' {
				return symbol[:at+i]
			}
			at = end
		}
	}
	return symbol
}

// Key names the cause of a failure within a repository: by its fingerprint, or by
// kind, package and title where there is none. Equal keys are one cause; one
// cause may have several keys, as when one log was read without its source.
func Key(f *culprit.Failure) string {
	parts := []string{"fingerprint", f.Fingerprint}
	if f.Fingerprint == "" {
		parts = []string{"title", string(f.Kind), strings.TrimSuffix(f.Package, "_test"), f.Title}
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}
