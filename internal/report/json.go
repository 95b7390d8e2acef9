// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"io"

	"github.com/culprit-ci/culprit"
)

func writeJSON(w io.Writer, c *culprit.Case, _ Options) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(c)
}
