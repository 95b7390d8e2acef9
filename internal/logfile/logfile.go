// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Options bound and direct [Open]. The zero value is ready to use.
type Options struct {
	// MaxBytes is how much a packed log may unpack to; 0 means 8 GiB. A log that
	// is not packed has no bound: it costs its sender as much as its reader.
	MaxBytes int64
	// Job picks the jobs of an archive: a name, or a pattern with * and ?.
	// "" takes all.
	Job string
	// TempDir is where an archive that cannot be read at random, from a pipe, is
	// kept meanwhile; "" is the system's.
	TempDir string
}

const (
	defaultMaxBytes = 8 << 30
	maxWindow       = 16 << 20 // of zstd; -19 needs 8 MiB, --long more
	readAhead       = 64 << 10
)

// Reader is the text of a log. For an archive it has sections.
type Reader struct {
	in      io.Reader
	packed  string
	section string
	next    func() (io.Reader, string, error) // the next text of an archive
	name    string
	left    int64 // bytes that may still come
	max     int64
	eol     bool // the last byte was a line end
	any     bool
	close   []func() error
}

// Open looks at the first bytes of r. An error is one sentence for a person.
func Open(r io.Reader, opts Options) (*Reader, error) {
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = defaultMaxBytes
	}
	l := &Reader{left: opts.MaxBytes, max: opts.MaxBytes, eol: true}
	if at, ok := r.(file); ok {
		var magic [4]byte
		if n, _ := at.ReadAt(magic[:], 0); n == 4 && isZip(magic[:]) {
			return l, l.openZip(at, opts)
		}
	}
	in := bufio.NewReaderSize(r, readAhead)
	magic, _ := in.Peek(4)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, errors.New("the log looks like gzip and is damaged")
		}
		l.packed, l.in = "gzip", z
		l.close = append(l.close, z.Close)
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, errors.New("the log looks like zstd and is damaged")
		}
		l.packed, l.in = "zstd", z
		l.close = append(l.close, func() error { z.Close(); return nil })
	case isZip(magic):
		spooled, err := spool(in, opts, l)
		if err != nil {
			return nil, err
		}
		return l, l.openZip(spooled, opts)
	default:
		// What was looked at first is read first; then the input itself, so that
		// nothing is copied twice.
		head, _ := in.Peek(in.Buffered())
		l.in = io.MultiReader(bytes.NewReader(bytes.Clone(head)), r)
	}
	return l, nil
}

// Packed tells what the log was unpacked from: "gzip", "zstd", "zip" or "".
func (l *Reader) Packed() string { return l.packed }

// Section is the name of the text that the bytes of the last Read belong to: a
// job of an archive with several; "" otherwise.
func (l *Reader) Section() string { return l.section }

// Close frees what unpacking needed. It does not close what was given to [Open].
func (l *Reader) Close() error {
	var errs []error
	for _, c := range l.close {
		errs = append(errs, c())
	}
	l.close = nil
	return errors.Join(errs...)
}

// Read reads text. Each text of an archive ends with a line end; a Read never
// crosses from one into the next.
func (l *Reader) Read(p []byte) (int, error) {
	if l.packed == "" {
		return l.in.Read(p)
	}
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if l.in == nil {
			if l.next == nil {
				return 0, io.EOF
			}
			in, name, err := l.next()
			if err != nil {
				return 0, err
			}
			l.in, l.name, l.eol, l.any = in, name, true, false
		}
		if l.left <= 0 {
			return 0, fmt.Errorf("it unpacks to more than %s; unpack it yourself and give the part that matters", size(l.max))
		}
		n, err := l.in.Read(p[:min(int64(len(p)), l.left)])
		l.left -= int64(n)
		if n > 0 {
			l.section, l.any = l.name, true
			l.eol = p[n-1] == '\n'
			return n, nil
		}
		switch {
		case err == io.EOF && l.next != nil && l.any && !l.eol:
			l.eol = true
			p[0] = '\n'
			return 1, nil
		case err == io.EOF:
			l.in = nil
		case err != nil:
			return 0, damaged(l.packed, err)
		}
	}
}

func damaged(packed string, err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the %s data ends early; what it holds is not the whole log", packed)
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Errorf("the zstd data needs a window of more than %s; unpack it with zstd -d --long=31", size(maxWindow))
	}
	return fmt.Errorf("the %s data is damaged: %w", packed, err)
}

func size(n int64) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
