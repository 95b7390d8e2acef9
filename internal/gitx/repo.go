// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package gitx

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Repo is a git repository.
type Repo struct {
	root string   // top level of the work tree
	sub  string   // the opened folder relative to root, "" for root itself
	env  []string // as disarm returns it
	keys map[string]bool
}

// Open finds the repository that holds dir. A nil Repo comes with the reason:
// no git, no folder, no repository, a bare one, one that git does not trust.
func Open(ctx context.Context, dir string) (*Repo, string, error) {
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return nil, fmt.Sprintf("%s is no folder", filepath.Base(dir)), nil
	}
	out, err := Run(ctx, dir, Options{}, "rev-parse", "--show-toplevel", "--show-prefix")
	var ge *Error
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, err.Error(), nil
	case errors.As(err, &ge):
		return nil, refusal(dir, ge), nil
	case err != nil:
		return nil, "", fmt.Errorf("opening the git repository: %w", err)
	}
	lines := strings.SplitN(string(out), "\n", 3)
	if len(lines) < 2 {
		return nil, "git does not tell the repository's top level", nil
	}
	r := &Repo{root: lines[0], sub: strings.TrimSuffix(lines[1], "/")}
	if !r.holds(dir) {
		return nil, fmt.Sprintf("the repository of %s places its work tree elsewhere (core.worktree)", filepath.Base(dir)), nil
	}
	if r.env, r.keys, err = disarm(ctx, r.root); err != nil {
		return nil, "", fmt.Errorf("reading the repository's configuration: %w", err)
	}
	return r, "", nil
}

// refusal is the reason why git opens no repository at dir.
func refusal(dir string, e *Error) string {
	name := filepath.Base(dir)
	switch {
	case strings.Contains(e.Stderr, "dubious ownership"):
		return fmt.Sprintf("the repository of %s belongs to another user; if you trust it: git config --global --add safe.directory <its top level>", name)
	case strings.Contains(e.Stderr, "must be run in a work tree"):
		return fmt.Sprintf("%s is a repository without a work tree", name)
	case strings.Contains(e.Stderr, "not a git repository"):
		return fmt.Sprintf("%s is in no git repository", name)
	}
	return fmt.Sprintf("git cannot read the repository of %s (%s)", name, e.Reason())
}

// holds reports whether dir is the folder that root and sub name together.
func (r *Repo) holds(dir string) bool {
	a, errA := os.Stat(dir)
	b, errB := os.Stat(filepath.Join(r.root, filepath.FromSlash(r.sub)))
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// disarm reads the names of all filter drivers that the configuration defines
// and returns an environment that makes each do nothing, and the names of all that is
// configured. git blame of a work
// tree runs the clean filter of a file (convert_to_git in git's blame.c).
//
// GIT_ALLOW_PROTOCOL, unlike protocol.allow, also wins over a protocol.ext.allow
// of the repository, which would run a program for a missing object.
//
// The user's own configuration has done its part once git trusts root
// (safe.directory, passed on): the environment leaves it out, so that results do not
// depend on it. A blame.ignoreRevsFile there would even end git blame in each
// repository that has no such file.
func disarm(ctx context.Context, root string) (env []string, keys map[string]bool, err error) {
	out, err := Run(ctx, root, Options{MaxOutput: 4 << 20}, "config", "--list", "--name-only", "-z", "--includes")
	if err != nil {
		return nil, nil, err
	}
	keys = map[string]bool{}
	env = []string{"GIT_ALLOW_PROTOCOL=none", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=" + root}
	n := 1
	for key := range strings.SplitSeq(string(out), "\x00") {
		keys[key] = true
		dot := strings.LastIndexByte(key, '.')
		if !strings.HasPrefix(key, "filter.") || dot < len("filter.") {
			continue
		}
		value := ""
		if key[dot:] == ".required" {
			value = "false"
		}
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", n, key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", n, value))
		n++
	}
	return append(env, "GIT_CONFIG_COUNT="+strconv.Itoa(n)), keys, nil
}

// Configured reports whether the repository, the user or the system sets a key of the
// configuration when it is opened. Section and name are in lower case.
func (r *Repo) Configured(key string) bool { return r.keys[key] }

// Root is the absolute path of the top level.
func (r *Repo) Root() string { return r.root }

// Path turns a path relative to the opened folder into one relative to Root.
func (r *Repo) Path(rel string) string {
	if r.sub == "" {
		return rel
	}
	return r.sub + "/" + rel
}

// Git runs git at the repository's top level.
func (r *Repo) Git(ctx context.Context, args ...string) (string, error) {
	out, err := Run(ctx, r.root, Options{Env: r.env}, args...)
	return string(out), err
}

// Commit returns the full hash and the committer's date of the commit that rev names
// ("" is HEAD), or the reason why it names none.
func (r *Repo) Commit(ctx context.Context, rev string) (hash string, date time.Time, why string, err error) {
	name := rev
	if name == "" {
		name = "HEAD"
	}
	out, err := r.Git(ctx, "log", "-1", "--no-show-signature", "--format=%H%x00%cI", "--end-of-options", name+"^{commit}", "--")
	if err != nil {
		if _, why, rerr := r.Resolve(ctx, rev); why != "" && rerr == nil {
			return "", time.Time{}, why, nil
		}
		return "", time.Time{}, "", err
	}
	hash, at, _ := strings.Cut(strings.TrimSpace(out), "\x00")
	if date, err = time.Parse(time.RFC3339, at); err != nil {
		return "", time.Time{}, "", fmt.Errorf("reading the commit's date: %w", err)
	}
	return hash, date, "", nil
}

// Resolve returns the full hash of the commit that rev names ("" is HEAD), or
// the reason why it names none.
func (r *Repo) Resolve(ctx context.Context, rev string) (hash, why string, err error) {
	name := rev
	if name == "" {
		name = "HEAD"
	}
	out, err := r.Git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	var ge *Error
	switch {
	case errors.As(err, &ge) && rev == "":
		return "", "the repository has no commit", nil
	case errors.As(err, &ge):
		return "", fmt.Sprintf("the repository does not hold commit %s", rev), nil
	case err != nil:
		return "", "", err
	}
	return strings.TrimSpace(out), "", nil
}

// IsAncestor reports whether the commit ancestor is in the history of the commit
// descendant, or why that cannot be told. Both may be shortened hashes.
func (r *Repo) IsAncestor(ctx context.Context, ancestor, descendant string) (yes bool, why string, err error) {
	for _, rev := range []*string{&ancestor, &descendant} {
		hash, why, err := r.Resolve(ctx, *rev)
		if hash == "" {
			return false, why, err
		}
		*rev = hash
	}
	_, err = r.Git(ctx, "merge-base", "--is-ancestor", ancestor, descendant)
	var ge *Error
	switch {
	case err == nil:
		return true, "", nil
	case !errors.As(err, &ge):
		return false, "", err
	case ge.Code != 1:
		return false, "git cannot compare the commits: " + ge.Reason(), nil
	}
	if shallow, err := r.Shallow(ctx); err != nil || shallow {
		return false, "the repository lacks the older part of its history", err
	}
	return false, "", nil
}

// Shallow reports whether the repository lacks the older part of its history.
func (r *Repo) Shallow(ctx context.Context) (bool, error) {
	out, err := r.Git(ctx, "rev-parse", "--is-shallow-repository")
	return strings.TrimSpace(out) == "true", err
}

// ReadFile returns the file at path, relative to Root, in the commit hash. nil
// means that there is no regular file of at most limit bytes; a symbolic link is
// none.
func (r *Repo) ReadFile(ctx context.Context, hash, path string, limit int64) ([]byte, error) {
	_, text, err := r.ReadFirst(ctx, hash, limit, path)
	return text, err
}

// ReadFirst is [Repo.ReadFile] of the first of some paths that there is. It returns
// its path, too.
func (r *Repo) ReadFirst(ctx context.Context, hash string, limit int64, paths ...string) (path string, text []byte, err error) {
	out, err := r.Git(ctx, append([]string{"ls-tree", "-l", "-z", hash, "--"}, paths...)...)
	if err != nil {
		return "", nil, err
	}
	blobs := map[string]string{}
	for entry := range strings.SplitSeq(out, "\x00") {
		// mode SP type SP object SP+ size TAB path NUL
		meta, name, _ := strings.Cut(entry, "\t")
		f := strings.Fields(meta)
		if len(f) != 4 || !strings.HasPrefix(f[0], "100") {
			continue
		}
		if size, err := strconv.ParseInt(f[3], 10, 64); err == nil && size <= limit {
			blobs[name] = f[2]
		}
	}
	for _, p := range paths {
		if blob := blobs[p]; blob != "" {
			text, err := Run(ctx, r.root, Options{Env: r.env, MaxOutput: limit}, "cat-file", "blob", blob)
			return p, text, err
		}
	}
	return "", nil, nil
}

// Export writes the files of the commit hash below dir. It uses an index file of
// its own, so that the repository, its index included, stays as it is.
func (r *Repo) Export(ctx context.Context, hash, dir, index string) error {
	env := append(slices.Clone(r.env), "GIT_INDEX_FILE="+index)
	for _, args := range [][]string{
		{"read-tree", hash},
		{"checkout-index", "--all", "--force", "--prefix=" + strings.TrimSuffix(dir, "/") + "/"},
	} {
		if _, err := Run(ctx, r.root, Options{Env: env}, args...); err != nil {
			return err
		}
	}
	return nil
}
