// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Limits of a copy; a larger work tree is refused.
const (
	maxFiles = 500_000
	maxBytes = 8 << 30
)

// copyTree copies the files of a work tree, uncommitted ones too, without .git
// and node_modules. Symbolic links are copied as links, and only those that stay
// inside: a link out of the copy would let a test write there.
func copyTree(ctx context.Context, from, to string) (why string, err error) {
	files, bytes := 0, int64(0)
	err = filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, relErr := filepath.Rel(from, p)
		if relErr != nil {
			return relErr
		}
		if err != nil {
			if p == from {
				return err
			}
			return fs.SkipDir // what cannot be read cannot be needed by the tests either
		}
		dst := filepath.Join(to, rel)
		if files++; files > maxFiles {
			why = fmt.Sprintf("the work tree has more than %d files", maxFiles)
			return fs.SkipAll
		}
		switch {
		case d.IsDir():
			if name := d.Name(); p != from && (name == ".git" || name == "node_modules") {
				return fs.SkipDir
			}
			return os.MkdirAll(dst, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			return copyLink(from, p, dst)
		case !d.Type().IsRegular() || d.Name() == ".git":
			return nil
		}
		n, err := copyFile(p, dst)
		if bytes += n; bytes > maxBytes {
			why = fmt.Sprintf("the work tree has more than %d GiB", maxBytes>>30)
			return fs.SkipAll
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("copying the work tree: %w", err)
	}
	return why, nil
}

func copyLink(from, p, dst string) error {
	target, err := os.Readlink(p)
	if err != nil {
		return nil
	}
	if filepath.IsAbs(target) || !inside(from, filepath.Join(filepath.Dir(p), target)) {
		return nil
	}
	return os.Symlink(target, dst)
}

func inside(dir, p string) bool {
	rel, err := filepath.Rel(dir, p)
	return err == nil && filepath.IsLocal(rel)
}

func copyFile(from, to string) (int64, error) {
	src, err := os.Open(from)
	if err != nil {
		return 0, nil // as above
	}
	defer src.Close()
	st, err := src.Stat()
	if err != nil {
		return 0, err
	}
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, st.Mode().Perm()|0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(dst, src)
	if cerr := dst.Close(); err == nil {
		err = cerr
	}
	return n, err
}
