// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/redact"
	"github.com/culprit-ci/culprit/internal/store"
)

// keepEvery is how much work may be lost with the process. A case of many
// failures has hundreds of steps, most of which take no time.
const keepEvery = time.Second

// keeper remembers what is saved along with the case.
type keeper struct {
	ctx  context.Context
	runs []store.PackageRun
	last time.Time
}

// keepFrom starts to save the case. Names of tests and packages lose their
// secrets as those of the case do, so that they stay the same names.
func (r *run) keepFrom(ctx context.Context) {
	if r.in.Save == nil {
		return
	}
	r.kept = &keeper{ctx: ctx, runs: store.Runs(r.log)}
	for i := range r.kept.runs {
		p := &r.kept.runs[i]
		p.Package = redact.Text(p.Package)
		for j := range p.Tests {
			p.Tests[j].Test = redact.Text(p.Tests[j].Test)
		}
	}
	r.keep(false)
}

// keep saves the case if that was not done just now.
func (r *run) keep(complete bool) {
	if r.kept == nil || !complete && time.Since(r.kept.last) < keepEvery {
		return
	}
	c := r.c
	if !complete {
		// The stages to come need what is to be redacted.
		c = &culprit.Case{}
		data, err := json.Marshal(r.c)
		if err == nil {
			err = json.Unmarshal(data, c)
		}
		if err != nil {
			return // the next save, or the report, will tell
		}
		redact.Case(c)
		c.Checklist = culprit.Checklist(c)
	}
	r.in.Save(r.kept.ctx, &store.Record{Case: c, Runs: r.kept.runs, Complete: complete})
	r.kept.last = time.Now()
}
