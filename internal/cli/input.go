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

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/logfile"
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

// logInput says what log is read, and how. Several commands share it.
type logInput struct {
	name   string // a file, "-" or ""
	format oneOf
	job    string
}

// register adds the flags to a command.
func (in *logInput) register(cmd *cobra.Command) {
	in.format = oneOf{value: "auto", allowed: golog.Formats()}
	in.format.register(cmd, "log-format", "how the log is written, or what stands before each line")
	cmd.Flags().StringVar(&in.job, "job", "", "read only the jobs of this `NAME` from the zip of a run's logs; * matches any text")
}

// openedLog is a log that is unpacked as it is read.
type openedLog struct {
	*logfile.Reader
	file io.Closer
}

// Close closes what was opened.
func (l openedLog) Close() error { return errors.Join(l.Reader.Close(), l.file.Close()) }

// openLog opens the log that an argument names and unpacks it.
func (s Streams) openLog(ctx context.Context, in *logInput) (openedLog, error) {
	f, err := s.open(ctx, in.name)
	if err != nil {
		return openedLog{}, err
	}
	log, err := logfile.Open(f, logfile.Options{Job: in.job})
	if err == nil && in.job != "" && log.Packed() != "zip" {
		log.Close()
		err = usagef("--job picks a job from the zip of a run's logs, and %s is no zip archive", logName(in.name))
	}
	if err != nil {
		f.Close()
		var usage *usageError
		if errors.As(err, &usage) {
			return openedLog{}, err
		}
		return openedLog{}, fmt.Errorf("cannot read %s: %w", logName(in.name), cause(err))
	}
	return openedLog{log, f}, nil
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
