// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"fmt"
	"math"

	"github.com/culprit-ci/culprit"
)

// z is the normal quantile of a two-sided 95 % interval.
const z = 1.959963984540054

// NewRate is the rate of failures in runs with its 95 % Wilson score interval
// (E. B. Wilson, JASA 1927), which stays honest near 0 and 1 and for few runs.
func NewRate(failed, runs int) *culprit.Rate {
	r := &culprit.Rate{Runs: runs, Failed: failed, High: 1}
	if runs == 0 {
		return r
	}
	n, p := float64(runs), float64(failed)/float64(runs)
	mid := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	r.Low, r.High = math.Max(0, mid-half), math.Min(1, mid+half)
	if failed == 0 {
		r.Low = 0
	}
	if failed == runs {
		r.High = 1
	}
	return r
}

// Gone says whether no failure in after's runs shows that a failure of before's
// rate is gone: at the lower bound of that rate, so many clean runs must be an
// accident of less than one in a hundred. why states the bound either way.
func Gone(before, after *culprit.Rate) (gone bool, why string) {
	switch {
	case before == nil || before.Failed == 0:
		return false, "the failure was never seen before the change, so its absence shows nothing"
	case after == nil || after.Runs == 0:
		return false, "nothing was run after the change"
	case after.Failed > 0:
		return false, fmt.Sprintf("it still fails in %d of %d runs", after.Failed, after.Runs)
	}
	chance := math.Pow(1-before.Low, float64(after.Runs))
	bound := fmt.Sprintf("%d of %d runs before, 0 of %d after: the rate is now below %.1f %% (95 %%)", before.Failed, before.Runs, after.Runs, 100*after.High)
	if chance >= 0.01 {
		return false, fmt.Sprintf("%s, but that would happen by chance in %.0f %% of such series: too few runs", bound, 100*chance)
	}
	return true, bound
}

// needed is how many clean runs [Gone] asks for after such a rate.
func needed(before *culprit.Rate) int {
	if before == nil || before.Low <= 0 {
		return math.MaxInt32
	}
	if before.Low >= 1 {
		return 1
	}
	return int(math.Ceil(math.Log(0.01)/math.Log(1-before.Low))) + 1
}
