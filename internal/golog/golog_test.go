// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/casetest"
	"github.com/culprit-ci/culprit/internal/golog"
)

func read(t testing.TB, log string) *golog.Log {
	t.Helper()
	l, err := golog.Read(context.Background(), strings.NewReader(log), golog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// recorded returns the logs of the case files, which our own programs printed.
func recorded(t testing.TB) map[string]string {
	t.Helper()
	logs := map[string]string{}
	for _, f := range casetest.Files(t) {
		a, err := txtar.ParseFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range a.Files {
			if s.Name == "log" {
				logs[casetest.Name(f)] = string(s.Data)
			}
		}
	}
	return logs
}

// asJSON turns the text of one package's run into test2json events, the output
// of which is attached to no test.
func asJSON(t testing.TB, log, pkg string) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.SplitAfterSeq(log, "\n") {
		if line == "" {
			continue
		}
		e, err := json.Marshal(map[string]string{"Time": "2026-04-17T21:56:01.1Z", "Action": "output", "Package": pkg, "Output": line})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(e, '\n'))
	}
	fmt.Fprintf(&b, `{"Time":"2026-04-17T21:56:01.1Z","Action":"fail","Package":%q,"Elapsed":0.1}`+"\n", pkg)
	return b.String()
}

// reports lists the positions of all reports of a log.
func reports(l *golog.Log) string {
	var list []string
	for _, p := range l.Packages {
		for _, r := range p.Reports {
			s := ""
			for _, a := range r.Race.Accesses {
				if len(a.Stack) > 0 {
					s += fmt.Sprintf("%s %s:%d; ", a.Op, a.Stack[0].Func, a.Stack[0].Line)
				}
			}
			list = append(list, s)
		}
	}
	return strings.Join(list, "\n")
}

// TestWrappings: a report is the same whatever stands around its lines.
func TestWrappings(t *testing.T) {
	t.Parallel()
	prefix := func(p string) func(string) string {
		return func(log string) string {
			return p + strings.ReplaceAll(strings.TrimSuffix(log, "\n"), "\n", "\n"+p) + "\n"
		}
	}
	for name, log := range recorded(t) {
		want := reports(read(t, log))
		if want == "" {
			t.Errorf("%s: no report", name)
		}
		for how, wrap := range map[string]func(string) string{
			"github":    prefix("2026-04-17T21:56:01.1234567Z "),
			"bom":       func(s string) string { return "\uFEFF" + prefix("2026-04-17T21:56:01.1234567Z ")(s) },
			"colour":    prefix("\x1b[31m"),
			"crlf":      func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
			"test2json": func(s string) string { return asJSON(t, s, "example.com/m") },
			"indented":  prefix("    "),
		} {
			l := read(t, wrap(log))
			if got := reports(l); got != want {
				t.Errorf("%s, %s: reports\n%s\nwant\n%s", name, how, got, want)
			}
			if how == "github" && l.Ref.Wrapper != "github-actions" {
				t.Errorf("%s: wrapper %q", name, l.Ref.Wrapper)
			}
		}
	}
}

// TestInterleavedPackages: two packages whose events alternate line by line.
func TestInterleavedPackages(t *testing.T) {
	t.Parallel()
	logs := recorded(t)
	first := strings.SplitAfter(asJSON(t, logs["race-parent-reads"], "example.com/a"), "\n")
	second := strings.SplitAfter(asJSON(t, logs["namedresult"], "example.com/b"), "\n")
	var mixed strings.Builder
	for i := range max(len(first), len(second)) {
		for _, list := range [][]string{first, second} {
			if i < len(list) {
				mixed.WriteString(list[i])
			}
		}
	}
	l := read(t, mixed.String())
	paths := map[string]int{}
	for _, p := range l.Packages {
		paths[p.Path] += len(p.Reports)
	}
	if paths["example.com/a"] == 0 || paths["example.com/b"] == 0 {
		t.Errorf("reports by package: %v", paths)
	}
}

// TestReportAfterPass: a test binary run by hand, which races after its tests,
// prints PASS and then exits with code 66.
func TestReportAfterPass(t *testing.T) {
	t.Parallel()
	log := recorded(t)["race-parent-reads"]
	from, to := strings.Index(log, "=================="), strings.LastIndex(log, "==================")
	report := log[from:to] + "==================\n"
	head := "=== RUN   TestOne\n--- PASS: TestOne (0.00s)\nPASS\n"
	if l := read(t, head+report+"Found 1 data race(s)\n"); reports(l) == "" || l.Packages[0].Result != golog.ResultFail {
		t.Errorf("the report after PASS is lost: %+v", l.Packages)
	}
}

func TestGarbage(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"empty": "", "binary": "\x00\x01\x02", "invalid utf-8": "\xff\xfe\n", "half an event": `{"Action":"output","Package":"p","Out`,
		"deep json": strings.Repeat("{", 100_000), "no newline": "FAIL", "only marks": "panic: x\nFAIL\n",
	} {
		l := read(t, in)
		if l.Ref.Bytes != int64(len(in)) || len(l.Ref.SHA256) != 64 {
			t.Errorf("%s: %+v", name, l.Ref)
		}
	}
	broken := io.MultiReader(strings.NewReader("ok  \tp\t0.1s\n"), errReader{})
	if _, err := golog.Read(context.Background(), broken, golog.Options{}); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the reader's error", err)
	}
}

var errBroken = errors.New("broken")

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errBroken }

// repeat reads as n copies of a text, without holding them.
func repeat(text string, n int64) io.Reader {
	return io.LimitReader(&endless{text: text}, int64(len(text))*n)
}

type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c := copy(p[n:], e.text[e.at:])
		n += c
		e.at = (e.at + c) % len(e.text)
	}
	return n, nil
}

// TestMemory: neither one endless line nor endless failing output makes the
// reader keep more than its bound.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 512 MiB")
	}
	for name, in := range map[string]io.Reader{
		"line":  repeat(strings.Repeat("x", 1<<10), 256<<10),
		"tests": io.MultiReader(strings.NewReader("=== RUN   TestA\n"), repeat("    a_test.go:1: "+strings.Repeat("y", 100)+"\n", 2<<20), strings.NewReader("--- FAIL: TestA (0.1s)\nFAIL\nFAIL\tp\t1s\n")),
	} {
		runtime.GC()
		l, err := golog.Read(context.Background(), in, golog.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&after)
		if after.HeapAlloc > 64<<20 {
			t.Errorf("%s: %d MiB are kept of %d MiB", name, after.HeapAlloc>>20, l.Ref.Bytes>>20)
		}
		runtime.KeepAlive(l)
	}
}

// checkLog holds what was read to what is true of every log of that size.
func checkLog(t *testing.T, l *golog.Log, size int64) {
	t.Helper()
	in := func(what string, line golog.Line) {
		if line.No != 0 && (line.No < 1 || line.Start < 0 || line.End > size || line.Start > line.End) {
			t.Errorf("%s at line %d, bytes %d to %d of %d", what, line.No, line.Start, line.End, size)
		}
	}
	if l.Ref.Bytes != size {
		t.Errorf("%d bytes of %d", l.Ref.Bytes, size)
	}
	for _, p := range l.Packages {
		in("package start", p.Started)
		in("package end", p.Ended)
		for _, line := range p.Output.Lines() {
			in("output", line)
		}
		for _, x := range p.Tests {
			in("test start", x.Started)
			in("test end", x.Ended)
			if x.Failed > x.Runs {
				t.Errorf("%s failed %d times in %d runs", x.Name, x.Failed, x.Runs)
			}
			for _, line := range x.Output.Lines() {
				in("output of a test", line)
			}
		}
		for _, m := range p.Marks {
			in("mark", m.Line)
		}
		for _, c := range p.Crashes {
			in("crash", c.First)
		}
		for _, r := range p.Reports {
			in("report", r.First)
			in("report", r.Last)
			if r.First.Start > r.Last.End || len(r.Race.Accesses) > 2 {
				t.Errorf("report at %d to %d with %d accesses", r.First.Start, r.Last.End, len(r.Race.Accesses))
			}
		}
	}
	for _, b := range l.Builds {
		for _, line := range b.Output.Lines() {
			in("build", line)
		}
	}
}

// fuzz adds the recorded logs, each changed by wrap, and checks what is read.
func fuzz(f *testing.F, wrap func(string) string) {
	for _, log := range fixtures(f) {
		if len(log) < 16<<10 {
			f.Add([]byte(wrap(log)))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		told := map[*golog.Package]int{}
		l, err := golog.Read(context.Background(), bytes.NewReader(data), golog.Options{
			OnTest:    func(p *golog.Package, _ *golog.Test, _ culprit.Status) { told[p]++ },
			OnPackage: func(_ *golog.Log, p *golog.Package) { told[p]++ },
		})
		if err != nil {
			t.Fatal(err)
		}
		checkLog(t, l, int64(len(data)))
	})
}

func FuzzRead(f *testing.F) { fuzz(f, func(log string) string { return log }) }

func FuzzReadEvents(f *testing.F) {
	fuzz(f, func(log string) string { return asJSON(f, log, "p") })
}

func FuzzReadWrapped(f *testing.F) {
	var all []func(string) string
	for _, w := range wrappers() {
		all = append(all, w.wrap)
	}
	i := 0
	fuzz(f, func(log string) string {
		i++
		return all[i%len(all)](log)
	})
}

func FuzzReadXML(f *testing.F) {
	fuzz(f, func(log string) string {
		return "<testsuite name=\"p\"><testcase name=\"TestX\"><failure message=\"m\">" + strings.ReplaceAll(log, "<", "&lt;") +
			"</failure></testcase><system-out><![CDATA[" + strings.ReplaceAll(log, "]]>", "") + "]]></system-out></testsuite>\n"
	})
}

// FuzzEvent: the reader of test2json's fixed shape and encoding/json agree.
func FuzzEvent(f *testing.F) {
	for _, log := range fixtures(f) {
		for line := range strings.SplitSeq(log, "\n") {
			if strings.HasPrefix(line, "{") {
				f.Add(line)
			}
		}
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\n\r\x1b\x16\x00") || !utf8.ValidString(line) || !strings.HasPrefix(line, `{"Time":"`) {
			return
		}
		var want struct{ Action, Package, Test, Output string }
		if json.Unmarshal([]byte(line), &want) != nil || want.Action != "fail" || want.Package == "" || want.Test == "" || strings.ContainsAny(line, "\\") {
			return
		}
		// Keys that differ in case only are one key to encoding/json, and the last
		// of two counts there; test2json writes neither.
		if keys := strings.Count(line, `":`); keys != strings.Count(line, `,"`)+1 || strings.Count(line, `"Test":`) != 1 || strings.Count(line, `"Package":`) != 1 || strings.Count(line, `"Action":`) != 1 {
			return
		}
		for _, key := range []string{"test", "package", "action"} {
			if strings.Count(strings.ToLower(line), `"`+key+`":`) != 1 {
				return
			}
		}
		log := read(t, line+"\n")
		packages := log.Packages
		if len(want.Package) > 1024 && len(packages) == 0 && log.LostFailures == 1 {
			return // no import path is that long: it is counted, not kept
		}
		if len(packages) == 0 {
			t.Fatalf("%q: no package", line)
		}
		p := packages[0]
		if x := p.Test(want.Test); p.Path != want.Package || x == nil || !x.Failing() {
			t.Errorf("%q: package %q, test %v", line, p.Path, x)
		}
	})
}

// sample is the log of one package with 20 passing and one failing test.
func sample() string {
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, "=== RUN   TestPassing%d\n    some_test.go:%d: a line of output of ordinary length, as tests print them\n--- PASS: TestPassing%d (0.00s)\n", i, i, i)
	}
	b.WriteString("=== RUN   TestFailing\n    some_test.go:7: got 1, want 2\n--- FAIL: TestFailing (0.01s)\nFAIL\nexit status 1\nFAIL\texample.com/m/p\t0.015s\n")
	return b.String()
}

func benchmark(b *testing.B, text string) {
	const size = 64 << 20
	n := int64(size / len(text))
	b.SetBytes(n * int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := golog.Read(context.Background(), repeat(text, n), golog.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadText(b *testing.B) { benchmark(b, sample()) }

func BenchmarkReadJSON(b *testing.B) {
	benchmark(b, asJSON(b, sample(), "example.com/m/p"))
}

// BenchmarkScanLines is the floor: only splitting the same bytes into lines.
func BenchmarkScanLines(b *testing.B) {
	text := sample()
	n := int64((64 << 20) / len(text))
	b.SetBytes(n * int64(len(text)))
	buf := make([]byte, 256<<10)
	for b.Loop() {
		r, lines := repeat(text, n), 0
		for {
			k, err := r.Read(buf)
			lines += bytes.Count(buf[:k], []byte{'\n'})
			if err != nil {
				break
			}
		}
		if lines == 0 {
			b.Fatal("no lines")
		}
	}
}
