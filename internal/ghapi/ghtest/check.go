// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// match finds the operation of a request.
func match(doc *openapi3.T, method, path string) (*routers.Route, map[string]string) {
	for template, item := range doc.Paths.Map() {
		if params, ok := fits(template, path); ok && item.GetOperation(method) != nil {
			return &routers.Route{Spec: doc, Path: template, PathItem: item, Method: method, Operation: item.GetOperation(method)}, params
		}
	}
	return nil, nil
}

func fits(template, path string) (map[string]string, bool) {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, false
	}
	params := map[string]string{}
	for i, w := range want {
		if strings.HasPrefix(w, "{") {
			params[strings.Trim(w, "{}")] = have[i]
		} else if w != have[i] {
			return nil, false
		}
	}
	return params, true
}

// checkRequest checks a request against the description: its path, its query, its body.
func checkRequest(doc *openapi3.T, r *http.Request) (*openapi3filter.RequestValidationInput, error) {
	route, params := match(doc, r.Method, r.URL.Path)
	if route == nil {
		return nil, fmt.Errorf("%s %s is no operation of GitHub that the tests know", r.Method, r.URL.Path)
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{
		IncludeResponseStatus: true, RejectWhenRequestBodyNotSpecified: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	}}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
		return nil, fmt.Errorf("the request %s %s does not follow GitHub's description: %w", r.Method, r.URL, err)
	}
	for name := range r.URL.Query() {
		if !hasQuery(route, name) {
			return nil, fmt.Errorf("the request %s %s has a parameter %q that GitHub does not know", r.Method, r.URL, name)
		}
	}
	return in, nil
}

func hasQuery(route *routers.Route, name string) bool {
	for _, list := range []openapi3.Parameters{route.Operation.Parameters, route.PathItem.Parameters} {
		if list.GetByInAndName("query", name) != nil {
			return true
		}
	}
	return false
}

// answer makes the body of an answer from the schema and what is given, and
// checks the whole.
func answer(in *openapi3filter.RequestValidationInput, status int, header http.Header, given any) ([]byte, error) {
	var body []byte
	ref := in.Route.Operation.Responses.Status(status)
	if ref == nil {
		if status == http.StatusNotFound || status == http.StatusGone {
			// The description leaves these out where GitHub gives them.
			header.Set("Content-Type", "application/json; charset=utf-8")
			return json.Marshal(object{"message": http.StatusText(status), "documentation_url": "https://docs.github.com/rest"})
		}
		return nil, fmt.Errorf("GitHub does not answer %s %s with %d", in.Route.Method, in.Route.Path, status)
	}
	if media := ref.Value.Content.Get("application/json"); media != nil && status != http.StatusNotModified {
		v, err := sample(media.Schema.Value, given, in.Route.Path)
		if err != nil {
			return nil, err
		}
		if body, err = json.Marshal(v); err != nil {
			return nil, err
		}
		header.Set("Content-Type", "application/json; charset=utf-8")
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: status, Header: header, Options: in.Options}
	out.Body = io.NopCloser(bytes.NewReader(body))
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		return nil, fmt.Errorf("the answer to %s %s does not follow GitHub's description: %w", in.Route.Method, in.Route.Path, err)
	}
	return body, nil
}

// normal gives a value the types that a JSON decoder would.
func normal(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		return v
	}
	var out any
	if json.Unmarshal(data, &out) != nil {
		return v
	}
	return out
}
