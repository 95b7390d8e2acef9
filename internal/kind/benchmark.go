// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// benchmarks: a benchmark failed and says nothing that another kind knows. A
// benchmark that fails a check says so at a line, which is kind assertion.
func benchmarks(c *claims) []*culprit.Failure {
	return c.byMessage(culprit.KindBenchmark, func(t *golog.Test, _ *message) said {
		if !strings.HasPrefix(t.Name, "Benchmark") {
			return said{}
		}
		return said{ok: true, own: true, title: "the benchmark failed"}
	})
}
