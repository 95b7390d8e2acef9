// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// failedBuild is what did not build or vet: one package, and those above it.
type failedBuild struct {
	path     string // of the package, "" when the log does not tell
	lines    []golog.Line
	dropped  int64
	after    int
	diags    []culprit.Diagnostic
	packages []*golog.Package // "[build failed]", the package itself first
	notes    []int            // indexes of the notes that lines are made of
	vet      bool
	setup    bool
	taken    bool
	text     bool       // told by "# package" and not by an event
	ended    golog.Line // the event, where there is one
}

// findBuilds collects the failed builds of a log. A package whose own build shows
// nothing failed because of one that it imports: the last one before it.
func findBuilds(log *golog.Log) []*failedBuild {
	var out []*failedBuild
	at := map[string][]*failedBuild{}
	for _, b := range log.Builds {
		if fb := readBuild(b); fb != nil {
			out = append(out, fb)
			at[fb.path] = append(at[fb.path], fb)
		}
	}
	var orphans []*golog.Package
	for _, p := range log.Packages {
		if p.BuildFailed == "" {
			continue
		}
		path := p.Path
		if p.FailedBuild != "" {
			path, _, _ = strings.Cut(p.FailedBuild, " ")
		}
		own := append(slices.Clone(at[path]), at[path+"_test"]...)
		if p.FailedBuild != "" && len(own) == 0 {
			own = at[strings.TrimSuffix(path, "_test")]
		}
		for _, b := range own {
			b.packages = append(b.packages, p)
		}
		if len(own) == 0 {
			orphans = append(orphans, p)
		}
	}
	for _, p := range orphans {
		var root *failedBuild
		for i := len(out) - 1; i >= 0 && (root == nil || root.lines[0].No >= p.Ended.No); i-- {
			if len(out[i].lines) > 0 {
				root = out[i]
			}
		}
		if root == nil {
			root = &failedBuild{path: p.Path, setup: strings.HasPrefix(p.BuildFailed, "setup")}
			root.takeNotes(log, p)
			out = append(out, root)
		}
		root.packages = append(root.packages, p)
	}
	return out
}

// believed reports whether a build is a failure of its own. A test that runs the go
// command prints "# package" too, so that without a package that failed by it a build
// counts only when nothing else failed.
func (j *job) believed(b *failedBuild) bool {
	return len(b.packages) > 0 || !b.text || len(j.failures) == 0 && !j.passing()
}

// readBuild makes a failed build of a section, nil when it shows no error: the C
// compiler and the linker print warnings in the same place.
func readBuild(b *golog.Build) *failedBuild {
	path, variant, _ := strings.Cut(b.ImportPath, " ")
	fb := &failedBuild{path: path, lines: b.Output.Lines()}
	fb.dropped, fb.after = b.Output.Dropped()
	if strings.HasSuffix(variant, ".test]") {
		fb.path = strings.TrimSuffix(path, "_test")
	}
	fb.diags, fb.vet = diagnostics(fb.lines, path)
	fb.text, fb.ended = !b.Failed, b.Ended
	if d, ok := toolCrash(fb.lines, path); ok && len(fb.diags) == 0 {
		fb.diags = append(fb.diags, d)
	}
	if len(fb.diags) == 0 && !b.Failed {
		return nil
	}
	return fb
}

// toolCrash reads how the compiler or the linker itself died. Only its own functions
// in the stacks tell that from a test process, which may stand below the "# package"
// of a build that merely warned.
func toolCrash(ls []golog.Line, pkg string) (d culprit.Diagnostic, ok bool) {
	own := false
	for _, l := range ls {
		s := strings.TrimSpace(l.Text)
		if d.Message == "" && (strings.HasPrefix(s, "fatal error: ") || strings.HasPrefix(s, "panic: ") || strings.HasPrefix(s, "unexpected fault address ")) {
			d = culprit.Diagnostic{Package: pkg, Message: clip(s, 1000)}
		}
		own = own || strings.HasPrefix(s, "cmd/link/internal/") || strings.HasPrefix(s, "cmd/compile/internal/") || strings.HasPrefix(s, "cmd/asm/internal/")
	}
	return d, own && d.Message != ""
}

// takeNotes gives a build without a section of its own the lines in front of it
// that look like a compiler's: logs that were cut lack the "# package" line.
func (b *failedBuild) takeNotes(log *golog.Log, p *golog.Package) {
	for i, n := range log.Notes {
		if n.Line.No >= p.Ended.No || n.Inside && n.Run != p {
			continue
		}
		if d, ok := diagnostic(n.Line.Text, ""); ok && d.Check == "" || fetches(n.Line.Text) || saysLine(n.Line.Text, killedTools()) {
			b.lines = append(b.lines, n.Line)
			b.notes = append(b.notes, i)
		}
	}
	b.diags, b.vet = diagnostics(b.lines, b.path)
}

// diagPlace matches "file.go:3:26: message", as compilers, vet and linters print it.
var diagPlace = lazyre.New(`^(?:vet: |# |- |##\[error\]|Error: |│ )?((?:[A-Za-z]:[\\/])?[^\s:'"]+\.(?:go|s|c|cc|cpp|cxx|h|hpp|m|mm|y|proto|mod|sum|work|templ|gotmpl)):(\d+)(?::(\d*))?:\s+(.+)$`)

// command matches the command that makes an annotation of a message on GitHub; the
// runner shows it as it is where a step prints it in a container.
var command = lazyre.New(`^::error file=([^,:]+),line=(\d+)(?:,endLine=\d+)?(?:,col=(\d+))?(?:,[a-zA-Z]+=[^,:]*)*::`)

// check matches the name of a linter or rule at the end of a message.
var check = lazyre.New(`\(([a-z][a-zA-Z0-9_-]{2,40}|[A-Z]{1,4}\d{2,5})\)$|^([A-Z]{1,4}\d{3,5}): |^\[?(G\d{3})\]?`)

// diagnostic reads one line.
func diagnostic(s, pkg string) (culprit.Diagnostic, bool) {
	if len(s) > 4000 {
		s = s[:4000]
	}
	m := diagPlace.FindStringSubmatch(command.ReplaceAllString(strings.TrimRight(s, " \r"), "$1:$2:$3: "))
	if m == nil {
		return culprit.Diagnostic{}, false
	}
	d := culprit.Diagnostic{Package: pkg, File: m[1], Message: m[4]}
	d.Line, _ = number(m[2])
	d.Column, _ = number(m[3])
	if c := check.FindStringSubmatch(d.Message); c != nil && (c[1] == "" || c[1][0] < 'a' || linters()[c[1]]) {
		d.Check = c[1] + c[2] + c[3]
	}
	low := strings.ToLower(d.Message)
	if strings.HasPrefix(low, "warning: ") || strings.HasPrefix(low, "note: ") || strings.HasPrefix(low, "in function ") {
		return d, false
	}
	return d, true
}

// toolRows are errors of a build without a position.
func toolRows() []row {
	return []row{
		{text: "undefined reference to"}, {text: "collect2: error"}, {text: "ld returned "}, {text: "linker command failed"},
		{text: "cannot find -l"}, {text: "library not found for -l"}, {text: "executable file not found"},
		{text: "cgo: c compiler"}, {text: "could not determine"}, {text: "pkg-config"}, {text: "fatal error: ", and: "no such file"},
		{text: "import cycle not allowed"}, {text: "build constraints exclude all go files"}, {text: "use of internal package"},
		{text: "found packages "}, {text: "is not in std"}, {text: "is not in goroot"}, {text: "no required module provides package"}, {text: "no go files in"},
		{text: "cannot find package"}, {text: "package ", and: "is not a main package"}, {text: "go: cannot find main module"}, {text: "pattern ", and: "no matching files"},
		{text: "relocation target", and: "not defined"}, {text: "function main is undeclared"}, {text: "duplicated definition of symbol"},
		{text: "link: "}, {text: "compile: "}, {text: "asm: "}, {text: "loadinternal: cannot find"}, {text: "internal compiler error"},
		{text: "could not import"}, {text: "go build ", and: ": "}, {text: "requires go >="}, {text: "signal: killed"}, {text: "no space left"},
	}
}

// diagnostics reads the messages of a build, the first real error first: unused
// imports and names are often the echo of another error.
func diagnostics(ls []golog.Line, pkg string) (ds []culprit.Diagnostic, vet bool) {
	if i := strings.IndexByte(pkg, ' '); i >= 0 {
		pkg = pkg[:i]
	}
	for _, l := range ls {
		s := strings.TrimSpace(l.Text)
		vet = vet || s == "# ["+pkg+"]" || strings.HasPrefix(s, "# [") && strings.HasSuffix(s, "]")
		d, ok := diagnostic(l.Text, pkg)
		if !ok && !strings.HasPrefix(s, "#") && saysLine(s, toolRows()) && d.File == "" {
			d, ok = culprit.Diagnostic{Package: pkg, Message: clip(s, 1000)}, true
		}
		if ok && len(ds) < 200 && !slices.Contains(ds, d) {
			ds = append(ds, d)
		}
	}
	first := slices.IndexFunc(ds, func(d culprit.Diagnostic) bool {
		return !strings.Contains(d.Message, "imported and not used") && !strings.Contains(d.Message, "declared and not used") && !strings.Contains(d.Message, "too many errors")
	})
	if first > 0 {
		d := ds[first]
		ds = slices.Insert(slices.Delete(ds, first, first+1), 0, d)
	}
	return ds, vet
}

// failure makes a failure of a build.
func (b *failedBuild) failure(is culprit.Kind, title string) *culprit.Failure {
	b.taken = true
	f := &culprit.Failure{Kind: is, Package: b.path, Diagnostics: b.diags}
	if len(b.packages) > 0 && !slices.ContainsFunc(b.packages, func(p *golog.Package) bool { return p.Path == f.Package }) {
		f.Package = b.packages[0].Path // the run that failed; the diagnostics name the broken package
	}
	for _, p := range b.packages {
		if p.Path != f.Package && !slices.Contains(f.Packages, p.Path) && len(f.Packages) < 1000 {
			f.Packages = append(f.Packages, p.Path)
		}
	}
	if len(b.diags) > 0 {
		title += ": " + b.diags[0].Message
	}
	f.Title = steady(title)
	f.Evidence = lines(b.lines, b.dropped, b.after)
	switch {
	case len(b.lines) > 0:
	case len(b.packages) > 0:
		p := b.packages[0]
		addLine(&f.Evidence, p.Ended)
		f.Evidence.Text = "FAIL\t" + p.Path + " [" + p.BuildFailed + "]\n"
	default:
		addLine(&f.Evidence, b.ended)
	}
	return f
}
