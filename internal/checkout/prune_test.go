// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/culprit-ci/culprit/internal/gitx"
)

func TestPrune(t *testing.T) {
	t.Parallel()
	if !canLock {
		t.Skip("this system has no locks that end with a process")
	}
	dir, first, second := origin(t)
	now := time.Now()
	for name, c := range map[string]struct {
		bound  int64
		ages   map[string]time.Duration // of clones, by owner/name
		inUse  string
		kept   []string
		before time.Duration // since the cache was looked through
	}{
		"unused for a month":     {ages: map[string]time.Duration{"o/new": time.Hour, "o/old": 31 * 24 * time.Hour}, kept: []string{"o/new"}},
		"in use":                 {ages: map[string]time.Duration{"o/new": time.Hour, "o/old": 31 * 24 * time.Hour}, inUse: "o/old", kept: []string{"o/new", "o/old"}},
		"too much":               {bound: 1, ages: map[string]time.Duration{"o/a": time.Hour, "o/b": 2 * time.Hour}, kept: nil},
		"too much, in use":       {bound: 1, ages: map[string]time.Duration{"o/a": time.Hour, "o/b": 2 * time.Hour}, inUse: "o/a", kept: []string{"o/a"}},
		"the oldest goes":        {bound: 1 << 20, ages: map[string]time.Duration{"o/a": time.Hour, "p/b": 2 * time.Hour, "o/c": 3 * time.Hour}, kept: nil},
		"looked through already": {before: time.Hour, bound: 1, ages: map[string]time.Duration{"o/a": 40 * 24 * time.Hour}, kept: []string{"o/a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cache := &Cache{Dir: t.TempDir()}
			src := func(name string) Source {
				return Source{Host: "github.com", Name: name, Remote: gitx.Remote{URL: "file://" + dir}}
			}
			path := func(name string) string {
				return filepath.Join(cache.Dir, "github.com", filepath.FromSlash(name)+".git")
			}
			var size int64
			for name := range c.ages {
				tree, why, err := cache.Tree(t.Context(), src(name), first)
				if tree == nil {
					t.Fatal(why, err)
				}
				if name == c.inUse {
					defer tree.Close()
				} else if err := tree.Close(); err != nil {
					t.Fatal(err)
				}
				size = sizeOf(path(name))
			}
			for name, age := range c.ages {
				if err := os.Chtimes(path(name)+".lock", now.Add(-age), now.Add(-age)); err != nil {
					t.Fatal(err)
				}
			}
			cache.maxBytes = c.bound
			if name == "the oldest goes" {
				cache.maxBytes, c.kept = 2*size+size/2, []string{"o/a", "p/b"}
			}
			cache.prune(now.Add(between - c.before + time.Minute))
			for name := range c.ages {
				_, err := os.Stat(filepath.Join(path(name), "HEAD"))
				want := false
				for _, k := range c.kept {
					want = want || k == name
				}
				if (err == nil) != want {
					t.Errorf("%s: kept %v, want %v", name, err == nil, want)
				}
				// What was deleted comes back.
				tree, why, err := cache.Tree(t.Context(), src(name), second)
				if tree == nil {
					t.Fatal(why, err)
				}
				if err := tree.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestPruneBesideUse deletes clones all the time while others use them.
func TestPruneBesideUse(t *testing.T) {
	t.Parallel()
	dir, first, second := origin(t)
	root := t.TempDir()
	done := make(chan struct{})
	deleted := 0
	var sweeper sync.WaitGroup
	sweeper.Go(func() {
		c := &Cache{Dir: root, maxBytes: 1, Say: func(string) { deleted++ }}
		for day := 1; ; day++ {
			select {
			case <-done:
				return
			default:
				c.prune(time.Now().Add(time.Duration(day) * 2 * between))
			}
		}
	})
	var users sync.WaitGroup
	for i := range 4 {
		users.Go(func() {
			c := &Cache{Dir: root}
			for n := range 4 {
				src := Source{Host: "github.com", Name: fmt.Sprintf("o/r%d", (i+n)%2), Remote: gitx.Remote{URL: "file://" + dir}}
				tree, why, err := c.Tree(context.Background(), src, []string{first, second}[n%2])
				if tree == nil {
					t.Error(why, err)
					return
				}
				if _, err := os.Stat(filepath.Join(tree.Dir, "a.go")); err != nil {
					t.Error(err)
				}
				if _, err := gitx.Run(context.Background(), tree.Dir, gitx.Options{}, "log", "--format=%s"); err != nil {
					t.Error("the clone went while its work tree was in use:", err)
				}
				if err := tree.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	users.Wait()
	close(done)
	sweeper.Wait()
	t.Logf("%d clones deleted", deleted)
}

// TestHalfDeleted: what a killed process left of a deletion goes.
func TestHalfDeleted(t *testing.T) {
	t.Parallel()
	if !canLock {
		t.Skip("this system has no locks that end with a process")
	}
	c := &Cache{Dir: t.TempDir()}
	left := filepath.Join(c.Dir, "github.com", "o", "r.git"+gone)
	if err := os.MkdirAll(filepath.Join(left, "objects"), 0o700); err != nil {
		t.Fatal(err)
	}
	c.prune(time.Now())
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", left, err)
	}
}
