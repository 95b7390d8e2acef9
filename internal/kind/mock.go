// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// mockRows are how mocks say that they were called otherwise than told: gomock
// (golang and uber), testify/mock and mockery, minimock, moq, sqlmock, pgxmock,
// redismock, gock, httpmock, go-vcr.
func mockRows() []row {
	return []row{
		{text: "unexpected call to *"},
		{text: "unexpected call to ", and: "because:"},
		{text: "missing call(s) to *"},
		{text: "missing call(s) to "},
		{text: "aborting test due to missing call(s)"},
		{text: "expected call at ", and: "doesn't match the argument"},
		{text: "expected call at ", and: "has already been called the max number of times"},
		{text: "there are no expected calls of the method"},
		{text: "mock: i don't know what to return"},
		{text: "mock: unexpected method call"},
		{text: "mock: the method has been called over"},
		{text: "mock call missing for"},
		{text: "assert: mock: "},
		{text: "expectation(s) were met"},
		{text: "the code you are testing needs to make"},
		{text: "should have called with given arguments"},
		{text: "should not have called with given arguments"},
		{text: "to have been called with"},
		{text: "to not have been called"},
		{text: "expected number of calls ("},
		{text: "no return value specified for "},
		{text: "all expectations were already fulfilled, call to"},
		{text: "there is a remaining expectation which was not"},
		{text: "was not expected, next expectation is"},
		{text: "call to ", and: "was not expected"},
		{text: "could not match actual sql"},
		{text: "gock: cannot match any request"},
		{text: "no responder found"},
		{text: "requested interaction not found"},
		{text: "func: method is nil but ", and: " was just called"},
		{text: "mock_", and: "expected call to"},
		{text: "expected call to ", and: "mock"},
		{text: "unexpected call to ", and: "mock"},
		{text: "mock", and: "expected", not: "mockserver"},
	}
}

// sureMocks are the forms that need no block of a test around them.
func sureMocks() []row { return mockRows()[:len(mockRows())-4] }

var mockName = lazyre.New(`(?:Unexpected call to|missing call\(s\) to) (\*?[\w./]+\.\w+)|Method Call\s+-+\s+(\w+)\(|FAIL:\s+(\w+)\(|for (\w+)\b`)

// mocks: a mock was called when it should not have been, or not when it should.
// The message of a mock is the failure, in whatever goroutine and at whatever line
// it was called; testify's mock panics.
func mocks(c *claims) []*culprit.Failure {
	var out []*culprit.Failure
	for _, cr := range c.crashes {
		line, ok := saysText(cr.full, sureMocks())
		if cr.taken || cr.kind != golog.MarkPanic || !ok {
			continue
		}
		out = append(out, c.crashFailure(culprit.KindMock, cr, mockTitle(line, cr.full), nil))
	}
	return append(out, c.byMessage(culprit.KindMock, func(_ *golog.Test, m *message) said {
		if m == nil {
			return said{}
		}
		rows := mockRows()
		if m.whole {
			rows = sureMocks()
		}
		all := strings.Join(m.text, "\n")
		line, ok := saysText(all, rows)
		if !ok || m.lib == "go-cmp" {
			return said{}
		}
		return said{ok: true, own: true, title: steady(mockTitle(line, all)), fill: func(f *culprit.Failure) {
			if f.Assertion = assertionOf(m); f.Assertion == nil {
				return
			}
			if at := mockAt.FindStringSubmatch(all); at != nil && f.Assertion.File == "mock.go" {
				f.Assertion.File = at[1] // testify's own file is where it logs
				f.Assertion.Line, _ = number(at[2])
			}
		}}
	})...)
}

// mockAt is where testify's mock was told what to expect.
var mockAt = lazyre.New(`\bat: \[(\S+\.go):(\d+)`)

var mockPrefix = lazyre.New(`^((?:assert: )?mock: |Error: +|Messages: +)+`)

func mockTitle(line, all string) string {
	if m := mockName.FindStringSubmatch(all); m != nil {
		for _, name := range m[1:] {
			if name != "" {
				return "mock: " + mockPrefix.ReplaceAllString(strings.TrimSpace(strings.SplitN(line, name, 2)[0])+" "+name, "")
			}
		}
	}
	return "mock: " + clip(mockPrefix.ReplaceAllString(strings.TrimSpace(line), ""), 120)
}

// jobMocks keeps what an excerpt without results shows.
func jobMocks(j *job) []*culprit.Failure {
	return j.lacksIf(culprit.KindMock, func(s string) (bool, bool) { return saysLine(s, sureMocks()), true },
		func(line string) (kind, name, title string) { return "", "", mockTitle(line, line) })
}
