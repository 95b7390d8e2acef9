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

// errUnclean says that units cannot be loaded this way.
var errUnclean = errors.New("not everything builds")

// units loads the packages that patterns name in the folder rel, by folder, where all
// that they need builds. go/packages does it for whatever a tree may be, but it
// type-checks each package without its tests as well, which nobody looks at, and
// reads the export data of what is imported once for all of its tests: a triage took
// a tenth longer. Where anything is wrong the error says only that.
func (t *Tree) units(ctx context.Context, rel string, patterns ...string) (map[string][]*Package, error) {
	res, err := gocmd.Run(ctx, gocmd.Cmd{
		Dir: filepath.Join(t.Root, filepath.FromSlash(rel)), Locked: true,
		Args: append([]string{"list", "-e", "-deps", "-export", "-test", "-pgo=off",
			"-json=ImportPath,Name,Dir,ForTest,Export,GoFiles,CgoFiles,ImportMap,DepOnly,Module,Error", "--"}, patterns...),
	})
	if err != nil || res.Truncated {
		return nil, errUnclean
	}
	all := map[string]*unit{}
	var roots []*unit
	for dec := json.NewDecoder(bytes.NewReader(res.Stdout)); ; {
		u := &unit{}
		if err := dec.Decode(u); err == io.EOF {
			break
		} else if err != nil || u.Error != nil || len(u.CgoFiles) > 0 {
			return nil, errUnclean
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
			err = errors.Join(err, w.err)
			for _, p := range w.done {
				byDir[p.Dir] = append(byDir[p.Dir], p)
			}
		})
	}
	group.Wait()
	for _, list := range byDir {
		slices.SortFunc(list, func(a, b *Package) int { return strings.Compare(a.Path, b.Path) })
	}
	return byDir, err
}

// world are the units that are built together, for one test: in it a path means one
// package of types.
type world struct {
	tree   *Tree
	units  map[string]*unit
	wanted map[string]bool // by ID, to be checked from source
	types  map[string]*types.Package
	done   map[string]*Package // by ID
	err    error
}

func (w *world) check() {
	for _, id := range slices.Sorted(maps.Keys(w.wanted)) {
		if w.err == nil && w.done[id] == nil {
			w.source(w.units[id])
		}
	}
}

// source type-checks a unit with its bodies.
func (w *world) source(u *unit) {
	rel, err := filepath.Rel(w.tree.Root, u.Dir)
	if err != nil || !filepath.IsLocal(rel) || len(u.GoFiles) == 0 {
		w.err = errUnclean
		return
	}
	p := &Package{
		Path: u.path(), Name: u.Name, Dir: filepath.ToSlash(rel), root: w.tree.Root,
		Fset: w.tree.files.fset, Info: newInfo(), Degree: Full, Types: types.NewPackage(u.path(), u.Name),
	}
	w.done[u.ImportPath], w.types[p.Path] = p, p.Types
	for _, name := range u.GoFiles {
		file := filepath.Join(u.Dir, name)
		src, err := os.ReadFile(file)
		if err == nil {
			var f *ast.File
			f, err = w.tree.files.parse(file, src)
			p.Files = append(p.Files, f)
		}
		if err != nil {
			w.err = errUnclean
			return
		}
	}
	cfg := &types.Config{
		Importer: importing(func(path string) (*types.Package, error) { return w.imported(u, path) }),
		Sizes:    types.SizesFor("gc", build.Default.GOARCH),
	}
	if u.Module != nil && u.Module.GoVersion != "" {
		p.GoVersion = u.Module.GoVersion
		cfg.GoVersion = "go" + p.GoVersion
	}
	if err := types.NewChecker(cfg, p.Fset, p.Types, p.Info).Files(p.Files); err != nil {
		w.err = errUnclean
	}
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
		return w.done[id].Types, w.err
	}
	if p := w.types[u.path()]; p != nil && p.Complete() {
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

// newInfo has room for all that the analysis asks for.
func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
		Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}
}
