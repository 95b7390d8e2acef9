// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/redact"
)

// maxCase bounds the bytes of a saved case that are read.
const maxCase = 256 << 20

// renderFlags are the command line of `culprit render`.
type renderFlags struct {
	file   string // a file, or "-"
	output output
}

func newRender(s Streams, run func(context.Context, Streams, *renderFlags) error) *cobra.Command {
	f := &renderFlags{}
	cmd := &cobra.Command{
		Use:   "render CASE.json|-",
		Short: "Print a saved case again, in any format",
		Long: `render reads a case that "culprit triage --format json" wrote and prints it as a
report. It needs neither the log nor the repository.`,
		Example: `  culprit render case.json
  culprit render case.json --format markdown -o issue.md
  culprit triage job.log --repo . --format json | culprit render -`,
		GroupID: groupLog,
		Args:    exactlyOne("saved case"),
		PreRunE: func(_ *cobra.Command, args []string) error {
			f.file = args[0]
			return f.output.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s, f) },
	}
	f.output.register(cmd)
	return cmd
}

func runRender(ctx context.Context, s Streams, f *renderFlags) error {
	r, err := s.open(ctx, f.file)
	if err != nil {
		return err
	}
	defer r.Close()
	c, err := readCase(r)
	if err != nil {
		return fmt.Errorf("%s is not a saved case: %w; write one with culprit triage LOG --format json", logName(f.file), err)
	}
	return f.output.write(s, c, "")
}

// readCase reads one case and nothing after it.
func readCase(r io.Reader) (*culprit.Case, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxCase+1))
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", cause(err))
	}
	if len(data) > maxCase {
		return nil, fmt.Errorf("it is longer than %d MiB", maxCase>>20)
	}
	// The schema first: what another version writes may not fit the types.
	var head struct {
		Schema *string `json:"schema"`
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(data, &head); errors.As(err, &syntax) {
		return nil, fmt.Errorf("it is not JSON (at byte %d: %w)", syntax.Offset, err)
	}
	switch {
	case head.Schema == nil:
		return nil, errors.New(`it has no field "schema"`)
	case *head.Schema != culprit.Schema:
		return nil, fmt.Errorf("its schema is %q and this version reads %q", *head.Schema, culprit.Schema)
	}
	c := &culprit.Case{}
	if err := json.Unmarshal(data, c); err != nil {
		return nil, fmt.Errorf("it does not follow %s (%w)", culprit.Schema, err)
	}
	if err := checkCase(c); err != nil {
		return nil, fmt.Errorf("it does not follow %s (%w)", culprit.Schema, err)
	}
	redact.Case(c) // an older version or another program may have written it
	return c, nil
}

// checkCase checks what the types cannot say and every format relies on.
func checkCase(c *culprit.Case) error {
	for i, f := range c.Failures {
		switch {
		case f == nil:
			return fmt.Errorf("failures[%d] is null", i)
		case f.Race != nil && len(f.Race.Accesses) != 2:
			return fmt.Errorf("failures[%d].race has %d accesses instead of 2", i, len(f.Race.Accesses))
		case f.Cause != nil && len(f.Cause.Sites) != 2:
			return fmt.Errorf("failures[%d].cause has %d sites instead of 2", i, len(f.Cause.Sites))
		}
	}
	return nil
}
