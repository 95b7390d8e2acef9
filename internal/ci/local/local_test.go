// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package local

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/ci"
	"github.com/culprit-ci/culprit/internal/ci/citest"
)

func TestProvider(t *testing.T) {
	dir := t.TempDir()
	log, event := filepath.Join(dir, "job.log"), filepath.Join(dir, "event.json")
	const text = "=== RUN   TestA\n--- FAIL: TestA (0.00s)\nFAIL\n"
	for file, content := range map[string]string{log: text, event: `{"pull_request":{"base":{"sha":"b0b"}}}`} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "o/r", "GITHUB_RUN_ID": "71", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_JOB": "test", "GITHUB_WORKFLOW": "ci",
		"GITHUB_SHA": "abc", "GITHUB_REF": "refs/pull/12/merge", "GITHUB_HEAD_REF": "fix", "GITHUB_ACTOR": "priya", "GITHUB_SERVER_URL": "https://github.com",
		"GITHUB_EVENT_PATH": event, "GITHUB_EVENT_NAME": "pull_request",
	}
	citest.Run(t, citest.World{
		Provider: New(log, func(k string) string { return env[k] }),
		Jobs: []citest.Known{{
			Name: "own", Log: text,
			Want: culprit.Job{Provider: "github", Repository: "o/r", RunID: "71", Attempt: 2, Name: "test", Workflow: "ci", Commit: "abc", BaseCommit: "b0b",
				PullRequest: 12, Branch: "fix", Actor: "priya", URL: "https://github.com/o/r/actions/runs/71/attempts/2"},
		}},
		Unknown: ci.Ref{Repository: "o/other"},
	})
}

func TestOutsideOfCI(t *testing.T) {
	t.Parallel()
	if got := Job(func(string) string { return "" }); got != (culprit.Job{}) {
		t.Errorf("a job was made up: %+v", got)
	}
}
