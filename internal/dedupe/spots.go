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
//   - a race of a local variable in closures: the lines of the declaration and the
//     accesses; each statement with its closure, and with the subtest. Subtests of one
//     test often have a variable of one name each, and closures lose their numbers;
//   - a check that expected a number which is no constant: the line; one that says a
//     number and expects nothing: the line, and what it says;
//   - timeout, deadlock, goroutine leak: lines and offsets as for a panic.
//
// The first is the one that is always there.
func Spots(f *culprit.Failure) []string {
	list := spots(f)
	for i, s := range list {
		list[i] = strings.ToValidUTF8(cut(s, maxSpot), "")
	}
	return list
}

func spots(f *culprit.Failure) []string {
	if f.Cause != nil {
		return captured(f)
	}
	if f.Crash != nil && f.Crash.Where != nil {
		switch f.Kind {
		case culprit.KindConcurrentMap:
			return sides(f)
		case culprit.KindPanic, culprit.KindMock, culprit.KindFuzz:
			return position(f, *f.Crash.Where)
		}
		return nil
	}
	switch f.Kind {
	case culprit.KindTimeout:
		return standing(f, holding(f), func(g culprit.Goroutines) bool { return blocked(g) != "" })
	case culprit.KindDeadlock:
		return standing(f, f.Goroutines, func(g culprit.Goroutines) bool { return blocked(g) != "" })
	case culprit.KindGoroutineLeak:
		return standing(f, f.Goroutines, func(g culprit.Goroutines) bool { return leaked(g) != "" })
	}
	if a := f.Assertion; a != nil && a.Line > 0 {
		at := fmt.Sprintf("%s:%d", base(a.File), a.Line)
		line, _, _ := strings.Cut(strings.TrimSpace(a.Message), "\n")
		line = strings.Join(strings.Fields(line), " ")
		switch {
		case measured(a.Expected):
			return []string{at}
		case a.Expected == "" && a.Library == "testing" && steady(line) != line:
			return []string{at, line} // "step 2 failed": the number may be written there
		}
	}
	return nil
}

// standing are the positions of goroutines: two receives of one function are one
// fingerprint.
func standing(f *culprit.Failure, gs []culprit.Goroutines, counts func(culprit.Goroutines) bool) []string {
	var list []string
	for _, g := range gs {
		if !counts(g) {
			continue
		}
		at := g.Where
		if at == nil {
			at = &g.Created[0] // a leak of a library, that the repository made
		}
		for _, s := range position(f, *at) {
			if len(list) < maxSpots && !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
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

// maxSpots bounds the list, maxSpot the bytes of one, and maxStatement those of a
// statement in it: they are in the mark of an issue.
const (
	maxSpots     = 16
	maxSpot      = 150
	maxStatement = 60
)

// captured are the spots of a race, nil for a variable of a package or a type, and
// for one whose uses are in no closure.
func captured(f *culprit.Failure) []string {
	c := f.Cause
	if c.DeclaredIn == "" || !slices.ContainsFunc(c.Sites, func(s culprit.Site) bool { return declared(s.Func) != s.Func }) {
		return nil
	}
	list := []string{fmt.Sprintf("%s:%d", base(c.Declared.File), c.Declared.Line)}
	add := func(s string) {
		if len(list) < maxSpots && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	for _, s := range c.Sites {
		add(fmt.Sprintf("%s:%d", base(s.File), s.Line))
	}
	for _, s := range c.Sites {
		if s.Statement == "" {
			continue
		}
		add(path.Base(s.Func) + " " + cut(s.Statement, maxStatement))
		for _, t := range f.Tests {
			if t.Role == culprit.RoleCause && strings.Contains(t.Name, "/") {
				add(t.Name + " " + cut(s.Statement, maxStatement))
			}
		}
	}
	return list
}

// position is the line of a frame, and the offset in its function where the log has
// it: the first line of the dump with that position is that of the frame.
func position(f *culprit.Failure, w culprit.Frame) []string {
	if w.Line == 0 {
		return nil
	}
	at := fmt.Sprintf("%s:%d", base(w.File), w.Line)
	list := []string{at}
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
		file, offset, ok := strings.Cut(s, " +0x")
		if !ok {
			return mentions(c.Text, s)
		}
		return regexp.MustCompile(`(?:^|[\s/\\])` + regexp.QuoteMeta(file) + `:[0-9]+ \+0x` + regexp.QuoteMeta(offset) + `\b`).MatchString(c.Text)
	})
}

// Meet reports whether two failures of one key are one issue by their spots: they
// share one, or neither has any.
func Meet(a, b []string) bool {
	return len(a) == 0 && len(b) == 0 || slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
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
