// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
	"strings"
)

// jobRow says which line of a CI system tells how the job ended.
type jobRow struct {
	kind MarkKind
	// text starts the line once the prefixes of jobText are gone; a leading "*"
	// means that it may stand anywhere in it.
	text string
}

// jobTable is jobRows, ready to be asked for each line of a log.
type jobTable struct {
	prefixes [][]byte
	starts   [256][]jobMatch // by first letter
	anywhere []jobMatch
}

type jobMatch struct {
	kind MarkKind
	text []byte
}

func newJobTable() *jobTable {
	t := &jobTable{}
	for _, p := range []string{"##[error]", "##[warning]", "Error: ", "ERROR: ", "FATAL: ", "WARNING: ", "🚨 Error: ", "# ", "::error::", "[error]"} {
		t.prefixes = append(t.prefixes, []byte(p))
	}
	for _, r := range jobRows() {
		if any, ok := strings.CutPrefix(r.text, "*"); ok {
			t.anywhere = append(t.anywhere, jobMatch{r.kind, []byte(any)})
		} else {
			t.starts[r.text[0]] = append(t.starts[r.text[0]], jobMatch{r.kind, []byte(r.text)})
		}
	}
	return t
}

// jobRows are tried in order: a row that names the reason stands before one
// that only tells that the job was stopped.
//
// Sources: actions/runner (JobExtension, JobDispatcher), gitlab-runner
// (common/build.go), buildkite/agent (job_runner.go), the Jenkins remoting and
// workflow plug-ins, CircleCI's agent, Travis, Azure Pipelines' agent, and
// kubernetes/test-infra (prow/entrypoint, plank).
func jobRows() []jobRow {
	return []jobRow{
		{MarkRunnerLost, "The runner has received a shutdown signal"},
		{MarkRunnerLost, "The hosted runner lost communication"},
		{MarkRunnerLost, "The self-hosted runner"}, // "…: NAME lost communication with the server"
		{MarkRunnerLost, "The hosted runner encountered an error"},
		{MarkRunnerLost, "The job was not acquired by Runner"},
		{MarkRunnerLost, "The job was not started because"},
		{MarkRunnerLost, "Received request to deprovision"},
		{MarkRunnerLost, "We stopped hearing from agent"},
		{MarkRunnerLost, "*lost communication with the server"},
		{MarkRunnerLost, "*lost contact with the agent"},
		{MarkRunnerLost, "Job failed (system failure)"},
		{MarkRunnerLost, "There has been a runner system failure"},
		{MarkRunnerLost, "runner system failure"},
		{MarkRunnerLost, "The agent was lost"},
		{MarkRunnerLost, "Exited with status -1 (agent lost)"},
		{MarkRunnerLost, "*(agent lost)"},
		{MarkRunnerLost, "Agent went offline during the build"},
		{MarkRunnerLost, "*was marked offline: Connection was broken"},
		{MarkRunnerLost, "Cannot contact "}, // Jenkins: "Cannot contact agent-7: java.lang…"
		{MarkRunnerLost, "*hudson.remoting.ChannelClosedException"},
		{MarkRunnerLost, "*hudson.remoting.RequestAbortedException"},
		{MarkRunnerLost, "*java.nio.channels.ClosedChannelException"},
		{MarkRunnerLost, "Pod got deleted unexpectedly"},
		{MarkRunnerLost, "*Spot instance interruption"},
		{MarkRunnerLost, "*spot instance was reclaimed"},
		{MarkRunnerLost, "*preempted by the cloud"},
		{MarkRunnerLost, "We lost contact with the machine"},
		{MarkRunnerLost, "Infrastructure failure"},
		{MarkRunnerLost, "*infrastructure fail"},

		{MarkJobTimeout, "*has exceeded the maximum execution time of"},
		{MarkJobTimeout, "*ran longer than the maximum time of"},
		{MarkJobTimeout, "*exceeded the maximum time limit for jobs"},
		{MarkJobTimeout, "The action '"}, // "… has timed out after 10 minutes."
		{MarkJobTimeout, "Job failed: execution took longer than"},
		{MarkJobTimeout, "Too long with no output (exceeded"},
		{MarkJobTimeout, "No output has been received in the last"},
		{MarkJobTimeout, "Cancelling nested steps due to timeout"},
		{MarkJobTimeout, "Timeout has been exceeded"},
		{MarkJobTimeout, "Build timed out (after "},
		{MarkJobTimeout, "*Process did not finish before "},
		{MarkJobTimeout, "context deadline exceeded: job timed out"},
		{MarkJobTimeout, "-- Test timed out at "}, // Bazel
		{MarkJobTimeout, "TIMEOUT: //"},

		{MarkCancelled, "The operation was canceled"},
		{MarkCancelled, "The operation was cancelled"},
		{MarkCancelled, "The job was canceled"},
		{MarkCancelled, "The job was cancelled"},
		{MarkCancelled, "The run was canceled"},
		{MarkCancelled, "The workflow run was cancel"},
		{MarkCancelled, "Canceling since a higher priority waiting request"},
		{MarkCancelled, "Job failed: canceled"},
		{MarkCancelled, "Job canceled"},
		{MarkCancelled, "Received cancellation signal, interrupting"},
		{MarkCancelled, "The command was interrupted by a signal"},
		{MarkCancelled, "Build was canceled"},
		{MarkCancelled, "Build was aborted"},
		{MarkCancelled, "Aborted by "},
		{MarkCancelled, "Finished: ABORTED"},
		{MarkCancelled, "*Entrypoint received interrupt: terminated"},

		{MarkJobFailed, "Process completed with exit code "},
		{MarkJobFailed, "Job failed: exit "},
		{MarkJobFailed, "Job failed: command terminated with exit code"},
		{MarkJobFailed, "script returned exit code "},
		{MarkJobFailed, "The command exited with status "},
		{MarkJobFailed, "Finished: FAILURE"},
		{MarkJobFailed, "make: *** "},
	}
}

// text returns text without what CI systems put before a message of their own,
// and whether anything stood there.
func (t *jobTable) text(text []byte) (rest []byte, said bool) {
	switch text[0] {
	case '#', 'E', 'F', 'W', ':', '[', 0xf0:
		for _, p := range t.prefixes {
			if r, ok := bytes.CutPrefix(text, p); ok {
				return bytes.TrimLeft(r, " "), true
			}
		}
	}
	return text, false
}

// jobMark notes what the runner says of the job.
func (ln *lane) jobMark(l rawLine, text []byte) bool {
	m := ln.m
	if len(text) < 10 || text[0] == ' ' || text[0] == '\t' {
		return false
	}
	rest, said := m.job.text(text)
	if len(rest) < 8 {
		return false
	}
	kind := MarkKind("")
	for _, row := range m.job.starts[rest[0]] {
		if bytes.HasPrefix(rest, row.text) && ln.believes(rest, said) {
			kind = row.kind
			break
		}
	}
	if kind == "" && bytes.HasPrefix(rest, []byte("make[")) && bytes.Contains(rest, []byte("]: *** ")) {
		kind = MarkJobFailed
	}
	if kind == "" && bytes.HasPrefix(rest, []byte("//")) && ln.text.cur == nil {
		kind = targetResult(rest)
	}
	if kind == "" && (said || ln.text.cur == nil) {
		for _, row := range m.job.anywhere {
			if bytes.Contains(rest, row.text) {
				kind = row.kind
				break
			}
		}
	}
	if kind == "" {
		return false
	}
	m.mark(&m.log.Marks, kind, l.line(text[:min(len(text), 300)]))
	return true
}

// targetResult reads a line of the list with which Bazel ends: "//a/b:b_test   TIMEOUT
// in 300.0s".
func targetResult(text []byte) MarkKind {
	target, rest, _ := bytes.Cut(text, []byte(" "))
	rest = bytes.TrimLeft(rest, " ")
	switch {
	case bytes.IndexByte(target, ':') < 0:
	case bytes.HasPrefix(rest, []byte("TIMEOUT in ")):
		return MarkJobTimeout
	case bytes.HasPrefix(rest, []byte("FAILED in ")), bytes.HasPrefix(rest, []byte("FAILED TO BUILD")):
		return MarkJobFailed
	}
	return ""
}

// believes rules out what only starts like a runner's message: a running test
// may print the words, but not the runner's prefix or time stamp.
func (ln *lane) believes(rest []byte, said bool) bool {
	switch {
	case bytes.HasPrefix(rest, []byte("The action '")):
		return bytes.Contains(rest, []byte("' has timed out after "))
	case bytes.HasPrefix(rest, []byte("The self-hosted runner")):
		return bytes.Contains(rest, []byte("lost communication"))
	case bytes.HasPrefix(rest, []byte("Cannot contact ")):
		return bytes.Contains(rest, []byte(": java.")) || bytes.Contains(rest, []byte(": hudson."))
	}
	return said || ln.text.cur == nil || !ln.text.cur.running || bytes.HasPrefix(rest, []byte("make: *** "))
}
