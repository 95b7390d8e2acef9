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
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/bluekeyes/go-gitdiff/gitdiff"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gocmd"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// check makes the patch and runs the checks on it, each of which can reject it.
func check(ctx context.Context, tree *source.Tree, pkg *source.Package, rel string, edits []edit, p *plan) (*culprit.Fix, error) {
	before, err := os.ReadFile(abs(tree, rel))
	if err != nil {
		return nil, fmt.Errorf("reading the file to patch: %w", err)
	}
	after := apply(before, edits)
	fx := &culprit.Fix{Status: culprit.FixProposed, Patch: patch(rel, before, after)}
	add := func(name string, ok bool, detail string) {
		fx.Checks = append(fx.Checks, culprit.Check{Name: name, Passed: ok, Detail: detail})
		if !ok {
			fx.Status = culprit.FixRejected
		}
	}
	ok, detail := applies(fx.Patch, before, after)
	add("applies", ok, detail)
	ok, detail = formatted(before, after)
	add("gofmt", ok, detail)
	ok, detail = localNow(pkg, rel, after, p)
	add("variable is local", ok, detail)
	if fx.Status == culprit.FixRejected {
		return fx, nil
	}
	overlay, cleanup, err := writeOverlay(tree, rel, after)
	if err != nil {
		return nil, err
	}
	defer cleanup()
	for _, step := range []struct {
		name string
		args []string
	}{
		{"go build", []string{"build", "-overlay", overlay, "."}},
		{"go vet", []string{"vet", "-overlay", overlay, "."}},
	} {
		res, err := gocmd.Run(ctx, gocmd.Cmd{Dir: abs(tree, path.Dir(rel)), Args: step.args, Locked: true})
		var exit *gocmd.ExitError
		switch {
		case errors.As(err, &exit):
			add(step.name, false, shorten(string(res.Stderr)+string(exit.Stderr)))
		case err != nil:
			return nil, fmt.Errorf("checking the patch: %w", err)
		default:
			add(step.name, true, "package and tests in "+path.Dir(rel)+", with the patch as an overlay")
		}
	}
	if fx.Status == culprit.FixProposed {
		fx.Status = culprit.FixBuilds
	}
	return fx, nil
}

// apply carries out the edits, which do not overlap.
func apply(src []byte, edits []edit) []byte {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(b.offset, a.offset) })
	out := slices.Clone(src)
	crlf := bytes.Contains(src, []byte("\r\n"))
	for _, e := range edits {
		text := e.text
		if crlf {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		out = slices.Concat(out[:e.offset], []byte(text), out[e.offset+e.n:])
	}
	return out
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

// writeOverlay puts the patched file and the go command's overlay description
// into a temporary folder.
func writeOverlay(tree *source.Tree, rel string, after []byte) (string, func(), error) {
	dir, err := os.MkdirTemp("", "culprit-fix-")
	if err != nil {
		return "", nil, fmt.Errorf("making room for the patched file: %w", err)
	}
	cleanup := func() { os.RemoveAll(dir) }
	patched := filepath.Join(dir, path.Base(rel))
	desc, err := json.Marshal(map[string]map[string]string{"Replace": {abs(tree, rel): patched}})
	if err == nil {
		err = os.WriteFile(patched, after, 0o600)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err == nil {
		err = os.WriteFile(overlay, desc, 0o600)
	}
	if err != nil {
		cleanup()
		return "", nil, fmt.Errorf("writing the patched file: %w", err)
	}
	return overlay, cleanup, nil
}

func shorten(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 600 {
		s = strings.ToValidUTF8(s[:600], "") + " …"
	}
	return s
}
