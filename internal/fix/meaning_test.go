// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/fix"
	"github.com/culprit-ci/culprit/internal/source"
)

// own is a type whose field a method sets under its lock.
const own = `type box struct {
	mu sync.Mutex
	n  int
	m  map[string]int
}

func (b *box) set(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n = n // RACE
	b.m["a"] = n // RACE
}

func get(c chan int) int { return <-c }

`

// TestMeaning: what a repair must not change, and does not refuse where another
// form of it will do. never is what no candidate of the strategy may have.
func TestMeaning(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		subject, strategy, body string
		want, never, refusal    string
		pattern                 culprit.Pattern
	}{
		"a receive before the read": {subject: "n", strategy: fix.ItsLock, body: own + "func (b *box) f(c chan int) int {\n\treturn <-c + b.n // RACE\n}",
			want: "return <-c + func() int {\nb.mu.Lock()\ndefer b.mu.Unlock()\nreturn b.n\n}() // RACE"},
		"a call before the read": {subject: "n", strategy: fix.ItsLock, body: own + "func (b *box) f(c chan int) {\n\tprintln(get(c), b.n) // RACE\n}",
			want: "println(get(c), func() int {\nb.mu.Lock()\ndefer b.mu.Unlock()\nreturn b.n\n}()) // RACE"},
		"a call before the read of a condition": {subject: "n", strategy: fix.ItsLock, body: own + "func (b *box) f(c chan int) {\n\tif get(c) > b.n { // RACE\n\t\tprintln()\n\t}\n}",
			want: "if get(c) > func() int {\nb.mu.Lock()\ndefer b.mu.Unlock()\nreturn b.n\n}() { // RACE"},
		"a clock before the read": {subject: "n", strategy: fix.ItsLock, body: own + "func (b *box) f(at time.Time) {\n\tprintln(at.UTC().String(), b.n) // RACE\n}",
			want: "b.mu.Lock()\nnNow := b.n\nb.mu.Unlock()\nprintln(at.UTC().String(), nNow) // RACE"},
		"tested, then set, under a lock": {subject: "n", strategy: fix.Atomic, body: "var (\n\tmu sync.Mutex\n\tn  int\n)\n\nfunc f() {\n\tmu.Lock()\n\tdefer mu.Unlock()\n\tif n == 0 {\n\t\tn = 1 // RACE\n\t}\n}\n\nfunc g() int {\n\treturn n // RACE\n}",
			want: "if int(n.Load()) == 0 {\nn.Store(1) // RACE"},
		"a call behind the read": {subject: "n", strategy: fix.ItsLock, body: own + "func (b *box) f(c chan int) {\n\tprintln(b.n, get(c)) // RACE\n}",
			want: "b.mu.Lock()\nnNow := b.n\nb.mu.Unlock()\nprintln(nNow, get(c)) // RACE"},
		"a call whose value is assigned": {subject: "n", strategy: fix.ItsLock, body: own + "func (b *box) f(c chan int) {\n\tb.n = get(c) // RACE\n}",
			want: "nNew := get(c)\nb.mu.Lock()\nb.n = nNew // RACE\nb.mu.Unlock()"},
		"a receive that is assigned": {subject: "n", strategy: fix.ItsLock, body: own + "func (b *box) f(c chan int) {\n\tb.n = <-c // RACE\n}",
			want: "nNew := <-c\nb.mu.Lock()\nb.n = nNew // RACE\nb.mu.Unlock()"},
		"several values of a call": {subject: "n", strategy: fix.ItsLock, body: own + "func two() (int, bool) { return 1, true }\n\nfunc (b *box) f() bool {\n\tvar ok bool\n\tb.n, ok = two() // RACE\n\treturn ok\n}",
			want: "nNew, okNew := two()\nb.mu.Lock()\nb.n, ok = nNew, okNew // RACE\nb.mu.Unlock()"},
		"the old value and a call": {subject: "n", strategy: fix.ItsLock, body: own + "func (b *box) f(c chan int) {\n\tb.n += get(c) // RACE\n}",
			want: "nNew := get(c)\nb.mu.Lock()\nb.n += nNew // RACE\nb.mu.Unlock()"},
		"a map that is sent": {subject: "m", strategy: fix.ItsLock, body: own + "func (b *box) f(c chan string) {\n\tfor k := range b.m { // RACE\n\t\tc <- k\n\t}\n}",
			want: "mNow := maps.Clone(b.m)\nb.mu.Unlock()\nfor k := range mNow { // RACE\nc <- k"},
		"a loop that ends the test": {subject: "m", strategy: fix.ItsLock, body: own + "func (b *box) f(t *testing.T) {\n\tfor k := range b.m { // RACE\n\t\tt.Fatal(k)\n\t}\n}",
			want: "b.mu.Lock()\nmNow := maps.Clone(b.m)\nb.mu.Unlock()\nfor k := range mNow { // RACE"},
		"a name that is used behind the if": {subject: "m", strategy: fix.ItsLock, body: own + "func (b *box) f() bool {\n\tok := false\n\tif v, ok := b.m[\"a\"]; ok { // RACE\n\t\tprintln(v)\n\t}\n\treturn ok\n}",
			want: "{\nb.mu.Lock()\nv, ok := b.m[\"a\"]\nb.mu.Unlock()\nif ok { // RACE\nprintln(v)\n}\n}\nreturn ok"},
		"a name of another block": {subject: "m", strategy: fix.ItsLock, body: own + "func (b *box) f(ok bool) {\n\tfor ok {\n\t\tif v, ok := b.m[\"a\"]; ok { // RACE\n\t\t\tprintln(v)\n\t\t}\n\t}\n}",
			want: "for ok {\nb.mu.Lock()\nv, ok := b.m[\"a\"]\nb.mu.Unlock()\nif ok { // RACE\nprintln(v)\n}\n}"},
		"a name of a result": {subject: "m", strategy: fix.ItsLock, body: own + "func (b *box) f() (ok bool) {\n\tif v, ok := b.m[\"a\"]; ok { // RACE\n\t\tprintln(v)\n\t}\n\treturn\n}",
			want: "{\nb.mu.Lock()\nv, ok := b.m[\"a\"]\nb.mu.Unlock()\nif ok { // RACE\nprintln(v)\n}\n}\nreturn"},
		"a method that is a statement": {subject: "buf", strategy: fix.NewLock, body: "type log struct {\n\tbuf strings.Builder\n}\n\nfunc (l *log) add() {\n\tl.buf.WriteByte(1) // RACE\n}\n\nfunc (l *log) len() int {\n\treturn l.buf.Len() // RACE\n}",
			want: "l.bufMu.Lock()\nl.buf.WriteByte(1) // RACE\nl.bufMu.Unlock()"},
		"retried where it fails": {subject: "cfg", strategy: fix.Once, refusal: "under a condition",
			body: "type log struct {\n\tcfg *int\n}\n\nfunc load() (*int, error) { return nil, nil }\n\nfunc (l *log) ensure() {\n\tif l.cfg == nil { // RACE\n\t\tif c, err := load(); err == nil {\n\t\t\tl.cfg = c // RACE\n\t\t}\n\t}\n}"},
		"retried where it gives an error": {subject: "cfg", strategy: fix.Once, refusal: "tried again",
			body: "type log struct {\n\tcfg *int\n}\n\nfunc load() (*int, error) { return nil, nil }\n\nfunc (l *log) ensure() (err error) {\n\tif l.cfg == nil { // RACE\n\t\tl.cfg, err = load() // RACE\n\t}\n\treturn err\n}"},
		"tested, then set": {subject: "n", strategy: fix.Atomic, refusal: "no single operation",
			body: "var n int\n\nfunc f() {\n\tif n == 0 { // RACE\n\t\tn = 1 // RACE\n\t\tprintln()\n\t}\n}"},
		"a field with a tag": {subject: "n", strategy: fix.Atomic, refusal: "tag",
			body: "type s struct {\n\tn int `json:\"n\"`\n}\n\nfunc (x *s) f() {\n\tx.n++ // RACE\n}"},
		"an empty slice stays one": {subject: "ps", strategy: fix.DeepCopy, body: "type ctx struct {\n\tps []int\n}\n\nfunc (c *ctx) Copy() *ctx {\n\tcp := *c\n\treturn &cp\n}\n\nfunc (c *ctx) set() {\n\tc.ps[0] = 1 // RACE\n}",
			want: "cp.ps = append(cp.ps[:0:0], cp.ps...)\nreturn &cp"},
		"looked at in the next iteration": {subject: "err", strategy: fix.Redeclare, pattern: culprit.PatternCapturedOuterVariable, refusal: "next iteration",
			body: "func work() error { return nil }\n\nfunc f() {\n\tvar err error\n\tfor range 3 {\n\t\tif err != nil {\n\t\t\tbreak\n\t\t}\n\t\tgo func() {\n\t\t\terr = work() // RACE\n\t\t\tprintln(err) // RACE\n\t\t}()\n\t}\n}"},
		"copied, and looked at in the next iteration": {subject: "c", strategy: fix.PerGoroutine, refusal: "may want",
			body: "type cfg struct{ n int }\n\nfunc f() {\n\tvar c cfg\n\tfor range 3 {\n\t\tprintln(c.n) // RACE\n\t\tgo func() {\n\t\t\tc.n++ // RACE\n\t\t}()\n\t}\n}"},
		"an Add that may not be reached": {subject: "wg", strategy: fix.AddBeforeGo, refusal: "calls wg.Add",
			body: "func f(skip bool) {\n\tvar wg sync.WaitGroup\n\tgo func() {\n\t\tif skip {\n\t\t\treturn\n\t\t}\n\t\twg.Add(1) // RACE\n\t\tdefer wg.Done()\n\t}()\n\twg.Wait() // RACE\n}"},
		"an Add of the goroutine's own number": {subject: "wg", strategy: fix.AddBeforeGo, refusal: "calls wg.Add",
			body: "func f(n int) {\n\tvar wg sync.WaitGroup\n\tgo func(n int) {\n\t\twg.Add(n) // RACE\n\t\tfor range n {\n\t\t\twg.Done()\n\t\t}\n\t}(2 * n)\n\twg.Wait() // RACE\n}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			head := "import (\n\t\"strings\"\n\t\"sync\"\n\t\"testing\"\n\t\"time\"\n)\n\nvar _ strings.Builder\nvar _ time.Time\n\n"
			if c.subject == "wg" {
				head = strings.Replace(head, "var _ strings.Builder", "var _ = strings.ToLower", 1)
			}
			src := head + c.body + "\n\nvar _ sync.Mutex\n\nfunc Test(t *testing.T) {}\n"
			tr, f := program(t, "1.26", c.subject, src)
			if c.pattern != "" {
				f.Cause.Pattern = c.pattern
			}
			repairs(t, tr, f, c.strategy, c.want, c.refusal)
		})
	}
}

// generated: no repair edits what a program wrote, and none a folder of other
// people's code.
func TestNotOurs(t *testing.T) {
	t.Parallel()
	const body = "\nimport \"testing\"\n\nvar n int\n\nfunc f() {\n\tn++ // RACE\n}\n\nfunc Test(t *testing.T) {}\n"
	tr, f := program(t, "1.26", "n", body)
	path := filepath.Join(tr.Root, "m_test.go")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, why := candidate(t, tr, f, fix.Atomic); got == nil || got.Rejected {
		t.Fatalf("%+v, %s", got, why)
	}
	write(t, tr.Root, "m_test.go", "// Code generated by a tool. DO NOT EDIT.\n\n"+string(text))
	f.Cause.Declared.Line += 2
	for i := range f.Cause.Sites {
		f.Cause.Sites[i].Line += 2
	}
	tr, why, err := source.Open(t.Context(), tr.Root)
	if tr == nil {
		t.Fatal(why, err)
	}
	got, why := candidate(t, tr, f, fix.Atomic)
	if got == nil || !got.Rejected || !strings.Contains(got.Checks[len(got.Checks)-1].Detail, "generated") {
		t.Errorf("%+v, %s", got, why)
	}
}

// TestCRLF: a file with such ends of lines has them in each line after the repair.
func TestCRLF(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ subject, strategy, body string }{
		"lock":   {"n", fix.ItsLock, own + "func (b *box) f() int {\n\treturn b.n // RACE\n}"},
		"new":    {"n", fix.NewLock, "var n int\n\nfunc f() {\n\tn++ // RACE\n}"},
		"atomic": {"n", fix.Atomic, "var n int\n\nfunc f() {\n\tn++ // RACE\n}"},
		"buffer": {"buf", fix.LockedBuffer, "var buf strings.Builder\n\nfunc f() {\n\tbuf.WriteString(\"a\") // RACE\n}"},
		"add":    {"wg", fix.AddBeforeGo, "func f() {\n\tvar wg sync.WaitGroup\n\tgo func() {\n\t\twg.Add(1) // RACE\n\t\twg.Done()\n\t}()\n\twg.Wait() // RACE\n}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := "import (\n\t\"strings\"\n\t\"sync\"\n\t\"testing\"\n)\n\nvar _ = strings.ToLower\n\n" + c.body + "\n\nvar _ sync.Mutex\n\nfunc Test(t *testing.T) {}\n"
			tr, f := program(t, "1.26", c.subject, src)
			text, err := os.ReadFile(filepath.Join(tr.Root, "m_test.go"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, tr.Root, "m_test.go", strings.ReplaceAll(string(text), "\n", "\r\n"))
			tr, why, err := source.Open(t.Context(), tr.Root)
			if tr == nil {
				t.Fatal(why, err)
			}
			got, why := candidate(t, tr, f, c.strategy)
			if got == nil || got.Rejected {
				t.Fatalf("%+v, %s", got, why)
			}
			after := string(got.Files["m_test.go"])
			if strings.Contains(after, "\r\r") || strings.Count(after, "\r\n") != strings.Count(after, "\n") {
				t.Errorf("%q", after)
			}
		})
	}
}

// TestOutOfSight: another type breaks files that this build leaves out, and packages
// that use what is exported.
func TestOutOfSight(t *testing.T) {
	t.Parallel()
	const product = "package m\n\n// S counts.\ntype S struct {\n\tN int\n}\n\nfunc (s *S) inc() {\n\ts.N++\n}\n"
	for name, c := range map[string]struct{ file, text, refusal string }{
		"nothing else":           {"other.go", "package m\n", ""},
		"another system":         {"m_plan9.go", "package m\n\nfunc (s *S) get() int { return s.N }\n", "m_plan9.go, which this build leaves out"},
		"a tag":                  {"tagged.go", "//go:build slow\n\npackage m\n\nfunc (s *S) get() int { return s.N }\n", "tagged.go, which this build leaves out"},
		"a longer name":          {"m_plan9.go", "package m\n\nvar Nothing int\n", ""},
		"another package":        {"q/q.go", "package q\n\nimport \"example.com/m\"\n\nfunc F(s *m.S) int { return s.N }\n", "q/q.go names a N"},
		"another package's name": {"q/q.go", "package q\n\nimport \"example.com/m\"\n\nvar X m.Nothing\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr, f := program(t, "1.26", "X", "import \"testing\"\n\nvar X int\n\nfunc Test(t *testing.T) {}\n")
			write(t, tr.Root, "m.go", product)
			if err := os.MkdirAll(filepath.Join(tr.Root, "q"), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, tr.Root, c.file, c.text)
			tr, why, err := source.Open(t.Context(), tr.Root)
			if tr == nil {
				t.Fatal(why, err)
			}
			f.Cause.Subject, f.Cause.Kind = "s.N", culprit.SubjectField
			f.Cause.Declared = culprit.Pos{File: "m.go", Line: 5, Column: 2}
			f.Cause.Sites = culprit.List[culprit.Site]{{Pos: culprit.Pos{File: "m.go", Line: 9, Column: 2}}}
			got, why := candidate(t, tr, f, fix.Atomic)
			if (got == nil) != (c.refusal != "") || !strings.Contains(why, c.refusal) {
				t.Errorf("%+v, %q", got, why)
			}
		})
	}
}
