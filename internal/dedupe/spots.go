// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package dedupe

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
)

// Spots lists what tells a failure from others of its fingerprint or title where
// those are known to stand for more than one cause; nil where they are not. Two
// failures are one cause if they share one:
//
//   - panic: the line, and the place in the machine code of the function, where the
//     log has it. The one changes with the file, the other with the function and
//     the compiler, and a nil pointer is one value in any line of a function;
//   - concurrent map: the methods of the type in the dump, since a type may have two
//     maps;
//   - a check that expected a number which is no constant: the line.
//
// The first is the one that is always there.
func Spots(f *culprit.Failure) []string {
	if f.Cause != nil {
		return nil
	}
	if f.Crash != nil && f.Crash.Where != nil {
		switch f.Kind {
		case culprit.KindConcurrentMap:
			return sides(f)
		case culprit.KindPanic, culprit.KindMock, culprit.KindFuzz:
			return positions(f)
		}
		return nil
	}
	if a := f.Assertion; a != nil && a.Line > 0 && measured(a.Expected) {
		return []string{fmt.Sprintf("%s:%d", base(a.File), a.Line)}
	}
	return nil
}

// measured reports whether an expected value is a number, and none that a person
// wrote, or several numbers.
func measured(expected string) bool {
	if expected == "" || constant(expected) {
		return false
	}
	return strings.Trim(steady(cut(expected, 300)), "N.,:;-+ []{}()") == ""
}

func base(file string) string { return path.Base(strings.ReplaceAll(file, `\`, "/")) }

// maxSpots bounds the methods that count, the longest of which bounds a mark.
const maxSpots = 8

func positions(f *culprit.Failure) []string {
	w := f.Crash.Where
	if w.Line == 0 {
		return nil
	}
	at := fmt.Sprintf("%s:%d", base(w.File), w.Line)
	list := []string{at}
	// The first such line is that of the goroutine that crashed.
	if m := regexp.MustCompile(`(?m)(?:^|[\s/\\])` + regexp.QuoteMeta(at) + ` (\+0x[0-9a-f]+)\b`).FindStringSubmatch(f.Evidence.Text); m != nil {
		list = append(list, base(w.File)+" "+m[1])
	}
	return list
}

func sides(f *culprit.Failure) []string {
	at := declared(f.Crash.Where.Func)
	list := []string{at}
	dot := strings.LastIndex(at, ").")
	if dot < 0 {
		return list
	}
	for _, m := range regexp.MustCompile(regexp.QuoteMeta(at[:dot+2])+`\w+`).FindAllString(f.Evidence.Text, -1) {
		if len(list) < maxSpots && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// shows reports whether a candidate shows one of the spots: by its own, or where it
// has none by its text.
func (c Candidate) shows(spots []string) bool {
	return slices.ContainsFunc(spots, func(s string) bool {
		if len(c.Spots) > 0 {
			return slices.Contains(c.Spots, s)
		}
		file, offset, ok := strings.Cut(s, " ")
		if !ok {
			return mentions(c.Text, s)
		}
		return regexp.MustCompile(`(?:^|[\s/\\])` + regexp.QuoteMeta(file) + `:[0-9]+ ` + regexp.QuoteMeta(offset) + `\b`).MatchString(c.Text)
	})
}

// Place is [Key] for what is done once for each cause: where the fingerprint is
// known to stand for several, it has the spot as well. It changes when lines move.
func Place(f *culprit.Failure) string {
	key := Key(f)
	spots := Spots(f)
	if len(spots) == 0 {
		return key
	}
	sum := sha256.Sum256([]byte(key + "\x00" + spots[0]))
	return hex.EncodeToString(sum[:8])
}
