// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit/internal/ci"
	"github.com/culprit-ci/culprit/internal/ghapi"
)

// The bounds of what is unpacked.
const (
	maxArchive  = 256 << 20
	maxUnpacked = 1 << 30
	maxFiles    = 2000
	maxArchives = 20
)

// Results looks for test results in the artifacts of a run: test2json events, or
// a JUnit report, which is turned into them. An artifact belongs to the run and
// does not say which job made it; one whose name has the job's name in it is
// preferred, and else all are read.
func (p *Provider) Results(ctx context.Context, job *ci.Job) (io.ReadCloser, string, error) {
	run, err := strconv.ParseInt(job.RunID, 10, 64)
	if err != nil {
		return nil, "", fmt.Errorf("run %q has no number: %w", job.RunID, ci.ErrNotFound)
	}
	list, err := p.api.Artifacts(ctx, job.Repository, run)
	if err != nil {
		return nil, "", translate(err)
	}
	f, err := os.CreateTemp("", "culprit-log-*")
	if err != nil {
		return nil, "", fmt.Errorf("no temporary file for the results: %w", err)
	}
	out := tempFile{f}
	u := &unpacker{out: bufio.NewWriterSize(f, 256<<10), left: maxUnpacked}
	if err := p.unpack(ctx, job, list, u); err != nil {
		out.Close()
		return nil, "", translate(err)
	}
	if u.found == 0 {
		out.Close()
		return nil, u.why(len(list)), nil
	}
	err = u.out.Flush()
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		out.Close()
		return nil, "", err
	}
	return out, "", nil
}

// unpack reads the artifacts that may hold results.
func (p *Provider) unpack(ctx context.Context, job *ci.Job, list []ghapi.Artifact, u *unpacker) error {
	if named := slices.DeleteFunc(slices.Clone(list), func(a ghapi.Artifact) bool { return !strings.Contains(a.Name, job.Name) }); len(named) > 0 && job.Name != "" {
		list = named
	}
	for i, a := range list {
		switch {
		case a.Expired:
			u.expired++
			continue
		case a.Bytes > maxArchive || i >= maxArchives:
			u.large++
			continue
		}
		if err := p.archive(ctx, job.Repository, a, u); err != nil {
			return err
		}
	}
	return nil
}

func (p *Provider) archive(ctx context.Context, repo string, a ghapi.Artifact, u *unpacker) error {
	r, err := p.api.Artifact(ctx, repo, a.ID)
	if err != nil {
		return err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxArchive+1))
	if err != nil {
		return fmt.Errorf("artifact %s: %w", a.Name, err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) > maxFiles {
		u.large++ // no archive, or one that was cut
		return nil
	}
	for _, f := range z.File {
		if err := u.file(f); err != nil {
			return fmt.Errorf("artifact %s: %w", a.Name, err)
		}
	}
	return nil
}

// unpacker joins the results of archives.
type unpacker struct {
	out                   *bufio.Writer
	left                  int64
	found, expired, large int
}

func (u *unpacker) why(n int) string {
	switch {
	case n == 0:
		return "the run kept no artifact"
	case u.expired == n:
		return "the artifacts of the run have expired"
	}
	return fmt.Sprintf("none of the %d artifacts of the run holds test2json events or a JUnit report", n)
}

// file reads one file of an archive. Its name is only looked at; nothing is
// written under it.
func (u *unpacker) file(f *zip.File) error {
	ext := strings.ToLower(path.Ext(f.Name))
	if f.FileInfo().IsDir() || !slices.Contains([]string{".json", ".jsonl", ".ndjson", ".log", ".txt", ".xml", ".out", ""}, ext) || u.left <= 0 {
		return nil
	}
	r, err := f.Open()
	if err != nil {
		return nil // a method of compression that nobody uses
	}
	defer r.Close()
	limited := io.LimitReader(r, u.left)
	br := bufio.NewReaderSize(limited, 64<<10)
	head, _ := br.Peek(4 << 10)
	counted := &counter{w: u.out}
	switch {
	case ext == ".xml" && bytes.Contains(head, []byte("<testsuite")):
		err = ci.JUnit(counted, br)
	case ext != ".xml" && isEvents(head):
		_, err = io.Copy(counted, br)
		io.WriteString(counted, "\n")
	default:
		return nil
	}
	u.left -= counted.n
	if err != nil {
		return err
	}
	u.found++
	return nil
}

type counter struct {
	w io.Writer
	n int64
}

// Write counts and writes.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// isEvents reports whether a file begins with an event of test2json.
func isEvents(head []byte) bool {
	line, _, whole := bytes.Cut(bytes.TrimLeft(head, "\ufeff \r\n"), []byte("\n"))
	var e struct{ Action, Package string }
	if json.Unmarshal(line, &e) != nil {
		return !whole && bytes.HasPrefix(line, []byte(`{"Time":"`)) && bytes.Contains(line, []byte(`"Action":"`))
	}
	return e.Action != ""
}
