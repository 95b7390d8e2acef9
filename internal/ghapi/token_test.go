// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghapi

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

const hosts = `github.com:
    users:
        priya:
            oauth_token: not-this-one
    git_protocol: https
    oauth_token: of-hosts
    user: priya
# a comment
ghes.example.com:
    oauth_token: "of-ghes"
keyring.example.com:
    user: priya
`

func TestFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hosts.yml"), []byte(hosts), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		host                 string
		env                  map[string]string
		wantHost, api, token string
	}{
		"GH_TOKEN first":         {"github.com", map[string]string{"GH_TOKEN": "a", "GITHUB_TOKEN": "b"}, "github.com", "https://api.github.com/", "a"},
		"GITHUB_TOKEN":           {"", map[string]string{"GITHUB_TOKEN": "b"}, "github.com", "https://api.github.com/", "b"},
		"hosts.yml":              {"github.com", nil, "github.com", "https://api.github.com/", "of-hosts"},
		"hosts.yml, GHES":        {"ghes.example.com", map[string]string{"GH_TOKEN": "a"}, "ghes.example.com", "https://ghes.example.com/api/v3/", "of-ghes"},
		"ghe.com":                {"acme.ghe.com", map[string]string{"GH_TOKEN": "a"}, "acme.ghe.com", "https://api.acme.ghe.com/", "a"},
		"GH_HOST":                {"", map[string]string{"GH_HOST": "my.example.com", "GH_ENTERPRISE_TOKEN": "e", "GH_TOKEN": "a"}, "my.example.com", "https://my.example.com/api/v3/", "e"},
		"GH_HOST, public token":  {"my.example.com", map[string]string{"GH_HOST": "my.example.com", "GH_TOKEN": "a"}, "my.example.com", "https://my.example.com/api/v3/", ""},
		"in Actions of a GHES":   {"", map[string]string{"GITHUB_SERVER_URL": "https://s.example.com", "GITHUB_API_URL": "https://s.example.com/api/v3", "GITHUB_TOKEN": "t"}, "s.example.com", "https://s.example.com/api/v3", "t"},
		"keyring":                {"keyring.example.com", nil, "keyring.example.com", "https://keyring.example.com/api/v3/", ""},
		"a lookalike, GHES name": {"GITHUB.com", map[string]string{"GH_TOKEN": "a"}, "github.com", "https://api.github.com/", "a"},
	} {
		env := func(k string) string {
			if k == "GH_CONFIG_DIR" {
				return dir
			}
			return c.env[k]
		}
		got, err := Find(c.host, env)
		if err != nil || got.Host != c.wantHost || got.API != c.api || got.Token != c.token || got.From == "" || got.Keyring != (name == "keyring") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	all := func(k string) string {
		return map[string]string{"GH_TOKEN": "a", "GITHUB_TOKEN": "b", "GH_ENTERPRISE_TOKEN": "c", "GH_CONFIG_DIR": dir, "GH_HOST": "my.example.com"}[k]
	}
	for _, host := range []string{"evil.example.com", "github.com.evil.example", "evil-ghe.com", "127.0.0.1:80"} {
		var stranger *ErrStranger
		if got, err := Find(host, all); !errors.As(err, &stranger) {
			t.Errorf("%s: %+v, %v; want ErrStranger", host, got, err)
		}
	}
}
