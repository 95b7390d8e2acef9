// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// jobBuilds: the compiler, the linker or the loader of packages refused. Every
// package above the broken one is "[build failed]" and not a failure of its own.
// Near miss: vet's messages stand in the same place and end in "[build failed]" too;
// a compiler that was killed or found the disk full has written no wrong code.
func jobBuilds(j *job) []*culprit.Failure {
	var out []*culprit.Failure
	for _, b := range j.builds {
		if b.taken || !j.believed(b) {
			continue
		}
		title := "build failed"
		if b.setup && len(b.diags) == 0 {
			title = "setup failed: " + shortPath(b.path)
		} else if len(b.diags) == 0 {
			title = "build failed: " + shortPath(b.path)
		}
		f := b.failure(culprit.KindBuild, title)
		f.Excluded = culprit.List[culprit.Excluded]{
			{Kind: culprit.KindVet, Why: "no message is one of vet's"},
			{Kind: culprit.KindDiskFull, Why: `no "no space left on device" in the build's output`},
			{Kind: culprit.KindModuleDownload, Why: "no module is said to be missing or unreachable"},
			{Kind: culprit.KindAssertion, Why: "the package was not built, so none of its tests ran"},
		}
		if len(b.diags) == 0 {
			f.Excluded = nil
			f.Evidence.Damaged = "the log does not hold the message of the build"
		}
		out = append(out, f)
		j.use(b.notes)
	}
	return append(out, j.looseErrors()...)
}

// looseErrors are a compiler's messages without a section and without a package
// that failed by them: `go build`, `go run`, `go generate`, an excerpt.
func (j *job) looseErrors() []*culprit.Failure {
	if len(j.failures) > 0 || j.passing() {
		return nil
	}
	b := &failedBuild{}
	for i, n := range j.log.Notes {
		if !j.open(i) {
			continue
		}
		d, ok := diagnostic(n.Line.Text, "")
		if ok && d.Check == "" && !logs(d) && compilerSays(d.Message) || !ok && saysLine(n.Line.Text, looseRows()) {
			b.lines = append(b.lines, n.Line)
			b.notes = append(b.notes, i)
		}
	}
	if len(b.lines) == 0 {
		return nil
	}
	b.diags, _ = diagnostics(b.lines, "")
	j.use(b.notes)
	return []*culprit.Failure{b.failure(culprit.KindBuild, "build failed")}
}

// looseRows are errors of a build that no position tells from other text.
func looseRows() []row {
	return []row{
		{text: "build constraints exclude all go files"}, {text: "import cycle not allowed"}, {text: "is not in std"}, {text: "is not in goroot"},
		{text: "no required module provides package"}, {text: "go: cannot find main module"}, {text: "go.mod file not found"},
		{text: "collect2: error"}, {text: "cgo: c compiler"}, {text: "function main is undeclared"}, {text: "use of internal package"},
		{text: "no go files in"}, {text: "requires go >= "}, {text: "invalid go version"}, {text: "errors parsing go.mod"}, {text: "unknown directive"},
		{text: "internal compiler error"}, {text: "undefined reference to"},
		{text: "does not contain main module"}, {text: "does not contain modules listed in go.work"}, {text: "outside main module or its selected dependencies"},
	}
}

// compilerSays reports whether a message is of a kind that go/types and the
// compiler's parser print.
func compilerSays(s string) bool {
	return saysLine(s, []row{
		{text: "undefined: "}, {text: "undefined ("}, {text: "undefined method"}, {text: "undeclared name"}, {text: "imported and not used"}, {text: "declared and not used"}, {text: "declared but not used"},
		{text: "cannot use "}, {text: "cannot convert"}, {text: "cannot assign"}, {text: "cannot infer"}, {text: "cannot call"}, {text: "cannot range"}, {text: "cannot refer"}, {text: "cannot find package"},
		{text: "not enough arguments"}, {text: "too many arguments"}, {text: "not enough return values"}, {text: "too many return values"}, {text: "missing return"},
		{text: "syntax error"}, {text: "expected ", and: "found "}, {text: "redeclared in this block"}, {text: "already declared"}, {text: "duplicate case"}, {text: "duplicate key"}, {text: "duplicate method"},
		{text: "does not implement"}, {text: "missing method"}, {text: "mismatched types"}, {text: "assignment mismatch"}, {text: "invalid operation"}, {text: "invalid argument"}, {text: "invalid recursive type"},
		{text: "unknown field"}, {text: "has no field or method"}, {text: "is not a type"}, {text: "is not an expression"}, {text: "is not in std"}, {text: "not used"}, {text: "no new variables on left side"},
		{text: "use of internal package"}, {text: "use of vendored package"}, {text: "build constraints exclude"}, {text: "malformed import path"}, {text: "no matching files found"},
		{text: "could not determine kind of name for"}, {text: "could not determine what c."}, // cgo
		{text: "non-name "}, {text: "overflows"}, {text: "truncated to"}, {text: "import cycle"}, {text: "is unexported"}, {text: "not exported by package"}, {text: "unreachable code", not: "("}, {text: "label "}, {text: "break "}, {text: "continue "},
		{text: "type parameter"}, {text: "does not satisfy"}, {text: "generic type"}, {text: "no required module provides"}, {text: "package ", and: "is not in"}, {text: "error: "}, {text: "fatal error: "}, {text: "use of undeclared"}, {text: "could not import"}, {text: "no such file or directory"},
		{text: "method ", and: "already"}, {text: "impossible type"}, {text: "go:embed"}, {text: "requires go1"}, {text: "parse error"}, {text: "unexpected "}, {text: "newline in string"}, {text: "not terminated"},
	})
}

// open reports whether no failure has used a note, and whether it can be why the
// job failed: what a package that passed printed is not.
func (j *job) open(i int) bool {
	n := j.log.Notes[i]
	return !j.used[i] && (n.Run == nil || n.Run.Result != golog.ResultPass && n.Run.Result != golog.ResultSkip || !n.Inside && n.Run.Result != golog.ResultPass)
}
