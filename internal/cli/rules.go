// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit/internal/config"
)

// rulesFlag names the file with the repository's own rules. Several commands share it.
type rulesFlag struct{ file string }

func (r *rulesFlag) register(cmd *cobra.Command, where string) {
	cmd.Flags().StringVar(&r.file, "config", "", "read your own rules from `FILE`"+where)
}

// read gives the rules of the file, or of the one in the work tree repo. "" is none.
func (r *rulesFlag) read(repo string) ([]config.Rule, error) {
	var c *config.Config
	var err error
	switch {
	case r.file != "":
		c, err = config.Load(r.file)
	case repo != "":
		c, err = config.Find(repo)
	}
	if c == nil || err != nil {
		return nil, err
	}
	return c.Rules, nil
}
