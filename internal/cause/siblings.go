// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"context"
	"fmt"
	"go/types"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/suite"
)

// maxSiblings bounds the siblings of one cause. The reason that comes with them
// has the number of all.
const maxSiblings = 50

// Search looks for siblings. It keeps what it has loaded and found for the causes
// of one case, and is for one goroutine.
type Search struct {
	tree    *source.Tree
	wide    bool
	units   map[*source.Package]*racecheck.Unit
	modules map[string][][]*source.Package // by folder
}

// NewSearch makes a search in the packages of a cause or, when wide is set, in the
// module that it is in.
func NewSearch(tree *source.Tree, wide bool) *Search {
	return &Search{tree: tree, wide: wide, units: map[*source.Package]*racecheck.Unit{}, modules: map[string][][]*source.Package{}}
}

// Siblings finds other instances of the cause's pattern: with the analyzer of the
// pattern in the packages of its declaration and its sites, or in the module of the
// first of them; and, for a field that a lock guards, the accesses of the same
// field without it. An analyzer that only runs when it is named is not asked, since
// most of what it finds is no race. The string says what was searched, or why
// nothing was.
func (s *Search) Siblings(ctx context.Context, c *culprit.Cause) ([]culprit.Sibling, string, error) {
	a := suite.Of(c.Pattern)
	if a == nil {
		return nil, "", nil
	}
	var list []culprit.Sibling
	why := ""
	if lockable(c) {
		var err error
		if list, why, err = (&resolver{tree: s.tree}).unguarded(ctx, c); err != nil {
			return nil, "", err
		}
		why += "; "
	}
	if !slices.Contains(suite.Checks(), a) {
		return list, why + "what culprit vet --only " + a.Name + " finds is mostly no race, and was not looked at", nil
	}
	folders, where, err := s.around(ctx, c)
	if err != nil {
		return nil, "", err
	}
	files, more, itself := 0, 0, false
	s.analyze(slices.Concat(folders...), c.Pattern)
	for _, pkgs := range folders {
		for _, pkg := range pkgs {
			files += len(pkg.Files)
			found, own := s.instances(pkg, c)
			itself = itself || own
			for _, x := range found {
				if !slices.ContainsFunc(list, func(o culprit.Sibling) bool {
					return o.Pos.File == x.Pos.File && o.Pos.Line == x.Pos.Line && o.Subject == x.Subject
				}) {
					list, more = append(list, x), more+1
				}
			}
		}
	}
	why += fmt.Sprintf("searched the %d files of %s, found %d", files, where, more)
	if itself {
		why += "; culprit vet --only " + a.Name + " reports this race too"
	}
	if len(list) > maxSiblings {
		why += fmt.Sprintf("; the first %d are listed", maxSiblings)
		list = list[:maxSiblings]
	}
	return list, why, nil
}

// lockable reports whether a lock can guard the cause's variable and its other
// accesses can be looked at.
func lockable(c *culprit.Cause) bool {
	switch c.Pattern {
	case culprit.PatternPartialLock, culprit.PatternWriteUnderRLock, culprit.PatternMissingLock, culprit.PatternMap:
		return c.Kind == culprit.SubjectField || c.Kind == culprit.SubjectMap
	}
	return false
}

// around loads the packages to search, and names the folders.
func (s *Search) around(ctx context.Context, c *culprit.Cause) ([][]*source.Package, string, error) {
	var dirs []string
	for _, p := range append([]culprit.Pos{c.Declared}, positions(c.Sites)...) {
		if dir := path.Dir(p.File); s.tree.Has(p.File) && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) == 0 {
		return nil, "no folder, since the declaration and the sites are not in the tree", nil
	}
	if m, ok := s.tree.ModuleOf(dirs[0]); ok && s.wide {
		folders, known := s.modules[m.Dir]
		if !known {
			var err error
			if folders, err = s.tree.LoadModule(ctx, m); err != nil {
				return nil, "", fmt.Errorf("loading module %s: %w", m.Path, err)
			}
			s.modules[m.Dir] = folders
		}
		return folders, "module " + m.Path, nil
	}
	var folders [][]*source.Package
	where := ""
	for i, dir := range dirs {
		pkgs, err := s.tree.Load(ctx, dir)
		if err != nil {
			return nil, "", fmt.Errorf("loading %s: %w", dir, err)
		}
		folders = append(folders, pkgs)
		if i > 0 {
			where += " and "
		}
		where += dir
	}
	return folders, where, nil
}

func positions(sites []culprit.Site) []culprit.Pos {
	var list []culprit.Pos
	for _, s := range sites {
		list = append(list, s.Pos)
	}
	return list
}

// analyze applies the analyzer of a pattern to packages side by side.
func (s *Search) analyze(pkgs []*source.Package, pattern culprit.Pattern) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, pkg := range pkgs {
		unit := s.units[pkg]
		if unit == nil {
			unit = &racecheck.Unit{Fset: pkg.Fset, Files: pkg.Files, Types: pkg.Types, Info: pkg.Info}
			s.units[pkg] = unit
		}
		group.Go(func() error {
			suite.Instances(pattern, unit)
			return nil
		})
	}
	_ = group.Wait() // none gives an error
}

// instances lists what the analyzer of the cause's pattern finds in a package,
// without what is at the lines of the cause itself; own reports whether it finds
// the cause's variable there too.
func (s *Search) instances(pkg *source.Package, c *culprit.Cause) (list []culprit.Sibling, own bool) {
	found, _ := suite.Instances(c.Pattern, s.units[pkg]) // known by now
	for _, t := range twins(pkg, c) {
		list = append(list, culprit.Sibling{
			Pos: pkg.Pos(t.Pos), Subject: t.Var.Name(), Pattern: c.Pattern,
			Message: "the same statement writes another " + t.Var.Name() + " here, in a function literal of the same type, and code outside of it uses that one too",
		})
	}
	for _, in := range found {
		at := pkg.Pos(in.Pos)
		if in.Var != nil && pkg.Pos(in.Var.Pos()) == c.Declared {
			own = true
			continue
		}
		if slices.ContainsFunc(positions(c.Sites), func(p culprit.Pos) bool { return p.File == at.File && p.Line == at.Line }) {
			continue
		}
		list = append(list, culprit.Sibling{Pos: at, Subject: in.Subject, Pattern: in.Pattern, Message: in.Message})
	}
	return list, own
}

// twins finds the copies of the code of a captured variable in the file that
// declares it.
func twins(pkg *source.Package, c *culprit.Cause) []racecheck.Twin {
	file := pkg.File(c.Declared.File)
	if c.Pattern != culprit.PatternCapturedOuterVariable || file == nil {
		return nil
	}
	for id, obj := range pkg.Info.Defs {
		if v, ok := obj.(*types.Var); ok && pkg.Pos(id.Pos()) == c.Declared {
			return racecheck.Twins(pkg.Fset, pkg.Info, file, v)
		}
	}
	return nil
}
