// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"github.com/spf13/cobra"
)

func newCompletion(s Streams) *cobra.Command {
	write := map[string]func(*cobra.Command) error{
		"bash":       func(root *cobra.Command) error { return root.GenBashCompletionV2(s.Out, true) },
		"zsh":        func(root *cobra.Command) error { return root.GenZshCompletion(s.Out) },
		"fish":       func(root *cobra.Command) error { return root.GenFishCompletion(s.Out, true) },
		"powershell": func(root *cobra.Command) error { return root.GenPowerShellCompletionWithDesc(s.Out) },
	}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completion script of a shell",
		Long: `completion prints a script that teaches a shell to complete culprit's commands,
flags, flag values and files. It is written to standard output; load it in the
start-up file of the shell.`,
		Example: `  source <(culprit completion bash)
  culprit completion zsh > "${fpath[1]}/_culprit"
  culprit completion fish > ~/.config/fish/completions/culprit.fish
  culprit completion powershell | Out-String | Invoke-Expression`,
		GroupID:   groupAbout,
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		Args: func(cmd *cobra.Command, args []string) error {
			if err := exactlyOne("shell")(cmd, args); err != nil {
				return err
			}
			if write[args[0]] == nil {
				return usagef("there is no completion for %q; choose bash, zsh, fish or powershell", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return write[args[0]](cmd.Root()) },
	}
}
