// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// vetRows are the messages of vet's analyzers (golang.org/x/tools/go/analysis/passes)
// where nothing else says that vet spoke: up to Go 1.21 go test printed them like the
// compiler's, below "# package" and before "[build failed]".
func vetRows() []row {
	return []row{
		{text: "non-constant format string in call to"}, {text: "call has possible printf formatting directive"}, {text: "call has possible formatting directive"},
		{text: "format %", and: "has arg"}, {text: "format %", and: "reads arg"}, {text: "format %", and: "is missing"}, {text: "call needs ", and: "arg"}, {text: "call has arguments but no formatting directives"},
		{text: "format %", and: "unrecognized"}, {text: "has unrecognized flag"}, {text: "format %", and: "wrong type"}, {text: "arg list ends with redundant newline"}, {text: "call has more than one error-wrapping directive"},
		{text: "result of ", and: "call not used"}, {text: "passes lock by value"}, {text: "copies lock value"}, {text: "call of ", and: "copies lock"},
		{text: "function should be called, not discarded"}, {text: "is not used on all paths"}, {text: "this return statement may be reached without using"},
		{text: "struct field tag "}, {text: "struct field ", and: "repeats json tag"}, {text: "composite literal uses unkeyed fields"}, {text: "struct literal uses unkeyed fields"},
		{text: "self-assignment of "}, {text: "suspect or: "}, {text: "suspect and: "}, {text: "redundant or: "}, {text: "redundant and: "}, {text: "possible misuse of unsafe.pointer"}, {text: "possible misuse of reflect"},
		{text: "captured by func literal"}, {text: "before checking for errors"}, {text: "from a non-test goroutine"},
		{text: "has malformed name: "}, {text: "refers to unknown identifier"}, {text: "refers to unknown field or method"}, {text: "should have no parameters"}, {text: "should have signature"}, {text: "has malformed example suffix"},
		{text: "unmarshal", and: "passes non-pointer"}, {text: "second argument must be a pointer to"}, {text: "second argument to errors.as"}, {text: "errors.as should not be"},
		{text: "misuse of unbuffered os.signal"}, {text: "waitgroup.add called from inside new goroutine"}, {text: "call to slog.", and: "missing a final value"}, {text: "should be a string or a slog.attr"},
		{text: "is not deferred"}, {text: "append with no values"}, {text: "address format ", and: "does not work with ipv6"}, {text: "+build line"}, {text: "//go:build line"}, {text: "unreachable code"},
		{text: "too small for shift"}, {text: "equals shift"}, {text: "impossible type assertion"}, {text: "impossible type switch"}, {text: "conversion from int to string"}, {text: "conversion", and: "yields a string of one rune"},
		{text: "could not be used with cgo"}, {text: "possibly passing go type with embedded pointer to c"}, {text: "frame pointer is clobbered"}, {text: "[amd64] "}, {text: "cannot check atomic.pointer"}, {text: "direct assignment to atomic value"},
		{text: "comparison of function"}, {text: "nil deref"}, {text: "test ends with"}, {text: "requires go1.", and: "or later"}, {text: "method ", and: "should have"}, {text: "using value from 32-bit"}, {text: "scanner.err"},
		{text: "range statement requires"}, {text: "directive must appear only before"}, {text: "go:embed", and: "misplaced"},
	}
}

// jobVets: vet refused. go test runs some of its analyzers before the tests, and a
// finding fails the package like a build. What vet prints of code that does not
// compile ("vet: ./x.go:3:5: undefined: y") is kind build.
func jobVets(j *job) []*culprit.Failure {
	var out []*culprit.Failure
	for _, b := range j.builds {
		if b.taken || !j.believed(b) || len(b.diags) == 0 {
			continue
		}
		vet := 0
		for i, d := range b.diags {
			if saysLine(d.Message, vetRows()) {
				b.diags[i].Check = "vet"
				vet++
			}
		}
		typecheck := false
		for _, l := range b.lines {
			typecheck = typecheck || strings.HasPrefix(l.Text, "vet: ")
		}
		if typecheck || vet == 0 && !b.vet || vet*2 < len(b.diags) && !b.vet {
			continue
		}
		f := b.failure(culprit.KindVet, "vet")
		f.Excluded = culprit.List[culprit.Excluded]{
			{Kind: culprit.KindBuild, Why: "the messages are vet's: the code compiles, although go test says \"[build failed]\""},
		}
		out = append(out, f)
		j.use(b.notes)
	}
	if len(out) == 0 {
		return j.looseVets()
	}
	return out
}

// analyzer is how golangci-lint begins what one of vet's analyzers says.
var analyzer = lazyre.New(`^[a-z]+: `)

// looseVets are vet's messages without a section and without a package that failed by
// them. A linter that runs vet's analyzers names them before the message or behind it.
func (j *job) looseVets() []*culprit.Failure {
	if len(j.failures) > 0 || j.passing() {
		return nil
	}
	b := &failedBuild{vet: true}
	for i, n := range j.log.Notes {
		d, ok := diagnostic(n.Line.Text, "")
		if !ok || !j.open(i) || logs(d) || n.Inside {
			continue
		}
		if d.Check != "" || analyzer.MatchString(d.Message) || !saysLine(d.Message, vetRows()) {
			return nil
		}
		d.Check = "vet"
		b.diags, b.lines, b.notes = append(b.diags, d), append(b.lines, n.Line), append(b.notes, i)
	}
	if len(b.lines) == 0 {
		return nil
	}
	j.use(b.notes)
	return []*culprit.Failure{b.failure(culprit.KindVet, "vet")}
}
