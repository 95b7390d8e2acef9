// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"time"

	"github.com/culprit-ci/culprit"
)

// frames replaces the CI machine's paths in a failure that is no race by files of the
// tree, and with it the guess, made from paths alone, of which frame is of the repository.
func (r *run) frames(f *culprit.Failure) {
	start := time.Now()
	if r.tree == nil {
		r.step(start, culprit.StageSource, f.ID, result{skipped: !r.treeErr, why: r.treeWhy})
		return
	}
	found, total := 0, 0
	place := func(list culprit.List[culprit.Frame]) *culprit.Frame {
		var first *culprit.Frame
		for i := range list {
			total++
			if fn := list[i].Func; fn == "panic" || fn == "runtime.gopanic" || fn == "runtime.sigpanic" {
				first = nil // what is above it ran because of the panic
			}
			rel, _ := r.tree.Resolve(list[i])
			if rel == "" {
				continue
			}
			found++
			list[i].File = rel
			if first == nil {
				own := list[i]
				first = &own
			}
		}
		return first
	}
	if c := f.Crash; c != nil && c.Goroutine != nil {
		if own := place(c.Goroutine.Stack); own != nil {
			c.Goroutine.Where, c.Where = own, own
		}
		place(c.Goroutine.Created)
	}
	for i := range f.Goroutines {
		g := &f.Goroutines[i]
		if own := place(g.Stack); own != nil {
			g.Where = own
		}
		place(g.Created)
	}
	if total == 0 {
		r.step(start, culprit.StageSource, f.ID, result{skipped: true, why: fmt.Sprintf("a failure of kind %s has no stack", f.Kind)})
		return
	}
	r.step(start, culprit.StageSource, f.ID, result{done: found > 0, why: fmt.Sprintf("%d of %d frames are in the work tree", found, total)})
}
