// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// lintRows are how linters, formatters and checks of generated files say that they
// are not content, where no position does.
func lintRows() []row {
	return []row{
		{text: "gofmt needs running on the following files"},
		{text: "the following files are not gofmt"},
		{text: "files are not formatted"},
		{text: "not gofmt'd"},
		{text: "not gofmt-ed"},
		{text: "is not gofmt"},
		{text: "is not gofumpt"},
		{text: "is not goimports"},
		{text: "run gofmt"},
		{text: "please run 'gofmt"},
		{text: "please run go fmt"},
		{text: "please run `go fmt"},
		{text: "go.mod is not tidy"},
		{text: "go mod tidy", and: "please run"},
		{text: "generated", and: "out of date"},
		{text: "generated", and: "not up to date"},
		{text: "generated", and: "not up-to-date"},
		{text: "generated", and: "please run"},
		{text: "please run `make gen"},
		{text: "please run 'make gen"},
		{text: "golangci-lint exit with code 1"},
		{text: "golangci-lint found issues"},
		{text: "issues found"},
		{text: "level=error", and: "[linters_context]"},
		{text: "running error: context loading failed"},
	}
}

// linters are the names that golangci-lint puts behind a message, formatters included
// (golangci-lint help linters, versions 1 and 2).
func linters() map[string]bool {
	names := map[string]bool{}
	for n := range strings.FieldsSeq(`
		arangolint asasalint asciicheck bidichk bodyclose canonicalheader containedctx contextcheck copyloopvar cyclop deadcode decorder
		depguard dogsled dupl dupword durationcheck embeddedstructfieldcheck errcheck errchkjson errname errorlint execinquery exhaustive
		exhaustivestruct exhaustruct exportloopref exptostd fatcontext forbidigo forcetypeassert funcorder funlen gci ginkgolinter
		gocheckcompilerdirectives gochecknoglobals gochecknoinits gochecksumtype gocognit goconst gocritic gocyclo godoclint godot godox
		goerr113 err113 gofmt gofumpt goheader goimports golines golint gomnd gomoddirectives gomodguard goprintffuncname gosec gosimple
		gosmopolitan govet grouper iface ifshort importas inamedparam ineffassign interfacebloat interfacer intrange ireturn iotamixing lll
		loggercheck maintidx makezero maligned mirror misspell mnd modernize musttag nakedret nestif nilerr nilnesserr nilnil nlreturn
		noctx noinlineerr nolintlint nonamedreturns nosnakecase nosprintfhostport paralleltest perfsprint prealloc predeclared promlinter
		protogetter reassign recvcheck revive rowserrcheck scopelint sloglint spancheck sqlclosecheck staticcheck structcheck stylecheck
		swaggo tagalign tagliatelle tenv testableexamples testifylint testpackage thelper tparallel typecheck unconvert unparam
		unqueryvet unused usestdlibvars usetesting varcheck varnamelen wastedassign whitespace wrapcheck wsl wsl_v5 zerologlint
		nilaway shadow printf copylocks lostcancel unusedresult fieldalignment nilness`) {
		names[n] = true
	}
	return names
}

// issues is golangci-lint's sum ("3 issues:"), above one line for each linter.
var issues = lazyre.New(`^\d+ issues?:?$`)

// finding reads a message of a linter whose position the runner keeps to itself: the
// annotation of it is a link.
func finding(s string) (culprit.Diagnostic, bool) {
	s, ok := strings.CutPrefix(strings.TrimSpace(strings.TrimPrefix(s, "##[error]")), "Error: ")
	c := check.FindStringSubmatch(s)
	if !ok || c == nil || !linters()[c[1]] {
		return culprit.Diagnostic{}, false
	}
	return culprit.Diagnostic{Message: s, Check: c[1]}, true
}

// logs reports whether a diagnostic has the form of what a test logs, the name of a
// file without its folder and a line without a column. Tools name the folder.
func logs(d culprit.Diagnostic) bool {
	return d.Column == 0 && strings.HasSuffix(d.File, "_test.go") && !strings.ContainsAny(d.File, `/\`)
}

// jobLints: a linter, a formatter or a check of generated files failed the job,
// outside of go test. A linter names its rule behind the message; golangci-lint and
// staticcheck do, vet does not.
// Near miss: a finding printed as a warning in a job that goes on and passes.
func jobLints(j *job) []*culprit.Failure {
	if j.passing() {
		return nil
	}
	var ls []golog.Line
	var ds []culprit.Diagnostic
	var notes []int
	for i, n := range j.log.Notes {
		if !j.open(i) {
			continue
		}
		d, ok := diagnostic(n.Line.Text, "")
		if !ok {
			d, ok = finding(n.Line.Text)
		}
		switch s := strings.TrimSpace(n.Line.Text); {
		case ofFailed(n) && len(j.failures) > 0:
			continue
		case ok && (d.Check != "" || len(j.failures) == 0 && !n.Inside && !logs(d)):
			ds = append(ds, d)
		case issues.MatchString(s):
		case saysLine(s, lintRows()) && (len(j.failures) == 0 || strings.HasPrefix(s, "##[error]")):
		default:
			continue
		}
		ls, notes = append(ls, n.Line), append(notes, i)
	}
	title := ""
	if len(ls) == 0 {
		if ls = j.listed(); len(ls) == 0 {
			return nil
		}
		for _, l := range ls[1:] {
			ds = append(ds, culprit.Diagnostic{File: strings.TrimSpace(l.Text), Message: "not formatted"})
		}
		title = "not formatted: " + ds[0].File
	}
	j.use(notes)
	if title == "" {
		title = strings.TrimSpace(strings.TrimPrefix(ls[0].Text, "##[error]"))
		if len(ds) > 0 {
			title = ds[0].Message
		}
	}
	f := &culprit.Failure{Kind: culprit.KindLint, Title: steady("lint: " + title), Diagnostics: ds[:min(len(ds), 200)]}
	f.Evidence = lines(ls, 0, 0)
	f.Excluded = culprit.List[culprit.Excluded]{
		{Kind: culprit.KindBuild, Why: "no message is the compiler's"},
		{Kind: culprit.KindAssertion, Why: "no test is shown to fail by it"},
	}
	return []*culprit.Failure{f}
}

var (
	lists    = lazyre.New(`\b(?:gofmt|gofumpt|goimports|gci)\b.* -(?:l|d|s -l|l -s|list)\b`)
	fileName = lazyre.New(`^\s*(?:[\w.-]+[/\\])*[\w.-]+\.go$`)
)

// listed returns the command of a formatter that lists the files it would change, and
// below it their names, in a job that failed.
func (j *job) listed() []golog.Line {
	if _, failed := markOf(j.log.Marks, golog.MarkJobFailed); !failed || len(j.failures) > 0 {
		return nil
	}
	for _, n := range j.log.Notes {
		if !lists.MatchString(n.Line.Text) || n.Run == nil || n.Run.Output == nil || n.Inside {
			continue
		}
		out := []golog.Line{n.Line}
		for _, l := range n.Run.Output.Lines() {
			switch {
			case l.No <= n.Line.No || strings.TrimSpace(l.Text) == "" || lists.MatchString(l.Text):
			case fileName.MatchString(l.Text):
				out = append(out, l)
			}
			if last := out[len(out)-1].No; l.No > last && len(out) > 1 || l.No > last+40 {
				break
			}
		}
		if len(out) > 1 {
			return out
		}
	}
	return nil
}
