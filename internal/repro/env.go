// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/culprit-ci/culprit/internal/gocmd"
)

// passed are the variables that tests and compilers commonly need and that hold
// no secret. Everything else of the caller's environment stays out.
var passed = map[string]bool{
	"PATH": true, "LANG": true, "LC_ALL": true, "TZ": true, "USER": true, "LOGNAME": true, "SHELL": true,
	"CC": true, "CXX": true, "CGO_CFLAGS": true, "CGO_LDFLAGS": true, "CGO_CPPFLAGS": true, "PKG_CONFIG_PATH": true, "LD_LIBRARY_PATH": true,
	"GOPROXY": true, "GOSUMDB": true, "GONOSUMDB": true, "GOPRIVATE": true, "GONOPROXY": true, "GOEXPERIMENT": true,
	"SSL_CERT_FILE": true, "SSL_CERT_DIR": true, "HTTP_PROXY": true, "HTTPS_PROXY": true, "NO_PROXY": true,
	"SYSTEMROOT": true, "COMSPEC": true, "PATHEXT": true,
}

// env is the environment of everything that runs in the sandbox. The caches of
// the go command are the user's, or each build would begin from nothing.
func (s *Sandbox) env(more ...string) []string {
	var env []string
	for _, e := range gocmd.ScrubEnv(os.Environ()) {
		name, _, _ := strings.Cut(e, "=")
		if passed[strings.ToUpper(name)] {
			env = append(env, e)
		}
	}
	env = append(env,
		marker+"="+s.Root,
		"HOME="+filepath.Join(s.Root, "home"),
		"TMPDIR="+filepath.Join(s.Root, "tmp"),
		"GOTMPDIR="+filepath.Join(s.Root, "tmp"),
		"GOPATH="+filepath.Join(s.Root, "home", "go"),
		"GOCACHE="+s.tool.GOCACHE,
		"GOMODCACHE="+s.tool.GOMODCACHE,
		"GOENV=off",
		"GOTOOLCHAIN=local",
		"GOFLAGS=-buildvcs=false",
		"GOTELEMETRY=off",
		"CGO_ENABLED=1",
	)
	env = append(env, s.extra...)
	return append(env, more...)
}
