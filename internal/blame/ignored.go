// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/culprit-ci/culprit/internal/gitx"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// ignoreRevs is where repositories keep the revisions that blame should look
// through; forges read the same file.
const ignoreRevs = ".git-blame-ignore-revs"

// maxIgnoreFile bounds a file of ignored revisions, in bytes.
const maxIgnoreFile = 4 << 20

// ignored are the revisions that blame looks through. git still names one where
// it finds no earlier line to put in its place.
type ignored struct {
	has  map[string]bool // full hashes
	file string          // a file of them for git, "" when there are none
}

var fullHash = lazyre.New(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

// readIgnored reads the list of rev ("" is the work tree) and the file that
// the repository's blame.ignoreRevsFile names, where that is inside it. Lines
// that are no full hash are skipped, so that a broken list does not break blame.
func readIgnored(ctx context.Context, repo *gitx.Repo, rev string) (*ignored, error) {
	var text []byte
	var err error
	if rev != "" {
		if text, err = repo.ReadFile(ctx, rev, ignoreRevs, maxIgnoreFile); err != nil {
			return nil, err
		}
	} else {
		text = regularFile(filepath.Join(repo.Root(), ignoreRevs))
	}
	if !repo.Configured("blame.ignorerevsfile") {
		return writeIgnored(string(text))
	}
	out, err := repo.Git(ctx, "config", "--type=path", "-z", "--get-all", "blame.ignoreRevsFile")
	var ge *gitx.Error
	if err != nil && !errors.As(err, &ge) { // exit code 1: there is none
		return nil, err
	}
	for name := range strings.SplitSeq(out, "\x00") {
		if !filepath.IsAbs(name) {
			name = filepath.Join(repo.Root(), name)
		}
		if rel, err := filepath.Rel(repo.Root(), name); err == nil && filepath.IsLocal(rel) {
			text = append(append(text, '\n'), regularFile(name)...)
		}
	}
	return writeIgnored(string(text))
}

// regularFile is the text of a small regular file, nil for anything else.
func regularFile(name string) []byte {
	st, err := os.Lstat(name)
	if err != nil || !st.Mode().IsRegular() || st.Size() > maxIgnoreFile {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	return text
}

func writeIgnored(text string) (*ignored, error) {
	ign := &ignored{has: map[string]bool{}}
	var good strings.Builder
	for l := range strings.SplitSeq(text, "\n") {
		l, _, _ = strings.Cut(l, "#")
		l = strings.ToLower(strings.TrimSpace(l))
		if fullHash.MatchString(l) && !ign.has[l] {
			ign.has[l] = true
			good.WriteString(l + "\n")
		}
	}
	if len(ign.has) == 0 {
		return ign, nil
	}
	f, err := os.CreateTemp("", "culprit-ignore-revs-*")
	if err != nil {
		return nil, err
	}
	ign.file = f.Name()
	_, err = f.WriteString(good.String())
	if err := errors.Join(err, f.Close()); err != nil {
		ign.close()
		return nil, err
	}
	return ign, nil
}

// close removes the file for git.
func (i *ignored) close() {
	if i.file != "" {
		_ = os.Remove(i.file) // a temporary file that stays does no harm
	}
}
