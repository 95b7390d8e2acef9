// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package culprit

import (
	"fmt"
	"strings"
)

// CheckItem is one line of the quality checklist of a report.
type CheckItem struct {
	Item  string     `json:"item"`
	State CheckState `json:"state"`
	// Evidence is what the run that produced the report has to show for State.
	Evidence string `json:"evidence"`
}

// CheckState is the state of a checklist item.
type CheckState string

// The states of a checklist item.
const (
	CheckYes     CheckState = "yes"
	CheckNo      CheckState = "no"       // it was tried, and does not hold
	CheckNotDone CheckState = "not-done" // it was not tried
)

// checklistItems are the items in the order of a report. An item is as good as
// the weakest step of its stage over all failures, or over all races where only
// those can be done.
var checklistItems = []struct {
	item  string
	stage Stage
}{
	{"log read to its end", StageRead},
	{"failures classified", StageClassify},
	{"racing tests told apart from collateral ones", StageRoles},
	{"misleading stack frames checked", StagePhantom},
	{"racing variable and declaration located in the source", StageCause},
	{"access lines and declaration blamed", StageBlame},
	{"owners ranked with reasons", StageOwners},
	{"fix builds and vets", StageFix},
	{"failure reproduced on purpose", StageRepro},
	{"fix verified by running", StageVerify},
	{"same class searched elsewhere", StageSiblings},
	{"known issues searched for duplicates", StageDuplicate},
}

// Checklist computes the quality checklist of a case from its steps. A case
// without failures has only the items that concern the log.
func Checklist(c *Case) List[CheckItem] {
	var items List[CheckItem]
	races := raceIDs(c)
	for _, it := range checklistItems {
		steps := stepsOf(c, it.stage)
		perCase := it.stage == StageRead || it.stage == StageClassify
		if len(c.Failures) == 0 && !perCase {
			continue
		}
		if !perCase && it.stage != StageDuplicate {
			steps = racesOnly(races, steps)
			if len(races) == 0 && len(steps) == 0 {
				continue
			}
		}
		if it.stage == StageVerify && len(steps) == 0 {
			continue // nothing is run unless it was asked for
		}
		items = append(items, checkItem(it.item, steps))
	}
	return items
}

// racesOnly keeps the steps of races: the other kinds have no racing variable. A
// failure of another kind that was run for counts.
func racesOnly(races map[string]bool, steps []Step) []Step {
	var kept []Step
	for _, s := range steps {
		if s.Failure == "" && len(races) > 0 || races[s.Failure] || s.Stage == StageRepro && s.Outcome != Skipped {
			kept = append(kept, s)
		}
	}
	return kept
}

func raceIDs(c *Case) map[string]bool {
	ids := map[string]bool{}
	for _, f := range c.Failures {
		if f.Race != nil {
			ids[f.ID] = true
		}
	}
	return ids
}

func stepsOf(c *Case, stage Stage) []Step {
	var steps []Step
	for _, s := range c.Steps {
		if s.Stage == stage {
			steps = append(steps, s)
		}
	}
	return steps
}

// checkItem folds the steps of one stage: all done is yes; all skipped, or
// none at all, is not-done; anything else is no.
func checkItem(item string, steps []Step) CheckItem {
	done, skipped := 0, 0
	var worst, first string
	for _, s := range steps {
		switch s.Outcome {
		case Done:
			done++
			if first == "" {
				first = s.Why
			}
			continue
		case Skipped:
			skipped++
		}
		if worst == "" {
			worst = strings.TrimPrefix(s.Failure+": "+s.Why, ": ")
		}
	}
	switch n := len(steps); {
	case n == 0:
		return CheckItem{item, CheckNotDone, "this stage did not run"}
	case done == n && n == 1:
		return CheckItem{item, CheckYes, first}
	case done == n:
		return CheckItem{item, CheckYes, fmt.Sprintf("for all %d failures", n)}
	case skipped == n:
		return CheckItem{item, CheckNotDone, worst}
	default:
		return CheckItem{item, CheckNo, fmt.Sprintf("for %d of %d; %s", done, n, worst)}
	}
}
