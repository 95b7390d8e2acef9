// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// noSuchCommand is the check of the root's arguments: it has none, so the first
// one is a command that does not exist.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("there is no command %q%s", args[0], didYouMean("", cmd.SuggestionsFor(args[0])))
}

// flagError makes one sentence of what is wrong with a flag, with the flags
// that may have been meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		var number *strconv.NumError // its text is about the function of Go that read it
		if errors.As(err, &number) || strings.Contains(err.Error(), ": strconv.Parse") {
			text, _, _ := strings.Cut(err.Error(), ": strconv.Parse")
			return usagef("%s: it must be a whole number", text)
		}
		return usagef("%v", err)
	}
	// A command per flag lends its spelling distance to the flags.
	names := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
		}
	})
	return usagef("%v%s", err, didYouMean("--", names.SuggestionsFor(unknown.GetSpecifiedName())))
}

func didYouMean(prefix string, suggestions []string) string {
	if len(suggestions) == 0 {
		return ""
	}
	for i, s := range suggestions {
		suggestions[i] = fmt.Sprintf("%q", prefix+s)
	}
	return "; did you mean " + strings.Join(suggestions, " or ") + "?"
}

// atMostOne accepts no or one argument, which is called what.
func atMostOne(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usagef("one %s at a time: got %d", what, len(args))
		}
		return nil
	}
}

// exactlyOne accepts one argument, which is called what.
func exactlyOne(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("no %s given", what)
		}
		return atMostOne(what)(nil, args)
	}
}

// none accepts no argument.
func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument: got %q", cmd.Name(), args[0])
	}
	return nil
}

// oneOf is a flag value out of a list. It is checked when the flags are read.
type oneOf struct {
	value   string
	allowed []string
}

// String gives the value.
func (o *oneOf) String() string { return o.value }

// Type names the value in the help: the list where it fits, for pflag sets the
// width of a column by the longest.
func (o *oneOf) Type() string {
	if len(o.allowed) > 5 {
		return "NAME"
	}
	return strings.Join(o.allowed, "|")
}

// Set checks and takes the value.
func (o *oneOf) Set(v string) error {
	for _, a := range o.allowed {
		if v == a {
			o.value = v
			return nil
		}
	}
	return fmt.Errorf("it must be one of %s", strings.Join(o.allowed, ", "))
}

// register adds the flag and completes its values.
func (o *oneOf) register(cmd *cobra.Command, name, usage string) {
	if o.Type() == "NAME" {
		usage += ", one of " + strings.Join(o.allowed, ", ")
	}
	cmd.Flags().Var(o, name, usage)
	err := cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(o.allowed, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag was added one line above
	}
}
