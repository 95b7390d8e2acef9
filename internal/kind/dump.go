// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// goroutine is one goroutine of a dump, as runtime/traceback.go prints it.
//
// A reader of our own: the known ones stop at what logs do to dumps, such as
// pasted indentation, a lost tail, or other output in between.
type goroutine struct {
	id             int
	state          string
	minutes        int
	stack, created []culprit.Frame
}

const (
	maxGoroutines = 10_000
	maxFrames     = 200 // of one goroutine
	maxGroups     = 40
)

// parseDump reads the goroutines in lines. What is no part of one is skipped.
func parseDump(ls []golog.Line) []goroutine {
	var gs []goroutine
	var cur *goroutine
	fn, made := "", false // the function whose position is still to come
	for _, l := range ls {
		text := strings.TrimSpace(l.Text)
		if g, ok := goroutineHeader(text); ok {
			if cur != nil && cur.id == g.id && len(cur.stack) == 0 {
				cur.state, cur.minutes = g.state, g.minutes // goleak prints both forms
				continue
			}
			if len(gs) >= maxGoroutines {
				return gs
			}
			gs = append(gs, g)
			cur, fn = &gs[len(gs)-1], ""
			continue
		}
		if cur == nil || text == "" {
			if text == "" && cur != nil && len(cur.stack) > 0 {
				cur = nil
			}
			continue
		}
		if fn != "" {
			if file, line, ok := position(text); ok {
				cur.add(culprit.Frame{Func: fn, File: file, Line: line}, made)
				fn = ""
				continue
			}
			cur.add(culprit.Frame{Func: fn}, made)
			fn = ""
		}
		name, ok := strings.CutPrefix(text, "created by ")
		if made = ok; ok {
			fn, _, _ = strings.Cut(name, " in goroutine ")
		} else if fn = funcName(text); fn == "" && !strings.HasPrefix(text, "[originating from") && !strings.Contains(text, "frames elided") && !strings.HasPrefix(text, "goroutine running on other thread") {
			if len(cur.stack) > 0 {
				cur = nil
			}
		}
	}
	if cur != nil && fn != "" {
		cur.add(culprit.Frame{Func: fn}, made)
	}
	return gs
}

func (g *goroutine) add(f culprit.Frame, created bool) {
	if created {
		g.created = append(g.created, f)
	} else if len(g.stack) < maxFrames {
		g.stack = append(g.stack, f)
	}
}

// goroutineHeader reads "goroutine 7 gp=0x1 m=0 [chan receive, 9 minutes]:", and
// goleak's "[Goroutine 7 in state chan receive, with f on top of the stack:".
func goroutineHeader(s string) (g goroutine, ok bool) {
	if rest, found := strings.CutPrefix(s, "goroutine "); found {
		id, rest, _ := strings.Cut(rest, " ")
		open, end := strings.IndexByte(rest, '['), strings.LastIndex(rest, "]:")
		if g.id, ok = number(id); !ok || open < 0 || end < open || open > 80 {
			return g, false
		}
		g.state = rest[open+1 : end]
	} else if i := strings.Index(s, "Goroutine "); i >= 0 && i <= 1 && strings.HasSuffix(s, " on top of the stack:") {
		id, rest, _ := strings.Cut(s[i+len("Goroutine "):], " ")
		state, found := strings.CutPrefix(rest, "in state ")
		if g.id, ok = number(id); !ok || !found {
			return g, false
		}
		g.state, _, _ = strings.Cut(state, ", with ")
	} else {
		return g, false
	}
	parts := strings.Split(g.state, ", ")
	g.state = parts[0]
	for _, p := range parts[1:] {
		if n, found := strings.CutSuffix(p, " minutes"); found {
			g.minutes, _ = number(n)
		}
	}
	return g, true
}

func number(s string) (int, bool) {
	if s == "" || len(s) > 9 {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0
}

// funcName returns the symbol of a line "pkg.(*T).Method(0x1, {0x2, 0x3})".
func funcName(s string) string {
	if !strings.HasSuffix(s, ")") {
		return ""
	}
	depth := 0
	for i := len(s) - 1; i > 0; i-- {
		switch s[i] {
		case ')', '}', ']':
			depth++
		case '{', '[':
			depth--
		case '(':
			if depth--; depth == 0 {
				name := s[:i]
				if strings.ContainsAny(name, " \t\"'") && !strings.HasPrefix(name, "go.shape") && !strings.Contains(name, "[") || !strings.Contains(name, ".") && name != "panic" {
					return ""
				}
				return name
			}
		}
	}
	return ""
}

// position reads "/path/file.go:12 +0x1d fp=0x1", also on Windows.
func position(s string) (file string, line int, ok bool) {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], ':')
		if i < 0 {
			return "", 0, false
		}
		i += from
		end := i + 1
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		if end > i+1 && i > 0 && (end == len(s) || s[end] == ' ' || s[end] == '"') {
			n, ok := number(s[i+1 : end])
			return s[:i], n, ok
		}
		from = i + 1
	}
}

// groups folds goroutines at the same place into one: those of tests and of the
// repository before those that are not, and of each the longest blocked first.
func groups(gs []goroutine) culprit.List[culprit.Goroutines] {
	root := goroot(gs)
	at := map[string]int{}
	var out culprit.List[culprit.Goroutines]
	for i := range gs {
		g := &gs[i]
		key := g.key()
		j, ok := at[key]
		if !ok {
			j = len(out)
			at[key] = j
			out = append(out, g.group(root))
		}
		out[j].Count++
		out[j].Minutes = max(out[j].Minutes, g.minutes)
		if len(out[j].IDs) < 10 {
			out[j].IDs = append(out[j].IDs, g.id)
		}
	}
	slices.SortStableFunc(out, func(a, b culprit.Goroutines) int {
		return cmp.Or(cmp.Compare(max(1, rank(a)), max(1, rank(b))), -cmp.Compare(a.Minutes, b.Minutes), cmp.Compare(rank(a), rank(b)))
	})
	return out[:min(len(out), maxGroups)]
}

// rank puts what a reader wants first: tests, then the rest of the repository, then
// what waits for a subtest or for its turn, then the runtime.
func rank(g culprit.Goroutines) int {
	for _, f := range g.Stack {
		switch {
		case strings.HasPrefix(f.Func, "runtime."):
			continue
		case strings.HasPrefix(f.Func, "testing.(*T).Parallel"), strings.HasPrefix(f.Func, "testing.(*testContext)."), strings.HasPrefix(f.Func, "testing.(*testState)."):
			return 4
		case strings.HasPrefix(f.Func, "testing.(*T).Run"):
			if g.Test == "" {
				return 4
			}
			return 2
		}
		break
	}
	switch {
	case g.Test != "":
		return 0
	case g.Where != nil:
		return 1
	case len(g.Created) > 0 && g.Created[0].Func != "" && !strings.HasPrefix(g.Created[0].Func, "testing.") && !strings.HasPrefix(g.Created[0].Func, "runtime."):
		return 3
	}
	return 4
}

func (g *goroutine) key() string {
	var b strings.Builder
	b.WriteString(g.state)
	for _, f := range g.stack {
		fmt.Fprintf(&b, "\n%s %s:%d", f.Func, f.File, f.Line)
	}
	for _, f := range g.created {
		fmt.Fprintf(&b, "\n> %s %s:%d", f.Func, f.File, f.Line)
	}
	return b.String()
}

func (g *goroutine) group(root string) culprit.Goroutines {
	return culprit.Goroutines{State: g.state, Stack: g.stack, Created: g.created, Where: where(g.stack, root), Test: g.test()}
}

// test is the top-level test that runs in a goroutine, or that started it.
func (g *goroutine) test() string {
	for _, list := range [][]culprit.Frame{g.stack, g.created} {
		for i := len(list) - 1; i >= 0; i-- {
			if n := topTest(list[i].Func); n != "" {
				return n
			}
		}
	}
	return ""
}

// goroot finds the folder of the standard library's sources in a dump.
func goroot(gs []goroutine) string {
	for i := range gs {
		for _, f := range slices.Concat(gs[i].stack, gs[i].created) {
			for _, p := range []string{"/src/testing/", "/src/runtime/"} {
				file := strings.ReplaceAll(f.File, `\`, "/")
				if k := strings.LastIndex(file, p); k > 0 && (strings.HasPrefix(f.Func, "testing.") || strings.HasPrefix(f.Func, "runtime.") || strings.HasPrefix(f.Func, "internal/runtime/")) {
					return file[:k+len("/src/")]
				}
			}
		}
	}
	return ""
}

// where returns the topmost frame that is of no standard package and of no other
// module, as far as paths tell.
func where(stack []culprit.Frame, root string) *culprit.Frame {
	for i := range stack {
		if ownFrame(stack[i], root) {
			f := stack[i]
			return &f
		}
	}
	return nil
}

// ownFrame reports whether a frame can be of the repository.
func ownFrame(f culprit.Frame, root string) bool {
	file := strings.ReplaceAll(f.File, `\`, "/")
	switch {
	case file == "" || strings.HasPrefix(file, "<") || file == "_testmain.go" || strings.HasPrefix(f.Func, "runtime.") || strings.HasPrefix(f.Func, "testing.") || strings.HasPrefix(f.Func, "internal/"):
		return false
	case strings.Contains(file, "/pkg/mod/"), strings.Contains(file, "/vendor/"), strings.Contains(file, "@v"), strings.Contains(file, "/external/"):
		return false
	case root != "" && strings.HasPrefix(file, root):
		// In the standard library's own logs, everything is below its folder.
		return false
	}
	if root != "" {
		return true
	}
	path, _, _ := strings.Cut(f.Func[strings.LastIndexByte(f.Func, '/')+1:], ".")
	dir := f.Func[:strings.LastIndexByte(f.Func, '/')+1] + path
	first, _, _ := strings.Cut(dir, "/")
	return f.Func == "main.main" || strings.Contains(first, ".") || !strings.HasSuffix(file[:strings.LastIndexByte(file, '/')+1], "/src/"+dir+"/")
}
