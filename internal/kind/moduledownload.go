// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
)

// moduleRows are how cmd/go says that modules cannot be had: the network on the
// way to a proxy, what the proxy or the checksum database answers, and a go.mod
// or go.sum that does not match (cmd/go/internal/modfetch, modload).
func moduleRows() []row {
	return []row{
		{text: "missing go.sum entry"},
		{text: "missing go.mod entry"},
		{text: "updates to go.mod needed"},
		{text: "updates to go.sum needed"},
		{text: "go.mod file indicates", and: "but maximum version supported by tidy"},
		{text: "verifying ", and: "checksum mismatch"},
		{text: "checksum mismatch", and: "downloaded:"},
		{text: "security error", and: "checksum"},
		{text: "verifying module: "},
		{text: "go: verifying "},
		{text: "unknown revision "},
		{text: "invalid version: "},
		{text: "inconsistent vendoring"},
		{text: "not marked as explicit in vendor/modules.txt"},
		{text: "cannot query module due to -mod=vendor"},
		{text: "sum.golang.org/lookup"},
		{text: "(replaced by ", and: "reading "},
		{text: "module lookup disabled by"},
		{text: "cannot find module providing package"},
		{text: "cannot find module ", and: "go:"},
		{text: "module declares its path as"},
		{text: "reading http", and: "/@v/"},
		{text: "/@v/", and: "get "},
		{text: "/@v/", and: "proxy"},
		{text: "/@latest", and: "get "},
		{text: "proxy.golang.org", and: "get "},
		{text: "sum.golang.org", and: "get "},
		{text: "sum.golang.org", and: "verifying"},
		{text: "proxy.golang.org", and: "timeout"},
		{text: "proxy.golang.org", and: "lookup"},
		{text: "proxy.golang.org", and: "404"},
		{text: "proxy.golang.org", and: "410"},
		{text: "proxy.golang.org", and: "50"},
		{text: "storage.googleapis.com/proxy-golang-org-prod"},
		{text: "go: download go1.", and: "toolchain not available"},
		{text: "toolchain not available"},
		{text: "error loading module requirements"},
		{text: "go mod download: "},
		{text: "go: error loading "},
		{text: "go: module ", and: "not found"},
		{text: "go: module ", and: ": get "},
		{text: "go: ", and: "git ls-remote"},
		{text: "git fetch -f", and: "exit status"},
		{text: "fatal: could not read username for 'https://", not: "expected"},
		{text: "terminal prompts disabled"},
		{text: "if this is a private repository, see https://golang.org/doc/faq#git_https"},
		{text: "unrecognized import path"},
	}
}

// broken matches what a line says of "module@version:" when the way to it broke.
func brokenRows() []row {
	return []row{
		{text: "unexpected eof"}, {text: "i/o timeout"}, {text: "connection re"}, {text: "no such host"}, {text: "tls handshake"},
		{text: "timeout"}, {text: "stream error"}, {text: "eof"}, {text: "forbidden"}, {text: "not found"}, {text: "gone"}, {text: "bad gateway"},
		{text: "unavailable"}, {text: "too many requests"}, {text: "zip: not a valid zip file"}, {text: "server misbehaving"}, {text: "network is unreachable"},
		{text: "x509"}, {text: "permission denied"}, {text: "deadline exceeded"}, {text: "temporary failure"}, {text: "hash mismatch"}, {text: "proxyconnect"},
	}
}

// fetches reports whether a line is of a module that could not be fetched.
func fetches(s string) bool {
	if strings.Contains(s, ": downloading ") || strings.HasPrefix(s, "go: downloading") {
		return strings.Contains(s, ": ") && saysLine(strings.SplitN(s, "downloading", 2)[1], brokenRows())
	}
	if saysLine(s, moduleRows()) {
		return true
	}
	at := moduleAt.FindStringIndex(s)
	return at != nil && strings.Contains(s[at[0]:at[1]], "@") && at[1] < len(s) && s[at[1]-1] != ' ' && strings.Contains(s[at[1]-1:], ":") && !strings.Contains(s[:at[0]], "/mod/") && !strings.HasPrefix(strings.TrimLeft(s[at[1]:], ":"), "/") && saysLine(s[at[1]:], brokenRows())
}

// moduleDownloads: a test ran the go command, and that could not get a module.
func moduleDownloads(c *claims) []*culprit.Failure {
	return c.lacks(culprit.KindModuleDownload, moduleRows(), tellModule)
}

// jobModuleDownloads: modules could not be had before anything was built.
func jobModuleDownloads(j *job) []*culprit.Failure {
	return j.lacksIf(culprit.KindModuleDownload, func(s string) (bool, bool) { return fetches(s), false }, tellModule)
}

func tellModule(line string) (kind, name, title string) {
	name = moduleOf(line)
	if name == "" {
		if name = endpointOf(line); name != "" {
			return "endpoint", name, "module not downloaded: " + name
		}
		return "module", "", "module not downloaded"
	}
	module, _, _ := strings.Cut(name, "@")
	return "module", name, "module not downloaded: " + module
}
