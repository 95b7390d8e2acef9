// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// spot is where an access of a report shows: the innermost frame in the tree,
// or, for an access that has none, the function at the top of its stack.
type spot struct {
	file string // relative to the tree, "" when no frame is in it
	line int
	fn   string // of the top frame, for a spot without a file
}

func (s spot) String() string {
	if s.file == "" {
		return s.fn
	}
	return fmt.Sprintf("%s:%d", s.file, s.line)
}

// Matcher tells this race from any other.
type Matcher struct {
	spots   map[spot]bool
	subject *regexp.Regexp // the subject's name as a word, nil when not known
	prefix  string         // of the tree, in reports
	ended   bool           // see usesEnded
	text    func(file string, line int) string
}

// NewMatcher knows a race by the spots of its report and of all further reports
// of the same cause, and by the name of its subject.
func (s *Sandbox) NewMatcher(f *culprit.Failure, text func(file string, line int) string) *Matcher {
	m := &Matcher{spots: map[spot]bool{}, prefix: s.copied(), text: text, ended: usesEnded(f.Race)}
	if f.Race != nil {
		for _, a := range f.Race.Accesses {
			m.spots[m.spot(a)] = true
		}
	}
	for _, rel := range f.Related {
		for _, r := range reports([]byte(rel.Text)) {
			for _, a := range r.Accesses {
				if sp := m.spot(a); sp.file != "" && !filepath.IsAbs(sp.file) {
					m.spots[sp] = true
				}
			}
		}
	}
	if c := f.Cause; c != nil {
		for _, site := range slices.Concat(c.Sites, c.OtherSites) {
			m.spots[spot{file: site.File, line: site.Line}] = true
		}
		name := c.Subject
		if i := strings.IndexByte(name, '['); i > 0 {
			name = name[:i]
		}
		name = name[strings.LastIndexByte(name, '.')+1:]
		if name = strings.Trim(name, "*&() "); name != "" {
			m.subject = regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`)
		}
	}
	return m
}

// copied is the tree's path as the compiler records it.
func (s *Sandbox) copied() string { return filepath.ToSlash(s.Tree) + "/" }

// spot places an access. Frames that cannot be true are passed over.
func (m *Matcher) spot(a culprit.Access) spot {
	for _, f := range a.Stack {
		if f.Trust == culprit.TrustPhantom {
			continue
		}
		if rel, ok := m.rel(f.File); ok {
			return spot{file: rel, line: f.Line}
		}
	}
	if len(a.Stack) == 0 {
		return spot{}
	}
	return spot{fn: a.Stack[0].Func}
}

// rel makes a frame's path relative to the tree: one of a report from the
// sandbox is below its prefix, one of the failure is relative already.
func (m *Matcher) rel(file string) (string, bool) {
	file = strings.ReplaceAll(file, `\`, "/")
	if rest, ok := strings.CutPrefix(file, m.prefix); ok {
		return rest, true
	}
	return file, strings.HasSuffix(file, ".go") && !strings.HasPrefix(file, "/") && filepath.IsLocal(file)
}

// Match says whether a report shows this race: both spots are known, or one is
// and the line of the other names the subject. lines maps a line of the changed
// tree to the original one, nil for the original tree.
func (m *Matcher) Match(r *culprit.Race, lines func(file string, line int) int) bool {
	if len(r.Accesses) != 2 {
		return false
	}
	known, named := 0, 0
	for _, a := range r.Accesses {
		sp := m.spot(a)
		if lines != nil && sp.file != "" {
			sp.line = lines(sp.file, sp.line)
		}
		switch {
		case m.spots[sp]:
			known++
		case sp.file != "" && m.subject != nil && m.text != nil && m.subject.MatchString(m.text(sp.file, sp.line)):
			named++
		}
	}
	return known == 2 || known == 1 && named == 1
}

// describeRace names a report by its spots, in a fixed order.
func (m *Matcher) describeRace(r *culprit.Race) string {
	var list []string
	for _, a := range r.Accesses {
		list = append(list, m.spot(a).String())
	}
	slices.Sort(list)
	return strings.Join(list, " and ")
}

// reports reads the race reports of a piece of output.
func reports(out []byte) []*culprit.Race {
	log, err := golog.Read(context.Background(), bytes.NewReader(out), golog.Options{})
	if err != nil {
		return nil
	}
	var list []*culprit.Race
	for _, p := range log.Packages {
		for _, r := range p.Reports {
			list = append(list, r.Race)
		}
	}
	return list
}
