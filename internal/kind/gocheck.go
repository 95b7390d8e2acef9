// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// checkHead is the line above what gocheck says of a test that failed: where the test
// is, and its name, "Suite.TestX". With -check.vv each test begins with START, and the
// result comes behind what it says.
var checkHead = lazyre.New(`^\s*(START|FAIL|PANIC|PASS|SKIP|MISS): (\S+\.go):(\d+): (\w+\.\w+)$`)

// checks reads the failed tests of gocheck's suites, whose package has one test:
//
//	FAIL: a_test.go:18: Suite.TestX
//
//	a_test.go:26:
//	    c.Assert(err, IsNil)
//	... value *errors.errorString = &errors.errorString{s:"no"} ("no")
//
// Of a check in a helper every caller is shown, outermost first.
func checks(ls []golog.Line) []*message {
	var out []*message
	var m, started *message
	for _, l := range ls {
		text := strings.TrimSpace(l.Text)
		if h := checkHead.FindStringSubmatch(l.Text); h != nil {
			if len(out) >= maxBlocks {
				break
			}
			if h[1] != "START" && started != nil {
				if (h[1] == "FAIL" || h[1] == "PANIC") && h[4] == started.test && len(started.text) > 1 {
					started.lines = append(started.lines, l)
					out = append(out, started)
				}
				m, started = nil, nil
				continue
			}
			n, _ := strconv.Atoi(h[3])
			m = &message{lib: "gocheck", file: h[2], line: n, test: h[4], lines: []golog.Line{l}, text: []string{""}, score: 2}
			switch h[1] {
			case "START":
				started = m
			case "FAIL", "PANIC":
				out = append(out, m)
			default:
				m = nil
			}
			continue
		}
		if m == nil || len(m.lines) > maxBlock {
			continue
		}
		if strings.HasPrefix(text, "------------------------------") || strings.HasPrefix(text, "OOPS: ") || strings.HasPrefix(text, "--- FAIL: ") {
			m = nil
			continue
		}
		m.lines = append(m.lines, l)
		if p := place.FindStringSubmatch(l.Text); p != nil {
			m.file, m.text = p[3], []string{strings.TrimSpace(p[5])}
			m.line, _ = strconv.Atoi(p[4])
			continue
		}
		m.text = append(m.text, text)
	}
	return out
}

// outside leaves out the blocks that are part of one of gocheck's failures.
func outside(all, checks []*message) []*message {
	in := map[int64]bool{}
	for _, m := range checks {
		for _, l := range m.lines {
			in[l.No] = true
		}
	}
	var out []*message
	for _, m := range all {
		if !in[m.lines[0].No] {
			out = append(out, m)
		}
	}
	return out
}
