// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghapi

import (
	"bufio"
	"cmp"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Login is which GitHub to ask, and as whom.
type Login struct {
	Host, API, Token string
	// From says where the token is from, or why there is none.
	From string
	// Keyring is set when there is no token because gh keeps it in the keyring of
	// the system: gh itself can be asked for it.
	Keyring bool
}

// ErrStranger is what [Find] returns for a host that the user has nothing to do with.
type ErrStranger struct{ Host string }

func (e *ErrStranger) Error() string {
	return e.Host + " is not github.com, and neither GH_HOST nor gh's hosts.yml names it; set GH_HOST=" + e.Host + " if it is your GitHub Enterprise Server"
}

// Find looks up the login for a host, "" being the user's default. A token is
// only given for the host it is meant for, whatever an address says:
//
//   - GH_TOKEN, then GITHUB_TOKEN: github.com and ghe.com; in a step of GitHub
//     Actions also the server that runs it (GITHUB_SERVER_URL)
//   - GH_ENTERPRISE_TOKEN, then GITHUB_ENTERPRISE_TOKEN: the host that GH_HOST names
//   - hosts.yml of gh: the hosts in it
func Find(host string, getenv func(string) string) (Login, error) {
	server := hostOf(getenv("GITHUB_SERVER_URL"))
	if host == "" {
		host = cmp.Or(strings.ToLower(getenv("GH_HOST")), server, "github.com")
	}
	host = strings.TrimPrefix(strings.ToLower(host), "www.")
	l := Login{Host: host, API: apiOf(host)}
	if host == server && getenv("GITHUB_API_URL") != "" {
		l.API = getenv("GITHUB_API_URL")
	}
	public := host == "github.com" || strings.HasSuffix(host, ".ghe.com")
	own := host == strings.ToLower(getenv("GH_HOST"))
	names := []string{"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
	if public || host == server {
		names = []string{"GH_TOKEN", "GITHUB_TOKEN"}
	}
	if public || own || host == server {
		for _, name := range names {
			if t := strings.TrimSpace(getenv(name)); t != "" {
				l.Token, l.From = t, name
				return l, nil
			}
		}
	}
	token, known, file := fromHosts(host, getenv)
	switch {
	case token != "":
		l.Token, l.From = token, file
	case known:
		l.Keyring = true
		l.From = "gh keeps the token of " + host + " in the keyring of the system: export GH_TOKEN=$(gh auth token --hostname " + host + ")"
	case !public && !own && host != server:
		return Login{}, &ErrStranger{host}
	default:
		l.From = "no token is set: export " + names[0] + ", or run gh auth login"
	}
	return l, nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// fromHosts reads the token of a host from the file that gh keeps its logins in.
// Only the two levels that matter are read: the host, and the keys right below it.
func fromHosts(host string, getenv func(string) string) (token string, known bool, file string) {
	file = filepath.Join(ghConfig(getenv), "hosts.yml")
	f, err := os.Open(file)
	if err != nil {
		return "", false, file
	}
	defer f.Close()
	indent, in := -1, false
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		line := sc.Text()
		text := strings.TrimSpace(line)
		depth := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
			continue
		case depth == 0:
			in, indent = strings.Trim(strings.TrimSuffix(text, ":"), `"'`) == host, -1
			known = known || in
			continue
		case !in:
			continue
		case indent < 0:
			indent = depth
		}
		if v, ok := strings.CutPrefix(text, "oauth_token:"); ok && depth == indent {
			token = strings.Trim(strings.TrimSpace(v), `"'`)
		}
	}
	return token, known, file
}

// ghConfig is where gh keeps its files.
// Source: https://cli.github.com/manual/gh_help_environment, GH_CONFIG_DIR.
func ghConfig(getenv func(string) string) string {
	if d := getenv("GH_CONFIG_DIR"); d != "" {
		return d
	}
	if d := getenv("XDG_CONFIG_HOME"); d != "" {
		return filepath.Join(d, "gh")
	}
	if d := getenv("AppData"); runtime.GOOS == "windows" && d != "" {
		return filepath.Join(d, "GitHub CLI")
	}
	return filepath.Join(getenv("HOME"), ".config", "gh")
}
