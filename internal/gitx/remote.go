// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package gitx

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
)

// Remote is a repository elsewhere. It is the one way to a network: [Run] and
// [Repo] have every transport switched off.
type Remote struct {
	// URL is https, or file for a repository on this machine. Plain http is for a
	// server on this machine.
	URL string
	// Token is sent to the host of URL and is neither on a command line nor in a
	// file; "" sends none.
	Token string
}

// Git runs git in dir with only the transport of the remote switched on. Objects
// that a partial clone lacks are fetched from its promisor remote, which must be
// this one. Neither the user's nor the system's configuration is read, so that
// no credential helper, no rewriting of addresses and no filter of theirs runs.
// Redirections are not followed: the token would go along.
func (r Remote) Git(ctx context.Context, dir string, o Options, args ...string) ([]byte, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.User != nil {
		return nil, fmt.Errorf("the address of the repository is wrong")
	}
	local := u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost"
	if u.Scheme != "https" && u.Scheme != "file" && (u.Scheme != "http" || !local) {
		return nil, fmt.Errorf("repositories are fetched over https, not over %q", u.Scheme)
	}
	config := [][2]string{{"http.followRedirects", "false"}, {"credential.helper", ""}, {"core.askPass", ""}}
	if r.Token != "" {
		basic := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + r.Token))
		config = append(config, [2]string{"http." + u.Scheme + "://" + u.Host + "/.extraHeader", "Authorization: Basic " + basic})
	}
	env := []string{"GIT_ALLOW_PROTOCOL=" + u.Scheme, "GIT_NO_LAZY_FETCH=0", "GIT_CONFIG_GLOBAL=/dev/null", fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(config))}
	for i, kv := range config {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, kv[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, kv[1]))
	}
	o.Env = append(env, o.Env...)
	return Run(ctx, dir, o, args...)
}
