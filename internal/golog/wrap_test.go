// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit/internal/golog"
)

// fixtures are logs that our own programs printed, by name; see testdata/log/README.
func fixtures(t testing.TB) map[string]string {
	t.Helper()
	logs := recorded(t)
	files, err := filepath.Glob("testdata/log/*.log")
	if err != nil || len(files) == 0 {
		t.Fatalf("no logs: %v", err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		logs[strings.TrimSuffix(filepath.Base(f), ".log")] = string(data)
	}
	return logs
}

// eachLine makes a log of f of each line, which lacks its line end.
func eachLine(f func(i int, line string) string) func(string) string {
	return func(log string) string {
		var b strings.Builder
		i := 0
		for line := range strings.SplitSeq(strings.TrimSuffix(log, "\n"), "\n") {
			b.WriteString(f(i, line) + "\n")
			i++
		}
		return b.String()
	}
}

func prefixed(format string) func(string) string {
	n := strings.Count(format, "%")
	return eachLine(func(i int, line string) string {
		args := []any{i / 60 % 60, i % 60, i}
		return fmt.Sprintf(format, args[:n]...) + line
	})
}

// wrapper is what a CI system makes of a log.
type wrapper struct {
	name string // log.wrapper
	wrap func(string) string
}

func wrappers() map[string]wrapper {
	github := prefixed("2026-04-17T21:%02d:%02d.%07dZ ")
	return map[string]wrapper{
		"github":      {"github-actions", func(s string) string { return "\uFEFF" + github(s) }},
		"gh run view": {"gh-run-view", prefixed("test (1.26)\tRun go test\t2026-04-17T21:%02d:%02d.%07dZ ")},
		"azure": {"azure-pipelines", func(s string) string {
			return github("##[section]Starting: Test\n" + s + "##[section]Finishing: Test\n")
		}},
		"gitlab": {"gitlab", prefixed("2026-04-17T21:%02d:%02d.%06dZ 00O ")},
		"gitlab, one line in two": {"gitlab", eachLine(func(i int, line string) string {
			stamp := fmt.Sprintf("2026-04-17T21:%02d:%02d.%06dZ 00O", i/60%60, i%60, i)
			if i%7 > 0 || len(line) < 9 {
				return stamp + " " + line
			}
			return stamp + " " + line[:9] + "\n" + stamp + "+" + line[9:]
		})},
		"gitlab, sections": {"gitlab", func(s string) string {
			return "section_start:1560896352:step_script\r\x1b[0K\x1b[36;1m$ go test\x1b[0;m\n" + s + "section_end:1560896353:step_script\r\x1b[0K\n"
		}},
		"travis": {"travis", func(s string) string {
			return "travis_fold:start:test\r\x1b[0K" + s + "travis_fold:end:test\r\x1b[0K\n"
		}},
		"buildkite":          {"buildkite", prefixed("\x1b_bk;t=17133909611%02d%02d\a")},
		"jenkins":            {"jenkins", prefixed("[2026-04-17T21:%02d:%02d.%03dZ] ")},
		"jenkins, times":     {"timestamps", prefixed("21:%02d:%02d  ")},
		"jenkins, branch":    {"brackets", prefixed("[linux] ")},
		"woodpecker":         {"woodpecker", eachLine(func(i int, line string) string { return fmt.Sprintf("[test:L%d:%ds] %s", i, i/9, line) })},
		"buildkit":           {"buildkit", eachLine(func(i int, line string) string { return fmt.Sprintf("#12 %d.%03d %s", i/9, i%1000, line) })},
		"docker compose":     {"docker-compose", prefixed("\x1b[36mtest-1  |\x1b[0m ")},
		"kubernetes":         {"kubernetes", prefixed("2026-04-17T21:%02d:%02d.%09dZ stdout F ")},
		"docker logs -t":     {"timestamps", prefixed("2026-04-17T21:%02d:%02d.%09dZ ")},
		"teamcity":           {"teamcity", prefixed("[21:%02d:%02d] :\t [Step 1/2] ")},
		"bamboo":             {"bamboo", prefixed("build\t17-Apr-2026 21:%02d:%02d\t")},
		"google cloud build": {"google-cloud-build", prefixed(`Step #0 - "test": `)},
		"zuul":               {"zuul", prefixed("2026-04-17 21:%02d:%02d.%06d | ubuntu | ")},
		"compose in github":  {"github-actions", func(s string) string { return github(prefixed("web_1  | ")(s)) }},
		"buildkit in github": {"github-actions", func(s string) string { return github(prefixed("#9 1.2 ")(s)) }},
		"crlf":               {"none", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
		"colour":             {"none", prefixed("\x1b[31m")},
	}
}

// outline is what a log says, without places.
type outline struct {
	Path, Result, Build string
	Tests               []string
	Reports, Crashes    int
}

func outlines(l *golog.Log) []outline {
	var list []outline
	for _, p := range l.Packages {
		o := outline{Path: p.Path, Result: string(p.Result), Build: p.BuildFailed, Reports: len(p.Reports), Crashes: len(p.Crashes)}
		for _, t := range p.Tests {
			var text []string
			for _, line := range t.Output.Lines() {
				text = append(text, line.Text)
			}
			o.Tests = append(o.Tests, fmt.Sprintf("%s %s %d/%d %q", t.Name, t.Status, t.Failed, t.Runs, text))
		}
		list = append(list, o)
	}
	return list
}

// TestWrappers: a log says the same, whatever a CI system puts before its lines.
func TestWrappers(t *testing.T) {
	t.Parallel()
	for name, log := range fixtures(t) {
		if log == "" {
			t.Errorf("%s is empty", name)
		}
		want := outlines(read(t, log))
		for how, w := range wrappers() {
			l := read(t, w.wrap(log))
			if diff := cmp.Diff(want, outlines(l)); diff != "" {
				t.Errorf("%s, %s:\n%s", name, how, diff)
			}
			if l.Ref.Wrapper != w.name {
				t.Errorf("%s, %s: wrapper %q, want %q", name, how, l.Ref.Wrapper, w.name)
			}
		}
	}
}

// TestQuotedWrappers: what only looks like a wrapper, because a test printed it,
// stays what it is.
func TestQuotedWrappers(t *testing.T) {
	t.Parallel()
	for _, quote := range []string{
		"svc-1  | --- FAIL: TestInner (0.00s)", "2026/04/17 21:56:01 --- FAIL: TestInner (0.00s)", "[linux] --- FAIL: TestInner (0.00s)",
		"pod: === RUN   TestInner", "21:56:01  FAIL\texample.com/inner\t0.1s", "2026-04-17T21:56:01Z WARNING: DATA RACE", "✖  inner (5ms)",
	} {
		text := strings.Repeat(quote+"\n", 30)
		for name, log := range map[string]string{
			"verbose":  "=== RUN   TestOuter\n" + text + "--- PASS: TestOuter (0.00s)\nPASS\nok  \texample.com/p\t0.1s\n",
			"terse":    "--- FAIL: TestOuter (0.00s)\n    a_test.go:5: no\n" + text + "FAIL\nFAIL\texample.com/p\t0.1s\n",
			"between":  "ok  \texample.com/a\t0.1s\n=== RUN   TestOuter\n" + text + "--- FAIL: TestOuter (0.00s)\nFAIL\nFAIL\texample.com/p\t0.1s\n",
			"as event": asJSON(t, text, "example.com/p"),
		} {
			for _, p := range read(t, log).Packages {
				if p.Path != "example.com/p" && p.Path != "example.com/a" || len(p.Reports) > 0 || p.Test("TestInner") != nil || p.Section != "" {
					t.Errorf("%s, %q: package %q of section %q with %d reports, TestInner %v", name, quote, p.Path, p.Section, len(p.Reports), p.Test("TestInner"))
				}
			}
		}
	}
}

// TestSections: texts that a log interleaves, or that stand one after the other,
// do not mix.
func TestSections(t *testing.T) {
	t.Parallel()
	one := "=== RUN   TestA\n    a_test.go:1: of one\n--- FAIL: TestA (0.00s)\nFAIL\nFAIL\texample.com/p\t0.1s\n"
	two := "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n    b_test.go:1: of two\n--- FAIL: TestB (0.00s)\nFAIL\nFAIL\texample.com/p\t0.1s\n"
	stamp := prefixed("2026-04-17T21:%02d:%02d.%07dZ ")
	bom := func(s string) string { return "\uFEFF" + stamp(s) }
	for name, log := range map[string]string{
		"compose":     interleave(prefixed("one-1   | ")(one), prefixed("other-1 | ")(two)),
		"branches":    interleave(prefixed("[one] ")(one), prefixed("[two] ")(two)),
		"buildkit":    interleave(prefixed("#7 0.1 ")(one), prefixed("#12 0.1 ")(two)),
		"gh run view": interleave(prefixed("one\tTest\t2026-04-17T21:%02d:%02d.%07dZ ")(one), prefixed("two\tTest\t2026-04-17T21:%02d:%02d.%07dZ ")(two)),
		"joined":      bom(one) + bom(two),
		"cut, joined": bom(strings.TrimSuffix(one, "FAIL\nFAIL\texample.com/p\t0.1s\n")) + bom(two),
	} {
		got := map[string]string{}
		for _, p := range read(t, log).Packages {
			for _, test := range p.Tests {
				if test.Failing() {
					got[test.Name] = fmt.Sprint(p.Section != "" || name == "joined" || name == "cut, joined", len(test.Output.Lines()))
				}
			}
		}
		if got["TestA"] != "true 1" || got["TestB"] != "true 1" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func interleave(a, b string) string {
	var mixed strings.Builder
	first, second := strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")
	for i := range max(len(first), len(second)) {
		for _, list := range [][]string{first, second} {
			if i < len(list) {
				mixed.WriteString(list[i])
			}
		}
	}
	return mixed.String()
}

// TestGotestsum: each format of gotestsum tells the same failures once.
func TestGotestsum(t *testing.T) {
	t.Parallel()
	logs := fixtures(t)
	want := "example.com/gts/a TestFail, example.com/gts/a TestFlaky, example.com/gts/a TestTable, example.com/gts/a TestTable/two_words, example.com/gts/c [build failed], example.com/gts/d TestD"
	seen := 0
	for name, log := range logs {
		if !strings.HasPrefix(name, "gotestsum-") || name == "gotestsum-rerun" || name == "gotestsum-junit" {
			continue
		}
		seen++
		l := read(t, log)
		if got := strings.Join(failed(l), ", "); got != want || l.Ref.Format != "gotestsum" {
			t.Errorf("%s, format %q:\n%s\nwant\n%s", name, l.Ref.Format, got, want)
		}
	}
	if seen < 9 {
		t.Errorf("%d formats", seen)
	}
	// A re-run is no failure of its own, and shows which test is flaky.
	for _, name := range []string{"gotestsum-rerun", "rerun-json", "gotestsum-junit"} {
		l := read(t, logs[name])
		for _, p := range l.Packages {
			if flaky := p.Test("TestFlaky"); flaky != nil && (flaky.Failed != 1 || flaky.Runs != 2) {
				t.Errorf("%s: TestFlaky failed in %d of %d", name, flaky.Failed, flaky.Runs)
			}
		}
		got, want := strings.Join(failed(l), ", "), "example.com/gts/a TestFail, example.com/gts/a TestFlaky, example.com/gts/a TestTable, example.com/gts/a TestTable/two_words"
		if name == "gotestsum-rerun" {
			want = strings.ReplaceAll(want, "example.com/gts/", "") // nothing in it names the module
		}
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// failed lists the failures of a log in order.
func failed(l *golog.Log) []string {
	set := map[string]int{}
	for _, p := range l.Packages {
		if p.BuildFailed != "" {
			set[p.Path+" ["+p.BuildFailed+"]"]++
		}
		for _, t := range p.Tests {
			if t.Failing() {
				set[p.Path+" "+t.Name]++
			}
		}
	}
	var list []string
	for name, n := range set {
		if n > 1 {
			name += fmt.Sprintf(" (%d times)", n)
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// TestForced: a format that was given is not looked for.
func TestForced(t *testing.T) {
	t.Parallel()
	log := "{\"Action\":\"fail\",\"Package\":\"example.com/p\",\"Test\":\"TestX\"}\n--- FAIL: TestY (0.00s)\nFAIL\nFAIL\texample.com/q\t0.1s\n"
	for format, want := range map[string]string{
		"auto": "example.com/p TestX, example.com/q TestY", "test2json": "example.com/p TestX", "go-test": "example.com/q TestY", "none": "example.com/p TestX, example.com/q TestY",
	} {
		l, err := golog.Read(context.Background(), strings.NewReader(log), golog.Options{Format: format})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(failed(l), ", "); got != want {
			t.Errorf("%s: %s, want %s", format, got, want)
		}
	}
	wrapped := prefixed("x: ")("output\n--- FAIL: TestY (0.00s)\nFAIL\nFAIL\texample.com/q\t0.1s\n")
	l, err := golog.Read(context.Background(), strings.NewReader(wrapped), golog.Options{Format: "name-colon"})
	if got := strings.Join(failed(l), ", "); err != nil || got != "example.com/q TestY" {
		t.Errorf("forced wrapper: %s, %v", got, err)
	}
	if _, err := golog.Read(context.Background(), strings.NewReader(""), golog.Options{Format: "nonsense"}); err == nil {
		t.Error("a format that is none was taken")
	}
}
