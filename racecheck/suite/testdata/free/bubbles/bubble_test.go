// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package bubbles

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		go func() {
			time.Sleep(time.Second)
			n++
		}()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n != 1 {
			t.Fatal(n)
		}
	})
}

func TestBubbleCtx(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		called := false
		context.AfterFunc(ctx, func() { called = true })
		time.Sleep(time.Minute)
		synctest.Wait()
		if !called {
			t.Fatal()
		}
	})
}
