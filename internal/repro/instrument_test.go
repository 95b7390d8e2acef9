// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestInstrument checks, for each form a statement can have, that the delay
// stands on the line of the access or before it, that the text still parses and
// that no line has moved.
func TestInstrument(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string // one line holds HERE in a comment
		fn   string
		want string // of the line that gets the delay, white space folded
	}{
		"statement":       {"\tx = 1 // HERE\n", "", "culprit_delay.At(0); x = 1 // HERE"},
		"one-line func":   {"\tgo func() { x = 1 }() // HERE\n", "m.f.func1", "go func() { culprit_delay.At(0); x = 1 }() // HERE"},
		"outer of a line": {"\tgo func(int) { x = 1 }(x) // HERE\n", "m.f", "culprit_delay.At(0); go func(int) { x = 1 }(x) // HERE"},
		"if":              {"\tif x > 1 { // HERE\n\t}\n", "", "culprit_delay.At(0); if x > 1 { // HERE"},
		"else if":         {"\tif y > 1 {\n\t} else if x > 1 { // HERE\n\t}\n", "", "} else if culprit_delay.True(0) && (x > 1) { // HERE"},
		"for condition":   {"\tfor x < 3 { // HERE\n\t}\n", "", "culprit_delay.At(0); for culprit_delay.True(0) && (x < 3) { // HERE"},
		"for post":        {"\tfor ; ; x++ { // HERE\n\t\tbreak\n\t}\n", "", "culprit_delay.At(0); for ; ; x++ { culprit_delay.At(0); // HERE"},
		"range":           {"\tfor _, y = range s { // HERE\n\t}\n", "", "culprit_delay.At(0); for _, y = range s { culprit_delay.At(0); // HERE"},
		"label":           {"L: for x < 3 { // HERE\n\t\tbreak L\n\t}\n", "", "culprit_delay.At(0); L: for culprit_delay.True(0) && (x < 3) { // HERE"},
		"switch":          {"\tswitch x { // HERE\n\t}\n", "", "culprit_delay.At(0); switch x { // HERE"},
		"case body":       {"\tswitch {\n\tcase true:\n\t\tx++ // HERE\n\t}\n", "", "culprit_delay.At(0); x++ // HERE"},
		"select header":   {"\tselect {\n\tcase x = <-c: // HERE\n\tdefault:\n\t}\n", "", "case x = <-c: culprit_delay.At(0); // HERE"},
		"several lines":   {"\tuse(y,\n\t\tx, // HERE\n\t)\n", "", "culprit_delay.At(0); use(y,"},
		"deferred":        {"\tdefer use(x) // HERE\n", "", "culprit_delay.At(0); defer use(x) // HERE"},
		"return":          {"\treturn // HERE\n", "", "culprit_delay.At(0); return // HERE"},
		"closing brace":   {"\tdefer use(1)\n\tfunc() {\n\t\tdefer use(x)\n\t}() // HERE\n", "m.f.func1", "defer use(x); defer culprit_delay.At(0)"},
		"function header": {"\tgo func( // HERE\n\t) {\n\t\tuse(1)\n\t}()\n", "m.f.func1", ") { culprit_delay.At(0);"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := "package m\n\nvar x, y int\nvar s []int\nvar c chan int\n\nfunc use(...int) {}\n\nfunc f() {\n" + c.body + "}\n"
			line := strings.Count(src[:strings.Index(src, "HERE")], "\n") + 1
			out, err := instrument([]byte(src), []Point{{Line: line, Func: c.fn}}, "m/culprit_delay")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.ParseFile(token.NewFileSet(), "", out, 0); err != nil {
				t.Fatalf("%v in\n%s", err, out)
			}
			if got, want := strings.Count(string(out), "\n"), strings.Count(src, "\n"); got != want {
				t.Errorf("%d lines became %d", want, got)
			}
			for l := range strings.Lines(string(out)) {
				if strings.Join(strings.Fields(l), " ") == c.want {
					return
				}
			}
			t.Errorf("no line %q in\n%s", c.want, out)
		})
	}
}

func TestInstrumentRefuses(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"package level": "package m\n\nvar x = 1\n",
		"end of file":   "package m\n",
		"not Go":        "package\n\n{{\n",
	} {
		if out, err := instrument([]byte(src), []Point{{Line: 3}}, "m/d"); out != nil || err == nil {
			t.Errorf("%s: got %q, %v", name, out, err)
		}
	}
}

func TestLineMap(t *testing.T) {
	t.Parallel()
	before := "a\nb\nx = 1\nc\nd\n"
	for name, c := range map[string]struct {
		after string
		want  []int // of lines 1 to 5
	}{
		"same":     {before, []int{1, 2, 3, 4, 5}},
		"inserted": {"a\nb\nmu.Lock()\nx = 1\nmu.Unlock()\nc\nd\n", []int{1, 2, 4, 6, 7}},
		"replaced": {"a\nb\nmu.Lock()\nx.Store(1)\nmu.Unlock()\nc\nd\n", []int{1, 2, 4, 6, 7}},
		"removed":  {"a\nx = 1\nc\nd\n", []int{1, 2, 2, 3, 4}},
	} {
		got := lineMap(before, c.after)
		for i, want := range c.want {
			if got[i+1] != want {
				t.Errorf("%s: line %d became %d, want %d", name, i+1, got[i+1], want)
			}
		}
	}
}
