// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package gocmd

import (
	"strings"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

var plainWord = lazyre.New(`^[A-Za-z0-9_@%+=:,./-]+$`)

// Line is "go" and args as a line that can be pasted into a POSIX shell, with
// env (KEY=VALUE) in front. Nothing in this package runs a shell; the line is
// for people.
func Line(env, args []string) string {
	words := make([]string, 0, len(env)+len(args)+1)
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		words = append(words, name+"="+Quote(value))
	}
	words = append(words, "go")
	for _, arg := range args {
		words = append(words, Quote(arg))
	}
	return strings.Join(words, " ")
}

// Quote is one word of a line for a POSIX shell.
func Quote(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
