// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"context"
	"fmt"
	"sync"
)

type Item struct {
	Key  string
	Tags []string
	Size int
}

// Process runs stages over items, each owned by one stage at a time.
func Process(ctx context.Context, items []*Item, stages ...func(*Item) error) (done []*Item, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	first := make(chan *Item)
	in := first
	go func() {
		defer close(first)
		for _, it := range items {
			select {
			case first <- it:
			case <-ctx.Done():
				return
			}
		}
	}()
	var wg sync.WaitGroup
	for i, st := range stages {
		out := make(chan *Item)
		src := in
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer close(out)
			for it := range src {
				if err := st(it); err != nil {
					cancel(fmt.Errorf("stage %d: %w", i, err))
					continue
				}
				select {
				case out <- it:
				case <-ctx.Done():
				}
			}
		}()
		in = out
	}
	for it := range in {
		it.Tags = append(it.Tags, "done")
		done = append(done, it)
	}
	wg.Wait()
	return done, context.Cause(ctx)
}
