// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Version of @octokit/openapi whose description the tests are checked against.
const Version = "23.0.2"

// File gives where the description is, "" when it is nowhere.
func File() string {
	if f := os.Getenv("CULPRIT_GITHUB_OPENAPI"); f != "" {
		return f
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	f := filepath.Join(cache, "culprit-ci", "octokit-openapi-"+Version, "api.github.com.json")
	if _, err := os.Stat(f); err != nil {
		return ""
	}
	return f
}

// description loads the file once for all tests of a process.
var description = sync.OnceValues(func() (*openapi3.T, error) {
	data, err := os.ReadFile(File())
	if err != nil {
		return nil, fmt.Errorf("reading GitHub's OpenAPI description: %w", err)
	}
	small, err := cut(data, paths())
	if err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromData(small)
})

// load skips or fails a test without the description.
func load(t testing.TB) *openapi3.T {
	t.Helper()
	if File() == "" {
		const how = "GitHub's OpenAPI description is not here: run .ci/run, or npm pack @octokit/openapi@" + Version + " and set CULPRIT_GITHUB_OPENAPI to its generated/api.github.com.json"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

var reference = regexp.MustCompile(`"\$ref": ?"#/components/([^/"]+)/([^"]+)"`)

// cut keeps the given paths of a description and what they refer to: loading all
// of it takes seconds.
func cut(data []byte, paths []string) ([]byte, error) {
	var doc struct {
		OpenAPI    string                                `json:"openapi"`
		Info       json.RawMessage                       `json:"info"`
		Paths      map[string]json.RawMessage            `json:"paths"`
		Components map[string]map[string]json.RawMessage `json:"components"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("GitHub's OpenAPI description: %w", err)
	}
	kept := map[string]json.RawMessage{}
	components := map[string]map[string]json.RawMessage{}
	var visit func(raw json.RawMessage)
	visit = func(raw json.RawMessage) {
		for _, m := range reference.FindAllSubmatch(raw, -1) {
			kind, name := string(m[1]), string(m[2])
			if components[kind] == nil {
				components[kind] = map[string]json.RawMessage{}
			}
			if _, ok := components[kind][name]; ok || kind == "examples" {
				continue
			}
			components[kind][name] = doc.Components[kind][name]
			visit(doc.Components[kind][name])
		}
	}
	for _, p := range paths {
		raw, ok := doc.Paths[p]
		if !ok {
			return nil, fmt.Errorf("GitHub's OpenAPI description has no path %s", p)
		}
		raw, err := withoutExamples(raw)
		if err != nil {
			return nil, err
		}
		kept[p] = raw
		visit(raw)
	}
	return json.Marshal(map[string]any{"openapi": doc.OpenAPI, "info": doc.Info, "paths": kept, "components": components})
}

// withoutExamples drops the examples of operations, which nothing here needs.
func withoutExamples(raw json.RawMessage) (json.RawMessage, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, err
	}
	var strip func(v any)
	strip = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if e, ok := v["examples"]; ok {
				if _, isMap := e.(map[string]any); isMap {
					delete(v, "examples")
				}
			}
			for _, child := range v {
				strip(child)
			}
		case []any:
			for _, child := range v {
				strip(child)
			}
		}
	}
	strip(v)
	return json.Marshal(v)
}
