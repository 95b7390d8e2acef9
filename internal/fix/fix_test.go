// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/fix"
	"github.com/culprit-ci/culprit/internal/gocmd"
	"github.com/culprit-ci/culprit/internal/source"
)

// head and tail make a test file of a body that uses err, declared by head.
const head = `package m

import (
	"errors"
	"sync"
	"testing"
)

var _ sync.Mutex

func work(n int) error {
	if n < 0 {
		return errors.New("negative")
	}
	return nil
}

func pair(n int) (int, error) { return n, work(n) }

func use(...any) {}

func Test(t *testing.T) {
	_, err := pair(1)
	use(err)
`

func tree(t *testing.T, body string) (*source.Tree, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26\n", "m.go": "package m\n", "m_test.go": head + body + "}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tr, why, err := source.Open(context.Background(), dir)
	if tr == nil {
		t.Fatal(why, err)
	}
	return tr, dir
}

// failure makes the failure of a race on the first err of Test.
func failure(t *testing.T, tr *source.Tree) *culprit.Failure {
	t.Helper()
	pkgs, err := tr.Load(context.Background(), ".")
	if err != nil {
		t.Fatal(err)
	}
	f := &culprit.Failure{Kind: culprit.KindDataRace, Package: "example.com/m", Cause: &culprit.Cause{
		Pattern: culprit.PatternCapturedOuterVariable, Subject: "err", Kind: culprit.SubjectLocal, Grade: culprit.GradeLocated,
	}}
	for _, p := range pkgs {
		for id := range p.Info.Defs {
			if pos := p.Pos(id.Pos()); id.Name == "err" && pos.File == "m_test.go" && (f.Cause.Declared.Line == 0 || pos.Line < f.Cause.Declared.Line) {
				f.Cause.Declared = pos
			}
		}
	}
	if f.Cause.Declared.Line == 0 {
		t.Fatal("no err is declared")
	}
	return f
}

const twoSubtests = `	t.Run("A", func(t *testing.T) {
		t.Parallel()
		err = work(1)
		use(err)
	})
	t.Run("B", func(t *testing.T) {
		t.Parallel()
		BODY
	})
`

func TestFind(t *testing.T) {
	t.Parallel()
	second := func(b string) string {
		return strings.Replace(twoSubtests, "BODY", strings.ReplaceAll(strings.TrimSpace(b), "\n", "\n\t\t"), 1)
	}
	for name, c := range map[string]struct {
		body string
		want []string // added lines of the patch, in order
		why  string   // of a refusal
	}{
		"plain":               {second("err = work(2)\nuse(err)"), []string{"err := work(1)", "err := work(2)"}, ""},
		"comment on the line": {second("err = work(2) // keep me\nuse(err)"), []string{"err := work(1)", "err := work(2) // keep me"}, ""},
		"blank and err":       {second("_, err = pair(2)\nuse(err)"), []string{"err := work(1)", "_, err := pair(2)"}, ""},
		"other variable":      {"\tvar n int\n\tuse(n)\n" + second("var n int\nn, err = pair(2)\nuse(n, err)"), []string{"err := work(1)", "var err error"}, ""},
		"if header":           {second("if err = work(2); err != nil {\n\tuse(err)\n}"), []string{"err := work(1)", "if err := work(2); err != nil {"}, ""},
		"if header, later use": {second("if err = work(2); err != nil {\n\tuse(err)\n}\nuse(err)"),
			[]string{"err := work(1)", "var err error"}, ""},
		"nested block":          {second("if t != nil {\n\terr = work(2)\n\tuse(err)\n}"), []string{"err := work(1)", "err := work(2)"}, ""},
		"loop in the goroutine": {second("for i := range 3 {\n\tswitch err = work(i); err {\n\tcase nil:\n\t\tuse(err)\n\t}\n}"), []string{"err := work(1)", "switch err := work(i); err {"}, ""},
		"clause":                {second("switch {\ncase t != nil:\n\terr = work(2)\n\tuse(err)\n}"), nil, "under a condition"},
		"nested block, later use": {second("if t != nil {\n\terr = work(2)\n}\nuse(err)"), nil,
			"under a condition"},
		"read first":      {second("use(err)\nerr = work(2)\nuse(err)"), nil, "reads err before"},
		"reads on right":  {second("err = errors.Join(err, work(2))\nuse(err)"), nil, "reads err before"},
		"address":         {second("err = work(2)\nuse(&err)"), nil, "takes the address"},
		"only writes":     {second("err = work(2)"), nil, "never reads"},
		"only reader":     {second("use(err)"), nil, "reads err without writing it"},
		"nested literal":  {second("func() { err = work(2) }()\nuse(err)"), nil, "nested function literal"},
		"cleanup reads":   {"\tt.Cleanup(func() { use(err) })\n" + second("err = work(2)\nuse(err)"), nil, "may want the value"},
		"deferred use":    {second("err = work(2)\ndefer func() { use(err) }()"), []string{"err := work(1)", "err := work(2)"}, ""},
		"parent goes on":  {second("err = work(2)\nuse(err)") + "\terr = work(3)\n\tuse(err)\n", []string{"err := work(1)", "err := work(2)"}, ""},
		"serial subtests": {"\tt.Run(\"A\", func(t *testing.T) { err = work(1); use(err) })\n", nil, "no function literal"},
		"goroutines": {"\tvar wg sync.WaitGroup\n\tfor range 2 {\n\t\twg.Go(func() {\n\t\t\terr = work(1)\n\t\t\tuse(err)\n\t\t})\n\t}\n\twg.Wait()\n",
			[]string{"err := work(1)"}, ""},
		"joined result": {"\tvar wg sync.WaitGroup\n\twg.Go(func() {\n\t\terr = work(1)\n\t\tuse(err)\n\t})\n\twg.Wait()\n\tuse(err)\n", nil,
			"after the goroutine was started"},
		"own value after the join": {"\tvar wg sync.WaitGroup\n\tfor range 2 {\n\t\twg.Go(func() {\n\t\t\terr = work(1)\n\t\t\tuse(err)\n\t\t})\n\t}\n\twg.Wait()\n\tfor range 2 {\n\t\t_, err = pair(3)\n\t\tif err != nil {\n\t\t\tuse(err)\n\t\t}\n\t}\n\tif err = work(4); err != nil {\n\t\tuse(err)\n\t}\n",
			[]string{"err := work(1)"}, ""},
		"own value on one path": {"\tvar wg sync.WaitGroup\n\tfor range 2 {\n\t\twg.Go(func() {\n\t\t\terr = work(1)\n\t\t\tuse(err)\n\t\t})\n\t}\n\twg.Wait()\n\tif t != nil {\n\t\t_, err = pair(3)\n\t}\n\tuse(err)\n", nil,
			"after the goroutine was started"},
		"own value, then a goroutine": {"\tvar wg sync.WaitGroup\n\tfor range 2 {\n\t\terr = work(0)\n\t\twg.Go(func() {\n\t\t\terr = work(1)\n\t\t\tuse(err)\n\t\t})\n\t\tuse(err)\n\t}\n\twg.Wait()\n", nil,
			"after the goroutine was started"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr, _ := tree(t, c.body)
			fx, why, err := fix.Find(context.Background(), tr, failure(t, tr))
			if err != nil {
				t.Fatal(err)
			}
			if c.why != "" {
				if fx != nil || !strings.Contains(why, c.why) {
					t.Fatalf("got %+v, %q; want a refusal: %s", fx, why, c.why)
				}
				return
			}
			if fx == nil || fx.Status != culprit.FixBuilds {
				t.Fatalf("got %+v, %q; want a patch that builds", fx, why)
			}
			var added []string
			for l := range strings.SplitSeq(fx.Patch, "\n") {
				if strings.HasPrefix(l, "+") && !strings.HasPrefix(l, "+++") {
					added = append(added, strings.TrimSpace(l[1:]))
				}
			}
			if got, want := strings.Join(added, "\n"), strings.Join(c.want, "\n"); got != want {
				t.Errorf("added lines\n%s\nwant\n%s", got, want)
			}
			if again, _, _ := fix.Find(context.Background(), tr, failure(t, tr)); again == nil || again.Patch != fx.Patch {
				t.Error("the patch is not the same the second time")
			}
		})
	}
}

// TestVetBefore: what go vet says of the file without the patch is not the patch's fault.
func TestVetBefore(t *testing.T) {
	t.Parallel()
	// The patch adds a line above what is said, of which a message has the number.
	const body = "if err = work(2); err != nil {\n\tuse(err)\n}\nuse(err)\ngo func() { t.Fatal(1) }()\nat := fmt.Sprintf(\"%s:%d\", \"::1\", 1)\nnet.Dial(\"tcp\", at)"
	_, dir := tree(t, strings.Replace(twoSubtests, "BODY", strings.ReplaceAll(body, "\n", "\n\t\t"), 1))
	text, err := os.ReadFile(filepath.Join(dir, "m_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "m_test.go", strings.Replace(string(text), "\"errors\"\n", "\"errors\"\n\t\"fmt\"\n\t\"net\"\n", 1))
	tr, why, err := source.Open(context.Background(), dir)
	if tr == nil {
		t.Fatal(why, err)
	}
	fx, why, err := fix.Find(context.Background(), tr, failure(t, tr))
	if err != nil || fx == nil {
		t.Fatal(why, err)
	}
	last := fx.Checks[len(fx.Checks)-1]
	if fx.Status != culprit.FixBuilds || last.Name != "go vet" || !strings.Contains(last.Detail, "(2 messages)") {
		t.Errorf("%s, %+v", fx.Status, last)
	}
}

// TestPatchEndsTheRace runs a program of ours before and after its patch.
func TestPatchEndsTheRace(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	if ok, why, err := gocmd.RaceReady(ctx, ""); err != nil || !ok {
		t.Skipf("no race detector: %s %v", why, err)
	}
	body := strings.Replace(twoSubtests, "BODY", "err = work(2)\n\t\tuse(err)", 1)
	body = strings.ReplaceAll(body, "\t\tuse(err)\n", "\t\tuse(err)\n\t\tfor i := range 2_000_000 {\n\t\t\terr = work(i)\n\t\t}\n")
	tr, dir := tree(t, body)
	run := func() error {
		_, err := gocmd.Run(ctx, gocmd.Cmd{Dir: dir, Args: []string{"test", "-race", "-vet=off", "-count=5", "-parallel=4", "."}})
		return err
	}
	if run() == nil {
		t.Fatal("the program does not race before the patch")
	}
	fx, why, err := fix.Find(ctx, tr, failure(t, tr))
	if err != nil || fx == nil || fx.Status != culprit.FixBuilds {
		t.Fatal(fx, why, err)
	}
	files, _, err := gitdiff.Parse(strings.NewReader(fx.Patch))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "m_test.go")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := gitdiff.Apply(&out, bytes.NewReader(src), files[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(); err != nil {
		t.Errorf("it still fails after the patch: %v", err)
	}
}
