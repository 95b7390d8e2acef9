// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/checkout"
	"github.com/culprit-ci/culprit/internal/ci"
	cigithub "github.com/culprit-ci/culprit/internal/ci/github"
	"github.com/culprit-ci/culprit/internal/ci/local"
	"github.com/culprit-ci/culprit/internal/ghapi"
	"github.com/culprit-ci/culprit/internal/gitx"
)

// GitHub is one GitHub with the login of the user.
type GitHub struct {
	CI    ci.Provider
	login ghapi.Login
	api   *ghapi.Client
	cache string
	web   string
	say   func(string)
}

// NewGitHub finds the login for a host, "" being the user's default. It makes no
// request. Say is told what is waited for.
func NewGitHub(host string, getenv func(string) string, say func(string)) (*GitHub, error) {
	login, err := ghapi.Find(host, getenv)
	if err != nil {
		return nil, err
	}
	if login.Keyring {
		// Without it the first refusal of the server says what to do.
		if token, err := gitx.KeyringToken(context.Background(), login.Host); err == nil {
			login.Token, login.From = token, "gh auth token"
		}
	}
	cache := getenv("CULPRIT_CACHE_DIR")
	if cache == "" {
		if dir, err := os.UserCacheDir(); err == nil {
			cache = filepath.Join(dir, "culprit")
		}
	}
	config := ghapi.Config{Host: login.Host, API: login.API, Token: login.Token, Say: say}
	if cache != "" {
		config.CacheDir = filepath.Join(cache, "github")
	}
	api, err := ghapi.New(config)
	if err != nil {
		return nil, err
	}
	web := "https://" + login.Host
	if server := getenv("GITHUB_SERVER_URL"); strings.HasSuffix(server, "://"+login.Host) {
		web = server
	}
	return &GitHub{CI: cigithub.New(api), login: login, api: api, cache: cache, web: web, say: say}, nil
}

// Checkout gives the source of a job's repository at the job's commit, out of the
// cache of clones.
func (g *GitHub) Checkout(ctx context.Context, job culprit.Job) (dir, why string, release func() error, err error) {
	if job.Repository == "" || job.Commit == "" {
		return "", cmp.Or(missing(job), "the job's commit is not known"), nil, nil
	}
	root := g.cache
	if root == "" {
		return "", "there is no folder for a cache: set CULPRIT_CACHE_DIR", nil, nil
	}
	cache := &checkout.Cache{Dir: filepath.Join(root, "clones"), Say: g.say}
	// A clone that never ends is worse than a report without source.
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()
	tree, why, err := cache.Tree(ctx, checkout.Source{
		Host: g.login.Host, Name: job.Repository, Remote: gitx.Remote{URL: g.web + "/" + job.Repository, Token: g.login.Token},
	}, job.Commit)
	if tree == nil {
		return "", why, nil, err
	}
	return tree.Dir, "", tree.Close, nil
}

func missing(job culprit.Job) string {
	if job.Repository == "" {
		return "the job's repository is not known"
	}
	return ""
}

// LocalJob reads from the environment which job this is, empty outside of CI.
func LocalJob(getenv func(string) string) culprit.Job { return local.Job(getenv) }

// Token says where the token is from, or why there is none.
func (g *GitHub) Token() string {
	if g.login.Token == "" {
		return g.login.From
	}
	return fmt.Sprintf("the token of %s for %s", g.login.From, g.login.Host)
}
