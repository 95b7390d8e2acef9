// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package gocmd

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

// LockedEnv is base (KEY=VALUE entries, as of os.Environ) changed so that the go
// command can analyse a tree that others wrote without network, without
// downloads and without running anything of that tree:
//
//   - GOTOOLCHAIN=local: a toolchain line in go.mod cannot fetch a toolchain.
//   - GOPROXY=off, GONOPROXY=none, GOVCS=*:off: no module is fetched.
//     GONOPROXY matters because modules that match GOPRIVATE go around
//     GOPROXY=off (cmd/go/internal/modfetch/proxy.go).
//   - GOFLAGS=-buildvcs=false: any value at all keeps a GOFLAGS of the user's
//     go/env file out; this one keeps git, and with it the tree's .git/config,
//     out of the build. -mod stays at its default, which is readonly, or vendor
//     where the tree has a consistent vendor directory.
//   - CGO_ENABLED=0: no C compiler with flags from the tree.
//   - GOENV=off where GOENV is a relative path, which would be a file of the tree.
//   - GOPACKAGESDRIVER=off, and GOCACHEPROG and GOAUTH, which name programs, are gone.
//
// Secrets are dropped as by [ScrubEnv]. GOWORK, GOSUMDB, GOMODCACHE, GOCACHE and
// everything else stay.
func LockedEnv(base []string) []string {
	env, userEnv := ScrubEnv(base), ""
	env = slices.DeleteFunc(env, func(entry string) bool {
		name, value, _ := strings.Cut(entry, "=")
		switch strings.ToUpper(name) {
		case "GOTOOLCHAIN", "GOPROXY", "GONOPROXY", "GOVCS", "GOFLAGS", "CGO_ENABLED",
			"GOPACKAGESDRIVER", "GOCACHEPROG", "GOAUTH":
			return true
		case "GOENV":
			if value != "" && value != "off" && !filepath.IsAbs(value) {
				value = "off"
			}
			userEnv = value
			return true
		}
		return false
	})
	if userEnv != "" {
		env = append(env, "GOENV="+userEnv)
	}
	return append(env,
		"GOTOOLCHAIN=local",
		"GOPROXY=off",
		"GONOPROXY=none",
		"GOVCS=*:off",
		"GOFLAGS=-buildvcs=false",
		"CGO_ENABLED=0",
		"GOPACKAGESDRIVER=off",
		"GOAUTH=off",
	)
}

// secretName matches names of variables that CI systems and people use for
// secrets. It errs on the side of dropping: the go command needs none of them.
var secretName = lazyre.New(`(?i)TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|_KEY$|_PAT$|_DSN$|_AUTH$|COOKIE|` +
	`^(AWS|AZURE|GCP|GOOGLE|GH|GITHUB|GITLAB|CI_JOB|ACTIONS|NPM|DOCKER|KUBE|SSH|GPG|VAULT)_|^(KUBECONFIG|NETRC|DATABASE_URL|GIT_ASKPASS)$`)

// secretValue matches a URL that carries a password.
var secretValue = lazyre.New(`[a-zA-Z]://[^/\s:@]*:[^/\s@]+@`)

// ScrubEnv is base without the variables that look like secrets, by name
// (*TOKEN*, *SECRET*, *_KEY, AWS_*, GH_* …) or by value (a URL with a password).
// It never returns base itself.
func ScrubEnv(base []string) []string {
	env := make([]string, 0, len(base)+10)
	for _, entry := range base {
		name, value, _ := strings.Cut(entry, "=")
		if !secretName.MatchString(name) && !secretValue.MatchString(value) {
			env = append(env, entry)
		}
	}
	return env
}
