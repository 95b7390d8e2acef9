// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
)

// wrapKind is one way in which a CI system or a tool puts something before each
// line. Its number is its bit in a set.
type wrapKind uint

// The wrappers. The first ones are known by their shape alone. From wrapLoose on
// a test could print the same, so such a wrapper is switched on by the first
// line of go test behind it, while no test runs.
const (
	wrapStamp    wrapKind = iota // 2026-04-17T21:56:01.1234567Z text
	wrapColumns                  // job<TAB>step<TAB>2026-04-17T21:56:01.1234567Z text
	wrapGitLab                   // 2026-04-17T21:56:01.123456Z 00O text
	wrapCRI                      // 2026-04-17T21:56:01.123456789Z stdout F text
	wrapJenkins                  // [2026-04-17T21:56:01.123Z] text
	wrapBuildKit                 // #12 3.456 text
	wrapLocal                    // [step:L12:3s] text, woodpecker-cli exec
	wrapTeamCity                 // [21:56:01]W:<TAB> [Step 1/2] text
	wrapBamboo                   // build<TAB>17-Apr-2026 21:56:01<TAB>text
	wrapGCB                      // Step #0 - "test": text, Google Cloud Build
	wrapZuul                     // 2026-04-17 21:56:01.123456 | node | text
	wrapTime                     // 2026-04-17T21:56:01Z text and other times
	wrapPipe                     // service-1  | text
	wrapBracket                  // [branch] text
	wrapColon                    // pod: text
	wrapKinds
)

const wrapLoose = wrapTime

// wrapNames are the values of log.wrapper.
func wrapNames() [wrapKinds]string {
	return [wrapKinds]string{
		wrapStamp: "github-actions", wrapColumns: "gh-run-view", wrapGitLab: "gitlab", wrapCRI: "kubernetes", wrapJenkins: "jenkins",
		wrapBuildKit: "buildkit", wrapLocal: "woodpecker", wrapTeamCity: "teamcity", wrapBamboo: "bamboo", wrapGCB: "google-cloud-build",
		wrapZuul: "zuul", wrapTime: "timestamps", wrapPipe: "docker-compose", wrapBracket: "brackets", wrapColon: "name-colon",
	}
}

// wrapSet is a set of wrappers.
type wrapSet uint32

func (s wrapSet) has(k wrapKind) bool { return s&(1<<k) != 0 }

func (s *wrapSet) add(k wrapKind) { *s |= 1 << k }

// maxDepth is how many wrappers may stand one inside the other.
const maxDepth = 4

// wrapping is what is known of the wrappers of a log.
type wrapping struct {
	on     wrapSet // loose wrappers that a line of go test was seen behind
	off    bool    // nothing is stripped
	forced wrapSet // what the caller asked for
	guess  wrapSet // those of them that only the lines around speak for
	last   wrapSet // of the line at hand
	count  [wrapKinds]int64
	// lookAgain is the line from which a guess is worth a try again.
	lookAgain [wrapKinds]int64
	signs     [signKinds]int64
	// excerpt: BuildKit repeats the end of a failed step's output.
	excerpt      bool
	excerptKnown bool
	excerptKey   []byte
	dashes       int64  // the last line that is "------"
	columns      []byte // "job<TAB>step<TAB>" of the line before
}

// cutResult is a line without one wrapper.
type cutResult struct {
	kind  wrapKind
	rest  []byte
	key   []byte // tells texts apart that the log interleaves, nil for none
	stamp []byte
	join  bool // the line continues the one before
	part  bool // the next line continues this one
}

// mayWrap reports whether a line can have a wrapper at all. Lines of go test
// begin with none of these bytes.
func (m *machine) mayWrap(l rawLine, data []byte) bool {
	if m.wrap.on != 0 || l.no < wrapSniff || m.wrap.count[wrapColumns] > 0 {
		return true
	}
	switch c := data[0]; {
	case c >= '0' && c <= '9', c == '[', c == '#', c == 0xef:
		return true
	case c == 'S', c == 'b', c == 'e', c == 's', c == 't':
		return len(data) > 8 && (data[5] == '\t' || data[5] == '#' || data[6] == '\t' || data[6] == '_' || data[7] == '_')
	}
	return false
}

// wrapSniff is how many lines are searched for the columns of gh run view,
// which begins with them.
const wrapSniff = 200

// unwrap removes the wrappers of a line and finds the lane that it belongs to.
func (m *machine) unwrap(ln *lane, data []byte) (rest []byte, in *lane, last cutResult) {
	var used wrapSet
	m.wrap.last = 0
	for range maxDepth {
		data = m.folds(data)
		c, ok := m.cut(data, used)
		if !ok {
			break
		}
		used.add(c.kind)
		m.wrap.last = used
		m.wrap.count[c.kind]++
		if c.stamp != nil {
			m.header.stamp(c.stamp)
		}
		if c.key != nil {
			ln = ln.child(c.kind, c.key)
		}
		if c.join || c.part || c.kind == wrapGitLab || c.kind == wrapCRI {
			last = c
		}
		data = c.rest
	}
	return data, ln, last
}

// cut removes one wrapper that is not in used.
func (m *machine) cut(data []byte, used wrapSet) (cutResult, bool) {
	if used == 0 && len(m.wrap.columns) > 0 && bytes.HasPrefix(data, m.wrap.columns) {
		return m.columnsCut(data), true
	}
	if c, ok := cutSure(data, used); ok {
		if c.kind == wrapColumns {
			i := len(c.key) + 1
			m.wrap.columns = append(m.wrap.columns[:0], data[:i+bytes.IndexByte(data[i:], '\t')+1]...)
		}
		return c, true
	}
	if loose := (m.wrap.on | m.wrap.forced) &^ used; loose != 0 {
		return cutLoose(data, loose)
	}
	return cutResult{}, false
}

// columnsCut removes the columns of the line before; a line that the runner did
// not stamp has them, too.
func (m *machine) columnsCut(data []byte) cutResult {
	job, _, _ := bytes.Cut(m.wrap.columns, []byte("\t"))
	return cutResult{kind: wrapColumns, rest: bytes.TrimPrefix(data[len(m.wrap.columns):], bom), key: job}
}

// cutSure tries the wrappers that are known by their shape.
func cutSure(data []byte, used wrapSet) (cutResult, bool) {
	if len(data) == 0 {
		return cutResult{}, false
	}
	switch c := data[0]; {
	case c >= '0' && c <= '9':
		if used&(1<<wrapStamp|1<<wrapGitLab|1<<wrapCRI) != 0 {
			return cutResult{}, false
		}
		return cutStamps(data)
	case c == '[':
		return cutBrackets(data, used)
	case c == '#' && !used.has(wrapBuildKit):
		return cutBuildKit(data)
	case c == 'S' && !used.has(wrapGCB):
		return cutGCB(data)
	}
	if used == 0 && bytes.IndexByte(data, '\t') > 0 {
		if c, ok := cutColumns(data); ok {
			return c, true
		}
		return cutBamboo(data)
	}
	return cutResult{}, false
}

// switchOn looks for a loose wrapper: around a line of go test, or around most of
// the lines that follow.
func (m *machine) switchOn(l rawLine, text []byte) bool {
	if m.wrap.off || len(text) < 3 {
		return false
	}
	for k := wrapLoose; k < wrapKinds; k++ {
		if m.wrap.on.has(k) {
			continue
		}
		c, ok := cutLoose(text, 1<<k)
		if !ok {
			continue
		}
		if m.telling(c.rest, k) {
			m.wrap.on.add(k)
			m.wrap.guess &^= 1 << k
			return true
		}
		if l.no >= m.wrap.lookAgain[k] && k != wrapColon {
			m.wrap.lookAgain[k] = l.no + lookLines
			if m.common(k) {
				m.wrap.on.add(k)
				m.wrap.guess.add(k)
				return true
			}
		}
	}
	return false
}

// lookLines is how many lines are looked at to tell whether a wrapper is common.
const lookLines = 20

// common reports whether nearly all of the lines that follow have a wrapper. It
// sees as far as the reader has read.
func (m *machine) common(k wrapKind) bool {
	ahead, seen, have := m.ahead(), 0, 0
	for len(ahead) > 0 && seen < lookLines {
		line, rest, ok := bytes.Cut(ahead, []byte("\n"))
		if !ok && len(line) > 4096 {
			break
		}
		ahead = rest
		line, _ = clean(line[:min(len(line), 4096)], nil)
		var used wrapSet
		for range maxDepth {
			c, ok := cutSure(line, used)
			if !ok {
				break
			}
			used.add(c.kind)
			line = c.rest
		}
		if len(line) == 0 {
			continue
		}
		seen++
		if _, ok := cutLoose(line, 1<<k); ok {
			have++
		}
	}
	few := 1
	if k == wrapBracket {
		few = 5 // "[info] …" is how programs log
	}
	return seen >= few && have*10 >= seen*9
}

// confirm makes a guess sure when a line of go test stands inside the wrapper,
// and drops it when one stands outside.
func (m *machine) confirm(ln *lane, f *frame) {
	if m.wrap.last&m.wrap.guess != 0 {
		m.wrap.guess = 0
		return
	}
	if f.kind == frameRun && f.start || f.kind == frameResult || f.kind == framePackage && f.status != 's' {
		m.wrap.on &^= m.wrap.guess
		m.wrap.guess = 0
	}
}

// telling reports whether a line can only come from go test.
func (m *machine) telling(rest []byte, behind wrapKind) bool {
	if len(rest) < 8 {
		return false
	}
	if rest[0] == '{' {
		_, ok := m.events.parse(rest)
		return ok
	}
	f := parseFrame(rest)
	switch f.kind {
	case frameRun:
		return f.start
	case framePackage:
		return behind != wrapColon
	case frameResult:
		return behind != wrapColon && f.indent == 0 && f.took != nil
	}
	if f.kind == frameBuild {
		return behind != wrapColon && (bytes.IndexByte(f.name, '[') > 0 || bytes.IndexByte(f.name, '/') > 0 && bytes.IndexByte(f.name, '.') > 0)
	}
	return behind != wrapColon && (bytes.Equal(rest, warning) || string(rest) == "==================" || behind == wrapPipe && bytes.HasPrefix(rest, []byte("panic: ")))
}

// inExcerpt handles the block in which BuildKit repeats the last lines of the
// step that failed. Where the step's own lines were seen, it is dropped.
func (m *machine) inExcerpt(ln *lane, l rawLine, data []byte) (*lane, []byte, bool) {
	w := &m.wrap
	switch {
	case string(data) == "------":
		w.dashes, w.excerpt = l.no, false
	case w.dashes > 0 && w.dashes == l.no-1 && bytes.HasPrefix(data, []byte(" > ")):
		w.excerpt, w.excerptKnown = true, w.count[wrapBuildKit] > 0
		w.excerptKey = append(w.excerptKey[:0], data[3:min(len(data), maxName)]...)
	case w.excerpt:
		if w.excerptKnown {
			return ln, data, true
		}
		data = data[seconds(data):]
		return ln.child(wrapPipe, w.excerptKey), data, false
	}
	return ln, data, false
}
