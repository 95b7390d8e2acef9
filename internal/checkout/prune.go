// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The bounds of the cache. It is looked through once a day, when it is used: clones
// that were not used for maxIdle go, and then those that were not used for the
// longest until the rest fits into maxBytes. One that is in use stays, and so a
// single clone may be larger than the bound.
const (
	maxBytes = 10 << 30
	maxIdle  = 30 * 24 * time.Hour
	between  = 24 * time.Hour
)

// A clone "name.git" has a file "name.git.lock" beside it. Whoever uses the clone
// holds it shared, up to the end of the work tree; whoever deletes the clone holds
// it alone. Its time is when the clone was used last. It stays when the clone goes:
// a lock on a file that is deleted would be one that nobody else sees.

// gone is the ending of a clone that is being deleted.
const gone = ".gone"

// use takes the lock of a clone, which is made when it is not there. What it returns
// is to be closed in the end.
func (c *Cache) use(ctx context.Context, clone string, src Source) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(clone), 0o700); err != nil {
		return nil, fmt.Errorf("no folder for the clone: %w", err)
	}
	f, err := os.OpenFile(clone+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the lock of the clone: %w", err)
	}
	if err := c.lockMade(ctx, f, clone, src); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// lockMade holds the lock shared on a clone that is made. Making it takes the lock
// alone: git refuses to write one configuration twice at once. Between the two locks
// another process may delete it again, so that it is looked at once more.
func (c *Cache) lockMade(ctx context.Context, f *os.File, clone string, src Source) error {
	for try := 0; ; try++ {
		now := time.Now()
		if err := errors.Join(lock(f), os.Chtimes(f.Name(), now, now)); err != nil {
			return fmt.Errorf("the lock of the clone: %w", err)
		}
		if made(ctx, clone) {
			return nil
		}
		if try == 10 {
			return fmt.Errorf("the clone of %s is deleted as often as it is made", src.Name)
		}
		if err := lockAlone(f); err != nil {
			return fmt.Errorf("the lock of the clone: %w", err)
		}
		if !made(ctx, clone) {
			os.Remove(filepath.Join(clone, "config.lock")) // of a process that was killed
			if err := c.open(ctx, clone, src); err != nil {
				return err
			}
		}
	}
}

// prune bounds the cache. An error leaves clones behind and does not concern the
// case at hand, so there is none.
func (c *Cache) prune(now time.Time) {
	mark := filepath.Join(c.Dir, "pruned")
	if st, err := os.Stat(mark); !canLock || err == nil && now.Sub(st.ModTime()) < between {
		return
	}
	if os.MkdirAll(c.Dir, 0o700) != nil || os.WriteFile(mark, nil, 0o600) != nil || os.Chtimes(mark, now, now) != nil {
		return
	}
	left, _ := filepath.Glob(filepath.Join(c.Dir, "*", "*", "*.git"+gone))
	for _, dir := range left { // by a process that was killed
		remove(strings.TrimSuffix(dir, gone))
	}
	clones := c.clones()
	slices.SortFunc(clones, func(a, b cloned) int { return cmp.Compare(b.used.UnixNano(), a.used.UnixNano()) })
	bound := cmp.Or(c.maxBytes, maxBytes)
	var total int64
	for _, k := range clones {
		size := sizeOf(k.dir)
		if (now.Sub(k.used) > maxIdle || total+size > bound) && remove(k.dir) {
			c.say(fmt.Sprintf("deleted the clone %s, last used on %s", k.dir, k.used.Format("2006-01-02")))
			continue
		}
		total += size
	}
}

// cloned is a clone of the cache.
type cloned struct {
	dir  string
	used time.Time
}

// clones are those below host and owner.
func (c *Cache) clones() []cloned {
	found, _ := filepath.Glob(filepath.Join(c.Dir, "*", "*", "*.git"))
	var list []cloned
	for _, dir := range found {
		st, err := os.Stat(dir + ".lock")
		if err != nil {
			st, err = os.Stat(dir) // made by a version that had no locks
		}
		if err == nil {
			list = append(list, cloned{dir, st.ModTime()})
		}
	}
	return list
}

// remove deletes a clone that nobody uses.
func remove(clone string) bool {
	f, err := os.OpenFile(clone+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false
	}
	defer f.Close()
	if alone, err := tryLock(f); err != nil || !alone {
		return false
	}
	// Half a clone would be taken for a whole one, so that it is moved away first.
	if os.RemoveAll(clone+gone) != nil {
		return false
	}
	if err := os.Rename(clone, clone+gone); err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return os.RemoveAll(clone+gone) == nil
}

func sizeOf(dir string) int64 {
	var n int64
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if st, err := d.Info(); err == nil {
			n += st.Size()
		}
		return nil
	})
	return n
}
