// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// file is what an archive can be read from.
type file interface {
	io.ReaderAt
	Stat() (os.FileInfo, error)
}

const (
	maxDirectory = 32 << 20 // bytes that the list of files may take
	maxEntries   = 2000     // texts that are read
)

// isZip reports whether a file starts like a zip archive that holds a file.
func isZip(magic []byte) bool { return string(magic) == "PK\x03\x04" }

// spool keeps an archive from a pipe in a file of its own.
func spool(in io.Reader, opts Options, l *Reader) (file, error) {
	f, err := os.CreateTemp(opts.TempDir, "culprit-*.zip")
	if err != nil {
		return nil, errors.New("there is no room to keep the zip archive in the folder for temporary files")
	}
	l.close = append(l.close, func() error {
		return errors.Join(f.Close(), os.Remove(f.Name()))
	})
	n, err := io.Copy(f, io.LimitReader(in, opts.MaxBytes+1))
	if err == nil && n > opts.MaxBytes {
		err = fmt.Errorf("the zip archive is larger than %s", size(opts.MaxBytes))
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	return f, nil
}

// metered lets the list of an archive's files cost so much and no more: its
// length is told by the archive itself.
type metered struct {
	io.ReaderAt
	left int64 // -1: no bound
}

var errDirectory = errors.New("the list of its files is too long")

func (m *metered) ReadAt(p []byte, off int64) (int, error) {
	if m.left >= 0 {
		if m.left -= int64(len(p)); m.left < 0 {
			return 0, errDirectory
		}
	}
	return m.ReaderAt.ReadAt(p, off)
}

// text is one file of an archive that is read.
type text struct {
	file  *zip.File
	group string
	order int
}

// openZip prepares to read the texts of an archive one after the other.
func (l *Reader) openZip(f file, opts Options) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	m := &metered{ReaderAt: f, left: maxDirectory}
	z, err := zip.NewReader(m, st.Size())
	// A name that leads out of the folder matters to who unpacks into one.
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		l.Close()
		return fmt.Errorf("the zip archive is damaged: %w", err)
	}
	m.left = -1
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	z.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow)))
	texts := pick(z.File)
	names := groups(texts)
	if opts.Job != "" {
		texts = slices.DeleteFunc(texts, func(t text) bool { return !matches(t.group, opts.Job) })
	}
	switch {
	case len(names) == 0:
		l.Close()
		return errors.New("the zip archive holds no log: no .txt, .log, .json, .xml or .out file")
	case len(texts) == 0:
		l.Close()
		return fmt.Errorf("the archive has no job %q; it has %s", opts.Job, strings.Join(names[:min(len(names), 20)], ", "))
	case len(texts) > maxEntries:
		l.Close()
		return fmt.Errorf("the zip archive holds %d logs, more than %d; pick one with --job", len(texts), maxEntries)
	}
	several := len(groups(texts)) > 1
	l.packed = "zip"
	l.next = func() (io.Reader, string, error) {
		if len(texts) == 0 {
			return nil, "", io.EOF
		}
		t := texts[0]
		texts = texts[1:]
		r, err := t.file.Open()
		if err != nil {
			return nil, "", fmt.Errorf("the zip archive cannot be read: %w", err)
		}
		if !several {
			t.group = ""
		}
		return r, t.group, nil
	}
	return nil
}

// groups are the names of the jobs in order.
func groups(texts []text) []string {
	var names []string
	for _, t := range texts {
		if !slices.Contains(names, t.group) && len(names) <= maxEntries {
			names = append(names, t.group)
		}
	}
	return names
}

func matches(name, pattern string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(name, "/", "\x00"))
	return name == pattern || ok && err == nil
}

// pick chooses the texts of an archive. GitHub's has "0_job.txt" with the whole
// log of each job, and the same by step in "job/1_step.txt".
func pick(files []*zip.File) []text {
	var whole, steps, others []text
	for _, f := range files {
		name := strings.ReplaceAll(f.Name, "\\", "/")
		if f.FileInfo().IsDir() || strings.HasSuffix(name, "/") {
			continue
		}
		dir, base := path.Split(strings.TrimLeft(name, "/"))
		dir = strings.Trim(dir, "/")
		n, title, numbered := cutNumber(base)
		switch {
		case numbered && dir == "":
			whole = append(whole, text{f, label(title), n})
		case numbered && !strings.Contains(dir, "/"):
			steps = append(steps, text{f, label(dir), n})
		case slices.Contains([]string{".txt", ".log", ".json", ".xml", ".out", ".jsonl"}, strings.ToLower(path.Ext(base))):
			others = append(others, text{f, label(name), 0})
		}
	}
	byOrder := func(a, b text) int { return cmp.Compare(a.order, b.order) }
	switch {
	case len(whole) > 0:
		slices.SortStableFunc(whole, byOrder)
		return whole
	case len(steps) > 0:
		slices.SortStableFunc(steps, func(a, b text) int { return cmp.Or(strings.Compare(a.group, b.group), byOrder(a, b)) })
		return steps
	}
	return others
}

// cutNumber reads "12_name.txt".
func cutNumber(base string) (n int, title string, ok bool) {
	base, ok = strings.CutSuffix(base, ".txt")
	number, title, cut := strings.Cut(base, "_")
	n, err := strconv.Atoi(number)
	return n, title, ok && cut && err == nil && n >= 0
}

// label makes a name fit to be shown.
func label(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	return strings.ToValidUTF8(name[:min(len(name), 200)], "_")
}
