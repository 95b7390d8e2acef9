// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"math"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
)

// The intervals are those that R's binom.wilson and statsmodels give.
func TestNewRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failed, runs int
		low, high    float64
	}{
		{0, 0, 0, 1}, {0, 20, 0, 0.1611}, {20, 20, 0.8389, 1}, {10, 20, 0.2993, 0.7007}, {1, 10, 0.0179, 0.4042}, {30, 300, 0.0709, 0.1391},
	} {
		r := NewRate(c.failed, c.runs)
		if math.Abs(r.Low-c.low) > 1e-4 || math.Abs(r.High-c.high) > 1e-4 {
			t.Errorf("%d of %d: got %.4f to %.4f, want %.4f to %.4f", c.failed, c.runs, r.Low, r.High, c.low, c.high)
		}
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		before, after *culprit.Rate
		gone          bool
		why           string
	}{
		{nil, NewRate(0, 20), false, "never seen"},
		{NewRate(0, 20), NewRate(0, 20), false, "never seen"},
		{NewRate(20, 20), nil, false, "nothing was run"},
		{NewRate(20, 20), NewRate(1, 20), false, "still fails in 1 of 20"},
		{NewRate(20, 20), NewRate(0, 10), true, "below 27.8 %"},
		{NewRate(20, 20), NewRate(0, 2), false, "too few runs"},
		{NewRate(2, 20), NewRate(0, 20), false, "too few runs"},
		{NewRate(2, 20), NewRate(0, 200), true, "below 1.9 %"},
	} {
		gone, why := Gone(c.before, c.after)
		if gone != c.gone || !strings.Contains(why, c.why) {
			t.Errorf("%+v then %+v: got %v, %q", c.before, c.after, gone, why)
		}
	}
	for _, r := range []*culprit.Rate{NewRate(20, 20), NewRate(3, 20), NewRate(1, 3)} {
		n := needed(r)
		if gone, why := Gone(r, NewRate(0, n)); !gone {
			t.Errorf("%d clean runs do not suffice: %s", n, why)
		}
	}
}
