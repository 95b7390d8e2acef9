// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
)

// GitHub keeps at most 5,000 results of a file; far fewer are of use.
const maxResults = 1000

// The parts of SARIF 2.1.0 that are written. Fields that a value does not have are
// left out: -1 and empty lists, which some writers put there, are not allowed.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints,omitempty"`
	}
	sarifLocation struct {
		ID       *int          `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI     string `json:"uri"`
		URIBase string `json:"uriBaseId"`
	}
	// Columns are left out: ours count bytes, and SARIF knows only characters.
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
)

// writeSARIF renders the failures and their siblings for code scanning. A failure
// without a line in the repository is a notification: code scanning refuses a
// result without a location.
func writeSARIF(w io.Writer, c *culprit.Case, o Options) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "culprit", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	inv := sarifInvocation{Successful: true}
	for _, f := range c.Failures {
		rule := ruleOf(f)
		list := places(c, f, o)
		if len(list) == 0 {
			inv.Notifications = append(inv.Notifications, sarifNotification{"error", sarifText{sentence(c, f)}})
		} else {
			r := sarifResult{RuleID: rule, Level: "error", Message: sarifText{sentence(c, f)}, Locations: []sarifLocation{location(list[0], nil)}}
			for i, p := range list[1:] {
				id := i + 1
				r.Related = append(r.Related, location(p, &id))
			}
			if f.Fingerprint != "" {
				r.Fingerprints = map[string]string{"culpritCause/v1": f.Fingerprint}
			}
			run.add(r)
		}
		for _, s := range f.Siblings {
			if file := clean(s.File); file != "" && s.Line > 0 {
				run.add(sarifResult{RuleID: "sibling/" + cmp.Or(string(s.Pattern), "unknown"), Level: "warning", Message: sarifText{plain(s.Message)},
					Locations: []sarifLocation{location(place{file: file, line: s.Line}, nil)}})
			}
		}
	}
	run.Invocations = []sarifInvocation{inv}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func (run *sarifRun) add(r sarifResult) {
	if len(run.Results) == maxResults {
		return
	}
	run.Results = append(run.Results, r)
	rules := &run.Tool.Driver.Rules
	if !slices.ContainsFunc(*rules, func(have sarifRule) bool { return have.ID == r.RuleID }) {
		*rules = append(*rules, sarifRule{r.RuleID, sarifText{describe(r.RuleID)}})
	}
}

func ruleOf(f *culprit.Failure) string {
	if f.Cause != nil && f.Cause.Pattern != "" {
		return string(f.Kind) + "/" + string(f.Cause.Pattern)
	}
	return string(f.Kind)
}

func describe(rule string) string {
	kind, pattern, _ := strings.Cut(rule, "/")
	kind, pattern = strings.ReplaceAll(kind, "-", " "), strings.ReplaceAll(pattern, "-", " ")
	switch {
	case kind == "sibling":
		return fmt.Sprintf("The same class as a failure of this run: %s.", pattern)
	case pattern != "":
		return fmt.Sprintf("A test failed: %s, %s.", kind, pattern)
	}
	return fmt.Sprintf("A test failed: %s.", kind)
}

func location(p place, id *int) sarifLocation {
	l := sarifLocation{ID: id, Physical: sarifPhysical{sarifArtifact{uri(p.file), "%SRCROOT%"}, sarifRegion{p.line}}}
	if text := plain(p.what); text != "" {
		l.Message = &sarifText{text}
	}
	return l
}

// uri escapes a path for a relative reference.
func uri(file string) string {
	parts := strings.Split(file, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}
