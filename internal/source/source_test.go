// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
)

func TestParseSymbol(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]source.Symbol{
		"main.main": {Package: "main", Name: "main"},
		"github.com/coder/coder/v2/codersdk/toolsdk_test.TestTools.func30()": {Package: "github.com/coder/coder/v2/codersdk/toolsdk_test", Name: "TestTools", Depth: 1},
		"p.F.func1.2":            {Package: "p", Name: "F", Depth: 2},
		"p.(*T).M.func1":         {Package: "p", Recv: "T", Pointer: true, Name: "M", Depth: 1},
		"p.T.M":                  {Package: "p", Recv: "T", Name: "M"},
		"p.(*T).M-fm":            {Package: "p", Recv: "T", Pointer: true, Name: "M", Wrapper: "fm"},
		"p.F[...].func1":         {Package: "p", Name: "F", Depth: 1, Generic: true},
		"p.(*T[go.shape.int]).M": {Package: "p", Recv: "T", Pointer: true, Name: "M", Generic: true},
		"p.F-range1":             {Package: "p", Name: "F", RangeBody: true},
		"p.F.gowrap1":            {Package: "p", Name: "F", Wrapper: "gowrap"},
		"p.F.deferwrap2":         {Package: "p", Name: "F", Wrapper: "deferwrap"},
		"p.F·dwrap·1":            {Package: "p", Name: "F", Wrapper: "gowrap"},
		"p.F.G.func1":            {Package: "p", Recv: "F", Name: "G", Depth: 1, Elsewhere: true, Innermost: "G"},
		"p.F.(*T).G.func1":       {Package: "p", Recv: "F", Name: "(*T)", Depth: 1, Elsewhere: true, Innermost: "G"},
		"p.(*S).Keys.Keys[go.shape.map[string]x/y.C].func1": {Package: "p", Recv: "S", Pointer: true, Name: "Keys", Depth: 1, Generic: true, Elsewhere: true, Innermost: "Keys"},
		"p.glob..func2.1":                   {Package: "p", Name: "glob.", Depth: 2},
		"gopkg.in/yaml%2ev3.(*node).decode": {Package: "gopkg.in/yaml.v3", Recv: "node", Pointer: true, Name: "decode"},
		"testing.(*T).Run.gowrap1":          {Package: "testing", Recv: "T", Pointer: true, Name: "Run", Wrapper: "gowrap"},
		"":                                  {},
		"nonsense":                          {Name: "nonsense"},
	} {
		if d := cmp.Diff(want, source.ParseSymbol(in)); d != "" {
			t.Errorf("%s (-want +got):\n%s", in, d)
		}
	}
}

func FuzzParseSymbol(f *testing.F) {
	for _, s := range []string{"p.(*T).M.func1", "p.F[a/b.T].func1", "%2", "p.(*", "a/b.c-range1-fm", "..", "p.[[]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		sym := source.ParseSymbol(s)
		if sym.Depth < 0 || len(sym.Func()) > len(s)+4 {
			t.Errorf("%q: %+v", s, sym)
		}
	})
}

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t *testing.T, files map[string]string) *source.Tree {
	t.Helper()
	tr, why, err := source.Open(context.Background(), write(t, files))
	if tr == nil {
		t.Fatal(why, err)
	}
	return tr
}

func TestResolve(t *testing.T) {
	t.Parallel()
	tr := open(t, map[string]string{
		"go.mod": "module example.com/m/v2\n\ngo 1.26\n", "p/p.go": "package p\n", "p/p_test.go": "package p_test\n",
		"cmd/tool/main.go": "package main\n", "cmd/other/main.go": "package main\n",
		"p/once.go": "package p\n", "q/once.go": "package q\n", "q/q.go": "package q\n",
		"sub/go.mod": "module example.com/m/v2/sub\n", "sub/q/q.go": "package q\n", "vendor/example.com/dep/d.go": "package dep\n",
	})
	for name, c := range map[string]struct{ fn, file, want, why string }{
		"ci path":          {"example.com/m/v2/p.F", "/home/runner/work/m/m/p/p.go", "p/p.go", ""},
		"external test":    {"example.com/m/v2/p_test.TestF.func1", "/home/runner/work/m/m/p/p_test.go", "p/p_test.go", ""},
		"trimpath":         {"example.com/m/v2/p.F", "example.com/m/v2/p/p.go", "p/p.go", ""},
		"windows":          {"example.com/m/v2/p.F", `D:\a\m\m\p\p.go`, "p/p.go", ""},
		"nested module":    {"example.com/m/v2/sub/q.F", "/ci/sub/q/q.go", "sub/q/q.go", ""},
		"command":          {"main.main", "/ci/m/cmd/tool/main.go", "cmd/tool/main.go", ""},
		"ambiguous":        {"main.main", "/ci/main.go", "", "no file"},
		"gone":             {"example.com/m/v2/p.F", "/ci/p/gone.go", "", "p/gone.go is not in the work tree"},
		"standard library": {"testing.tRunner", "/usr/local/go/src/testing/testing.go", "", "package testing"},
		"other module":     {"example.com/n.F", "/ci/n/p/p.go", "", "package example.com/n"},
		"inlined closure":  {"example.com/m/v2/p.F.(*T).G.func1", "/ci/m/q/q.go", "q/q.go", ""},
		"same name there":  {"example.com/m/v2/p.F.(*T).G.func1", "/ci/m/q/once.go", "q/once.go", ""},
		"inlined, trimmed": {"example.com/m/v2/p.F.(*T).G.func1", "example.com/m/v2/q/once.go", "q/once.go", ""},
		"inlined library":  {"example.com/m/v2/p.F.OnceFunc.func1", "/usr/local/go/src/q/q.go", "", "p/q.go is not in the work tree"},
		"escape":           {"example.com/m/v2/../../etc.F", "/etc/passwd.go", "", "not in the work tree"},
		"no go file":       {"runtime.racewrite", "<autogenerated>", "", "no Go file"},
	} {
		got, why := tr.Resolve(culprit.Frame{Func: c.fn, File: c.file, Line: 1})
		if got != c.want || !strings.Contains(why, c.why) {
			t.Errorf("%s: got %q, %q; want %q, %q", name, got, why, c.want, c.why)
		}
	}
}

func TestOpenReasons(t *testing.T) {
	t.Parallel()
	file := filepath.Join(write(t, map[string]string{"x": ""}), "x")
	for dir, want := range map[string]string{
		"/does/not/exist": "does not exist", file: "not a folder", t.TempDir(): "no go.mod",
	} {
		if tr, why, err := source.Open(context.Background(), dir); tr != nil || err != nil || !strings.Contains(why, want) {
			t.Errorf("%s: %v, %q, %v; want %q", dir, tr, why, err, want)
		}
	}
}

func TestLoadDegrees(t *testing.T) {
	t.Parallel()
	const mod = "module example.com/m\n\ngo 1.26\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  source.Degree
	}{
		"full":    {map[string]string{"go.mod": mod, "p.go": "package p\n\nimport \"fmt\"\n\nvar _ = fmt.Sprint\n"}, source.Full},
		"missing": {map[string]string{"go.mod": mod, "p.go": "package p\n\nimport \"example.com/absent\"\n\nvar _ = absent.X\n"}, source.Partial},
		"toolchain": {map[string]string{
			"go.mod": "module example.com/m\n\ngo 1.99\n", "q/q.go": "package q\n\ntype T struct{ N int }\n",
			"p.go": "package p\n\nimport (\n\t\"net/http\"\n\n\t\"example.com/m/q\"\n)\n\nvar _ = http.Header{}.Get(\"\") == \"\" && q.T{}.N == 0\n",
		}, source.Full},
		"broken": {map[string]string{"go.mod": mod, "p.go": "package p\n\nvar x int = \"no\"\n"}, source.Partial},
	} {
		pkgs, err := open(t, c.files).Load(context.Background(), ".")
		if err != nil || len(pkgs) == 0 {
			t.Errorf("%s: %v, %v", name, pkgs, err)
			continue
		}
		if pkgs[0].Degree != c.want || c.want != source.Full && pkgs[0].Why == "" {
			t.Errorf("%s: %s (%s), want %s", name, pkgs[0].Degree, pkgs[0].Why, c.want)
		}
	}
}

func TestFindPicksTheFunctionOfTheSymbol(t *testing.T) {
	t.Parallel()
	tr := open(t, map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "p.go": "package p\n\nfunc F() {\n\tfunc() { _ = 1 }()\n}\n\nvar G = func() { _ = 2 }\n"})
	for fn, want := range map[string]int{"example.com/m.F": 1, "example.com/m.F.func1": 2} {
		pl, why, err := tr.Find(context.Background(), culprit.Frame{Func: fn, File: "/ci/p.go", Line: 4})
		if pl == nil || len(pl.Funcs) != want {
			t.Errorf("%s: %+v %q %v, want %d functions around", fn, pl, why, err, want)
		}
	}
	if pl, _, _ := tr.Find(context.Background(), culprit.Frame{Func: "example.com/m.glob..func1", File: "/ci/p.go", Line: 7}); pl == nil || len(pl.Funcs) != 1 {
		t.Errorf("package literal: %+v", pl)
	}
	tr = open(t, map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "p.go": "package p\n\nfunc F() {\n\tg(func() { g(nil, nil) }, func() { g(func() {}, func() {}) })\n}\n\nfunc g(a, b func()) {}\n"})
	for fn, want := range map[string]string{
		"example.com/m.F.func1": "func() { g(nil, nil) }", "example.com/m.F.func2": "func() { g(func() {}, func() {}) }",
		"example.com/m.F.func2.2": "func() {}", "example.com/m.F.func3": "", "example.com/m.F.G.func2": "",
	} {
		pl, why, err := tr.Find(context.Background(), culprit.Frame{Func: fn, File: "/ci/p.go", Line: 4})
		if pl == nil || pl.Ambiguous != (want == "") || want != "" && pl.Pkg.Text(pl.Func(), 0) != want {
			t.Errorf("%s: %+v %q %v, want %q", fn, pl, why, err, want)
		}
	}
	if pl, why, _ := tr.Find(context.Background(), culprit.Frame{Func: "example.com/m.F", File: "/ci/p.go", Line: 99}); pl != nil || !strings.Contains(why, "not at the log's commit") {
		t.Errorf("past the end: %+v %q", pl, why)
	}
}

func TestFindOutsideTheBuild(t *testing.T) {
	t.Parallel()
	tr := open(t, map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26\n", "p.go": "package p\n\ntype T struct{ n int }\n",
		"p_plan9.go": "package p\n\nfunc (t *T) F() {\n\tt.n++\n}\n",
		"c.go":       "package p\n\nimport \"C\"\n\nfunc (t *T) G() {\n\tt.n++\n}\n",
	})
	for fn, line := range map[string]int{"p_plan9.go": 4, "c.go": 6} {
		pl, why, err := tr.Find(context.Background(), culprit.Frame{Func: "example.com/m.(*T).F", File: "/ci/" + fn, Line: line})
		if pl == nil || pl.Pkg.Degree != source.Full || pl.Func() == nil {
			t.Errorf("%s: %+v %q %v", fn, pl, why, err)
		}
	}
}
