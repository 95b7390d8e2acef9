// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package gitx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Branch makes a branch with one commit on top of HEAD that changes the given
// files, path relative to Root to content. Neither the work tree nor the index is
// touched, and no hook runs. It returns the commit's hash, or the reason why
// there is none.
func (r *Repo) Branch(ctx context.Context, name, message string, files map[string][]byte) (hash, why string, err error) {
	head, why, err := r.Resolve(ctx, "")
	if head == "" {
		return "", why, err
	}
	if strings.HasPrefix(name, "-") {
		return "", fmt.Sprintf("%s is no name for a branch", name), nil
	}
	var ge *Error
	if _, err := r.Git(ctx, "check-ref-format", "--branch", name); errors.As(err, &ge) {
		return "", fmt.Sprintf("%s is no name for a branch", name), nil
	} else if err != nil {
		return "", "", err
	}
	if _, err := r.Git(ctx, "rev-parse", "--verify", "--quiet", "refs/heads/"+name); err == nil {
		return "", fmt.Sprintf("the branch %s exists", name), nil
	}
	who, why, err := r.identity(ctx)
	if why != "" || err != nil {
		return "", why, err
	}
	tmp, err := os.MkdirTemp("", "culprit-commit-")
	if err != nil {
		return "", "", err
	}
	defer os.RemoveAll(tmp)
	env := append(slices.Clone(r.env), append(who, "GIT_INDEX_FILE="+filepath.Join(tmp, "index"))...)
	run := func(stdin []byte, args ...string) (string, error) {
		out, err := Run(ctx, r.root, Options{Env: env, Stdin: bytes.NewReader(stdin)}, args...)
		return strings.TrimSpace(string(out)), err
	}
	if _, err = run(nil, "read-tree", head); err != nil {
		return "", "", err
	}
	for path, data := range files {
		mode := "100644"
		if out, err := run(nil, "ls-files", "--stage", "--", path); err == nil && strings.HasPrefix(out, "100755") {
			mode = "100755"
		}
		blob, err := run(data, "hash-object", "-w", "--stdin", "--no-filters")
		if err == nil {
			_, err = run(nil, "update-index", "--add", "--cacheinfo", mode+","+blob+","+path)
		}
		if err != nil {
			return "", "", err
		}
	}
	tree, err := run(nil, "write-tree")
	if err != nil {
		return "", "", err
	}
	if hash, err = run([]byte(message), "commit-tree", tree, "-p", head); err != nil {
		return "", "", err
	}
	if _, err = run(nil, "update-ref", "refs/heads/"+name, hash, strings.Repeat("0", len(hash))); err != nil {
		return "", "", err
	}
	return hash, "", nil
}

// identity asks git who the user is, with the user's own configuration, which
// the environment of a Repo leaves out.
func (r *Repo) identity(ctx context.Context) (env []string, why string, err error) {
	out, err := Run(ctx, r.root, Options{Env: []string{"GIT_CONFIG_COUNT=0"}}, "var", "GIT_AUTHOR_IDENT")
	var ge *Error
	if errors.As(err, &ge) {
		return nil, "git does not know who commits: set user.name and user.email", nil
	}
	if err != nil {
		return nil, "", err
	}
	name, rest, ok := strings.Cut(string(out), " <")
	email, _, ok2 := strings.Cut(rest, ">")
	if !ok || !ok2 {
		return nil, "git does not know who commits: set user.name and user.email", nil
	}
	return []string{"GIT_AUTHOR_NAME=" + name, "GIT_AUTHOR_EMAIL=" + email, "GIT_COMMITTER_NAME=" + name, "GIT_COMMITTER_EMAIL=" + email}, "", nil
}
