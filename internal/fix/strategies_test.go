// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix_test

import (
	"context"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"
	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/fix"
	"github.com/culprit-ci/culprit/internal/source"
)

// program makes a module of one test file. The subject's first declaration is the
// name; lines that end in "// RACE" are the sites.
func program(t *testing.T, goVersion, name, src string) (*source.Tree, *culprit.Failure) {
	t.Helper()
	dir := t.TempDir()
	src = "package m\n\n" + strings.TrimLeft(src, "\n")
	write(t, dir, "go.mod", "module example.com/m\n\ngo "+goVersion+"\n")
	write(t, dir, "m_test.go", src)
	tr, why, err := source.Open(context.Background(), dir)
	if tr == nil {
		t.Fatal(why, err)
	}
	pkgs, err := tr.Load(context.Background(), ".")
	if err != nil || len(pkgs) != 1 || pkgs[0].Degree != source.Full {
		t.Fatalf("the program does not type-check: %v %s", err, pkgs[0].Why)
	}
	c := &culprit.Cause{Subject: name, Pattern: culprit.PatternUnknown, Grade: culprit.GradeLocated}
	for id, obj := range pkgs[0].Info.Defs {
		v, ok := obj.(*types.Var)
		if !ok || id.Name != name {
			continue
		}
		if pos := pkgs[0].Pos(id.Pos()); c.Declared.Line == 0 || pos.Line < c.Declared.Line {
			c.Declared = pos
			c.Kind = culprit.SubjectLocal
			if v.IsField() {
				c.Kind = culprit.SubjectField
			}
		}
	}
	n := 0
	for l := range strings.Lines(src) {
		if n++; strings.HasSuffix(strings.TrimSpace(l), "// RACE") {
			c.Sites = append(c.Sites, culprit.Site{Pos: culprit.Pos{File: "m_test.go", Line: n}})
		}
	}
	return tr, &culprit.Failure{Kind: culprit.KindDataRace, Package: "example.com/m", Cause: c}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// candidate is the one of a strategy, nil if there is none.
func candidate(t *testing.T, tr *source.Tree, f *culprit.Failure, strategy string) (*fix.Candidate, string) {
	t.Helper()
	list, why, err := fix.Candidates(context.Background(), tr, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Strategy == strategy {
			return c, why
		}
	}
	var names []string
	for _, c := range list {
		names = append(names, c.Strategy)
	}
	return nil, strings.Join(names, " ") + "; " + why
}

const counterField = `
import (
	"sync"
	"testing"
)

type pool struct {
	mu sync.Mutex
	n  int
	m  map[string]int
}

func (p *pool) add() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++ // RACE
	p.m["x"] = p.n
}

BODY

func Test(t *testing.T) {
	p := &pool{m: map[string]int{}}
	p.n = 1
	var wg sync.WaitGroup
	wg.Go(p.add)
	use(p)
	wg.Wait()
}
`

// TestGuardedByItsLock: what is read by a statement that calls is read aside.
func TestGuardedByItsLock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ name, body, want string }{
		"return":           {"n", "func use(p *pool) int {\n\treturn p.n // RACE\n}", "p.mu.Lock()\nnNow := p.n\np.mu.Unlock()\nreturn nNow // RACE"},
		"condition":        {"n", "func use(p *pool) {\n\tif p.n > 1 { // RACE\n\t\tprintln()\n\t}\n}", "p.mu.Lock()\nnNow := p.n\np.mu.Unlock()\nif nNow > 1 { // RACE"},
		"assignment":       {"n", "func use(p *pool) {\n\tp.n = 3 // RACE\n}", "p.mu.Lock()\np.n = 3 // RACE\np.mu.Unlock()"},
		"loop":             {"n", "func use(p *pool) {\n\tfor p.n < 3 { // RACE\n\t}\n}", "for func() int {\np.mu.Lock()\ndefer p.mu.Unlock()\nreturn p.n\n}() < 3 { // RACE"},
		"map length":       {"m", "func use(p *pool) {\n\tprintln(len(p.m)) // RACE\n}", "p.mu.Lock()\nmNow := len(p.m)\np.mu.Unlock()\nprintln(mNow) // RACE"},
		"comma ok":         {"m", "func use(p *pool) {\n\tif _, ok := p.m[\"x\"]; ok { // RACE\n\t}\n}", "p.mu.Lock()\n_, ok := p.m[\"x\"]\np.mu.Unlock()\nif ok { // RACE"},
		"map range":        {"m", "func use(p *pool) {\n\tfor k := range p.m { // RACE\n\t\tprintln(k)\n\t}\n}", "p.mu.Lock()\nfor k := range p.m { // RACE\nprintln(k)\n}\np.mu.Unlock()"},
		"map range, calls": {"m", "func use(p *pool) {\n\tfor k := range p.m { // RACE\n\t\tt(k)\n\t}\n}\n\nfunc t(string) {}", "p.mu.Lock()\nmNow := maps.Clone(p.m)\np.mu.Unlock()\nfor k := range mNow { // RACE"},
		"deletion":         {"m", "func use(p *pool) {\n\tdelete(p.m, \"x\") // RACE\n}", "p.mu.Lock()\ndelete(p.m, \"x\") // RACE\np.mu.Unlock()"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr, f := program(t, "1.26", c.name, strings.Replace(counterField, "BODY", c.body, 1))
			got, why := candidate(t, tr, f, fix.ItsLock)
			check(t, tr, got, why, c.want)
			if got != nil && strings.Contains(got.Patch, "+\tp.mu.Lock()\n+\tp.n = 1") {
				t.Error("the object that nobody else has yet is locked")
			}
		})
	}
}

// repairs looks for a strategy's candidate that holds want, or for a refusal.
func repairs(t *testing.T, tr *source.Tree, f *culprit.Failure, strategy, want, refusal string) {
	t.Helper()
	got, why := candidate(t, tr, f, strategy)
	if refusal == "" {
		check(t, tr, got, why, want)
	} else if got != nil || !strings.Contains(why, refusal) {
		t.Errorf("got %+v, %q; want a refusal: %s", got, why, refusal)
	}
}

// check requires that the candidate's file has these lines in a row, white space
// at their start aside, and that it type-checks.
func check(t *testing.T, tr *source.Tree, c *fix.Candidate, why, want string) {
	t.Helper()
	if c == nil {
		t.Fatalf("no such candidate: %s", why)
	}
	if c.Rejected {
		t.Fatalf("rejected: %+v", c.Checks)
	}
	var lines []string
	for l := range strings.Lines(string(c.Files["m_test.go"])) {
		lines = append(lines, strings.TrimSpace(l))
	}
	if !strings.Contains("\n"+strings.Join(lines, "\n")+"\n", "\n"+want+"\n") {
		t.Errorf("want\n%s\nin\n%s", want, c.Patch)
	}
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "m_test.go"} {
		text := c.Files[name]
		if text == nil {
			text, _ = os.ReadFile(filepath.Join(tr.Root, name))
		}
		write(t, dir, name, string(text))
	}
	after, _, err := source.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	pkgs, err := after.Load(context.Background(), ".")
	if err != nil || len(pkgs) != 1 || pkgs[0].Degree != source.Full {
		t.Errorf("the patched program does not type-check: %v %s\n%s", err, pkgs[0].Why, c.Patch)
	}
}

const local = `
import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

var _ bytes.Buffer
var _ atomic.Int32

func eq(t *testing.T, a, b any) {
	if a != b {
		t.Fatal(fmt.Sprint(a, b))
	}
}

func Test(t *testing.T) {
	var wg sync.WaitGroup
BODY
}
`

func TestLocalStrategies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		subject, strategy, body, want, refusal string
		pattern                                culprit.Pattern
	}{
		"counter": {subject: "n", strategy: fix.Atomic, body: "n := 0\nwg.Go(func() {\nn++ // RACE\n})\neq(t, n, 1) // RACE\nwg.Wait()",
			want: "var n atomic.Int64\nwg.Go(func() {\nn.Add(1) // RACE\n})\neq(t, int(n.Load()), 1) // RACE"},
		"flag": {subject: "n", strategy: fix.Atomic, body: "var n bool\nwg.Go(func() {\nn = true // RACE\n})\nif n { // RACE\n}\nwg.Wait()",
			want: "var n atomic.Bool\nwg.Go(func() {\nn.Store(true) // RACE\n})\nif n.Load() { // RACE"},
		"mixed": {subject: "n", strategy: fix.Atomic, body: "n := int32(2)\nwg.Go(func() {\natomic.AddInt32(&n, 2) // RACE\n})\neq(t, n, 1) // RACE\nwg.Wait()",
			want: "var n atomic.Int32\nn.Store(int32(2))\nwg.Go(func() {\nn.Add(2) // RACE\n})\neq(t, n.Load(), 1) // RACE"},
		"not one operation": {subject: "n", strategy: fix.Atomic, body: "n := 0\nwg.Go(func() {\nn = n*2 // RACE\n})\neq(t, n, 1) // RACE\nwg.Wait()", refusal: "from the old one"},
		"pointer escapes":   {subject: "n", strategy: fix.Atomic, body: "n := 0\nwg.Go(func() {\nn++ // RACE\n})\neq(t, &n, 1) // RACE\nwg.Wait()", refusal: "takes the address"},
		"no counter":        {subject: "n", strategy: fix.Atomic, body: "n := \"\"\nwg.Go(func() {\nn += \"x\" // RACE\n})\neq(t, n, \"x\") // RACE\nwg.Wait()", refusal: "no counter or flag"},
		"new mutex": {subject: "n", strategy: fix.NewLock, body: "var n []int\nn = append(n, 1)\nwg.Go(func() {\nn = append(n, 2) // RACE\n})\neq(t, len(n), 1) // RACE\neq(t, n[0], 1)\nwg.Wait()",
			want: "var nMu sync.Mutex // guards n\nvar n []int\nn = append(n, 1)\nwg.Go(func() {\nnMu.Lock()\nn = append(n, 2) // RACE\nnMu.Unlock()\n})\nnMu.Lock()\nnNow := len(n)\nnMu.Unlock()\neq(t, nNow, 1) // RACE\nnMu.Lock()\nnNow2 := n[0]\nnMu.Unlock()\neq(t, nNow2, 1)"},
		"nothing else uses it": {subject: "e2", strategy: fix.Redeclare, pattern: culprit.PatternCapturedOuterVariable,
			body: "var e2 error\nfor range 2 {\nwg.Go(func() {\ne2 = fmt.Errorf(\"\") // RACE\neq(t, e2, nil)\n})\n}\nwg.Wait()", want: "var wg sync.WaitGroup\nfor range 2 {\nwg.Go(func() {\ne2 := fmt.Errorf(\"\") // RACE"},
		"reads back": {subject: "n", strategy: fix.NewLock, body: "var n error\nfor range 2 {\nwg.Go(func() {\nn = nil // RACE\neq(t, n, nil) // RACE\n})\n}\nwg.Wait()", refusal: "the value of another goroutine"},
		"buffer": {subject: "buf", strategy: fix.LockedBuffer, body: "var buf bytes.Buffer\nwg.Go(func() {\nfmt.Fprint(&buf, 1) // RACE\n})\neq(t, buf.String(), \"1\") // RACE\nwg.Wait()",
			want: "var buf lockedBuffer"},
		"buffer pointer": {subject: "buf", strategy: fix.LockedBuffer, body: "buf := &bytes.Buffer{}\nwg.Go(func() {\nfmt.Fprint(buf, 1) // RACE\n})\neq(t, buf.String(), \"1\") // RACE\nwg.Wait()",
			want: "buf := &lockedBuffer{}"},
		"buffer used whole": {subject: "buf", strategy: fix.LockedBuffer, body: "var buf bytes.Buffer\nwg.Go(func() {\nfmt.Fprint(&buf, 1) // RACE\n})\n_ = buf.AvailableBuffer() // RACE\nwg.Wait()", refusal: "cannot have safely"},
		"Add in goroutine": {subject: "wg2", strategy: fix.AddBeforeGo, body: "var wg2 sync.WaitGroup\ngo func() {\nwg2.Add(1) // RACE\ndefer wg2.Done()\n}()\nwg2.Wait() // RACE\nwg.Wait()",
			want: "var wg2 sync.WaitGroup\nwg2.Add(1)\ngo func() {\ndefer wg2.Done()\n}()"},
		"join": {subject: "n", strategy: fix.Wait, body: "n := \"\"\ngo func() {\nn = \"x\" // RACE\n}()\neq(t, n, \"x\") // RACE\nwg.Wait()",
			want: "nDone := make(chan struct{})\ngo func() {\ndefer close(nDone)\nn = \"x\" // RACE\n}()\n<-nDone\neq(t, n, \"x\") // RACE"},
		"join of many": {subject: "n", strategy: fix.Wait, body: "n := \"\"\nfor range 2 {\ngo func() {\nn = \"x\" // RACE\n}()\n}\neq(t, n, \"x\") // RACE\nwg.Wait()", refusal: "in a loop"},
		"fixture": {subject: "o", strategy: fix.PerGoroutine, body: "o := &struct{ N int }{}\nfor range 2 {\nwg.Go(func() {\no.N++ // RACE\n})\n}\nwg.Wait()",
			want: "wg.Go(func() {\noCopy := *o\no := &oCopy\no.N++ // RACE"},
		"fixture as result": {subject: "o", strategy: fix.PerGoroutine, body: "o := &struct{ N int }{}\nfor range 2 {\nwg.Go(func() {\no.N++ // RACE\n})\n}\nwg.Wait()\neq(t, o.N, 2)", refusal: "may want what the goroutine did"},
		"parallel subtests": {subject: "n", strategy: fix.Serially, body: "var n []int\nfor range 2 {\nt.Run(\"\", func(t *testing.T) {\nt.Parallel()\nn = append(n, 1) // RACE\n})\n}\nwg.Wait()\n_ = n",
			pattern: culprit.PatternSharedFixture, want: "t.Run(\"\", func(t *testing.T) {\nn = append(n, 1) // RACE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr, f := program(t, "1.26", c.subject, strings.Replace(local, "BODY", c.body, 1))
			if c.pattern != "" {
				f.Cause.Pattern = c.pattern
			}
			repairs(t, tr, f, c.strategy, c.want, c.refusal)
		})
	}
}

func TestCopyPerIteration(t *testing.T) {
	t.Parallel()
	src := strings.Replace(local, "BODY", "for _, x := range []int{1, 2} {\nwg.Add(1)\ngo func() {\ndefer wg.Done()\nprintln(x) // RACE\n}()\n}\nwg.Wait()", 1)
	tr, f := program(t, "1.21", "x", strings.Replace(src, "var _ atomic.Int32", "var _ = atomic.AddInt32", 1))
	f.Cause.Pattern = culprit.PatternLoopVariable
	got, why := candidate(t, tr, f, fix.PerIteration)
	check(t, tr, got, why, "for _, x := range []int{1, 2} {\nx := x\nwg.Add(1)")
}

// TestOrder: the least change comes first, the last resort last and named so.
func TestOrder(t *testing.T) {
	t.Parallel()
	body := "n := 0\nfor range 2 {\nt.Run(\"\", func(t *testing.T) {\nt.Parallel()\nn++ // RACE\n})\n}\nwg.Wait()"
	tr, f := program(t, "1.26", "n", strings.Replace(local, "BODY", body, 1))
	f.Cause.Pattern = culprit.PatternCapturedOuterVariable
	list, _, err := fix.Candidates(context.Background(), tr, f)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range list {
		got = append(got, c.Strategy)
	}
	if want := []string{fix.Atomic, fix.NewLock, fix.Serially}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if m := list[len(list)-1].Message; !strings.Contains(m, "last resort") {
		t.Errorf("the last resort is not called so: %q", m)
	}
}

// TestDishonest: patches that hide a race or drop what raced are refused before
// anything is run.
func TestDishonest(t *testing.T) {
	t.Parallel()
	body := "var err error\nfor range 2 {\nwg.Go(func() {\nerr = work()\nif err != nil {\nt.Error(err)\n}\n})\n}\nwg.Wait()"
	src := strings.Replace(local, "BODY", body, 1) + "\nfunc work() error { return nil }\n\nfunc TestOther(t *testing.T) {}\n"
	tr, _ := program(t, "1.26", "wg", src)
	before, err := os.ReadFile(filepath.Join(tr.Root, "m_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, why string }{
		"sleep":     {"err = work()\n", "time.Sleep(1)\nerr = work()\n", "adds a call of time.Sleep"},
		"swallow":   {"err = work()\nif err != nil {\nt.Error(err)\n}\n", "_ = work()\n", "drops"},
		"no work":   {"err = work()\n", "err = nil\n", "drops a call of work"},
		"inline":    {"wg.Go(func() {\nerr = work()\nif err != nil {\nt.Error(err)\n}\n})\n", "func() {\nerr = work()\nif err != nil {\nt.Error(err)\n}\n}()\n", "drops a call of Go"},
		"skip":      {"var err error\n", "t.Skip()\nvar err error\n", "adds a call of t.Skip"},
		"test gone": {"\nfunc TestOther(t *testing.T) {}\n", "\n", "removes TestOther"},
		"no race":   {"package m\n", "//go:build !race\n\npackage m\n", "adds //go:build"},
		"norace":    {"func work() error", "//go:norace\nfunc work() error", "adds //go:norace"},
		"assertion": {"t.Error(err)\n", "", "drops a call of Error"},
		"wait held": {"wg.Wait()", "var mu sync.Mutex\nmu.Lock()\nwg.Wait()\nmu.Unlock()", "waits while it holds a lock"},
		"cond held": {"wg.Wait()", "var mu sync.Mutex\ncond := sync.NewCond(&mu)\nif err != nil {\nmu.Lock()\ncond.Wait()\nmu.Unlock()\n}\nwg.Wait()", ""},
		"blank":     {"err = work()\n", "_ = err\nerr = work()\n", "throws away a value"},
		"no check":  {"if err != nil {\n", "if true {\n", "drops a comparison with nil"},
		"honest":    {"err = work()\n", "err := work()\n", ""},
	} {
		after := strings.Replace(string(before), c.old, c.new, 1)
		if after == string(before) {
			t.Fatalf("%s changes nothing", name)
		}
		got, why, err := fix.FromPatch(tr, unified(string(before), after))
		if err != nil || got == nil {
			t.Errorf("%s: %s %v", name, why, err)
			continue
		}
		i := slices.IndexFunc(got.Checks, func(c culprit.Check) bool { return c.Name == "nothing is dropped or hidden" })
		if i < 0 {
			t.Errorf("%s: not checked: %+v", name, got.Checks)
			continue
		}
		if ch := got.Checks[i]; ch.Passed != (c.why == "") || !strings.Contains(ch.Detail, c.why) {
			t.Errorf("%s: %v, %q; want %q", name, ch.Passed, ch.Detail, c.why)
		}
	}
	const added = "package m\n\nimport \"runtime\"\n\nfunc init() { runtime.GOMAXPROCS(1) }\n"
	diff := "diff --git a/x_test.go b/x_test.go\nnew file mode 100644\n" + udiff.Unified("/dev/null", "b/x_test.go", "", added)
	if got, why, err := fix.FromPatch(tr, diff); err != nil || got == nil || !got.Rejected || !strings.Contains(got.Checks[len(got.Checks)-1].Detail, "runtime.GOMAXPROCS") {
		t.Errorf("a new file: %+v, %q, %v", got, why, err)
	}
	for name, diff := range map[string]string{
		"nonsense": "hello", "outside": strings.ReplaceAll(unified("a\n", "b\n"), "m_test.go", "../../etc/passwd"),
		"other file": strings.ReplaceAll(unified("a\n", "b\n"), "m_test.go", "none.go"),
	} {
		if got, why, err := fix.FromPatch(tr, diff); got != nil || why == "" || err != nil {
			t.Errorf("%s: got %+v, %q, %v", name, got, why, err)
		}
	}
}

func unified(before, after string) string {
	return "diff --git a/m_test.go b/m_test.go\n" + udiff.Unified("a/m_test.go", "b/m_test.go", before, after)
}
