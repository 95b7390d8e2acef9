// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/casetest"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/gocmd"
	"github.com/culprit-ci/culprit/internal/source"
)

var (
	update = flag.Bool("update", false, "rewrite the keys that the cases hold")
	record = flag.Bool("record", false, "run the cases' sources under the race detector again and keep the logs")
)

// story is a case file: a header of "KEY: value" lines, the log, and the source
// below src/. Only the keys that stand in the header are checked.
type story struct {
	file    string
	archive *txtar.Archive
	header  []string // lines
}

func stories(t testing.TB) []*story {
	t.Helper()
	var list []*story
	for _, f := range casetest.Files(t) {
		a, err := txtar.ParseFile(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, &story{f, a, strings.Split(strings.TrimSpace(string(a.Comment)), "\n")})
	}
	return list
}

func (s *story) name() string { return casetest.Name(s.file) }

func (s *story) get(key string) (string, bool) {
	for _, l := range s.header {
		if v, ok := strings.CutPrefix(l, key+":"); ok {
			return strings.TrimSpace(v), true
		}
	}
	return "", false
}

func (s *story) section(name string) []byte {
	for _, f := range s.archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// tree writes the source into a folder.
func (s *story) tree(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range s.archive.Files {
		rel, ok := strings.CutPrefix(f.Name, "src/")
		if !ok {
			continue
		}
		p := filepath.Join(dir, filepath.FromSlash(rel))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func triageIn(t *testing.T, log []byte, in engine.Input) *culprit.Case {
	t.Helper()
	in.Log = bytes.NewReader(log)
	c, err := engine.Triage(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// keys are what a header can ask of a case.
var keys = []string{"VERDICT", "KINDS", "SUBJECT", "TYPE", "DECLARED", "PATTERN", "GRADE", "SITES", "ALTERNATIVES", "WHERE", "RACED", "COLLATERAL", "PARENT", "RULED-OUT", "WHY-NO-CAUSE", "SIBLINGS"}

func facts(c *culprit.Case) map[string]string {
	m := map[string]string{"VERDICT": string(c.Verdict)}
	var kinds, subjects, types, declared, patterns, grades, sites, ruled, siblings, others, wheres []string
	roles := map[culprit.Role][]string{}
	pos := func(p culprit.Pos) string { return fmt.Sprintf("%s:%d", p.File, p.Line) }
	for _, f := range c.Failures {
		kinds = append(kinds, string(f.Kind))
		for _, t := range f.Tests {
			roles[t.Role] = append(roles[t.Role], t.Name)
		}
		for _, s := range f.Siblings {
			siblings = append(siblings, s.Subject+"@"+pos(s.Pos))
		}
		if f.Cause == nil {
			continue
		}
		subjects = append(subjects, f.Cause.Subject)
		types = append(types, f.Cause.Type)
		declared = append(declared, pos(f.Cause.Declared))
		patterns = append(patterns, string(f.Cause.Pattern))
		grades = append(grades, string(f.Cause.Grade))
		wheres = append(wheres, string(f.Cause.Where))
		for _, a := range f.Cause.Alternatives {
			others = append(others, a.Subject)
		}
		for _, s := range f.Cause.Sites {
			sites = append(sites, pos(s.Pos)+":"+string(s.Op))
		}
		for _, r := range f.Cause.RuledOut {
			ruled = append(ruled, r.What)
		}
	}
	for _, s := range c.Steps {
		if s.Stage == culprit.StageCause && s.Outcome == culprit.Inconclusive {
			m["WHY-NO-CAUSE"] = s.Why
		}
	}
	join := func(key string, list []string) { m[key] = strings.Join(list, " ") }
	join("KINDS", kinds)
	join("SUBJECT", subjects)
	join("TYPE", types)
	join("DECLARED", declared)
	join("PATTERN", patterns)
	join("GRADE", grades)
	join("SITES", sites)
	join("SIBLINGS", siblings)
	join("ALTERNATIVES", others)
	join("WHERE", wheres)
	for key, role := range map[string]culprit.Role{"RACED": culprit.RoleCause, "COLLATERAL": culprit.RoleCollateral, "PARENT": culprit.RoleParent} {
		slices.Sort(roles[role])
		join(key, roles[role])
	}
	slices.Sort(ruled)
	join("RULED-OUT", ruled)
	return m
}

func TestCases(t *testing.T) {
	t.Parallel()
	for nth, s := range stories(t) {
		t.Run(s.name(), func(t *testing.T) {
			t.Parallel()
			if *record {
				s.record(t)
			}
			if from, _ := s.get("FROM"); from == "" {
				t.Error("the header has no FROM: line that tells where the log comes from")
			}
			tree, why, err := source.Open(context.Background(), s.tree(t)) // loaded once for all triages below
			if tree == nil {
				t.Fatal(why, err)
			}
			triage := func(log []byte) *culprit.Case { return triageIn(t, log, engine.Input{Tree: tree}) }
			c := triage(s.section("log"))
			got := facts(c)
			if *update || *record {
				s.rewrite(t, got)
				return
			}
			checked := 0
			for _, key := range keys {
				if want, ok := s.get(key); ok {
					checked++
					if got[key] != want {
						t.Errorf("%s: got %q, want %q", key, got[key], want)
					}
				}
			}
			if checked == 0 {
				t.Error("the header checks nothing")
			}
			again := triage(s.section("log"))
			for _, x := range []*culprit.Case{c, again} {
				for i := range x.Steps {
					x.Steps[i].Seconds = 0
					x.Steps[i].Why = "" // may name the temporary folder
				}
				x.Checklist = nil
			}
			if d := cmp.Diff(c, again); d != "" {
				t.Errorf("two triages of one log differ:\n%s", d)
			}
			invariants(t, nth, s.section("log"), c, triage)
		})
	}
}

// invariants damages the log of a case in the ways CI systems and cut-off
// uploads do. No damage may change what is accused: the subject stays the same
// or is not named at all. A triage builds the patches that it proposes, so each
// case gets one variant and three cuts only; nth spreads them so that the cases
// together have all variants and are cut at every sixteenth.
func invariants(t *testing.T, nth int, log []byte, whole *culprit.Case, triage func([]byte) *culprit.Case) {
	t.Helper()
	want := accused(whole)
	variants := []struct {
		name string
		log  []byte
	}{
		{"crlf", bytes.ReplaceAll(log, []byte("\n"), []byte("\r\n"))},
		{"timestamps", prefixed(log, "2026-04-17T21:56:01.1234567Z ")},
		{"ansi", prefixed(log, "\x1b[36;1m")},
	}
	v := variants[nth%len(variants)]
	if got := accused(triage(v.log)); got != want {
		t.Errorf("%s: accused %q, want %q", v.name, got, want)
	}
	for cut := range 3 {
		i := 1 + (nth+5*cut)%15
		got := accused(triage(log[:len(log)*i/16]))
		for _, a := range strings.Fields(got) {
			if !slices.Contains(strings.Fields(want), a) {
				t.Errorf("cut at %d/16: accused %q, which the whole log does not accuse", i, a)
			}
		}
	}
}

// accused lists the subjects that are named with confidence.
func accused(c *culprit.Case) string {
	var list []string
	for _, f := range c.Failures {
		if f.Cause != nil && f.Cause.Grade != culprit.GradeGuessed {
			list = append(list, fmt.Sprintf("%s@%s:%d", f.Cause.Subject, f.Cause.Declared.File, f.Cause.Declared.Line))
		}
	}
	return strings.Join(list, " ")
}

func prefixed(log []byte, prefix string) []byte {
	lines := bytes.SplitAfter(log, []byte("\n"))
	var out []byte
	for _, l := range lines {
		if len(l) > 0 {
			out = append(append(out, prefix...), l...)
		}
	}
	return out
}

func (s *story) rewrite(t *testing.T, got map[string]string) {
	t.Helper()
	for i, l := range s.header {
		key, _, _ := strings.Cut(l, ":")
		if slices.Contains(keys, key) {
			s.header[i] = strings.TrimRight(key+": "+got[key], " ")
		}
	}
	s.archive.Comment = []byte(strings.Join(s.header, "\n") + "\n")
	if err := os.WriteFile(s.file, txtar.Format(s.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// record runs the source until the detector reports, and keeps that log with
// the paths of a CI machine.
func (s *story) record(t *testing.T) {
	t.Helper()
	if ok, why, err := gocmd.RaceReady(context.Background(), ""); err != nil || !ok {
		t.Skipf("cannot record: %s %v", why, err)
	}
	dir := s.tree(t)
	tc, err := gocmd.Env(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"test", "-race", "-count=1", "-parallel=8", "-v", "./..."}
	if a, ok := s.get("ARGS"); ok {
		args = append([]string{"test", "-race"}, strings.Fields(a)...)
	}
	for range 40 {
		res, _ := gocmd.Run(context.Background(), gocmd.Cmd{Dir: dir, Args: args})
		log := string(res.Stdout) + string(res.Stderr)
		if !strings.Contains(log, "WARNING: DATA RACE") {
			continue
		}
		log = strings.ReplaceAll(log, dir, "/home/runner/work/m/m")
		log = strings.ReplaceAll(log, tc.GOROOT, "/opt/hostedtoolcache/go/1.26.8/x64")
		for i := range s.archive.Files {
			if s.archive.Files[i].Name == "log" {
				s.archive.Files[i].Data = []byte(log)
			}
		}
		return
	}
	t.Fatalf("40 runs of go %s without a report", strings.Join(args, " "))
}
