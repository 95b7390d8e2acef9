// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package phantom finds the frames of a race report that cannot be true.
//
// A panic that is recovered leaves the frames between the panic and the recover
// in the race detector's shadow stack for the rest of the goroutine's life
// (golang/go#46095). Every later report of the goroutine then shows the true
// top frame, frames of calls that returned long ago, often an earlier line of
// the test itself, and then the true rest.
//
// A frame is called phantom only when the statement at its line certainly did
// not call the frame held true above it. Everything that leaves room (a call
// through an interface or a function value, a callee that may be inlined and
// therefore missing, source that is not at hand) makes it ok or unknown.
package phantom

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
)

// maxRuled bounds the list of functions that are ruled out; accumulated stale
// frames can be over a hundred.
const maxRuled = 8

// Check returns a copy of an access stack (innermost frame first) with Trust
// and Why set on each frame, and the functions that the stack would make a
// reader suspect wrongly. why is set when nothing could be checked at all.
func Check(ctx context.Context, tree *source.Tree, stack []culprit.Frame) (checked []culprit.Frame, ruled []culprit.RuledOut, why string, err error) {
	checked = append(checked, stack...)
	if len(checked) == 0 {
		return nil, nil, "the stack is lost", nil
	}
	c := &checker{tree: tree}
	cur, why, err := c.look(ctx, checked[0])
	if err != nil {
		return nil, nil, "", err
	}
	if why != "" {
		for i := range checked {
			checked[i].Trust, checked[i].Why = culprit.TrustUnknown, why
		}
		return checked, nil, why, nil
	}
	checked[0].Trust = culprit.TrustOK
	for i := 1; i < len(checked); i++ {
		f := &checked[i]
		caller, mismatch, err := c.look(ctx, *f)
		if err != nil {
			return nil, nil, "", err
		}
		if mismatch != "" {
			f.Trust, f.Why = culprit.TrustUnknown, mismatch
			cur = caller
			continue
		}
		switch v, reason := c.canCall(ctx, caller, cur); v {
		case yes:
			f.Trust, cur = culprit.TrustOK, caller
		case maybe:
			f.Trust, f.Why, cur = culprit.TrustUnknown, reason, caller
		case no:
			f.Trust, f.Why = culprit.TrustPhantom, reason
		}
	}
	return checked, ruleOut(checked), "", nil
}

// frame is a frame with what is known of it.
type frame struct {
	culprit.Frame
	sym   source.Symbol
	place *source.Place // nil outside the tree
}

func (f frame) short() string {
	return f.Func[strings.LastIndexByte(f.Func, '/')+1:]
}

func (f frame) at() string {
	return fmt.Sprintf("%s:%d", path.Base(strings.ReplaceAll(f.File, `\`, "/")), f.Line)
}

type checker struct {
	tree *source.Tree
}

// look finds the frame's place. mismatch is set when the tree has another
// function at the line than the symbol names: it is not at the log's commit.
func (c *checker) look(ctx context.Context, f culprit.Frame) (fr frame, mismatch string, err error) {
	fr = frame{Frame: f, sym: source.ParseSymbol(f.Func)}
	place, why, err := c.tree.Find(ctx, f)
	if err != nil {
		if ctx.Err() != nil {
			return fr, "", ctx.Err()
		}
		return fr, "", nil // a package that does not load is like one outside the tree
	}
	if place == nil {
		if strings.Contains(why, "not at the log's commit") {
			return fr, why, nil
		}
		return fr, "", nil
	}
	if !place.Names(f.Func) {
		return fr, fmt.Sprintf("%s:%d is not in %s: the work tree is not at the log's commit", place.Rel, place.Line, fr.sym.Func()), nil
	}
	fr.place = place
	return fr, "", nil
}

// ruleOut names the functions of phantom frames that no true frame shows, those
// of the work tree first.
func ruleOut(stack []culprit.Frame) []culprit.RuledOut {
	true_ := map[string]bool{}
	for _, f := range stack {
		if f.Trust != culprit.TrustPhantom {
			true_[f.Func] = true
		}
	}
	var inTree, outside []culprit.RuledOut
	seen := map[string]bool{}
	for _, f := range stack {
		if f.Trust != culprit.TrustPhantom || true_[f.Func] || seen[f.Func] {
			continue
		}
		seen[f.Func] = true
		r := culprit.RuledOut{
			What: f.Func,
			Why:  fmt.Sprintf("its frame %s:%d is left over from a recovered panic (golang/go#46095): %s", path.Base(f.File), f.Line, f.Why),
		}
		if path.IsAbs(f.File) || strings.Contains(f.File, ":") {
			outside = append(outside, r)
		} else {
			inTree = append(inTree, r)
		}
	}
	all := append(inTree, outside...)
	return all[:min(len(all), maxRuled)]
}
