// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

// row is one form that a message takes: a line that holds text, and and, and
// not not. All three are in lower case, as the line is when it is asked.
type row struct {
	text, and, not string
	// alone is true for words that a healthy job prints as well, in a warning or
	// before a retry: outside of a test they count only when nothing else failed.
	alone bool
}

// saysLine reports whether a line holds one of the forms.
func saysLine(s string, rows []row) bool { return saysLower(strings.ToLower(s), rows) }

func saysLower(s string, rows []row) bool {
	for _, r := range rows {
		if strings.Contains(s, r.text) && (r.and == "" || strings.Contains(s, r.and)) && (r.not == "" || !strings.Contains(s, r.not)) {
			return true
		}
	}
	return false
}

// expectation matches a line that tells what should have been: the words in it
// are a text that was compared, and did not happen.
var expectation = lazyre.New(`(?i)\b(expected|expect|expecting|want|wanted|should (contain|be|have|equal|match|return)|to (contain|equal|match)|but got|does not contain|not equal|assert(ion)? failed)\b| != `)

// hopes are expectations that nothing goes wrong: what stands beside them did happen.
var hopes = lazyre.New(`(?i)\b(no|nil|<nil>|without|zero) (error|err)\b|\b(expected|expect|want|wanted|got non-?)(:| =|,)?\s*(error |err )?(to be )?(<?nil>?|no error|success)|to be nil|not to have occurred|to succeed|unexpected error|should be nil|expected success|expected nil`)

// quotes matches a quoted text, which is compared and not said.
var quotes = lazyre.New(`"(?:[^"\\\n]|\\.)*"`)

// says returns the line of a message that holds one of the forms. Texts that
// were compared say nothing.
func (m *message) says(rows []row) (line string, ok bool) {
	if m == nil || m.compares && m.lib == "testify" {
		return "", false
	}
	m.lowered()
	for i, s := range m.text[:min(len(m.text), 300)] {
		if !saysLower(m.lower[i], rows) || m.whole && logged.MatchString(s) {
			continue
		}
		if (m.compares || expectation.MatchString(s)) && !m.hopeful() {
			continue
		}
		return s, true
	}
	return "", false
}

// lowered keeps the text in lower case: every kind asks for it.
func (m *message) lowered() {
	if m.lower == nil {
		m.lower = make([]string, 0, len(m.text))
		for _, s := range m.text[:min(len(m.text), 300)] {
			m.lower = append(m.lower, strings.ToLower(s))
		}
	}
}

// hopeful reports whether the message expects that nothing goes wrong.
func (m *message) hopeful() bool {
	return hopes.MatchString(quotes.ReplaceAllString(strings.Join(m.text, "\n"), `""`))
}

// steady makes a title of s that does not change between runs: addresses,
// counters, durations and identifiers become N. A digit of a word, as in
// "utf8" or "TestA1", stays.
func steady(s string) string {
	// stable would leave less of an identifier with a long run of digits than uuid needs.
	s = uuid.ReplaceAllString(stable(uuid.ReplaceAllString(s, "N")), "N")
	s = counter.ReplaceAllString(s, "${1}N")
	return clip(strings.Join(strings.Fields(s), " "), 160)
}

var (
	// uuid matches what is random: a UUID, 12 digits or more, and 8 hexadecimal digits or
	// more with both kinds.
	uuid = lazyre.New(`\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9]{12,}(?:-[0-9a-f]+)*\b|\b(?:[0-9]+[a-f]+|[a-f]+[0-9]+)[0-9a-fN-]{6,}\b`)
	// counter matches a number that is not part of a word, with its unit.
	counter = lazyre.New(`(^|[^A-Za-z0-9_])[0-9]+(?:\.[0-9]+)*(?:ns|µs|us|ms|s|m|h|KB|MB|GB|B|%)?(?:[0-9]+(?:\.[0-9]+)?(?:m|s))*\b`)
)

// endpoint matches what a connection went to.
var endpoint = lazyre.New(`(?i)\b(?:https?|wss?|grpc|tcp|udp|postgres(?:ql)?|mysql|redis|mongodb|amqp|nats|s3)://[^\s"'` + "`" + `,)\]]+|\b(?:dial|listen|lookup|read|write|connect to|proxyconnect)\s+(?:tcp|udp|unix|tcp4|tcp6|udp4|udp6|unixgram)\s+(?:\[[0-9a-f:]+\]|[^\s:]+):?[0-9]*|\blookup\s+[^\s:]+|\b\d+\.\d+\.\d+\.\d+:\d+|\[::1?\]:\d+|\blocalhost:\d+|(?:host|Host): \S+`)

// endpointOf returns the endpoint that a line names, "" when it names none.
func endpointOf(s string) string {
	e := endpoint.FindString(s)
	for _, p := range []string{"dial ", "listen ", "read ", "write ", "lookup ", "proxyconnect ", "tcp ", "udp ", "unix ", "tcp4 ", "tcp6 ", "udp4 ", "udp6 "} {
		e = strings.TrimPrefix(e, p)
	}
	return strings.TrimRight(clip(e, 300), ".:;")
}

// filePath matches a path of a file or folder.
var filePath = lazyre.New(`(?:[A-Za-z]:\\|\$WORK/|\./|/)[^\s:"'` + "`" + `,;()\[\]]+`)

// moduleAt matches "module@version", providing cmd/go's "module providing package p".
var (
	moduleAt  = lazyre.New(`[A-Za-z0-9][A-Za-z0-9.\-_~/]*\.[A-Za-z0-9.\-_~/]+@v?[A-Za-z0-9.\-+]+`)
	providing = lazyre.New(`(?:providing package|provides package|\bmodule) ([a-z0-9.\-]+\.[a-z]+/[^\s;:"]+)`)
)

func moduleOf(s string) string {
	if m := providing.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	m := moduleAt.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	return strings.TrimRight(m[0], ".:,")
}
