// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix_test

import (
	"context"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/fix"
)

const shared = `
import (
	"sync"
	"testing"
)

BODY

func Test(t *testing.T) {
	var wg sync.WaitGroup
	wg.Wait()
}
`

// TestSharedObjects: repairs of fields, in the order in which they are tried.
func TestSharedObjects(t *testing.T) {
	t.Parallel()
	const lazy = "type log struct {\n\tcfg *int\n}\n\nfunc (l *log) ensure() {\n\tif l.cfg == nil { // RACE\n\t\tl.cfg = new(int) // RACE\n\t}\n}\n\nfunc (l *log) get() int {\n\tl.ensure()\n\treturn *l.cfg\n}"
	const ring = "type ring struct {\n\tbuf []int\n\tend chan int\n}\n\nfunc (r *ring) push(n int) {\n\tr.buf = append(r.buf, n) // RACE\n\tif len(r.buf) > 3 {\n\t\tr.buf = r.buf[1:]\n\t}\n}\n\nfunc (r *ring) size() int {\n\treturn len(r.buf) // RACE\n}"
	const ctx = "type ctx struct {\n\tps []int\n\tm  map[string]int\n}\n\nfunc (c *ctx) Copy() *ctx {\n\tcp := *c\n\treturn &cp\n}\n\nfunc (c *ctx) set() {\n\tc.ps[0] = 1 // RACE\n\tc.m[\"a\"] = 1\n}\n\nfunc (c *ctx) get() int {\n\treturn c.ps[0] // RACE\n}"
	const views = "type views struct {\n\tmu sync.Mutex\n\tm  map[string]int\n}\n\nfunc (v *views) put() {\n\tv.mu.Lock()\n\tdefer v.mu.Unlock()\n\tv.m[\"a\"] = 1 // RACE\n}\n\nfunc keys(m map[string]int) (list map[string]bool) {\n\tfor k := range m {\n\t\tlist[k] = true\n\t}\n\treturn list\n}\n\nfunc (v *views) all() int {\n\tfor range keys(v.m) { // RACE\n\t\treturn 1\n\t}\n\treturn 0\n}"
	const guarded = "type box struct {\n\tmu sync.Mutex\n\tn  int\n\tl  []int\n}\n\nfunc (b *box) set() {\n\tb.mu.Lock()\n\tdefer b.mu.Unlock()\n\tb.n = 1 // RACE\n\tb.l = nil // RACE\n}\n\nfunc (b *box) stop(i int) {\n\tif BODY { // RACE\n\t\treturn\n\t}\n}"
	for name, c := range map[string]struct{ subject, strategy, body, want, refusal string }{
		"lazy":            {"cfg", fix.Once, lazy, "type log struct {\ncfgOnce sync.Once // for cfg\ncfg     *int\n}\n\nfunc (l *log) ensure() {\nl.cfgOnce.Do(func() {\nif l.cfg == nil { // RACE\nl.cfg = new(int) // RACE\n}\n})\n}", ""},
		"lazy, and reset": {"cfg", fix.Once, lazy + "\n\nfunc (l *log) reset() {\n\tl.cfg = nil\n}", "", "not only where it is nil"},
		"lazy, returns":   {"cfg", fix.Once, strings.Replace(lazy, "new(int) // RACE\n", "new(int) // RACE\n\t\treturn\n", 1), "", "returns, defers or jumps"},
		"several steps":   {"buf", fix.NewLock, ring, "func (r *ring) push(n int) {\nr.bufMu.Lock()\ndefer r.bufMu.Unlock()\nr.buf = append(r.buf, n) // RACE", ""},
		"several steps that wait": {"buf", fix.NewLock, strings.Replace(ring, "r.buf = r.buf[1:]", "r.end <- r.buf[0]", 1),
			"func (r *ring) push(n int) {\nr.bufMu.Lock()\nr.buf = append(r.buf, n) // RACE\nr.bufMu.Unlock()", ""},
		"several steps that wait for a group": {"buf", fix.NewLock, strings.NewReplacer("end chan int", "end sync.WaitGroup", "r.buf = r.buf[1:]", "r.end.Wait()").Replace(ring),
			"func (r *ring) push(n int) {\nr.bufMu.Lock()\nr.buf = append(r.buf, n) // RACE\nr.bufMu.Unlock()", ""},
		"several steps, on nil": {"buf", fix.NewLock, strings.Replace(ring, "(n int) {\n", "(n int) {\n\tif r == nil {\n\t\treturn\n\t}\n", 1),
			"}\nr.bufMu.Lock()\nr.buf = append(r.buf, n) // RACE\nr.bufMu.Unlock()", ""},
		"nil first":        {"n", fix.ItsLock, strings.Replace(guarded, "BODY", "b == nil || b.n > 1", 1), "if b == nil || func() int {\nb.mu.Lock()\ndefer b.mu.Unlock()\nreturn b.n\n}() > 1 { // RACE", ""},
		"bounds first":     {"l", fix.ItsLock, strings.Replace(guarded, "BODY", "i < 3 && b.l[i] > 1", 1), "if i < 3 && func() int {\nb.mu.Lock()\ndefer b.mu.Unlock()\nreturn b.l[i]\n}() > 1 { // RACE", ""},
		"header first":     {"l", fix.ItsLock, strings.Replace(guarded, "BODY", "i := i + 1; b.l[i] > 1", 1), "if i := i + 1; func() int {\nb.mu.Lock()\ndefer b.mu.Unlock()\nreturn b.l[i]\n}() > 1 { // RACE", ""},
		"nothing first":    {"n", fix.ItsLock, strings.Replace(guarded, "BODY", "i < 3 && b.n > 1", 1), "b.mu.Lock()\nnNow := b.n\nb.mu.Unlock()\nif i < 3 && nNow > 1 { // RACE", ""},
		"copy":             {"ps", fix.DeepCopy, ctx, "cp := *c\ncp.ps = append(cp.ps[:0:0], cp.ps...)\nreturn &cp", ""},
		"copy of a map":    {"m", fix.DeepCopy, ctx, "cp := *c\ncp.m = maps.Clone(cp.m)\nreturn &cp", ""},
		"copied already":   {"ps", fix.DeepCopy, strings.Replace(ctx, "cp := *c\n", "cp := *c\n\tcp.ps = nil\n", 1), "", "no lock is held"},
		"map handed on":    {"m", fix.ItsLock, views, "v.mu.Lock()\nmNow := maps.Clone(v.m)\nv.mu.Unlock()\nfor range keys(mNow) { // RACE", ""},
		"map, and changed": {"m", fix.ItsLock, strings.Replace(views, "list[k] = true", "m[k] = 2", 1), "", "hands on the map"},
		"map, and kept":    {"m", fix.ItsLock, strings.Replace(views, "return list\n", "return kept(m)\n", 1) + "\n\nfunc kept(m map[string]int) map[string]bool { return nil }", "", "hands on the map"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr, f := program(t, "1.26", c.subject, strings.Replace(shared, "BODY", c.body, 1))
			repairs(t, tr, f, c.strategy, c.want, c.refusal)
		})
	}
}

// TestTakenAside: a function value that is called is read under the lock and
// called without it, and that is no dropped call.
func TestTakenAside(t *testing.T) {
	t.Parallel()
	const body = "type hook struct {\n\tmu sync.Mutex\n\tOn func()\n}\n\nfunc (h *hook) set(f func()) {\n\th.mu.Lock()\n\tdefer h.mu.Unlock()\n\th.On = f // RACE\n}\n\nfunc (h *hook) run() {\n\th.On() // RACE\n}"
	tr, f := program(t, "1.26", "On", strings.Replace(shared, "BODY", body, 1))
	got, why := candidate(t, tr, f, fix.ItsLock)
	check(t, tr, got, why, "h.mu.Lock()\nonNow := h.On\nh.mu.Unlock()\nonNow() // RACE")
}

// TestAddOfParameter: the goroutine is handed the WaitGroup.
func TestAddOfParameter(t *testing.T) {
	t.Parallel()
	body := "var wg2 sync.WaitGroup\ngo func(g *sync.WaitGroup) {\ng.Add(1) // RACE\ng.Done()\n}(&wg2)\nwg2.Wait() // RACE\nwg.Wait()"
	tr, f := program(t, "1.26", "wg2", strings.Replace(local, "BODY", body, 1))
	got, why := candidate(t, tr, f, fix.AddBeforeGo)
	check(t, tr, got, why, "var wg2 sync.WaitGroup\nwg2.Add(1)\ngo func(g *sync.WaitGroup) {\ng.Done()\n}(&wg2)")

	// The same mistake twice: the second repair mends both.
	tr, f = program(t, "1.26", "wg2", strings.Replace(local, "BODY", body+"\nvar wg3 sync.WaitGroup\ngo func() {\nwg3.Add(1)\nwg3.Done()\n}()\nwg3.Wait()", 1))
	list, why, err := fix.Candidates(context.Background(), tr, f)
	if err != nil || len(list) != 2 || list[0].Strategy != fix.AddBeforeGo || list[1].Strategy != fix.AddBeforeGo {
		t.Fatalf("%d candidates, %q, %v", len(list), why, err)
	}
	check(t, tr, list[0], why, "var wg3 sync.WaitGroup\ngo func() {\nwg3.Add(1)\nwg3.Done()\n}()")
	check(t, tr, list[1], why, "var wg3 sync.WaitGroup\nwg3.Add(1)\ngo func() {\nwg3.Done()\n}()")
}

// TestNoLockForAWaitGroup: a lock around Add and Wait silences the detector, and
// Wait still does not wait for what is added later.
func TestNoLockForAWaitGroup(t *testing.T) {
	t.Parallel()
	const body = "type stopper struct {\n\tmu sync.Mutex\n\tgroup sync.WaitGroup\n}\n\nfunc (s *stopper) run() {\n\ts.group.Add(1) // RACE\n\tgo s.group.Done()\n}\n\nfunc (s *stopper) stop() {\n\ts.group.Wait() // RACE\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n}"
	for _, strategy := range []string{fix.ItsLock, fix.NewLock} {
		tr, f := program(t, "1.26", "group", strings.Replace(shared, "BODY", body, 1))
		if got, why := candidate(t, tr, f, strategy); got != nil || !strings.Contains(why, "does not make anybody wait") {
			t.Errorf("%s: %+v, %q", strategy, got, why)
		}
	}
}

// TestSerially: what is global may be declared elsewhere, and a serial subtest of
// a parallel test is still parallel to others.
func TestSerially(t *testing.T) {
	t.Parallel()
	src := "import (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc Test(t *testing.T) {\n\tt.Parallel()\n\tt.Run(\"a\", func(t *testing.T) {\n\t\tt.Parallel()\n\t\tos.Stderr = nil // RACE\n\t})\n}\n"
	tr, f := program(t, "1.26", "Stderr", src)
	f.Cause.Pattern, f.Cause.Subject = culprit.PatternGlobalState, "os.Stderr"
	f.Cause.Declared = culprit.Pos{File: "$GOROOT/src/os/file.go", Line: 74, Column: 1}
	list, why, err := fix.Candidates(context.Background(), tr, f)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d candidates, %q, %v", len(list), why, err)
	}
	check(t, tr, list[0], why, "t.Parallel()\nt.Run(\"a\", func(t *testing.T) {\nos.Stderr = nil // RACE")
	check(t, tr, list[1], why, "func Test(t *testing.T) {\nt.Run(\"a\", func(t *testing.T) {\nos.Stderr = nil // RACE")
	if fx, _, err := fix.Find(context.Background(), tr, f); fx != nil || err != nil {
		t.Errorf("a last resort is proposed without a run: %+v, %v", fx, err)
	}
}

// TestNamedResult: goroutines that assign a named result.
func TestNamedResult(t *testing.T) {
	t.Parallel()
	const fn = "func work(int) error { return nil }\n\nfunc list(in chan int) (n int, err error) {\n\tvar wg sync.WaitGroup\n\tfor range 2 {\n\t\twg.Go(func() {\n\t\t\tfor i := range in {\n\t\t\t\tif err = work(i); err != nil { // RACE\n\t\t\t\t\tprintln(err)\n\t\t\t\t}\n\t\t\t}\n\t\t})\n\t}\n\twg.Wait()\n\treturn n, nil\n}"
	for name, c := range map[string]struct{ body, want, refusal string }{
		"own":         {fn, "if err := work(i); err != nil { // RACE", ""},
		"given back":  {strings.Replace(fn, "return n, nil", "return", 1), "", "gives err back"},
		"given back2": {strings.Replace(fn, "return n, nil", "return n, err", 1), "", "after the goroutine was started"},
	} {
		tr, f := program(t, "1.26", "err", strings.Replace(shared, "BODY", c.body, 1))
		f.Cause.Pattern = culprit.PatternNamedResult
		got, why := candidate(t, tr, f, fix.Redeclare)
		if c.refusal != "" {
			if got != nil || !strings.Contains(why, c.refusal) {
				t.Errorf("%s: got %+v, %q", name, got, why)
			}
			continue
		}
		check(t, tr, got, why, c.want)
	}
}

// TestRedeclareTogether: one statement assigns two outer variables, and the report
// names one of them.
func TestRedeclareTogether(t *testing.T) {
	t.Parallel()
	const body = "n, err := pair()\neq(t, n, err)\nfor range 2 {\nwg.Go(func() {\nn, err = pair() // RACE\nif err == nil {\neq(t, n, 1)\n}\n})\n}\nwg.Wait()\n"
	const pair = "\nfunc pair() (int, error) { return 1, nil }\n"
	tr, f := program(t, "1.26", "n", strings.Replace(local, "BODY", body, 1)+pair)
	f.Cause.Pattern = culprit.PatternCapturedOuterVariable
	got, why := candidate(t, tr, f, fix.Redeclare)
	check(t, tr, got, why, "wg.Go(func() {\nn, err := pair() // RACE\nif err == nil {")
	// The test wants the error of the last one: it stays as it is.
	tr, f = program(t, "1.26", "n", strings.Replace(local, "BODY", body+"eq(t, err, nil)\n", 1)+pair)
	f.Cause.Pattern = culprit.PatternCapturedOuterVariable
	got, why = candidate(t, tr, f, fix.Redeclare)
	check(t, tr, got, why, "wg.Go(func() {\nvar n int\nn, err = pair() // RACE\nif err == nil {")
}

// TestWaits: who waits for a goroutine, and where.
func TestWaits(t *testing.T) {
	t.Parallel()
	const join = "n, m := 0, 0\nwg.Add(1)\ngo func() {\ndefer wg.Done()\nprintln()\n}()\ngo func() {\nn = 1 // RACE\nm = 1\n}()\nwg.Wait()\nprintln(m)\neq(t, n, 1) // RACE"
	for name, c := range map[string]struct {
		subject, strategy, body, want, refusal string
		pattern                                culprit.Pattern
		also                                   bool
	}{
		"the group that is there": {subject: "n", strategy: fix.Wait, body: join, want: "wg.Add(1)\ngo func() {\ndefer wg.Done()\nn = 1 // RACE"},
		"no guard for one of two": {subject: "n", strategy: fix.Atomic, body: join, also: true, refusal: "nothing waits for the goroutine"},
		"before both": {subject: "n", strategy: fix.Wait, body: strings.Replace(join, "wg.Wait()\n", "", 1), also: true,
			want: "}()\n<-nDone\nprintln(m)\neq(t, n, 1) // RACE"},
		"end": {subject: "t", strategy: fix.JoinEnd, pattern: culprit.PatternUseAfterEnd, body: "for range 2 {\ngo func() {\nt.Log(1) // RACE\n}()\n}\nwg.Wait()",
			want: "for range 2 {\nended := make(chan struct{})\nt.Cleanup(func() { <-ended })\ngo func() {\ndefer close(ended)\nt.Log(1) // RACE"},
		"end, started elsewhere": {subject: "t", strategy: fix.JoinEnd, pattern: culprit.PatternUseAfterEnd, body: "func() {\ngo func() {\nt.Log(1) // RACE\n}()\n}()\nwg.Wait()",
			refusal: "not started by a function that has the test at hand"},
		"read behind the receive": {subject: "n", strategy: fix.ReadAfter, body: "n := 0\ndone := make(chan bool)\ngo func() {\nn = 1 // RACE\ndone <- true\n}()\neq(t, n, 1) // RACE\nprintln()\n<-done\nwg.Wait()",
			want: "println()\n<-done\neq(t, n, 1) // RACE\nwg.Wait()"},
		"read behind Wait": {subject: "n", strategy: fix.ReadAfter, body: "n := 0\nwg.Add(1)\ngo func() {\ndefer wg.Done()\nn = 1 // RACE\n}()\nif n > 1 { // RACE\nt.Error(n)\n}\nwg.Wait()",
			want: "}()\nwg.Wait()\nif n > 1 { // RACE\nt.Error(n)\n}"},
		"another channel":                 {subject: "n", strategy: fix.ReadAfter, body: "n := 0\ndone, other := make(chan bool, 1), make(chan bool, 1)\ngo func() {\nn = 1 // RACE\ndone <- true\n}()\neq(t, n, 1) // RACE\nother <- true\n<-other\nwg.Wait()", refusal: "no receive"},
		"sent before":                     {subject: "n", strategy: fix.ReadAfter, body: "n := 0\ndone := make(chan bool)\ngo func() {\ndone <- true\nn = 1 // RACE\n}()\neq(t, n, 1) // RACE\n<-done\nwg.Wait()", refusal: "no receive"},
		"returns if not":                  {subject: "n", strategy: fix.ReadAfter, body: "n := 0\ndone := make(chan bool, 1)\ngo func() {\nn = 1 // RACE\ndone <- true\n}()\nif n > 1 { // RACE\nreturn\n}\n<-done\nwg.Wait()", refusal: "no receive"},
		"a write":                         {subject: "n", strategy: fix.ReadAfter, body: "n := 0\ndone := make(chan bool, 1)\ngo func() {\nn = 1 // RACE\ndone <- true\n}()\nn++ // RACE\nprintln()\n<-done\nwg.Wait()", refusal: "no receive"},
		"sets what is read in between":    {subject: "n", strategy: fix.ReadAfter, body: "m := 0\nn := 0\ndone := make(chan bool, 1)\ngo func() {\nn = 1 // RACE\ndone <- true\n}()\nif n > 1 { // RACE\nm = 1\n}\neq(t, m, 0)\n<-done\nwg.Wait()", refusal: "no receive"},
		"reads what changes in between":   {subject: "n", strategy: fix.ReadAfter, body: "m := 0\nn := 0\ndone := make(chan bool, 1)\ngo func() {\nn = 1 // RACE\ndone <- true\n}()\neq(t, n, m) // RACE\nm = 1\n<-done\neq(t, m, 1)\nwg.Wait()", refusal: "no receive"},
		"receives what it compares":       {subject: "n", strategy: fix.ReadAfter, body: "m := false\nn := 0\ndone := make(chan bool, 1)\ngo func() {\nn = 1 // RACE\ndone <- true\n}()\neq(t, n > 0, m) // RACE\nm = <-done\neq(t, m, true)\nwg.Wait()", refusal: "no receive"},
		"holds a lock":                    {subject: "n", strategy: fix.ReadAfter, body: "var mu sync.Mutex\nn := 0\ndone := make(chan bool, 1)\ngo func() {\nn = 1 // RACE\ndone <- true\n}()\nmu.Lock()\neq(t, n, 1) // RACE\nmu.Unlock()\n<-done\nwg.Wait()", refusal: "no receive"},
		"sends":                           {subject: "n", strategy: fix.ReadAfter, body: "out := make(chan int, 1)\nn := 0\ndone := make(chan bool, 1)\ngo func() {\nn = 1 // RACE\ndone <- true\n}()\nout <- n // RACE\neq(t, <-out, 1)\n<-done\nwg.Wait()", refusal: "no receive"},
		"does something before something": {subject: "n", strategy: fix.ReadAfter, body: "do := func(int) {}\nn := 0\ndone := make(chan bool, 1)\ngo func() {\nn = 1 // RACE\ndone <- true\n}()\ndo(n) // RACE\nprintln()\n<-done\nwg.Wait()", refusal: "no receive"},
		"another channel of that name":    {subject: "n", strategy: fix.ReadAfter, body: "n := 0\ndone := make(chan bool, 1)\ngo func() {\ndone := make(chan bool, 1)\nn = 1 // RACE\ndone <- true\n}()\neq(t, n, 1) // RACE\ndone <- true\n<-done\nwg.Wait()", refusal: "no receive"},
		"atomic elsewhere": {subject: "n", strategy: fix.AtomicHere, body: "var n uint32\nwg.Go(func() {\natomic.AddUint32(&n, 1) // RACE\n})\neq(t, n, 1) // RACE\nwg.Wait()",
			want: "eq(t, atomic.LoadUint32(&n), 1) // RACE"},
		"not one operation": {subject: "n", strategy: fix.AtomicHere, body: "var n uint32\nwg.Go(func() {\natomic.AddUint32(&n, 1) // RACE\n})\nn = n*2 // RACE\nwg.Wait()", refusal: "not atomic"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr, f := program(t, "1.26", c.subject, strings.Replace(local, "BODY", c.body, 1))
			if c.pattern != "" {
				f.Cause.Pattern = c.pattern
				pkgs, err := tr.Load(context.Background(), ".")
				if err != nil {
					t.Fatal(err)
				}
				for id := range pkgs[0].Info.Defs { // the t of the test, which the helper above it has too
					if pos := pkgs[0].Pos(id.Pos()); id.Name == c.subject && pos.Line > f.Cause.Declared.Line {
						f.Cause.Declared = pos
					}
				}
			}
			if c.also {
				at := f.Cause.Declared
				at.Column += len("n, ")
				f.Cause.Also = culprit.List[culprit.Alternative]{{Subject: "m", Declared: at}}
			}
			repairs(t, tr, f, c.strategy, c.want, c.refusal)
		})
	}
}

// TestIndented: a file that gofmt never saw is not formatted by a patch, and what
// the patch inserts is indented as its surroundings are.
func TestIndented(t *testing.T) {
	t.Parallel()
	const body = "type box struct {\n    mu sync.Mutex\n    n int\n}\n\nfunc (b *box) add() {\n    b.mu.Lock()\n    defer b.mu.Unlock()\n    b.n++ // RACE\n}\n\nfunc (b *box) get() int {\n    if b.mu.TryLock() { b.mu.Unlock() }\n    return b.n // RACE\n}"
	tr, f := program(t, "1.26", "n", strings.Replace(shared, "BODY", body, 1))
	got, why := candidate(t, tr, f, fix.ItsLock)
	check(t, tr, got, why, "b.mu.Lock()\nnNow := b.n\nb.mu.Unlock()\nreturn nNow // RACE")
	if got != nil && !strings.Contains(got.Patch, "+    b.mu.Lock()\n+    nNow := b.n\n+    b.mu.Unlock()\n+    return nNow // RACE\n") {
		t.Errorf("not indented:\n%s", got.Patch)
	}
}
