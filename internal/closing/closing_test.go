// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package closing

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestPropose(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	for _, tc := range []struct {
		name   string
		seen   Seen
		close  bool
		chance float64
		why    string
	}{
		{"long silent", Seen{10, ago(60), ago(30), 300, 300}, true, math.Pow(.5, 9), "chance that it is only silent is 0.2 %"},
		{"just not", Seen{7, ago(60), ago(30), 300, 300}, false, math.Pow(.5, 6), "by time"},
		{"just so", Seen{8, ago(60), ago(30), 300, 300}, true, math.Pow(.5, 7), ""},
		{"nothing ran since", Seen{10, ago(60), ago(30), 300, 0}, false, 1, "too few runs"},
		{"hardly anything ran since", Seen{10, ago(60), ago(30), 300, 20}, false, math.Pow(300./320, 9), "too few runs"},
		{"one occurrence never closes", Seen{1, ago(4000), ago(4000), 1, 1e6}, false, 1, "1 occurrence: too few"},
		{"two never close", Seen{2, ago(4000), ago(3999), 2, 1e6}, false, 1, "too few"},
		// Three matrix jobs of one run failed at once, then a week-end passed:
		// the dates alone would give the chance 0.
		{"a burst", Seen{3, ago(8), ago(8), 3, 10}, false, math.Pow(3./13, 2), "too few runs"},
		{"a burst long ago", Seen{3, ago(80), ago(80), 3, 1000}, true, math.Pow(3./1003, 2), "below"},
		{"silent for hours", Seen{200, ago(2), now.Add(-5 * time.Hour), 200, 900}, false, 1, "last seen 5 hours ago, less than 7 days"},
		{"still failing", Seen{20, ago(60), now, 300, 0}, false, 1, "last seen 0 hours ago"},
		{"last seen in the future", Seen{20, ago(60), now.Add(time.Hour), 300, 0}, false, 1, "last seen 0 hours ago"},
		{"dates turned around", Seen{20, ago(30), ago(60), 300, 300}, false, 1, "dated before"},
		// Runs that were not stored: the failing ones did run.
		{"runs unknown in the span", Seen{10, ago(60), ago(30), 0, 5}, false, math.Pow(10./15, 9), "too few runs"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := Propose(tc.seen, now)
			if p.Close != tc.close || math.Abs(p.Chance-tc.chance) > 1e-9 || !strings.Contains(p.Why, tc.why) || p.Why == "" {
				t.Errorf("Propose = %+v, want close %v with chance %g because %q", p, tc.close, tc.chance, tc.why)
			}
		})
	}
}

// TestProposeIsMonotone: more silence never takes a proposal back, and another
// occurrence just now always does.
func TestProposeIsMonotone(t *testing.T) {
	t.Parallel()
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := 1; n < 40; n += 3 {
		for span := 0; span < 100; span += 9 {
			closed := false
			for silence := 0; silence < 400; silence += 7 {
				last := first.AddDate(0, 0, span)
				now := last.AddDate(0, 0, silence)
				p := Propose(Seen{n, first, last, n + 10*span, 10 * silence}, now)
				if closed && !p.Close {
					t.Fatalf("n %d, span %d: closed before and open after %d days: %s", n, span, silence, p.Why)
				}
				closed = p.Close
				if again := Propose(Seen{n + 1, first, now, n + 10*(span+silence), 0}, now); again.Close {
					t.Fatalf("n %d: closed at the moment it was seen: %s", n, again.Why)
				}
			}
		}
	}
}
