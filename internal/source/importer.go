// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/culprit-ci/culprit/internal/gocmd"
)

// maxImported bounds the packages that one load reads from source.
const maxImported = 3000

// fromSource imports packages by reading their declarations, without the go
// command: of the tree, of vendor folders, of the standard library and of the
// module cache. It serves where the go command refuses the tree, as for a go.mod
// that asks for another toolchain. Function bodies are not looked at, cgo is not
// run, and nothing is fetched.
type fromSource struct {
	ctx      context.Context
	tree     *Tree
	fset     *token.FileSet
	goroot   string
	modcache string
	module   Module
	requires map[string]module.Version // by module path
	replaced map[string]string         // module path to a folder
	build    build.Context
	done     map[string]*types.Package
}

// importer returns the importer of the module that a folder is in. t.source is held.
func (t *Tree) importer(ctx context.Context, rel string) *fromSource {
	m, ok := t.ModuleOf(rel)
	if s := t.imports[m.Dir]; s != nil {
		s.ctx = ctx
		return s
	}
	tc, err := gocmd.Env(ctx, t.Root)
	if err != nil || tc.GOROOT == "" {
		tc.GOROOT = build.Default.GOROOT
	}
	s := &fromSource{
		ctx: ctx, tree: t, fset: token.NewFileSet(), goroot: tc.GOROOT, modcache: tc.GOMODCACHE,
		requires: map[string]module.Version{}, replaced: map[string]string{},
		build: build.Default, done: map[string]*types.Package{},
	}
	s.build.CgoEnabled = false
	if ok {
		s.module = m
		s.readModule(filepath.Join(t.Root, filepath.FromSlash(m.Dir), "go.mod"))
	}
	t.imports[m.Dir] = s
	return s
}

// readModule learns the versions that the go.mod names, direct or not.
func (s *fromSource) readModule(file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		return
	}
	f, err := modfile.ParseLax(file, data, nil)
	if err != nil {
		return
	}
	for _, r := range f.Require {
		s.requires[r.Mod.Path] = r.Mod
	}
	// ParseLax skips replace directives, as for a dependency's go.mod.
	strict, err := modfile.Parse(file, data, nil)
	if err != nil {
		return
	}
	for _, r := range strict.Replace {
		if r.New.Version != "" {
			s.requires[r.Old.Path] = r.New
		} else if dir := path.Join(s.module.Dir, filepath.ToSlash(r.New.Path)); fs.ValidPath(dir) {
			s.replaced[r.Old.Path] = filepath.Join(s.tree.Root, filepath.FromSlash(dir))
		}
	}
}

// Import implements types.Importer.
func (s *fromSource) Import(p string) (*types.Package, error) {
	if p == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg, ok := s.done[p]; ok {
		if pkg == nil {
			return nil, fmt.Errorf("import cycle through %s", p)
		}
		return pkg, nil
	}
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	if len(s.done) > maxImported {
		return nil, errors.New("too many packages")
	}
	s.done[p] = nil
	dir, ok := s.dir(p)
	if !ok {
		delete(s.done, p)
		return nil, fmt.Errorf("the source of %s is not at hand", p)
	}
	files := s.files(dir)
	if len(files) == 0 {
		delete(s.done, p)
		return nil, fmt.Errorf("no Go file in %s", dir)
	}
	cfg := types.Config{Importer: s, IgnoreFuncBodies: true, FakeImportC: true, Error: func(error) {}, DisableUnusedImportCheck: true}
	pkg, _ := cfg.Check(p, s.fset, files, nil)
	if pkg == nil {
		return nil, fmt.Errorf("%s could not be read", p)
	}
	pkg.MarkComplete() // as complete as it gets: what is missing has invalid types
	s.done[p] = pkg
	return pkg, nil
}

// dir finds the folder of a package.
func (s *fromSource) dir(p string) (string, bool) {
	try := func(dir string) bool {
		entries, err := os.ReadDir(dir)
		return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasSuffix(e.Name(), ".go") })
	}
	if rel, ok := s.tree.PackageDir(p); ok {
		return filepath.Join(s.tree.Root, filepath.FromSlash(rel)), true
	}
	slashed := filepath.FromSlash(p)
	for _, dir := range []string{
		filepath.Join(s.tree.Root, filepath.FromSlash(s.module.Dir), "vendor", slashed),
		filepath.Join(s.goroot, "src", slashed),
	} {
		if try(dir) {
			return dir, true
		}
	}
	if dir, ok := s.required(p, try); ok {
		return dir, true
	}
	dir := filepath.Join(s.goroot, "src", "vendor", slashed)
	return dir, try(dir)
}

// required finds the folder of a package of a module that the go.mod names.
func (s *fromSource) required(p string, try func(dir string) bool) (string, bool) {
	for mod := p; mod != "." && mod != "/"; mod = path.Dir(mod) {
		rest := filepath.FromSlash(strings.TrimPrefix(strings.TrimPrefix(p, mod), "/"))
		if dir, ok := s.replaced[mod]; ok {
			dir = filepath.Join(dir, rest)
			return dir, try(dir)
		}
		v, ok := s.requires[mod]
		if !ok {
			continue
		}
		escaped, err1 := module.EscapePath(v.Path)
		version, err2 := module.EscapeVersion(v.Version)
		if err1 != nil || err2 != nil {
			continue
		}
		if dir := filepath.Join(s.modcache, filepath.FromSlash(escaped)+"@"+version, rest); try(dir) {
			return dir, true
		}
	}
	return "", false
}

// files parses the package's files that belong to a build on this machine.
func (s *fromSource) files(dir string) []*ast.File {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var files []*ast.File
	for _, e := range entries {
		name := e.Name()
		if !e.Type().IsRegular() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if ok, err := s.build.MatchFile(dir, name); err != nil || !ok {
			continue
		}
		f, _ := parser.ParseFile(s.fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if f == nil || f.Name == nil || len(files) > 0 && f.Name.Name != files[0].Name.Name {
			continue
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				fn.Body = nil // not looked at, and most of the memory
			}
		}
		files = append(files, f)
	}
	return files
}
