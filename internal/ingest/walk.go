// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// errSpecial is why a pipe or a device that is named is not read: it has no end
// that can be relied on, and no digest before it is read.
var errSpecial = errors.New("it is not a regular file")

// walk sends the files that paths stand for, as they are found. Below a
// directory, links are not followed, and what git keeps is left out.
func walk(ctx context.Context, paths []string, files chan<- string, unreadable func(string, error)) error {
	send := func(file string) error {
		select {
		case files <- file:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for _, path := range paths {
		names := []string{path}
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			if names, err = filepath.Glob(path); err != nil || len(names) == 0 {
				return fmt.Errorf("there is no file %s; check the name", path)
			}
		}
		for _, name := range names {
			if err := one(name, send, unreadable); err != nil {
				return err
			}
		}
	}
	return nil
}

// one sends a file, or those below a directory.
func one(name string, send func(string) error, unreadable func(string, error)) error {
	st, err := os.Stat(name)
	switch {
	case err != nil:
		unreadable(name, err)
		return nil
	case st.Mode().IsRegular():
		return send(name)
	case !st.IsDir():
		unreadable(name, errSpecial)
		return nil
	}
	return filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			unreadable(path, err)
			return nil
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.Type().IsRegular():
			return send(path)
		}
		return nil
	})
}
