// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package closing says when a failure has been silent for so long that its
// issue may be closed. It is statistics over dates and counts and does no I/O.
package closing

import (
	"fmt"
	"math"
	"time"
)

// The limits of [Propose].
const (
	// MaxChance is how likely a silence may be by chance alone, the failure still
	// being there, for the proposal to be made.
	MaxChance = 0.01
	// MinOccurrences: from fewer no rate can be told.
	MinOccurrences = 3
	// MinSilence keeps a busy afternoon from closing what a busy morning opened.
	MinSilence = 7 * 24 * time.Hour
)

// Seen is what is known of the occurrences of one cause.
type Seen struct {
	// Occurrences counts the jobs that failed by it.
	Occurrences int
	// First and Last are the times of the first and the last occurrence.
	First, Last time.Time
	// RunsSpan counts the jobs that ran the package from First to Last, those
	// that failed included; RunsSince those after Last.
	RunsSpan, RunsSince int
}

// Proposal is the answer to whether an issue may be closed.
type Proposal struct {
	Close bool
	// Chance is the larger of the two probabilities of the silence.
	Chance float64
	// Why is the reason in one sentence.
	Why string
}

// Propose decides whether the silence from the last occurrence to now shows
// that the failure is gone.
//
// If occurrences came at a constant rate until now, each of the n-1 after the
// first would lie anywhere between the first and now with equal chance; all of
// them lie in the span up to the last with probability
// (span/(span+silence))^(n-1). syzkaller closes bugs by the same reasoning on
// dates. Dates alone mislead when nothing ran, at a week-end or while the
// package was left out, so the same must hold when time is counted in runs of
// the package.
func Propose(s Seen, now time.Time) Proposal {
	span, silence := s.Last.Sub(s.First), now.Sub(s.Last)
	switch {
	case s.Occurrences < MinOccurrences:
		return Proposal{Chance: 1, Why: fmt.Sprintf("%s: too few to tell a rate from (%d are needed)", count(s.Occurrences, "occurrence"), MinOccurrences)}
	case span < 0 || s.RunsSpan < 0 || s.RunsSince < 0:
		return Proposal{Chance: 1, Why: "the last occurrence is dated before the first, or counts are negative"}
	case silence < MinSilence:
		return Proposal{Chance: 1, Why: fmt.Sprintf("last seen %s ago, less than %s", days(silence), days(MinSilence))}
	}
	byTime := chance(span.Hours(), silence.Hours(), s.Occurrences)
	// A failing job is a run: fewer runs than occurrences means that not all
	// were counted, and then the occurrences are the better count.
	byRuns := chance(float64(max(s.RunsSpan, s.Occurrences)), float64(s.RunsSince), s.Occurrences)
	p := Proposal{Chance: max(byTime, byRuns)}
	seen := fmt.Sprintf("%s in %s and %s of the package, none in the %s and %s since",
		count(s.Occurrences, "occurrence"), days(span), count(s.RunsSpan, "run"), days(silence), count(s.RunsSince, "run"))
	switch {
	case byTime >= MaxChance:
		p.Why = fmt.Sprintf("%s: by time, the chance that it is only silent is %s", seen, percent(byTime))
	case byRuns >= MaxChance:
		p.Why = fmt.Sprintf("%s: too few runs, the chance that it is only silent is %s", seen, percent(byRuns))
	default:
		p.Close = true
		p.Why = fmt.Sprintf("%s: the chance that it is only silent is %s", seen, percent(p.Chance))
	}
	return p
}

func chance(span, silence float64, n int) float64 {
	if silence <= 0 {
		return 1
	}
	return math.Pow(span/(span+silence), float64(n-1))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func days(d time.Duration) string {
	if n := int(d.Hours() / 24); n > 0 {
		return count(n, "day")
	}
	return count(max(int(d.Hours()), 0), "hour")
}

// percent shows small chances without pretending that they are zero.
func percent(p float64) string {
	if p < 0.0001 {
		return "below 0.01 %"
	}
	return fmt.Sprintf("%.2g %%", p*100)
}
