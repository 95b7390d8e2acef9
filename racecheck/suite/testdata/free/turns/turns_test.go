// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package turns

import (
	"errors"
	"testing"
	"time"
)

func TestGroup(t *testing.T) {
	l := &Loop{}
	var err error
	var results []int
	l.Run(func(ctx Turn) {
		g := NewGroup(l)
		for i := range 3 {
			g.Go(ctx, func(ctx Turn) {
				ctx.yield()
				err = errors.New("done")
				results = append(results, i)
			})
		}
		g.Wait(ctx)
		if err == nil || len(results) != 3 {
			t.Error(len(results))
		}
	})
}

func TestSleep(t *testing.T) {
	l := &Loop{}
	l.Run(func(ctx Turn) {
		var ran int
		On(ctx, "tick", func(Turn) { ran++ })
		Sleep(ctx, 3*time.Second)
		if ran != 3 {
			t.Error(ran)
		}
	})
}
