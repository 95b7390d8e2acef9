// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/bluekeyes/go-gitdiff/gitdiff"
	"golang.org/x/sync/errgroup"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gocmd"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// candidate carries out the edits of a strategy, file to edits, and runs the
// checks that need no build.
func (s *subject) candidate(strategy, message string, edits map[string][]edit) (*Candidate, error) {
	c := &Candidate{Strategy: strategy, Message: message, Files: map[string][]byte{}, edits: edits, aside: s.aside, tree: s.tree}
	for _, rel := range slices.Sorted(maps.Keys(edits)) {
		before, err := readFile(s.tree, rel)
		if err != nil {
			return nil, fmt.Errorf("reading the file to patch: %w", err)
		}
		after := tidy(before, edits[rel])
		c.Files[rel] = after
		diff := patch(rel, before, after)
		c.Patch += diff
		ok, detail := applies(diff, before, after)
		c.check("applies", ok, detail)
		ok, detail = formatted(before, after)
		c.check("gofmt", ok, detail)
		ok, detail = honest(before, after, s.aside)
		c.check("nothing is dropped or hidden", ok, detail)
		if why := notOurs(rel, before); why != "" {
			c.check("written by hand, here", false, why)
		}
	}
	return c, nil
}

// notOurs says why a file is not to be edited, "" where it may be.
func notOurs(rel string, src []byte) string {
	file, err := parser.ParseFile(token.NewFileSet(), rel, src, parser.ParseComments|parser.PackageClauseOnly)
	switch {
	case err == nil && ast.IsGenerated(file):
		return rel + " is generated: what generates it has to change"
	case strings.HasPrefix(rel, "vendor/") || strings.Contains(rel, "/vendor/"):
		return rel + " is a copy of another module's file"
	}
	return ""
}

// tidy carries out the edits and formats the file if it was formatted before:
// strategies need not know how gofmt aligns. In another file what they insert is
// indented as the line is that it goes to.
func tidy(before []byte, edits []edit) []byte {
	if was, err := format.Source(before); err != nil || !bytes.Equal(was, before) {
		return apply(before, indented(before, edits))
	}
	after := apply(before, edits)
	if is, err := format.Source(after); err == nil {
		return is
	}
	return after
}

// indented gives each further line of an inserted text the white space that its
// place's line starts with, and a tab more behind an opening brace. A text with a
// raw string in it is left alone.
func indented(src []byte, edits []edit) []edit {
	edits = slices.Clone(edits)
	for i, e := range edits {
		if !strings.Contains(e.text, "\n") || strings.Contains(e.text, "`") {
			continue
		}
		off := min(e.offset, len(src))
		line := src[bytes.LastIndexByte(src[:off], '\n')+1:]
		space := string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
		if off > 0 && src[off-1] == '{' {
			space += "\t"
		}
		lines := strings.Split(e.text, "\n")
		depth := 0
		for j, l := range lines {
			if strings.HasPrefix(l, "}") {
				depth = max(0, depth-1)
			}
			switch {
			case j > 0 && strings.HasPrefix(l, "\t"): // it is indented
				lines[j] = space + l
			case j > 0 && l != "":
				lines[j] = space + strings.Repeat("\t", depth) + l
			}
			if strings.HasSuffix(l, "{") {
				depth++
			}
		}
		// What follows a closing line break is the statement itself.
		if n := len(lines) - 1; lines[n] == "" && off < len(src) && src[off] != '\n' {
			lines[n] = space
		}
		edits[i].text = strings.Join(lines, "\n")
	}
	return edits
}

// check records one check.
func (c *Candidate) check(name string, ok bool, detail string) {
	for i, k := range c.Checks {
		if k.Name == name { // of another file
			if !ok {
				c.Checks[i] = culprit.Check{Name: name, Passed: ok, Detail: shorten(detail)}
			}
			c.Rejected = c.Rejected || !ok
			return
		}
	}
	c.Checks = append(c.Checks, culprit.Check{Name: name, Passed: ok, Detail: shorten(detail)})
	c.Rejected = c.Rejected || !ok
}

// Fix is the candidate as a part of the case.
func (c *Candidate) Fix() *culprit.Fix {
	fx := &culprit.Fix{Strategy: c.Strategy, Message: c.Message, Patch: c.Patch, Status: culprit.FixProposed, Checks: slices.Clone(c.Checks)}
	if c.Rejected {
		fx.Status = culprit.FixRejected
	}
	return fx
}

// build builds and vets the candidate with the user's tree, running nothing.
func (c *Candidate) build(ctx context.Context, tree *source.Tree) (*culprit.Fix, error) {
	fx := c.Fix()
	if c.Rejected {
		return fx, nil
	}
	add := func(name string, v verdict) {
		fx.Checks = append(fx.Checks, culprit.Check{Name: name, Passed: v.ok, Detail: shorten(v.detail)})
		if !v.ok {
			fx.Status = culprit.FixRejected
		}
	}
	overlay, names, cleanup, err := writeOverlay(tree, c.Files)
	if err != nil {
		return nil, err
	}
	defer cleanup()
	g := gochecks{dir: tree.Root, overlay: overlay, names: names}
	for _, rel := range slices.Sorted(maps.Keys(c.Files)) {
		if g.patterns == nil {
			g.dir = abs(tree, path.Dir(rel))
		}
		at, err := filepath.Rel(g.dir, abs(tree, path.Dir(rel)))
		if err != nil {
			return nil, fmt.Errorf("naming the patched packages: %w", err)
		}
		if at = "./" + filepath.ToSlash(at); !slices.Contains(g.patterns, at) {
			g.patterns = append(g.patterns, at)
		}
	}
	// -export compiles the package and its tests; nothing is linked, let alone run.
	// vet does not need what that makes.
	var compiled, vetted verdict
	group, ctx := errgroup.WithContext(ctx)
	g.ctx = ctx
	group.Go(func() (err error) { compiled, err = g.run("list", "-export", "-test"); return err })
	group.Go(func() (err error) { vetted, err = g.vet(); return err })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	add("compiles with its tests", compiled)
	if compiled.ok {
		add("go vet", vetted)
	}
	if fx.Status == culprit.FixProposed {
		fx.Status = culprit.FixBuilds
	}
	return fx, nil
}

// gochecks runs the go command on the patched packages, with the patch as an overlay.
type gochecks struct {
	ctx          context.Context
	dir, overlay string
	names        *strings.Replacer // of the patched files
	patterns     []string          // relative to dir
}

// verdict is what the go command says of a patch.
type verdict struct {
	ok     bool
	detail string
}

// run reports whether the go command is content. The error is one of starting it.
func (g gochecks) run(verb string, args ...string) (verdict, error) {
	cmd := []string{verb}
	if g.overlay != "" {
		cmd = append(cmd, "-overlay", g.overlay)
	}
	cmd = append(append(cmd, args...), g.patterns...)
	res, err := gocmd.Run(g.ctx, gocmd.Cmd{Dir: g.dir, Args: cmd, Locked: true})
	var exit *gocmd.ExitError
	switch {
	case errors.As(err, &exit):
		text := string(res.Stderr) + string(res.Stdout)
		if g.overlay != "" {
			text = g.names.Replace(text)
		}
		return verdict{detail: text}, nil
	case err != nil:
		return verdict{}, fmt.Errorf("checking the patch: %w", err)
	}
	return verdict{true, "with the patch as an overlay; nothing was executed"}, nil
}

// vet is content when go vet says nothing that it does not say without the
// patch: what was wrong before is not the patch's fault.
func (g gochecks) vet() (verdict, error) {
	after, err := g.run("vet")
	if after.ok || err != nil {
		return after, err
	}
	bare := g
	bare.overlay = ""
	before, err := bare.run("vet")
	if err != nil {
		return verdict{}, err
	}
	known := map[string]int{}
	var messages []string
	if !before.ok {
		messages = vetMessages(before.detail)
	}
	for _, m := range messages {
		known[withoutNumbers(m)]++
	}
	for _, m := range vetMessages(after.detail) {
		n := withoutNumbers(m)
		if known[n]--; known[n] < 0 {
			return verdict{detail: m}, nil
		}
	}
	return verdict{true, fmt.Sprintf("vet has nothing to say that it does not say without the patch (%d messages)", len(messages))}, nil
}

// withoutNumbers is a message in which no line of the file counts: "(passed to net.Dial
// at L6213)".
func withoutNumbers(message string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, message)
}

// vetMessages lists the messages without their positions, which a patch moves, sorted:
// go vet prints them in another order each time.
func vetMessages(out string) []string {
	var list []string
	for l := range strings.SplitSeq(out, "\n") {
		file, rest, ok := strings.Cut(l, ".go:")
		if !ok || strings.HasPrefix(l, "#") {
			continue
		}
		_, msg, ok := strings.Cut(rest, ": ")
		if ok {
			list = append(list, filepath.Base(file)+".go: "+msg)
		}
	}
	slices.Sort(list)
	return list
}

// apply carries out the edits, which do not overlap. At one offset insertions
// come first, in their order.
func apply(src []byte, edits []edit) []byte {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(min(a.n, 1), min(b.n, 1)))
	})
	var out []byte
	last := 0
	crlf := bytes.Contains(src, []byte("\r\n"))
	for _, e := range edits {
		text := e.text
		if crlf {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		from := max(last, min(e.offset, len(src)))
		out = append(append(out, src[last:from]...), text...)
		last = max(from, min(e.offset+e.n, len(src)))
	}
	return append(out, src[last:]...)
}

// patch makes a unified diff with the header that git needs.
func patch(rel string, before, after []byte) string {
	d := udiff.Unified("a/"+rel, "b/"+rel, string(before), string(after))
	return fmt.Sprintf("diff --git a/%s b/%s\n%s", rel, rel, d)
}

// applies parses the patch again and applies it strictly.
func applies(patch string, before, want []byte) (bool, string) {
	files, _, err := gitdiff.Parse(strings.NewReader(patch))
	if err != nil || len(files) != 1 {
		return false, fmt.Sprintf("the patch does not parse: %v", err)
	}
	var out bytes.Buffer
	if err := gitdiff.Apply(&out, bytes.NewReader(before), files[0]); err != nil {
		return false, err.Error()
	}
	if !bytes.Equal(out.Bytes(), want) {
		return false, "applied, the patch gives another file"
	}
	return true, "applied strictly to the file of the work tree"
}

// formatted requires that gofmt has nothing to say about the patched file that
// it did not say before.
func formatted(before, after []byte) (bool, string) {
	was, err := format.Source(before)
	if err != nil {
		return false, err.Error()
	}
	if !bytes.Equal(was, before) {
		return true, "the file was not gofmt-formatted before the patch; not judged"
	}
	is, err := format.Source(after)
	if err != nil {
		return false, err.Error()
	}
	if !bytes.Equal(is, after) {
		return false, "gofmt would change the patched file"
	}
	return true, "the patched file is as gofmt writes it"
}

// localNow type-checks the patched file by names alone and requires that no
// concurrent literal uses the old variable any more.
func localNow(pkg *source.Package, rel string, after []byte, p *plan) (bool, string) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, rel, after, parser.SkipObjectResolution)
	if err != nil {
		return false, err.Error()
	}
	info := &types.Info{
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	cfg := types.Config{Importer: importer.Default(), Error: func(error) {}, FakeImportC: true} // names suffice
	_, _ = cfg.Check(pkg.Path, fset, []*ast.File{file}, info)
	at := pkg.Pos(p.v.Pos())
	var outer types.Object
	for id, obj := range info.Defs {
		pos := fset.PositionFor(id.Pos(), false)
		if obj != nil && id.Name == p.v.Name() && pos.Line == at.Line && pos.Column == at.Column {
			outer = obj
		}
	}
	if outer == nil {
		return false, fmt.Sprintf("the declaration of %s is not where it was", p.v.Name())
	}
	n := 0
	for _, s := range racecheck.Spawns(info, file) {
		if !s.Kind.Concurrent() || racecheck.Contains(s.Lit, outer.Pos()) {
			continue
		}
		for id, obj := range info.Uses {
			if obj == outer && racecheck.Contains(s.Lit, id.Pos()) {
				return false, fmt.Sprintf("line %d still uses the outer %s", fset.Position(id.Pos()).Line, p.v.Name())
			}
		}
		n++
	}
	return true, fmt.Sprintf("none of the %d concurrent function literals of the file uses the outer %s any more", n, p.v.Name())
}

// writeOverlay puts the patched files and the go command's overlay description
// into a temporary folder. The replacer names them again as the tree does.
func writeOverlay(tree *source.Tree, files map[string][]byte) (string, *strings.Replacer, func(), error) {
	dir, err := os.MkdirTemp("", "culprit-fix-")
	if err != nil {
		return "", nil, nil, fmt.Errorf("making room for the patched file: %w", err)
	}
	cleanup := func() { os.RemoveAll(dir) }
	replace := map[string]string{}
	var names []string
	for _, rel := range slices.Sorted(maps.Keys(files)) {
		after := files[rel]
		patched := filepath.Join(dir, strconv.Itoa(len(replace)), path.Base(rel)) // named as it is, for what is said of it
		replace[abs(tree, rel)] = patched
		names = append(names, patched, rel)
		if err = os.Mkdir(filepath.Dir(patched), 0o700); err == nil {
			err = os.WriteFile(patched, after, 0o600)
		}
		if err != nil {
			break
		}
	}
	var desc []byte
	if err == nil {
		desc, err = json.Marshal(map[string]map[string]string{"Replace": replace})
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err == nil {
		err = os.WriteFile(overlay, desc, 0o600)
	}
	if err != nil {
		cleanup()
		return "", nil, nil, fmt.Errorf("writing the patched file: %w", err)
	}
	return overlay, strings.NewReplacer(names...), cleanup, nil
}

func shorten(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 600 {
		s = strings.ToValidUTF8(s[:600], "") + " …"
	}
	return s
}
