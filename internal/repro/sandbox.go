// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/culprit-ci/culprit/internal/gitx"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

// The names of the temporary folders. A folder gets the second name once its
// lock is held, so that one without a lock is known to be stale.
const (
	prefixNew = "culprit-new-"
	prefix    = "culprit-prove-"
)

// newAge is how long a folder may take to get its lock.
const newAge = 10 * time.Minute

// marker is the variable by which a process is known to belong to a sandbox.
const marker = "CULPRIT_SANDBOX"

// Sandbox is a copy of a work tree in which its code may run.
type Sandbox struct {
	// Root is the temporary folder; all that is written is below it.
	Root string
	// Tree is the copy of the folder that was opened.
	Tree string

	lock   *os.File
	tool   gocmd.Toolchain
	extra  []string // what the user lets through, KEY=VALUE
	modMod bool     // the go command needs -mod=mod

	mu sync.Mutex
	// lonely are the folders of packages whose tests listen on a port of their own
	// choice, so that two of their processes cannot run at once.
	lonely map[string]bool
}

// Open copies the work tree at dir, or what the commit holds if one is given,
// into a new sandbox. A nil sandbox comes with the reason. env are KEY=VALUE
// entries that the tests need beyond the scrubbed environment.
func Open(ctx context.Context, dir, commit string, env []string) (*Sandbox, string, error) {
	Sweep()
	s := &Sandbox{extra: env}
	if err := s.create(dir); err != nil {
		return nil, "", fmt.Errorf("making a sandbox: %w", err)
	}
	why, err := s.fill(ctx, dir, commit)
	if err == nil && why == "" {
		s.tool, err = gocmd.Env(ctx, s.Tree)
	}
	if err != nil || why != "" {
		s.Close()
		return nil, why, err
	}
	return s, "", nil
}

// create makes the folder and takes its lock. Its name depends on the work tree
// alone where nobody uses that name: the go command caches what it builds by
// path, so the next proof of the same tree builds little.
func (s *Sandbox) create(tree string) error {
	dir, err := os.MkdirTemp("", prefixNew)
	if err != nil {
		return err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		_, err = tryLock(lock)
	}
	if err != nil {
		os.RemoveAll(dir)
		return err
	}
	sum := sha256.Sum256([]byte(tree))
	final := filepath.Join(filepath.Dir(dir), prefix+hex.EncodeToString(sum[:6]))
	if err = os.Rename(dir, final); err != nil { // it is in use: a folder that is not empty is never replaced
		final = filepath.Join(filepath.Dir(dir), prefix+strings.TrimPrefix(filepath.Base(dir), prefixNew))
		err = os.Rename(dir, final)
	}
	if err != nil {
		lock.Close()
		os.RemoveAll(dir)
		return err
	}
	s.Root, s.lock = final, lock
	for _, sub := range []string{"home", "tmp", "bin", "overlay", "run"} {
		if err := os.MkdirAll(filepath.Join(final, sub), 0o755); err != nil {
			s.Close()
			return err
		}
	}
	return nil
}

// fill copies the tree. A tree inside a git repository is copied with all of
// the repository, because go.mod and go.work may point outside of their folder.
func (s *Sandbox) fill(ctx context.Context, dir, commit string) (string, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", fmt.Errorf("opening the work tree: %w", err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", fmt.Errorf("opening the work tree: %w", err)
	}
	repo, why, err := gitx.Open(ctx, dir)
	if err != nil && commit != "" {
		return "", err
	}
	top := dir
	if repo != nil {
		top = repo.Root()
	}
	copied := filepath.Join(s.Root, "tree")
	sub, err := filepath.Rel(top, dir)
	if err != nil {
		return "", fmt.Errorf("opening the work tree: %w", err)
	}
	s.Tree = filepath.Join(copied, sub)
	if commit == "" {
		return copyTree(ctx, top, copied)
	}
	if repo == nil {
		return fmt.Sprintf("commit %s cannot be had: %s", commit, why), nil
	}
	hash, why, err := repo.Resolve(ctx, commit)
	if hash == "" {
		return why, err
	}
	if err := repo.Export(ctx, hash, copied, filepath.Join(s.Root, "index")); err != nil {
		return "", fmt.Errorf("writing commit %s: %w", commit, err)
	}
	return "", nil
}

// Close removes the sandbox and what still runs in it.
func (s *Sandbox) Close() error {
	killMarked(s.Root)
	err := removeAll(s.Root)
	if s.lock != nil {
		s.lock.Close()
	}
	return err
}

// removeAll removes a folder even when the tests took away the permission to.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(p string, d os.DirEntry, _ error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(p, 0o700)
		}
		return nil
	})
	if err = os.RemoveAll(dir); err != nil {
		return fmt.Errorf("removing the sandbox: %w", err)
	}
	return nil
}

// Sweep removes the sandboxes whose process has died without removing them, and
// ends what they left running. It returns how many there were.
func Sweep() int {
	n := 0
	for _, p := range []string{prefix, prefixNew} {
		dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), p+"*"))
		for _, dir := range dirs {
			if st, err := os.Lstat(dir); err != nil || !st.IsDir() || p == prefixNew && time.Since(st.ModTime()) < newAge {
				continue
			}
			if sweep(dir) {
				n++
			}
		}
	}
	return n
}

// sweep removes one sandbox if nobody holds its lock.
func sweep(dir string) bool {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR, 0)
	if err == nil {
		defer lock.Close()
		if free, err := tryLock(lock); err != nil || !free {
			return false
		}
	} else if !os.IsNotExist(err) {
		return false
	}
	killMarked(dir)
	return removeAll(dir) == nil
}
