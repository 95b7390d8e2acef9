// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"

	"github.com/culprit-ci/culprit/internal/gocmd"
)

// Degree says how much the type checker knows of a package.
type Degree int

// The degrees, from little to all.
const (
	// Syntax: the files were parsed and names resolved; no import could be read.
	Syntax Degree = iota
	// Partial: some imports or declarations could not be type-checked.
	Partial
	// Full: the package and its tests type-check without an error.
	Full
)

// String returns the degree as a phrase.
func (d Degree) String() string {
	return [...]string{"syntax only", "partial types", "full types"}[d]
}

// Package is one compilation unit of a folder: a package together with its
// internal tests, or its external test package.
type Package struct {
	Path  string // import path, ending in "_test" for an external test package
	Name  string // the package clause
	Dir   string // relative to the tree's root
	Fset  *token.FileSet
	Files []*ast.File
	Types *types.Package
	Info  *types.Info
	// Degree and Why say what is known, and for less than Full what is missing.
	Degree Degree
	Why    string
	// GoVersion is the language version of the module, "" when not known.
	GoVersion string

	root string
	rels sync.Map // file name to what Rel says
	once sync.Once
	used map[types.Object]bool
}

// Uses reports whether an identifier of the package refers to an object, other than
// the one that declares it.
func (p *Package) Uses(obj types.Object) bool {
	p.once.Do(func() {
		p.used = make(map[types.Object]bool, len(p.Info.Defs))
		for _, o := range p.Info.Uses {
			p.used[o] = true
		}
	})
	return p.used[obj]
}

type loading struct {
	done chan struct{}
	pkgs []*Package
	err  error
}

// Load type-checks the packages of the folder rel, tests included. Imports are
// read from export data; what cannot be had lowers the Degree. An error means
// that not even the files could be parsed. Loads are kept.
func (t *Tree) Load(ctx context.Context, rel string) ([]*Package, error) {
	return t.once(ctx, rel, func() ([]*Package, error) { return t.load(ctx, rel) })
}

// Preload loads several folders, as [Tree.Load] does each, with one run of the go
// command for each of their modules: such a run costs more than what it lists. It
// ends when they are loaded; what came of each, Load tells.
func (t *Tree) Preload(ctx context.Context, dirs []string) {
	byModule, started := map[string][]string{}, map[string]*loading{}
	t.mu.Lock()
	for _, rel := range dirs {
		// "..." in a name would be a pattern; Load does not use one.
		if m, ok := t.ModuleOf(rel); ok && t.loaded[rel] == nil && !strings.Contains(rel, "...") {
			started[rel] = &loading{done: make(chan struct{})}
			t.loaded[rel] = started[rel]
			byModule[m.Dir] = append(byModule[m.Dir], rel)
		}
	}
	t.mu.Unlock()
	for module, dirs := range byModule {
		for _, rel := range dirs {
			go t.files.ahead(filepath.Join(t.Root, filepath.FromSlash(rel)))
		}
		patterns := make([]string, len(dirs))
		for i, rel := range dirs {
			patterns[i] = "./" + strings.TrimPrefix(strings.TrimPrefix(rel, module), "/")
			if module == "." {
				patterns[i] = "./" + rel
			}
		}
		byDir, err := t.units(ctx, module, patterns...)
		if err != nil {
			byDir = t.packages(ctx, module, patterns...)
		}
		for _, rel := range dirs {
			l := started[rel]
			if l.pkgs = byDir[rel]; len(l.pkgs) == 0 {
				l.pkgs, l.err = t.load(ctx, rel)
			}
			close(l.done)
		}
	}
}

// packages loads the packages that patterns name in the folder rel, by folder, as far
// as they can be had.
func (t *Tree) packages(ctx context.Context, rel string, patterns ...string) map[string][]*Package {
	found, err := packages.Load(t.config(ctx, rel), patterns...)
	if err != nil {
		return nil // each folder has its own try
	}
	list := map[string][]*Package{}
	for rel, found := range t.byDir(found) {
		list[rel] = t.fromLoad(rel, found)
	}
	return list
}

// byDir sorts packages by folder, relative to the tree; those outside are left out.
func (t *Tree) byDir(found []*packages.Package) map[string][]*packages.Package {
	dirs := map[string][]*packages.Package{}
	for _, p := range found {
		if rel, err := filepath.Rel(t.Root, p.Dir); err == nil && filepath.IsLocal(rel) {
			dirs[filepath.ToSlash(rel)] = append(dirs[filepath.ToSlash(rel)], p)
		}
	}
	return dirs
}

// loadWith loads the folder of a file that belongs to no build on this machine
// (other constraints, or cgo) together with that file.
func (t *Tree) loadWith(ctx context.Context, file string) ([]*Package, error) {
	return t.once(ctx, file, func() ([]*Package, error) {
		return t.loadSyntax(ctx, path.Dir(file), path.Base(file)+" is built under other constraints or with cgo", path.Base(file))
	})
}

func (t *Tree) once(ctx context.Context, key string, load func() ([]*Package, error)) ([]*Package, error) {
	t.mu.Lock()
	l, ok := t.loaded[key]
	if !ok {
		l = &loading{done: make(chan struct{})}
		t.loaded[key] = l
	}
	t.mu.Unlock()
	if !ok {
		l.pkgs, l.err = load()
		close(l.done)
	}
	select {
	case <-l.done:
		return l.pkgs, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// LoadModule type-checks the packages of a module, as [Tree.Load] does with one
// folder, with one run of the go command. It gives them by folder, in the order of
// the folders; a folder of which nothing could be loaded is left out.
func (t *Tree) LoadModule(ctx context.Context, m Module) ([][]*Package, error) {
	found, err := packages.Load(t.config(ctx, m.Dir), "./...")
	if err != nil {
		return nil, fmt.Errorf("go list ./... in %s: %s", m.Dir, firstLine(err.Error()))
	}
	byDir := t.byDir(found)
	var list [][]*Package
	for _, rel := range slices.Sorted(maps.Keys(byDir)) {
		if pkgs := t.fromLoad(rel, byDir[rel]); len(pkgs) > 0 {
			list = append(list, pkgs)
		}
	}
	return list, ctx.Err()
}

// config is how the packages of the folder rel are loaded: from source, what they
// import from export data.
func (t *Tree) config(ctx context.Context, rel string) *packages.Config {
	return &packages.Config{
		Context: ctx,
		Dir:     filepath.Join(t.Root, filepath.FromSlash(rel)),
		Env:     gocmd.LockedEnv(os.Environ()),
		Tests:   true,
		Fset:    t.files.fset,
		ParseFile: func(_ *token.FileSet, name string, src []byte) (*ast.File, error) {
			return t.files.parse(name, src)
		},
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo |
			packages.NeedModule | packages.NeedForTest,
	}
}

func (t *Tree) load(ctx context.Context, rel string) ([]*Package, error) {
	if byDir, err := t.units(ctx, rel, "."); err == nil && len(byDir[rel]) > 0 {
		return byDir[rel], nil
	}
	found, err := packages.Load(t.config(ctx, rel), ".")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var pkgs []*Package
	if err == nil {
		pkgs = t.fromLoad(rel, found)
	} else {
		err = fmt.Errorf("go list: %s", firstLine(err.Error()))
	}
	if len(pkgs) > 0 {
		return pkgs, nil
	}
	why := "the go command lists no package in the folder"
	if err != nil {
		why = err.Error()
	} else if len(found) > 0 && len(found[0].Errors) > 0 {
		why = firstLine(found[0].Errors[0].Msg)
	}
	return t.loadSyntax(ctx, rel, why, "")
}

// fromLoad keeps, of the variants that go/packages returns, the ones with the
// most files: the internal-test variant replaces the plain package.
func (t *Tree) fromLoad(rel string, found []*packages.Package) []*Package {
	var pkgs []*Package
	withTests := map[string]bool{}
	for _, p := range found {
		if p.ForTest != "" && p.PkgPath == p.ForTest {
			withTests[p.PkgPath] = true
		}
	}
	for _, p := range found {
		isMain := strings.HasSuffix(p.ID, ".test")
		plain := p.ForTest == "" && withTests[p.PkgPath]
		if isMain || plain || len(p.Syntax) == 0 || p.TypesInfo == nil {
			continue
		}
		q := &Package{
			Path: p.PkgPath, Name: p.Name, Dir: rel, root: t.Root,
			Fset: p.Fset, Files: p.Syntax, Types: p.Types, Info: p.TypesInfo, Degree: Full,
		}
		if p.Module != nil {
			q.GoVersion = p.Module.GoVersion
		}
		if len(p.Errors) > 0 {
			q.Degree, q.Why = Partial, firstLine(p.Errors[0].Msg)
		}
		pkgs = append(pkgs, q)
	}
	return pkgs
}

// loadSyntax parses the folder without the go command and type-checks it with
// imports read from source, as far as they are at hand. The file with, "" for
// none, is taken in although it belongs to no build on this machine.
func (t *Tree) loadSyntax(ctx context.Context, rel, why, with string) ([]*Package, error) {
	dir := filepath.Join(t.Root, filepath.FromSlash(rel))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the package folder: %w", err)
	}
	t.source.Lock() // one importer for all folders of the tree, which is no use from two goroutines
	defer t.source.Unlock()
	imp := t.importer(ctx, rel)
	fset := imp.fset
	byName := map[string][]*ast.File{}
	var names []string
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		if ok, err := build.Default.MatchFile(dir, e.Name()); (err != nil || !ok) && e.Name() != with {
			continue
		}
		f, _ := parser.ParseFile(fset, filepath.Join(dir, e.Name()), nil, parser.ParseComments|parser.SkipObjectResolution)
		if f == nil || f.Name == nil {
			continue
		}
		if byName[f.Name.Name] == nil {
			names = append(names, f.Name.Name)
		}
		byName[f.Name.Name] = append(byName[f.Name.Name], f)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no Go file in %s can be parsed", rel)
	}
	slices.Sort(names) // a package before its external test
	var pkgs []*Package
	for _, name := range names {
		pkgs = append(pkgs, t.checkSyntax(rel, name, fset, byName[name], why, imp))
	}
	return pkgs, ctx.Err()
}

// checkSyntax type-checks files with imports read from source. Without an error
// in the package itself its types are as good as any.
func (t *Tree) checkSyntax(rel, name string, fset *token.FileSet, files []*ast.File, why string, imp *fromSource) *Package {
	p := &Package{
		Name: name, Dir: rel, Path: t.importPath(rel), Fset: fset, Files: files,
		Degree: Full, Why: why, root: t.Root, GoVersion: imp.module.Go,
		Info: newInfo(),
	}
	if strings.HasSuffix(name, "_test") {
		p.Path += "_test"
	}
	imported := 0
	for _, f := range files {
		imported += len(f.Imports)
	}
	cfg := types.Config{
		Importer:    imp,
		FakeImportC: true,
		Error: func(err error) {
			if e, ok := err.(types.Error); ok && e.Soft {
				return
			}
			if p.Degree == Full {
				p.Degree, p.Why = Partial, fmt.Sprintf("%s; %s", why, firstLine(err.Error()))
			}
		},
		DisableUnusedImportCheck: true,
	}
	p.Types, _ = cfg.Check(p.Path, fset, files, p.Info)
	if name == p.Types.Name() && !strings.HasSuffix(name, "_test") {
		imp.done[p.Path] = p.Types // its external test sees the test variant too
	}
	if p.Degree == Partial && imported > 0 && len(imp.done) <= 1 {
		p.Degree = Syntax
	}
	return p
}

func (t *Tree) importPath(rel string) string {
	m, ok := t.ModuleOf(rel)
	if !ok {
		return rel
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(rel, m.Dir), "/")
	if m.Dir == "." {
		rest = rel
	}
	if rest == "" || rest == "." {
		return m.Path
	}
	return m.Path + "/" + rest
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}
