// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/scanner"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/culprit-ci/culprit/internal/gocmd"
)

// unit is a package, or a variant of one that is built for a test, as go list prints
// it: see go help list.
type unit struct {
	ImportPath string // "p [q.test]" for a variant
	Name, Dir  string
	ForTest    string
	Export     string
	GoFiles    []string
	CgoFiles   []string
	ImportMap  map[string]string
	DepOnly    bool
	Module     *struct{ GoVersion string }
	Error      *struct{ Err string }
}

// path is the import path without the test that the unit is built for.
func (u *unit) path() string {
	p, _, _ := strings.Cut(u.ImportPath, " ")
	return p
}

// errUnlisted says that the go command does not list what is asked for, or that cgo is
// in it.
var errUnlisted = errors.New("the go command does not list the packages")

// units loads the packages that patterns name in the folder rel, by folder; what
// cannot be had lowers their Degree. go/packages would do it, but type-checks each
// package without its tests as well, which nobody looks at, and asks the go command for
// its version: a triage took a tenth longer.
func (t *Tree) units(ctx context.Context, rel string, patterns ...string) (map[string][]*Package, error) {
	res, err := gocmd.Run(ctx, gocmd.Cmd{
		Dir: filepath.Join(t.Root, filepath.FromSlash(rel)), Locked: true,
		Args: append([]string{"list", "-e", "-deps", "-export", "-test", "-pgo=off",
			"-json=ImportPath,Name,Dir,ForTest,Export,GoFiles,CgoFiles,ImportMap,DepOnly,Module,Error", "--"}, patterns...),
	})
	if err != nil || res.Truncated {
		return nil, errUnlisted
	}
	all := map[string]*unit{}
	var roots []*unit
	for dec := json.NewDecoder(bytes.NewReader(res.Stdout)); ; {
		u := &unit{}
		if err := dec.Decode(u); err == io.EOF {
			break
		} else if err != nil || len(u.CgoFiles) > 0 {
			return nil, errUnlisted
		}
		all[u.ImportPath] = u
		if !u.DepOnly && !strings.HasSuffix(u.ImportPath, ".test") {
			roots = append(roots, u)
		}
	}
	worlds := map[string]*world{}
	for _, u := range roots {
		if _, tested := all[u.ImportPath+" ["+u.ImportPath+".test]"]; tested {
			continue // its variant has the files of its tests too
		}
		_, test, _ := strings.Cut(u.ImportPath, " ")
		w := worlds[test]
		if w == nil {
			w = &world{tree: t, units: all, wanted: map[string]bool{}, types: map[string]*types.Package{}, done: map[string]*Package{}}
			worlds[test] = w
		}
		w.wanted[u.ImportPath] = true
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	byDir := map[string][]*Package{}
	for _, w := range worlds {
		group.Go(func() {
			w.check()
			mu.Lock()
			defer mu.Unlock()
			for _, p := range w.done {
				if len(p.Files) > 0 && filepath.IsLocal(filepath.FromSlash(p.Dir)) {
					byDir[p.Dir] = append(byDir[p.Dir], p)
				}
			}
		})
	}
	group.Wait()
	for _, list := range byDir {
		slices.SortFunc(list, func(a, b *Package) int { return strings.Compare(a.Path, b.Path) })
	}
	return byDir, ctx.Err()
}

// world are the units that are built together, for one test: in it a path means one
// package of types.
type world struct {
	tree   *Tree
	units  map[string]*unit
	wanted map[string]bool // by ID, to be checked from source
	types  map[string]*types.Package
	done   map[string]*Package // by ID
}

func (w *world) check() {
	for _, id := range slices.Sorted(maps.Keys(w.wanted)) {
		if w.done[id] == nil {
			w.source(w.units[id])
		}
	}
}

// source type-checks a unit with its bodies.
func (w *world) source(u *unit) *Package {
	rel, err := filepath.Rel(w.tree.Root, u.Dir)
	if err != nil {
		rel = ".." // outside of the tree, as a module of its go.work may be
	}
	p := &Package{
		Path: u.path(), Name: u.Name, Dir: filepath.ToSlash(rel), root: w.tree.Root,
		Fset: w.tree.files.fset, Info: newInfo(), Degree: Full, Types: types.NewPackage(u.path(), u.Name),
	}
	w.done[u.ImportPath] = p
	partial := func(why string) {
		if p.Degree == Full {
			p.Degree, p.Why = Partial, firstLine(why)
		}
	}
	if u.Error != nil {
		partial(u.Error.Err)
	}
	p.Files = w.parse(u, partial)
	if u.Module != nil {
		p.GoVersion = u.Module.GoVersion
	}
	w.types[p.Path] = p.Types
	w.fill(u, p.Types, p.Files, p.Info, partial)
	return p
}

// parse parses the files of a unit, as far as that can be done.
func (w *world) parse(u *unit, failed func(why string)) []*ast.File {
	var list []*ast.File
	for _, name := range u.GoFiles {
		file := filepath.Join(u.Dir, name)
		src, err := os.ReadFile(file)
		if err != nil {
			failed(err.Error())
			continue
		}
		f, err := w.tree.files.parse(file, src)
		if err != nil {
			failed(message(err))
		}
		if f != nil {
			list = append(list, f)
		}
	}
	return list
}

// fill type-checks the files of a unit; without info only what they declare.
func (w *world) fill(u *unit, pkg *types.Package, files []*ast.File, info *types.Info, failed func(why string)) {
	cfg := &types.Config{
		Importer:         importing(func(path string) (*types.Package, error) { return w.imported(u, path) }),
		Sizes:            types.SizesFor("gc", build.Default.GOARCH),
		IgnoreFuncBodies: info == nil,
		Error:            func(err error) { failed(message(err)) },
	}
	if u.Module != nil && u.Module.GoVersion != "" {
		cfg.GoVersion = "go" + u.Module.GoVersion
	}
	_ = types.NewChecker(cfg, w.tree.files.fset, pkg, info).Files(files) // told of each error
	pkg.MarkComplete()                                                   // what is missing has invalid types
}

type importing func(path string) (*types.Package, error)

func (f importing) Import(path string) (*types.Package, error) { return f(path) }

// imported gives what a unit imports by a path.
func (w *world) imported(by *unit, path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	id := path
	if to := by.ImportMap[path]; to != "" {
		id = to
	}
	u := w.units[id]
	if u == nil {
		return nil, fmt.Errorf("go list does not name %s", id)
	}
	if w.wanted[id] {
		if w.done[id] == nil {
			w.source(u)
		}
		return w.done[id].Types, nil
	}
	if p := w.types[u.path()]; p != nil && (p.Complete() || u.Export == "") {
		return p, nil
	}
	if u.Export == "" { // it does not build
		if len(u.GoFiles) == 0 && u.Error != nil {
			return nil, errors.New(firstLine(u.Error.Err))
		}
		p := w.types[u.path()]
		if p == nil {
			p = types.NewPackage(u.path(), u.Name)
			w.types[u.path()] = p
		}
		w.fill(u, p, w.parse(u, nobody), nil, nobody)
		return p, nil
	}
	f, err := os.Open(u.Export)
	if err != nil {
		return nil, fmt.Errorf("opening export data: %w", err)
	}
	defer f.Close()
	//lint:ignore SA1019 go list names archives until Go 1.28, as for x/tools/go/packages
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", u.Export, err)
	}
	return gcexportdata.Read(r, w.tree.files.fset, w.types, u.path())
}

// message gives an error of the parser or of the type checker without its place.
func message(err error) string {
	var checked types.Error
	var parsed scanner.ErrorList
	switch {
	case errors.As(err, &checked):
		return checked.Msg
	case errors.As(err, &parsed) && len(parsed) > 0:
		return parsed[0].Msg
	}
	return err.Error()
}

// nobody is told why a package that is only imported does not build: who imports it has
// an error too.
func nobody(string) {}

// newInfo has room for all that the analysis asks for.
func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
		Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}
}
