// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package fix turns a cause into a patch and checks it. Nothing of the
// repository is executed: a patch is applied in an overlay of the go command,
// formatted, type-checked, built and vetted. The work tree is never written.
package fix

import (
	"context"
	"fmt"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
)

// Redeclare is the strategy that gives each concurrent function literal a
// variable of its own.
const Redeclare = "redeclare-locally"

// Candidate is a repair that has not been built yet.
type Candidate struct {
	Strategy string
	// Message says what the patch does, as a commit subject would.
	Message string
	// Files are the changed files, path relative to the tree's root to content.
	Files map[string][]byte
	// Patch is the unified diff of Files.
	Patch string
	// Checks are those that need no build.
	Checks culprit.List[culprit.Check]
	// Rejected says that one of them failed.
	Rejected bool

	edits map[string][]edit
	aside map[string]string
	tree  *source.Tree
}

// Find proposes a patch for the failure's cause and checks it without running
// anything. A nil fix comes with the reason: the pattern has no mechanical repair
// here, or the repair would change what the code means.
func Find(ctx context.Context, tree *source.Tree, f *culprit.Failure) (*culprit.Fix, string, error) {
	list, why, err := candidates(ctx, tree, f, strategies)
	if err != nil || len(list) == 0 {
		return nil, why, err
	}
	var first *culprit.Fix
	for _, c := range list {
		fx, err := c.build(ctx, tree)
		if err != nil {
			return nil, "", err
		}
		if fx.Status == culprit.FixBuilds {
			return fx, "", nil
		}
		if first == nil {
			first = fx
		}
	}
	return first, "", nil
}

// Candidates proposes repairs for the failure's cause, the least change first,
// for whoever will run them: some are no more than worth a try. None comes with
// the reason.
func Candidates(ctx context.Context, tree *source.Tree, f *culprit.Failure) ([]*Candidate, string, error) {
	return candidates(ctx, tree, f, slices.Concat(strategies, risky))
}

// Safe proposes those of [Candidates] that need no run to vouch for them.
func Safe(ctx context.Context, tree *source.Tree, f *culprit.Failure) ([]*Candidate, string, error) {
	return candidates(ctx, tree, f, strategies)
}

func candidates(ctx context.Context, tree *source.Tree, f *culprit.Failure, which []strategy) ([]*Candidate, string, error) {
	if f.Cause == nil {
		return nil, "no cause is known", nil
	}
	rel := f.Cause.Declared.File
	if !tree.Has(rel) {
		why := fmt.Sprintf("%s is not declared in the work tree", f.Cause.Subject)
		if f.Cause.Pattern != culprit.PatternGlobalState || len(which) == len(strategies) {
			return nil, why, nil
		}
		list, w, err := runSerially(ctx, &subject{tree: tree, f: f})
		return list, why + "; " + w, err
	}
	pkgs, err := tree.Load(ctx, path.Dir(rel))
	if err != nil {
		return nil, "", fmt.Errorf("loading %s: %w", path.Dir(rel), err)
	}
	pkg, v := find(pkgs, f.Cause.Declared)
	if v == nil {
		return nil, fmt.Sprintf("no variable is declared at %s:%d:%d", rel, f.Cause.Declared.Line, f.Cause.Declared.Column), nil
	}
	s := &subject{tree: tree, pkg: pkg, v: v, f: f}
	var list []*Candidate
	var whys []string
	if n := len(f.Cause.Also); n > 0 {
		whys = append(whys, fmt.Sprintf("%d variables race because nothing waits for the goroutine that writes them: to guard each would hide that", n+1))
		if len(which) == len(strategies) {
			return nil, whys[0], nil
		}
		which = []strategy{readAfterReceive, waitForGoroutine, joinBeforeEnd}
	}
	for _, st := range which {
		s.issued, s.aside = nil, nil
		found, why, err := st(ctx, s)
		if err != nil {
			return nil, "", err
		}
		if found, err = s.withTwins(ctx, st, found); err != nil {
			return nil, "", err
		}
		for _, c := range found {
			if !slices.ContainsFunc(list, func(o *Candidate) bool { return o.Patch == c.Patch }) {
				list = append(list, c)
			}
		}
		if len(found) == 0 && why != "" {
			whys = append(whys, why)
		}
	}
	if len(list) == 0 && len(whys) == 0 {
		whys = append(whys, fmt.Sprintf("this version has no mechanical repair for pattern %s", f.Cause.Pattern))
	}
	return list, strings.Join(whys, "; "), nil
}

// subject is the variable to be repaired.
type subject struct {
	tree *source.Tree
	pkg  *source.Package
	v    *types.Var
	f    *culprit.Failure

	all   []*use // as uses returns them
	texts map[string][]byte
	// issued are names that planned edits declare: file and name.
	issued map[string]bool
	// aside are the names of values that planned edits took aside, to the name of
	// what they are the value of.
	aside map[string]string
}

// strategy proposes repairs of one kind: none with a reason where it does not
// apply, and without one where it never would.
type strategy func(context.Context, *subject) ([]*Candidate, string, error)

// strategies are the repairs, in order of how little they change.
var strategies = []strategy{
	redeclareLocally,
	copyPerIteration,
	addBeforeGo,
	copyInCopy,
	initOnce,
	guardWithItsLock,
	atomicHere,
	useAtomic,
	lockedBuffer,
}

// risky are the repairs that only a run can vouch for: they change what waits for
// what, or what is shared. They come after the others.
var risky = []strategy{
	copyPerGoroutine,
	readAfterReceive,
	guardWithNewLock,
	waitForGoroutine,
	joinBeforeEnd,
	runSerially,
}

// find returns the variable whose declaring identifier is at pos.
func find(pkgs []*source.Package, pos culprit.Pos) (*source.Package, *types.Var) {
	for _, pkg := range pkgs {
		for id, obj := range pkg.Info.Defs {
			if v, ok := obj.(*types.Var); ok && id.Name != "_" && pkg.Pos(id.Pos()) == pos {
				return pkg, v
			}
		}
	}
	return nil, nil
}

func readFile(tree *source.Tree, rel string) ([]byte, error) { return os.ReadFile(abs(tree, rel)) }

func abs(tree *source.Tree, rel string) string {
	return filepath.Join(tree.Root, filepath.FromSlash(rel))
}

func dirOf(rel string) string { return path.Dir(rel) }
