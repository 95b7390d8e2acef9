// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package source is the work tree of a repository as the analysis sees it: it
// turns the paths of a CI machine into files of the tree, loads packages with
// as many types as can be had, and finds the function and statement of a frame.
//
// Nothing in the tree is executed and nothing is downloaded: the go command
// runs locked (see gocmd.LockedEnv) and only compiles dependencies for their
// export data, without cgo.
package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"

	"github.com/culprit-ci/culprit"
)

// maxFiles bounds the walk of a tree; a larger tree is searched as far as that.
const maxFiles = 500_000

// Tree is a work tree. Its methods may be called from several goroutines.
type Tree struct {
	// Root is the absolute path of the folder that was opened. All files of a
	// Case are relative to it.
	Root string
	// Modules are the modules of the tree, the longest module path first.
	Modules []Module

	byBase map[string][]string // base name of each .go file to its relative paths
	files  *files

	mu     sync.Mutex
	loaded map[string]*loading

	source  sync.Mutex
	imports map[string]*fromSource // by module folder
}

// Module is a module of the tree.
type Module struct {
	Path string
	Dir  string // relative to the tree's root, "." for the root
	Go   string // the go directive, "" when there is none
}

// Open reads the shape of the work tree at dir. A nil tree comes with the
// reason why dir cannot serve: it is no folder, or no Go module is in it.
func Open(ctx context.Context, dir string) (*Tree, string, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, "", fmt.Errorf("opening the work tree: %w", err)
	}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	switch st, err := os.Stat(root); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Sprintf("the folder %s does not exist", dir), nil
	case err != nil:
		return nil, "", fmt.Errorf("opening the work tree: %w", err)
	case !st.IsDir():
		return nil, fmt.Sprintf("%s is not a folder", dir), nil
	}
	t := &Tree{Root: root, files: newFiles(), byBase: map[string][]string{}, loaded: map[string]*loading{}, imports: map[string]*fromSource{}}
	if err := t.walk(ctx); err != nil {
		return nil, "", fmt.Errorf("reading the work tree: %w", err)
	}
	if len(t.Modules) == 0 {
		return nil, fmt.Sprintf("no go.mod is in %s or below it", dir), nil
	}
	slices.SortFunc(t.Modules, func(a, b Module) int {
		if c := len(b.Path) - len(a.Path); c != 0 {
			return c
		}
		return strings.Compare(a.Dir, b.Dir)
	})
	return t, "", nil
}

func (t *Tree) walk(ctx context.Context) error {
	n := 0
	return filepath.WalkDir(t.Root, func(p string, d fs.DirEntry, err error) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err != nil {
			if p == t.Root {
				return err
			}
			return fs.SkipDir // an unreadable folder hides its files, nothing else
		}
		if n++; n > maxFiles {
			return fs.SkipAll
		}
		rel, _ := filepath.Rel(t.Root, p)
		rel = filepath.ToSlash(rel)
		switch name := d.Name(); {
		case d.IsDir():
			if name == ".git" || name == "node_modules" {
				return fs.SkipDir
			}
		case !d.Type().IsRegular():
		case name == "go.mod":
			t.addModule(p, path.Dir(rel))
		case strings.HasSuffix(name, ".go"):
			t.byBase[name] = append(t.byBase[name], rel)
		}
		return nil
	})
}

// addModule records a go.mod; one that does not parse is no module.
func (t *Tree) addModule(file, dir string) {
	data, err := os.ReadFile(file)
	if err != nil {
		return
	}
	f, err := modfile.ParseLax(file, data, nil)
	if err != nil || f.Module == nil {
		return
	}
	m := Module{Path: f.Module.Mod.Path, Dir: dir}
	if f.Go != nil {
		m.Go = f.Go.Version
	}
	t.Modules = append(t.Modules, m)
}

// ModuleOf returns the module whose files are in the folder rel, and whether
// there is one.
func (t *Tree) ModuleOf(rel string) (Module, bool) {
	best, found := Module{}, false
	for _, m := range t.Modules {
		if (m.Dir == "." || rel == m.Dir || strings.HasPrefix(rel, m.Dir+"/")) &&
			(!found || len(m.Dir) > len(best.Dir)) {
			best, found = m, true
		}
	}
	return best, found
}

// PackageDir returns the folder of the package with this import path, and
// whether the tree holds it. An external test package is in the folder of the
// package it tests.
func (t *Tree) PackageDir(importPath string) (string, bool) {
	candidates := []string{importPath}
	if p, ok := strings.CutSuffix(importPath, "_test"); ok {
		candidates = append(candidates, p)
	}
	for _, p := range candidates {
		for _, m := range t.Modules {
			rest, ok := strings.CutPrefix(p, m.Path)
			if !ok || rest != "" && rest[0] != '/' {
				continue
			}
			dir := path.Join(m.Dir, rest)
			if st, err := os.Stat(filepath.Join(t.Root, filepath.FromSlash(dir))); err == nil && st.IsDir() && fs.ValidPath(dir) {
				return dir, true
			}
		}
	}
	return "", false
}

// Resolve finds the file of a frame in the tree: by the import path in the
// symbol and the base name of the printed path. A symbol that carries no import
// path ("main.f") is found by the longest unique suffix of the printed path.
// "" comes with the reason.
func (t *Tree) Resolve(f culprit.Frame) (rel, why string) {
	printed := strings.ReplaceAll(f.File, `\`, "/")
	base := path.Base(printed)
	if !strings.HasSuffix(base, ".go") {
		return "", "the frame has no Go file"
	}
	sym := ParseSymbol(f.Func)
	pkg := sym.Package
	if dir, ok := t.PackageDir(pkg); ok {
		rel := path.Join(dir, base)
		if sym.Elsewhere {
			if other := t.elsewhere(printed); other != "" {
				return other, ""
			}
		}
		if t.Has(rel) {
			return rel, ""
		}
		return "", fmt.Sprintf("%s is not in the work tree", rel)
	}
	if t.Has(printed) && fs.ValidPath(printed) {
		return printed, ""
	}
	if pkg == "main" || pkg == "main_test" || pkg == "command-line-arguments" || pkg == "" {
		return t.bySuffix(printed)
	}
	return "", fmt.Sprintf("package %s is not in the work tree", pkg)
}

// elsewhere finds the file of a closure that was inlined into another package,
// by its printed path alone: the file itself, that of an import path (-trimpath),
// or the longest path that the printed one ends with, a bare name only in the
// folder of the module. "" when there is none.
func (t *Tree) elsewhere(printed string) string {
	if fs.ValidPath(printed) && t.Has(printed) {
		return printed
	}
	if dir, ok := t.PackageDir(path.Dir(printed)); ok && t.Has(path.Join(dir, path.Base(printed))) {
		return path.Join(dir, path.Base(printed))
	}
	if Foreign(printed) {
		return ""
	}
	best := ""
	for _, rel := range t.byBase[path.Base(printed)] {
		if strings.HasSuffix(printed, "/"+rel) && len(rel) > len(best) {
			best = rel
		}
	}
	if !strings.Contains(best, "/") && !sharedModuleDir(t, printed) {
		return ""
	}
	return best
}

// Foreign reports whether a printed path is of the standard library or of the
// module cache, or was trimmed so far that this cannot be told.
func Foreign(printed string) bool {
	printed = strings.ReplaceAll(printed, `\`, "/")
	if strings.Contains(printed, "/pkg/mod/") || !path.IsAbs(printed) && (len(printed) < 2 || printed[1] != ':') {
		return true
	}
	i := strings.LastIndex(printed, "/src/")
	if i < 0 {
		return false
	}
	first, _, _ := strings.Cut(printed[i+len("/src/"):], "/")
	return !strings.Contains(first, ".") // a GOPATH has host names there
}

// Has reports whether the tree has the Go file rel.
func (t *Tree) Has(rel string) bool {
	return slices.Contains(t.byBase[path.Base(rel)], rel)
}

// bySuffix finds the one file that shares the longest path suffix with printed.
// One shared element is the bare file name, which is no evidence.
func (t *Tree) bySuffix(printed string) (string, string) {
	best, bestN, ties := "", 1, 0
	for _, rel := range t.byBase[path.Base(printed)] {
		switch n := sharedSuffix(rel, printed); {
		case n > bestN:
			best, bestN, ties = rel, n, 0
		case n == bestN && n > 1:
			ties++
		}
	}
	switch {
	case best == "" && t.Has(path.Base(printed)) && sharedModuleDir(t, printed):
		return path.Base(printed), ""
	case best == "":
		return "", fmt.Sprintf("no file of the work tree ends like %s", printed)
	case ties > 0:
		return "", fmt.Sprintf("%d files of the work tree end like %s", ties+1, printed)
	}
	return best, ""
}

// sharedModuleDir reports whether printed's folder is named like the root
// module or the root folder: what a file at the root of a command looks like.
func sharedModuleDir(t *Tree, printed string) bool {
	dir := path.Base(path.Dir(printed))
	if dir == filepath.Base(t.Root) {
		return true
	}
	m, ok := t.ModuleOf(".")
	return ok && dir == path.Base(m.Path)
}

func sharedSuffix(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(as) && n < len(bs) && as[len(as)-1-n] == bs[len(bs)-1-n] {
		n++
	}
	return n
}

// Mentioning lists the .go files, by path, whose text has a piece of text in it.
func (t *Tree) Mentioning(text string) []string {
	var list []string
	for _, rels := range t.byBase {
		for _, rel := range rels {
			data, err := os.ReadFile(filepath.Join(t.Root, filepath.FromSlash(rel)))
			if err == nil && bytes.Contains(data, []byte(text)) {
				list = append(list, rel)
			}
		}
	}
	slices.Sort(list)
	return list
}

// Declaring lists the folders whose test files declare a function of that name
// at the start of a line.
func (t *Tree) Declaring(fn string) []string {
	var dirs []string
	want := []byte("func " + fn + "(")
	for base, rels := range t.byBase {
		if !strings.HasSuffix(base, "_test.go") {
			continue
		}
		for _, rel := range rels {
			data, err := os.ReadFile(filepath.Join(t.Root, filepath.FromSlash(rel)))
			if err != nil || slices.Contains(dirs, path.Dir(rel)) {
				continue
			}
			if i := bytes.Index(data, want); i == 0 || i > 0 && data[i-1] == '\n' {
				dirs = append(dirs, path.Dir(rel))
			}
		}
	}
	slices.Sort(dirs)
	return dirs
}
