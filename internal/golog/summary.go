// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
)

// summary is what gotestsum prints after all packages. It tells every failure
// once more, in the formats that hide output for the first time. The lines before
// it tell when each test ran, which the summary does not; but gotestsum mixes the
// lines of packages that run at once. So they are kept where both tell the same of
// every package, and the summary is kept otherwise.
type summary struct {
	part    byte // 'f' failed tests, 'e' errors, 0 anything else
	streams map[string]*stream
	order   []*stream
	cur     *stream // whose output follows, nil: it is dropped
	tests   map[string]bool
	last    rawLine
	reruns  bool
	told    bool // tests failed in the lines before it
}

// summaryLine handles gotestsum's own lines and what follows them. False means
// that the line is ordinary.
func (ln *lane) summaryLine(l rawLine, text []byte, f *frame) bool {
	s := ln.text
	if ln.sum == nil && (s.cur != nil && s.cur.running && !s.died() || ln.m.only == "go-test") {
		return false
	}
	switch f.kind {
	case frameGotestsumHead:
		ln.beginSummary(l)
		ln.sum.cur, ln.sum.part = nil, f.status
		return true
	case frameGotestsumFail:
		ln.m.gotestsum++
		ln.beginSummary(l)
		ln.sum.part = 'f'
		ln.summaryTest(l, text, f)
		return true
	case frameGotestsumSkip:
		ln.beginSummary(l)
		ln.sum.cur = nil
		return true
	case frameGotestsumDone:
		ln.m.gotestsum++
		ln.endSummary()
		return true
	case frameGotestsumTest:
		ln.m.gotestsum++
		s.tellTests()
		again := f.status == 'p' && bytes.Contains(text, []byte(" (re-run "))
		if s.pkg.Path == "" && (again || f.status == 'f' && s.began) {
			s.pkg.Path, s.pkg.short = string(f.note), true
		}
		if again && s.known(f.name) == nil {
			s.result(s.test(f.name, l), 'p', l)
		}
		return true
	case frameGotestsumPkg:
		return ln.shortPackage(l, f)
	}
	if ln.sum == nil {
		return false
	}
	ln.sum.last = l
	switch {
	case ln.sum.part == 'f' && ln.sum.cur != nil:
		ln.summaryText(l, text, f)
	case ln.sum.part == 'e':
		ln.summaryError(l, text)
	}
	return true
}

// shortPackage handles "✖  pkg (5ms)": the path lacks the module's part.
func (ln *lane) shortPackage(l rawLine, f *frame) bool {
	s := ln.text
	// gotestsum shows "=== RUN" wherever it shows a result, so output below a bare
	// result is that of a test under go test.
	if ln.goPackages > 0 || s.running() && !s.died() || s.began && !s.pkg.Verbose {
		return false
	}
	ln.m.gotestsum++
	s.pkg.Path, s.pkg.short = string(f.name), true
	s.pkg.Cached = string(f.note) == "cached"
	s.pkg.Result = ResultNone
	switch f.status {
	case 'f':
		s.close(l, ResultFail)
	case 's':
		s.close(l, ResultSkip)
	default:
		s.close(l, ResultPass)
	}
	ln.next()
	return true
}

func (ln *lane) beginSummary(l rawLine) {
	if ln.sum == nil {
		ln.text.tellTests()
		ln.text.endReport("the package's run ends inside the report")
		ln.sum = &summary{streams: map[string]*stream{}, tests: map[string]bool{}}
		ln.sum.told = slices.ContainsFunc(ln.text.pkg.Tests, (*Test).Failing)
		for _, p := range ln.fails {
			ln.sum.told = ln.sum.told || slices.ContainsFunc(p.Tests, (*Test).Failing)
		}
	}
	ln.sum.last = l
}

// summaryTest handles "=== FAIL: pkg TestX (re-run 1) (0.00s)".
func (ln *lane) summaryTest(l rawLine, text []byte, f *frame) {
	sum := ln.sum
	path := string(f.note)
	sum.cur = nil
	sum.reruns = sum.reruns || bytes.Contains(text, []byte(" (re-run "))
	s := sum.streams[path]
	if s == nil {
		if len(sum.streams) >= maxPackages {
			return
		}
		s = ln.newStream(&Package{Path: path, Result: ResultFail, Started: l.line(nil)})
		s.began, s.muted = true, sum.told
		sum.streams[path] = s
		sum.order = append(sum.order, s)
	}
	sum.cur = s
	s.cur = nil
	if len(f.name) > 0 {
		t := s.test(f.name, l)
		t.Elapsed = toSeconds(f.took)
		if bytes.HasSuffix(text, []byte(" (unknown)")) {
			t.runs() // its process died before it ended
		} else {
			s.result(t, 'f', l)
			t.Reran = t.Reran || t.Failed > 1 && sum.reruns
		}
		s.cur = t
		sum.tests[t.Name] = true
	}
}

// summaryText handles the output of a failed test.
func (ln *lane) summaryText(l rawLine, text []byte, f *frame) {
	s := ln.sum.cur
	if s.cur == nil && f.kind == framePackage && f.status == 'f' {
		s.pkg.Path = string(f.name)
		if bytes.HasSuffix(f.note, []byte(" failed")) {
			s.pkg.BuildFailed = string(f.note)
		}
		return
	}
	s.jsonLine(l, s.cur, text)
}

// summaryError handles a compiler's error, which stands apart from its package.
func (ln *lane) summaryError(l rawLine, text []byte) {
	if len(text) == 0 {
		return
	}
	file, _, ok := bytes.Cut(text, []byte(":"))
	dir := ""
	if i := bytes.LastIndexAny(file, "/\\"); ok && i > 0 {
		dir = strings.TrimPrefix(strings.ReplaceAll(string(file[:i]), "\\", "/"), "./")
	}
	path, found := dir, false
	for _, s := range ln.sum.order {
		if p := s.pkg; p.BuildFailed != "" && (dir == "" || p.Path == dir || strings.HasSuffix(p.Path, "/"+dir)) {
			path, found = p.Path, true
			break
		}
	}
	b := ln.buildOf([]byte(path))
	b.Failed = b.Failed || !found
	ln.m.add(b.Output, l, text)
}

// endSummary closes the packages that the summary told, and drops what the lines
// before it told of the same tests without naming their package in full.
func (ln *lane) endSummary() {
	sum := ln.sum
	if sum == nil {
		return
	}
	ln.sum = nil
	same := map[*stream]bool{}
	drop := map[*Package]bool{}
	mixed := false
	for _, p := range ln.fails {
		names := failedNames(p)
		switch {
		case !sum.holds(p, names):
		case p.short || p.Path == "" || len(names) == 0:
			drop[p] = len(names) > 0 || sum.completes(p) || p.short
		default:
			if s := sum.of(p); s != nil && slices.Equal(names, failedNames(s.pkg)) {
				same[s] = true
			} else {
				mixed = true
			}
		}
	}
	for _, p := range ln.fails {
		if mixed && !drop[p] && sum.holds(p, failedNames(p)) {
			drop[p] = true
			sum.completes(p)
		}
		if drop[p] {
			delete(ln.failed, p.Path)
		}
	}
	sum.lengthen()
	for _, s := range sum.order {
		if same[s] && !mixed {
			s.abandon()
			continue
		}
		ln.passedLater(s.pkg, sum)
		s.close(sum.last, ResultFail)
	}
	ln.m.log.Packages = slices.DeleteFunc(ln.m.log.Packages, func(p *Package) bool { return drop[p] })
	ln.fails = nil
	if p := ln.text.pkg; p.Path == "" || p.short {
		if names := failedNames(p); len(names) > 0 && sum.holds(p, names) {
			ln.text.abandon()
			ln.next()
		}
	}
}

func failedNames(p *Package) []string {
	var names []string
	for _, t := range p.Tests {
		if t.Failing() {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return names
}

// holds reports whether the summary tells all that failed in a package: one that
// it does not tell was no package of gotestsum's.
func (sum *summary) holds(p *Package, names []string) bool {
	for _, name := range names {
		if !sum.tests[name] {
			return false
		}
	}
	return len(names) > 0 || sum.of(p) != nil
}

// of finds what the summary tells of a package.
func (sum *summary) of(p *Package) *stream {
	for _, s := range sum.order {
		if short := s.pkg.Path; p.Path == short || strings.HasSuffix(p.Path, "/"+short) || strings.HasSuffix(short, "/"+p.Path) && p.short {
			return s
		}
	}
	return sum.streams["."]
}

// completes hands what go test's own closing line told of a package without its
// failed tests to the package of the summary.
func (sum *summary) completes(p *Package) bool {
	s := sum.of(p)
	if s == nil || p.short {
		return false
	}
	q := s.pkg
	q.Path, q.Elapsed = p.Path, p.Elapsed
	q.BuildFailed = max(q.BuildFailed, p.BuildFailed)
	q.ExitStatus = max(q.ExitStatus, p.ExitStatus)
	return true
}

// lengthen gives all packages the part of the path that gotestsum left out, the
// module's, where one of them shows it.
func (sum *summary) lengthen() {
	module := ""
	for short, s := range sum.streams {
		if m, ok := strings.CutSuffix(s.pkg.Path, "/"+short); ok {
			module = m
		} else if short == "." && s.pkg.Path != "." {
			module = s.pkg.Path
		}
	}
	if module == "" {
		return
	}
	for short, s := range sum.streams {
		first, _, _ := strings.Cut(short, "/")
		switch {
		case s.pkg.Path != short || short == module:
		case short == ".":
			s.pkg.Path = module
		case !strings.Contains(first, "."):
			s.pkg.Path = module + "/" + short
		}
	}
}

// passedLater counts the run that gotestsum --rerun-fails does not tell: it runs
// every failed test again, so one that failed once and is in no re-run passed.
func (ln *lane) passedLater(p *Package, sum *summary) {
	if !sum.reruns {
		return
	}
	for _, t := range p.Tests {
		if t.Status == culprit.StatusFail && t.Runs == 1 && t.Failed == 1 {
			t.Runs++
			t.Passed++
			t.Reran, t.Last = true, culprit.StatusPass
		}
	}
}

// parseShort reads the lines by which gotestsum's formats tell a package or a
// test: "✖  pkg (5ms)", "FAIL pkg.TestX (0.00s)", "  FAIL Package pkg (5ms)".
func parseShort(line []byte) frame {
	for _, icon := range []struct {
		text   string
		status byte
	}{{"✓", 'p'}, {"✖", 'f'}, {"∅", 's'}, {"✅", 'p'}, {"❌", 'f'}} {
		if rest, ok := bytes.CutPrefix(line, []byte(icon.text+"  ")); ok {
			return shortFrame(rest, icon.status)
		}
	}
	return frame{}
}

// parseWord reads what follows PASS, FAIL, SKIP or EMPTY.
func parseWord(rest []byte, status byte) frame {
	if pkg, ok := bytes.CutPrefix(rest, []byte("Package ")); ok {
		return shortFrame(pkg, status)
	}
	name, took := cutDuration(rest)
	for i := 1; i < len(name); i++ {
		if name[i] == '.' && isTestName(name[i+1:]) && isImportPath(name[:i]) {
			return frame{kind: frameGotestsumTest, status: status, note: name[:i], name: name[i+1:], took: took}
		}
	}
	return frame{}
}

func shortFrame(rest []byte, status byte) frame {
	path := firstField(rest)
	tail := bytes.TrimSpace(rest[len(path):])
	if !isImportPath(path) || len(tail) > 0 && tail[0] != '(' {
		return frame{}
	}
	f := frame{kind: frameGotestsumPkg, status: status, name: path}
	if end := bytes.IndexByte(tail, ')'); end > 0 {
		f.note = tail[1:end]
	}
	return f
}
