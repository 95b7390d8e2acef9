// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit/racecheck/suite"
)

// newVetHelp is `culprit vet help`: the list of the analyzers, or one explained.
func newVetHelp(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:     "help [NAME]",
		Short:   "List the analyzers, or explain one",
		GroupID: groupAbout,
		Example: "  culprit vet help\n  culprit vet help outervar",
		Args:    atMostOne("analyzer"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listAnalyzers(s)
			}
			a, ok := suite.Lookup(args[0])
			if !ok {
				return usagef("there is no analyzer %q; culprit vet help lists them", args[0])
			}
			_, err := fmt.Fprintf(s.Out, "%s: %s\n", a.Name, strings.TrimSpace(a.Doc))
			return err
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, a := range suite.All() {
				title, _, _ := strings.Cut(a.Doc, "\n")
				names = append(names, cobra.CompletionWithDesc(a.Name, title))
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

func listAnalyzers(s Streams) error {
	var b strings.Builder
	b.WriteString("The analyzers of culprit vet; culprit vet help NAME explains one.\n\n")
	for _, a := range suite.Analyzers() {
		title, _, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(&b, "  %-16s %s\n", a.Name, title)
	}
	b.WriteString("\nOnly with --only NAME:\n\n")
	for _, a := range suite.Optional() {
		title, _, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(&b, "  %-16s %s\n", a.Name, title)
	}
	b.WriteString("\nNot in the list, and why:\n\n")
	for _, r := range suite.Rejected() {
		fmt.Fprintf(&b, "  %-16s %s\n", r.Name, r.Reason)
	}
	_, err := fmt.Fprint(s.Out, b.String())
	return err
}
