// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/redact"
	"github.com/culprit-ci/culprit/internal/report"
)

// output says in what form a report goes where. Several commands share it.
type output struct {
	format oneOf
	color  oneOf
	file   string // "" is the standard output
}

// register adds the flags to a command.
func (o *output) register(cmd *cobra.Command) {
	o.format = oneOf{value: "text", allowed: formatNames()}
	o.format.register(cmd, "format", "form of the report")
	o.color = oneOf{value: "auto", allowed: []string{"auto", "always", "never"}}
	o.color.register(cmd, "color", "colour of the text report; auto obeys NO_COLOR, CLICOLOR_FORCE and TERM")
	cmd.Flags().StringVarP(&o.file, "output", "o", "", "write the report to `FILE` instead of standard output")
}

// formatNames lists the formats of reports in the order of the help.
func formatNames() []string {
	var names []string
	for _, f := range report.All() {
		names = append(names, f.Name())
	}
	return names
}

// check finds what would make [output.write] fail, before the work is done.
func (o *output) check() error {
	if o.file == "" {
		return nil
	}
	if st, err := os.Stat(o.file); err == nil && st.IsDir() {
		return usagef("the output %s is a directory; name a file in it", o.file)
	}
	if st, err := os.Stat(filepath.Dir(o.file)); err != nil || !st.IsDir() {
		return usagef("the output cannot be written: there is no directory %s", filepath.Dir(o.file))
	}
	return nil
}

// write renders c in full and then writes it at once, so that nothing but a
// whole report is ever seen. Root is the folder that links to files start at,
// "" for no links.
func (o *output) write(s Streams, c *culprit.Case, root string) error {
	format, err := report.Lookup(o.format.value)
	if err != nil {
		return usagef("%v", err)
	}
	redact.Case(c) // a proof adds what the repository's own tests printed
	var buf bytes.Buffer
	if err := format.Write(&buf, c, o.options(s, root)); err != nil {
		return fmt.Errorf("cannot write the report as %s: %w", o.format.value, err)
	}
	if o.file != "" {
		if err := os.WriteFile(o.file, buf.Bytes(), 0o644); err != nil {
			return fmt.Errorf("cannot write the report to %s: %w", o.file, cause(err))
		}
		return nil
	}
	if _, err := s.Out.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("cannot write the report: %w", cause(err))
	}
	return nil
}

// save is what keeps a case while it grows: into the output file, if that will
// hold the case as JSON; nil otherwise.
func (o *output) save() func(*culprit.Case) error {
	if o.file == "" || o.format.value != "json" {
		return nil
	}
	return func(c *culprit.Case) error { return saveCase(o.file, c) }
}

func (o *output) options(s Streams, root string) report.Options {
	opts := report.Options{Width: defaultWidth}
	if o.file == "" {
		opts.Width = width(s.Out)
	}
	switch o.color.value {
	case "always":
		opts.Color = true
	case "auto":
		opts.Color = o.file == "" && s.colorful(s.Out)
	}
	if root != "" && o.file == "" && o.color.value != "never" && s.linkable(s.Out) {
		opts.Links, opts.Root = true, root
	}
	return opts
}
