// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

// portTaken matches what the system says of a port that somebody else has.
var portTaken = lazyre.New(`address already in use|Only one usage of each socket address`)

// fixedPort matches a string literal that is the address of one port of this
// machine to listen at. Port 0, any that is free, is none; nor is the address of a
// page, which tests of parsers hold.
var fixedPort = lazyre.New(`^(?:(?:tcp|udp)[46]?://)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])?:([1-9][0-9]{1,4})$`)

// fixedPorts names the first fixed port that the Go files of a folder spell out,
// as "8080 (server_test.go:12)", "" for none. Comments do not count.
func fixedPorts(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || !e.Type().IsRegular() {
			continue
		}
		src, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			continue
		}
		if port, line := portIn(src); port != "" {
			return fmt.Sprintf("%s (%s:%d)", port, e.Name(), line)
		}
	}
	return ""
}

// portIn is the first fixed port in a source file, and its line.
func portIn(src []byte) (port string, line int) {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, src, func(token.Position, string) {}, 0)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return "", 0
		}
		if tok != token.STRING {
			continue
		}
		text, err := strconv.Unquote(lit)
		if err != nil {
			continue
		}
		if m := fixedPort.FindStringSubmatch(text); m != nil {
			if n, _ := strconv.Atoi(m[1]); n <= 65535 {
				return m[1], file.Line(pos)
			}
		}
	}
}

// alone reports whether the tests of a package's folder run one at a time.
func (s *Sandbox) alone(dir string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lonely[dir]
}

// runAlone makes the tests of a package's folder run one at a time.
func (s *Sandbox) runAlone(dir string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lonely == nil {
		s.lonely = map[string]bool{}
	}
	s.lonely[dir] = true
}
