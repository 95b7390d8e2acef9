// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghtest

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// object is a part of a JSON answer.
type object = map[string]any

// sample makes a value of a schema: what the test says, and for everything else
// that is required the smallest value allowed. A field that the schema does not
// have is an error, for GitHub does not send it.
func sample(s *openapi3.Schema, given any, at string) (any, error) {
	if given == nil && s.Nullable {
		return nil, nil
	}
	if fields, required := fieldsOf(s); len(fields) > 0 {
		return sampleObject(fields, required, given, at)
	}
	for _, alternatives := range [][]*openapi3.SchemaRef{s.OneOf, s.AnyOf} {
		if len(alternatives) > 0 {
			return sampleOneOf(alternatives, given, at)
		}
	}
	switch {
	case s.Type.Is("array"):
		return sampleArray(s, given, at)
	case given != nil:
		return given, nil
	case len(s.Enum) > 0:
		return s.Enum[0], nil
	case s.Type.Is("object"):
		return object{}, nil
	case s.Type.Is("integer"), s.Type.Is("number"):
		return 1, nil
	case s.Type.Is("boolean"):
		return false, nil
	}
	switch s.Format {
	case "date-time":
		return "2026-01-02T03:04:05Z", nil
	case "uri":
		return "https://example.invalid/", nil
	}
	return "", nil
}

// fieldsOf joins the fields of a schema and of its allOf parts.
func fieldsOf(s *openapi3.Schema) (openapi3.Schemas, []string) {
	fields, required := openapi3.Schemas{}, slices.Clone(s.Required)
	for name, f := range s.Properties {
		fields[name] = f
	}
	for _, part := range s.AllOf {
		f, r := fieldsOf(part.Value)
		for name, p := range f {
			fields[name] = p
		}
		required = append(required, r...)
	}
	return fields, required
}

func sampleObject(fields openapi3.Schemas, required []string, given any, at string) (any, error) {
	set, ok := given.(object)
	if given != nil && !ok {
		return nil, fmt.Errorf("%s: %T is no object", at, given)
	}
	out := object{}
	for name, v := range set {
		f := fields[name]
		if f == nil {
			return nil, fmt.Errorf("%s: GitHub's answer has no field %q", at, name)
		}
		var err error
		if v == nil && f.Value.Nullable {
			out[name] = nil
		} else if out[name], err = sample(f.Value, v, at+"."+name); err != nil {
			return nil, err
		}
	}
	for _, name := range required {
		if _, done := out[name]; done {
			continue
		}
		f := fields[name]
		if f == nil {
			out[name] = "" // required, and nowhere described
			continue
		}
		v, err := sample(f.Value, nil, at+"."+name)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

func sampleArray(s *openapi3.Schema, given any, at string) (any, error) {
	list, ok := given.([]any)
	if given != nil && !ok {
		return nil, fmt.Errorf("%s: %T is no list", at, given)
	}
	out := make([]any, 0, len(list))
	for i, v := range list {
		item, err := sample(s.Items.Value, v, fmt.Sprintf("%s[%d]", at, i))
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

// sampleOneOf takes the first alternative that has the given fields and whose
// sample is valid.
func sampleOneOf(alternatives []*openapi3.SchemaRef, given any, at string) (any, error) {
	var first error
	for _, a := range alternatives {
		v, err := sample(a.Value, given, at)
		if err == nil {
			err = a.Value.VisitJSON(normal(v))
		}
		if err == nil {
			return v, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, fmt.Errorf("%s: no alternative of the schema fits: %w", at, first)
}
