// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package retries

import (
	"context"
	"errors"
	"testing"
	"time"
)

func retry(ctx context.Context, n int, f func(context.Context) error) (err error) {
	for i := range n {
		attempt, cancel := context.WithTimeout(ctx, time.Second)
		err = f(attempt)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(i) * time.Microsecond):
		}
	}
	return err
}

func TestRetry(t *testing.T) {
	calls := 0
	err := retry(context.Background(), 5, func(context.Context) error {
		calls++
		if calls < 3 {
			return errors.New("again")
		}
		return nil
	})
	if err != nil || calls != 3 {
		t.Fatal(calls, err)
	}
}

func withTimeout(d time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return true
	case <-time.After(d):
		return false
	}
}

func TestWithTimeout(t *testing.T) {
	n := 0
	if !withTimeout(5*time.Second, func() { n++ }) {
		t.Fatal("late")
	}
	if n != 1 {
		t.Fatal(n)
	}
}

func TestCtxFunc(t *testing.T) {
	var cause error
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan struct{})
	context.AfterFunc(ctx, func() {
		cause = context.Cause(ctx)
		close(done)
	})
	cancel(errors.New("x"))
	<-done
	if cause == nil {
		t.Fatal()
	}
}
