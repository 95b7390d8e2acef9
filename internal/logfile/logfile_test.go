// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package logfile_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/culprit-ci/culprit/internal/logfile"
)

func gz(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zst(t testing.TB, text string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll([]byte(text), nil)
}

// zipped packs pairs of name and text.
func zipped(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		f, err := w.Create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unpack reads what data unpacks to as "section: text" for each section.
func unpack(t testing.TB, r io.Reader, opts logfile.Options) (sections []string, packed string, err error) {
	t.Helper()
	opts.TempDir = t.TempDir()
	l, err := logfile.Open(r, opts)
	if err != nil {
		return nil, "", err
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(opts.TempDir); len(left) > 0 {
			t.Errorf("%s is left behind", left[0].Name())
		}
	}()
	name := ""
	var texts []*strings.Builder
	buf := make([]byte, 7)
	for {
		n, err := l.Read(buf)
		if n > 0 {
			if len(texts) == 0 || l.Section() != name {
				name = l.Section()
				texts = append(texts, &strings.Builder{})
				texts[len(texts)-1].WriteString(name + ": ")
			}
			texts[len(texts)-1].Write(buf[:n])
		}
		if err != nil {
			for _, text := range texts {
				sections = append(sections, text.String())
			}
			if err == io.EOF {
				err = nil
			}
			return sections, l.Packed(), err
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	const log = "ok  \tp\t0.1s\n"
	run := zipped(t, "0_build.txt", "b\n", "10_lint (a).txt", "l", "2_test.txt", log,
		"test/1_Set up job.txt", "again\n", "build/1_x.txt", "again\n", "test/system.txt", "again\n")
	for name, tc := range map[string]struct {
		data   []byte
		opts   logfile.Options
		want   []string
		packed string
		err    string
	}{
		"plain":           {data: []byte(log), want: []string{": " + log}},
		"empty":           {},
		"short":           {data: []byte("P"), want: []string{": P"}},
		"gzip":            {data: gz(t, log), want: []string{": " + log}, packed: "gzip"},
		"gzip in pieces":  {data: append(gz(t, log), gz(t, log)...), want: []string{": " + log + log}, packed: "gzip"},
		"zstd":            {data: zst(t, log), want: []string{": " + log}, packed: "zstd"},
		"run":             {data: run, want: []string{"build: b\n", "test: " + log, "lint (a): l\n"}, packed: "zip"},
		"one job":         {data: run, opts: logfile.Options{Job: "test"}, want: []string{": " + log}, packed: "zip"},
		"jobs by pattern": {data: run, opts: logfile.Options{Job: "*i*"}, want: []string{"build: b\n", "lint (a): l\n"}, packed: "zip"},
		"no such job":     {data: run, opts: logfile.Options{Job: "none"}, err: "it has build, test, lint (a)"},
		"steps only":      {data: zipped(t, "b/2_two.txt", "2\n", "b/1_one.txt", "1\n", "a/1_x.txt", "x\n"), want: []string{"a: x\n", "b: 1\n2\n"}, packed: "zip"},
		"any logs":        {data: zipped(t, "x/one.log", "1", "two.json", "2\n", "picture.png", "3"), want: []string{"x/one.log: 1\n", "two.json: 2\n"}, packed: "zip"},
		"paths that lead out": {data: zipped(t, "../../etc/one.log", "1\n", "/abs.txt", "2\n", "c:\\x\\y.log", "3\n"),
			want: []string{"../../etc/one.log: 1\n", "/abs.txt: 2\n", "c:/x/y.log: 3\n"}, packed: "zip"},
		"control characters in a name": {data: zipped(t, "0_a\x1b[31m\u202eb.txt", "1\n", "1_b.txt", "2\n"), want: []string{"a_[31m_b: 1\n", "b: 2\n"}, packed: "zip"},
		"archive in an archive":        {data: zipped(t, "inner.zip", string(zipped(t, "0_a.txt", "x"))), err: "holds no log"},
		"no log":                       {data: zipped(t, "a.png", "x"), err: "holds no log"},
		"cut gzip":                     {data: gz(t, strings.Repeat(log, 100))[:40], err: "ends early"},
		"cut zip":                      {data: run[:len(run)-30], err: "damaged"},
		"broken gzip":                  {data: []byte("\x1f\x8b garbage"), err: "damaged"},
		"broken zstd":                  {data: []byte("\x28\xb5\x2f\xfd garbage that is long"), err: "zstd"},
		"gzip bomb":                    {data: gz(t, strings.Repeat("x", 1<<20)), opts: logfile.Options{MaxBytes: 1 << 19}, err: "unpacks to more than 524288 bytes"},
		"zstd bomb":                    {data: zst(t, strings.Repeat("x", 1<<20)), opts: logfile.Options{MaxBytes: 1 << 19}, err: "unpacks to more than"},
		"zip bomb":                     {data: zipped(t, "0_a.txt", strings.Repeat("x", 1<<20)), opts: logfile.Options{MaxBytes: 1 << 19}, err: "unpacks to more than"},
		"large zip from a pipe":        {data: zipped(t, "0_a.txt", strings.Repeat("x\n", 500)), opts: logfile.Options{MaxBytes: 64}, err: "larger than 64 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, packed, err := unpack(t, bytes.NewReader(tc.data), tc.opts)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("error %v, want one with %q", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if strings.Join(got, "|") != strings.Join(tc.want, "|") || packed != tc.packed {
				t.Errorf("got %q, %q; want %q, %q", got, packed, tc.want, tc.packed)
			}
		})
	}
}

// TestZipFile: a zip archive in a file is read where it is, without a copy.
func TestZipFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "logs")
	if err := os.WriteFile(name, zipped(t, "0_a.txt", "1\n", "1_b.txt", "2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	// A copy would be refused: it may have eight bytes.
	got, packed, err := unpack(t, f, logfile.Options{MaxBytes: 8})
	if err != nil || packed != "zip" || strings.Join(got, "|") != "a: 1\n|b: 2\n" {
		t.Errorf("%q, %q, %v", got, packed, err)
	}
}

func FuzzOpen(f *testing.F) {
	for _, seed := range [][]byte{[]byte("PASS\n"), gz(f, "PASS\n"), zst(f, "PASS\n"), zipped(f, "0_a.txt", "1", "1_b.txt", "2\n")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const bound = 1 << 20
		l, err := logfile.Open(bytes.NewReader(data), logfile.Options{MaxBytes: bound, TempDir: t.TempDir()})
		if err != nil {
			return
		}
		defer l.Close()
		n, err := io.Copy(io.Discard, struct{ io.Reader }{l})
		if l.Packed() == "" && (err != nil || n != int64(len(data))) {
			t.Errorf("%d of %d bytes, %v", n, len(data), err)
		}
		if l.Packed() != "" && n > bound+2000 {
			t.Errorf("%d bytes unpacked, more than %d", n, bound)
		}
	})
}
