// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// open opens what an argument names: a file, or the standard input for "-" and
// for "". The caller closes it.
//
// A read of the standard input or of a named pipe can block for ever, so it
// ends when ctx does.
func (s Streams) open(ctx context.Context, arg string) (io.ReadCloser, error) {
	if arg == "" || arg == "-" {
		return interruptible(ctx, s.In), nil
	}
	st, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s; check the name", arg)
	case err != nil:
		return nil, fmt.Errorf("cannot read %s: %w", arg, cause(err))
	case st.IsDir():
		return nil, fmt.Errorf("%s is a directory; name a file in it", arg)
	}
	// A named pipe blocks in open until somebody writes, so it is opened by the
	// reader, which can be left behind.
	if !st.Mode().IsRegular() {
		return interruptible(ctx, &lazyFile{name: arg}), nil
	}
	f, err := os.Open(arg)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", arg, cause(err))
	}
	return f, nil
}

// cause drops the operation and path of an error about a file; the sentence
// around it names both.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// isURL reports whether an argument was meant as an address.
func isURL(arg string) bool {
	lower := strings.ToLower(arg)
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}

// interruptible copies r through a pipe that breaks when ctx ends. Where r
// blocks in a read, its goroutine stays behind until the process ends.
func interruptible(ctx context.Context, r io.Reader) io.ReadCloser {
	pr, pw := io.Pipe()
	stop := context.AfterFunc(ctx, func() { pw.CloseWithError(ctx.Err()) })
	go func() {
		defer stop()
		_, err := io.CopyBuffer(struct{ io.Writer }{pw}, struct{ io.Reader }{r}, make([]byte, 256<<10))
		pw.CloseWithError(err)
	}()
	return pr
}

// lazyFile opens its file at the first read.
type lazyFile struct {
	name string
	f    *os.File
}

// Read opens the file if need be and reads from it.
func (l *lazyFile) Read(p []byte) (int, error) {
	if l.f == nil {
		f, err := os.Open(l.name)
		if err != nil {
			return 0, err
		}
		l.f = f
	}
	n, err := l.f.Read(p)
	if err != nil {
		l.f.Close()
	}
	return n, err
}
