// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"strings"
)

type author struct{ name, email string }

var (
	ada   = author{"Ada Okafor", "ada.okafor@example.com"}
	jonas = author{"Jonas Lindqvist", "jonas.lindqvist@example.com"}
	mei   = author{"Mei Tanaka", "mei.tanaka@example.com"}
	priya = author{"Priya Raman", "priya.raman@example.com"}
)

// commit is one commit of the demo's history: files as they are in the last
// commit, without the parts that later ones brought in.
type commit struct {
	by            author
	date          string
	subject, body string
	files         []string
	without       []cut
}

// cut is a part of a file: from the line that starts with first up to the line
// that starts with before, in every place.
type cut struct{ file, first, before string }

// from removes the part from a file's text.
func (c cut) from(name, text string) (string, error) {
	if name != c.file {
		return text, nil
	}
	var out []string
	inside, found := false, false
	for _, l := range strings.SplitAfter(text, "\n") {
		switch {
		case !inside && strings.HasPrefix(l, c.first):
			inside, found = true, true
		case inside && strings.HasPrefix(l, c.before):
			inside = false
		}
		if !inside {
			out = append(out, l)
		}
	}
	if !found {
		return "", fmt.Errorf("%s has no line that starts with %q", name, c.first)
	}
	return strings.Join(out, ""), nil
}

const toolsTest = "sdk/toolsdk/toolsdk_test.go"

var (
	taskTests   = cut{toolsTest, "\tt.Run(\"DeleteTask\"", "}"}
	sendHealth  = cut{toolsTest, "\t\t// The tool refuses input until", "\t\ttests := "}
	logsHealth  = cut{toolsTest, "\t\t// The tool returns no log until", "\t\ttests := "}
	flakeCommit = "test(toolsdk): fix task status flake (#21)"
)

// history is the demo's history, oldest first.
var history = []commit{
	{
		by: ada, date: "2026-02-03T09:12:00+01:00", subject: "database: keep workspaces, builds and tasks (#3)",
		files: []string{"go.mod", "README.md", "database/models.go", "database/store.go", "database/tx.go", "database/store_test.go"},
	},
	{
		by: jonas, date: "2026-02-10T15:40:00+01:00", subject: "dbfake: fill a store for tests (#5)",
		files: []string{"database/dbfake/dbfake.go"},
	},
	{
		by: mei, date: "2026-02-19T10:05:00+09:00", subject: "sdk: a client that acts for one user (#8)",
		files: []string{"sdk/client.go"},
	},
	{
		by: jonas, date: "2026-03-02T11:30:00+01:00", subject: "toolsdk: tools for workspaces (#9)",
		files:   []string{"sdk/toolsdk/toolsdk.go", "sdk/toolsdk/workspace.go", toolsTest},
		without: []cut{taskTests},
	},
	{
		by: ada, date: "2026-03-05T08:20:00+01:00", subject: "add CODEOWNERS (#11)",
		files: []string{"CODEOWNERS"},
	},
	{
		by: mei, date: "2026-03-17T17:55:00+09:00", subject: "toolsdk: tools for tasks (#14)",
		files:   []string{toolsTest},
		without: []cut{sendHealth, logsHealth},
	},
	{
		by: priya, date: "2026-04-08T14:02:00+05:30", subject: flakeCommit,
		body:  "SendTaskInput and GetTaskLogs failed now and then because the agent's app\nwas still initializing. Report it healthy before the tools are called.\n\nFixes #19",
		files: []string{toolsTest},
	},
	{
		by: ada, date: "2026-04-14T09:45:00+02:00", subject: "toolsdk: check the descriptions of all tools (#23)",
		files: []string{"sdk/toolsdk/describe_test.go"},
	},
}
