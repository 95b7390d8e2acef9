// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
	"strconv"
	"time"

	"github.com/culprit-ci/culprit"
)

// header reads what the runner and actions/checkout print about the job. Only
// the first checkout counts: later ones bring in other repositories.
type header struct {
	job       culprit.Job
	lines     int64
	wantHash  bool
	isActions bool
	short     bool // Commit is abbreviated
}

func (h *header) stamp(stamp []byte) {
	if h.isActions {
		return
	}
	h.isActions = true
	h.job.Provider = "github"
	if t, err := time.Parse(time.RFC3339Nano, string(stamp)); err == nil {
		h.job.StartedAt = &t
	}
}

// maxHeader is how many lines of text are searched for the job's header.
const maxHeader = 5000

func (h *header) line(text []byte) {
	h.lines++
	if h.lines > maxHeader || !h.isActions || len(text) < 8 {
		return
	}
	if h.wantHash {
		h.wantHash = false
		if hash := bytes.Trim(text, "'\" "); isHash(hash) && (h.job.Commit == "" || h.short) {
			h.job.Commit, h.short = string(hash), false
		}
	}
	if name, ok := bytes.CutPrefix(text, []byte("Complete job name: ")); ok && h.job.Name == "" {
		h.job.Name = string(name)
	} else if repo, ok := bytes.CutPrefix(text, []byte("Syncing repository: ")); ok && h.job.Repository == "" {
		h.job.Repository = string(bytes.TrimSpace(repo))
	} else if rest, ok := bytes.CutPrefix(text, []byte("HEAD is now at ")); ok {
		h.head(rest)
	} else if bytes.HasPrefix(text, []byte("[command]")) {
		h.command(text)
	}
}

// head reads "db76541 Merge <head> into <base>", what git says after the
// checkout of a pull request's merge commit.
func (h *header) head(rest []byte) {
	words := bytes.Fields(rest)
	if len(words) == 0 || h.job.Commit != "" {
		return
	}
	if hash := words[0]; len(hash) >= 7 && isHex(hash) {
		h.job.Commit, h.short = string(hash), len(hash) < 40
	}
	if len(words) == 5 && string(words[1]) == "Merge" && string(words[3]) == "into" && isHash(words[4]) {
		h.job.BaseCommit = string(words[4])
	}
}

// command reads the git commands of actions/checkout.
func (h *header) command(text []byte) {
	if bytes.Contains(text, []byte(" log -1 --format=")) && bytes.HasSuffix(bytes.Trim(text, "'\""), []byte("%H")) {
		h.wantHash = true
		return
	}
	if !bytes.Contains(text, []byte(" checkout ")) {
		return
	}
	_, ref, ok := bytes.Cut(text, []byte("refs/remotes/"))
	if !ok {
		return
	}
	if pull, ok := bytes.CutPrefix(ref, []byte("pull/")); ok {
		number, _, _ := bytes.Cut(pull, []byte("/"))
		if n, err := strconv.Atoi(string(number)); err == nil && h.job.PullRequest == 0 {
			h.job.PullRequest = n
		}
	} else if branch, ok := bytes.CutPrefix(ref, []byte("origin/")); ok && h.job.Branch == "" {
		h.job.Branch = string(bytes.TrimSpace(branch))
	}
}

// isHash reports whether s is a full object name, SHA-1 or SHA-256.
func isHash(s []byte) bool { return (len(s) == 40 || len(s) == 64) && isHex(s) }

func isHex(s []byte) bool {
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
