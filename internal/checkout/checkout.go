// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package checkout gives the source of a repository at one commit: a clone in a
// cache that is shared by all cases, and a work tree of its own for each case,
// which is gone when the case is done. Nothing of the repository is run: hooks,
// filters and submodules are left alone.
//
// The clone has the whole history, which blame needs, but no file of more than a
// mebibyte that is not in a commit that was looked at. Clones that are not used any
// more go, see prune.go.
package checkout

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/culprit-ci/culprit/internal/gitx"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// filter says which objects a fetch leaves out.
const filter = "--filter=blob:limit=1m"

// Cache is a folder of clones. It is safe for concurrent use, also by several
// processes: git locks what it writes.
type Cache struct {
	// Dir is the folder; it is made when needed.
	Dir string
	// Say is told what takes time; nil means nobody is.
	Say func(message string)
	// maxBytes is for tests, see prune.go.
	maxBytes int64
}

// Source is a repository.
type Source struct {
	// Host and Name say where in the cache it is: "github.com", "owner/name".
	Host, Name string
	Remote     gitx.Remote
}

// Tree is a work tree. It is not the user's: [Tree.Close] deletes it.
type Tree struct {
	Dir   string
	clone string
	inUse *os.File
}

var (
	hash     = lazyre.New(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
	nameOf   = lazyre.New(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)
	hostName = lazyre.New(`^[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?$`)
)

// Tree gives a work tree at a commit, which must be a full hash. A nil Tree
// comes with the reason: the commit is not there any more, git is missing.
func (c *Cache) Tree(ctx context.Context, src Source, commit string) (*Tree, string, error) {
	switch {
	case !hash.MatchString(commit):
		return nil, fmt.Sprintf("%q is not the full hash of a commit", commit), nil
	case !nameOf.MatchString(src.Name) || strings.HasPrefix(filepath.Base(src.Name), "..") || !hostName.MatchString(src.Host):
		return nil, fmt.Sprintf("%s/%s is no repository", src.Host, src.Name), nil
	}
	clone := filepath.Join(c.Dir, strings.ReplaceAll(src.Host, ":", "_"), filepath.FromSlash(src.Name)+".git")
	inUse, err := c.use(ctx, clone, src)
	if err != nil {
		return c.refused(src, err)
	}
	c.prune(time.Now())
	t, why, err := c.tree(ctx, clone, src, commit)
	if t == nil {
		return nil, why, errors.Join(err, inUse.Close())
	}
	t.inUse = inUse
	return t, why, err
}

// tree gives the work tree while the clone is in use.
func (c *Cache) tree(ctx context.Context, clone string, src Source, commit string) (*Tree, string, error) {
	if err := c.open(ctx, clone, src); err != nil { // it may have moved
		return c.refused(src, err)
	}
	if !has(ctx, clone, commit) {
		c.say(fmt.Sprintf("fetching %s at %s", src.Name, commit[:10]))
		// The head as well: it has the fixes that a failing commit may lack.
		_, err := src.Remote.Git(ctx, clone, gitx.Options{}, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc",
			"--no-recurse-submodules", filter, "origin", "+"+commit+":"+ref(commit), "+HEAD:refs/culprit/head")
		// Two cases of one repository may fetch at once; what counts is the commit.
		if err != nil && !has(ctx, clone, commit) {
			return c.refused(src, err)
		}
	}
	return c.worktree(ctx, clone, src, commit)
}

// made reports whether the clone is one: its address is written last.
func made(ctx context.Context, clone string) bool {
	if _, err := os.Stat(filepath.Join(clone, "HEAD")); err != nil {
		return false
	}
	have, err := gitx.Run(ctx, clone, gitx.Options{}, "config", "--local", "--get", "remote.origin.url")
	return err == nil && len(have) > 0
}

// has reports whether the clone has a commit and what belongs to it: the ref is
// written when the fetch is complete.
func has(ctx context.Context, clone, commit string) bool {
	_, err := gitx.Run(ctx, clone, gitx.Options{}, "cat-file", "-e", ref(commit)+"^{commit}")
	return err == nil
}

// ref keeps a commit that was fetched from being collected.
func ref(commit string) string { return "refs/culprit/" + commit }

func (c *Cache) say(message string) {
	if c.Say != nil {
		c.Say(message)
	}
}

// open makes the clone if need be. The settings are written each time, which
// heals a clone whose making was interrupted.
func (c *Cache) open(ctx context.Context, clone string, src Source) error {
	if err := os.MkdirAll(clone, 0o700); err != nil {
		return fmt.Errorf("no folder for the clone of %s: %w", src.Name, err)
	}
	have, err := gitx.Run(ctx, clone, gitx.Options{}, "config", "--get", "remote.origin.url")
	if err == nil && strings.TrimSpace(string(have)) == src.Remote.URL {
		return nil
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--bare", "--template=", "."},
		{"config", "remote.origin.promisor", "true"},
		{"config", "remote.origin.partialclonefilter", strings.TrimPrefix(filter, "--filter=")},
		{"config", "gc.auto", "0"},
		{"config", "remote.origin.url", src.Remote.URL},
	} {
		if _, err := gitx.Run(ctx, clone, gitx.Options{}, args...); err != nil {
			return err
		}
	}
	return nil
}

// worktree checks the commit out into a temporary folder.
func (c *Cache) worktree(ctx context.Context, clone string, src Source, commit string) (*Tree, string, error) {
	dir, err := os.MkdirTemp("", "culprit-tree-*")
	if err != nil {
		return nil, "", fmt.Errorf("no folder for the work tree: %w", err)
	}
	t := &Tree{Dir: dir, clone: clone}
	// Work trees whose folder is gone, of a process that was killed, are forgotten.
	if _, err := gitx.Run(ctx, clone, gitx.Options{}, "worktree", "prune"); err != nil {
		return nil, "", errors.Join(err, t.Close())
	}
	// git takes the half-made entry of another process for one whose folder is
	// gone: a prune between its first two steps deletes it. The next try has it.
	for try := 0; ; try++ {
		_, err = src.Remote.Git(ctx, clone, gitx.Options{}, "worktree", "add", "--quiet", "--force", "--detach", dir, commit)
		var ge *gitx.Error
		if try == 9 || !errors.As(err, &ge) || !strings.Contains(ge.Stderr, "worktrees/") {
			break
		}
	}
	if err != nil {
		tree, why, err := c.refused(src, err)
		return tree, why, errors.Join(err, t.Close())
	}
	return t, "", nil
}

// Close deletes the work tree.
func (t *Tree) Close() error {
	// The context of the case may have ended; the folder goes nevertheless.
	_, err := gitx.Run(context.Background(), t.clone, gitx.Options{}, "worktree", "remove", "--force", "--force", t.Dir)
	var ge *gitx.Error
	if errors.As(err, &ge) {
		err = nil // it was never added; the folder is what counts
	}
	err = errors.Join(err, os.RemoveAll(t.Dir))
	if t.inUse != nil {
		err = errors.Join(err, t.inUse.Close())
	}
	return err
}

// refused tells a repository that cannot be had from a failure of our own.
func (c *Cache) refused(src Source, err error) (*Tree, string, error) {
	var ge *gitx.Error
	switch {
	case errors.Is(err, gitx.ErrNotFound):
		return nil, err.Error(), nil
	case errors.As(err, &ge):
		return nil, fmt.Sprintf("%s cannot be fetched: %s", src.Name, reason(ge)), nil
	}
	return nil, "", err
}

// reason puts what git says into words.
func reason(e *gitx.Error) string {
	switch text := e.Stderr; {
	case strings.Contains(text, "not our ref") || strings.Contains(text, "no such remote ref") || strings.Contains(text, "couldn't find remote ref"):
		return "the commit is not there any more"
	case strings.Contains(text, "Authentication failed") || strings.Contains(text, "could not read Username") || strings.Contains(text, "returned error: 403"):
		return "the token may not read it"
	case strings.Contains(text, "not found"):
		return "it does not exist, or the token may not see it"
	case strings.Contains(text, "redirect"):
		return "it has moved: name it by its new name"
	}
	return e.Reason()
}
