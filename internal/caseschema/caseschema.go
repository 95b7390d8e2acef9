// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package caseschema generates the JSON Schema of a case from the types of the
// root package: shapes by reflection, allowed values and descriptions from its
// source, so that neither can drift. Only tests use it.
package caseschema

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/culprit-ci/culprit"
)

// enums are the string types whose constants are all their values.
var enums = []reflect.Type{
	reflect.TypeFor[culprit.Kind](), reflect.TypeFor[culprit.Verdict](), reflect.TypeFor[culprit.Status](),
	reflect.TypeFor[culprit.Role](), reflect.TypeFor[culprit.Op](), reflect.TypeFor[culprit.Trust](),
	reflect.TypeFor[culprit.SubjectKind](), reflect.TypeFor[culprit.Grade](), reflect.TypeFor[culprit.Pattern](),
	reflect.TypeFor[culprit.FixStatus](), reflect.TypeFor[culprit.Relation](), reflect.TypeFor[culprit.Outcome](),
	reflect.TypeFor[culprit.Stage](), reflect.TypeFor[culprit.CheckState](),
}

// Generate returns the schema, given the root package's source files.
func Generate(src fs.FS) (*jsonschema.Schema, error) {
	vocabulary, err := read(src)
	if err != nil {
		return nil, fmt.Errorf("reading the root package: %w", err)
	}
	special := map[reflect.Type]*jsonschema.Schema{}
	for _, t := range enums {
		values := vocabulary.values[t.Name()]
		if len(values) == 0 {
			return nil, fmt.Errorf("type %s has no constants", t.Name())
		}
		special[t] = &jsonschema.Schema{Type: "string", Enum: values}
	}
	s, err := jsonschema.For[culprit.Case](&jsonschema.ForOptions{TypeSchemas: special})
	if err != nil {
		return nil, fmt.Errorf("deriving the schema: %w", err)
	}
	vocabulary.describe(s, reflect.TypeFor[culprit.Case]())
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = culprit.Schema
	s.Description = vocabulary.types["Case"]
	s.Properties["schema"].Enum = []any{culprit.Schema}
	return s, nil
}

// Marshal returns the schema as the file docs/case.schema.json holds it.
func Marshal(s *jsonschema.Schema) ([]byte, error) {
	data, err := json.MarshalIndent(s, "", "  ")
	return append(data, '\n'), err
}

// vocabulary is what only the source tells.
type vocabulary struct {
	types  map[string]string            // doc comments of types
	fields map[string]map[string]string // doc comments of fields, by type and field
	values map[string][]any             // constants by type
}

func read(src fs.FS) (*vocabulary, error) {
	v := &vocabulary{types: map[string]string{}, fields: map[string]map[string]string{}, values: map[string][]any{}}
	names, err := fs.Glob(src, "*.go")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := fs.ReadFile(src, name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, data, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				v.decl(g)
			}
		}
	}
	return v, nil
}

func (v *vocabulary) decl(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			id, ok := spec.Type.(*ast.Ident)
			if g.Tok != token.CONST || !ok {
				continue
			}
			for _, e := range spec.Values {
				if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if s, err := strconv.Unquote(lit.Value); err == nil {
						v.values[id.Name] = append(v.values[id.Name], s)
					}
				}
			}
		case *ast.TypeSpec:
			v.types[spec.Name.Name] = text(g.Doc, spec.Doc)
			st, ok := spec.Type.(*ast.StructType)
			if !ok {
				continue
			}
			fields := map[string]string{}
			for _, f := range st.Fields.List {
				for _, n := range f.Names {
					fields[n.Name] = text(f.Doc, f.Comment)
				}
			}
			v.fields[spec.Name.Name] = fields
		}
	}
}

func text(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if s := strings.TrimSpace(g.Text()); s != "" {
			return strings.Join(strings.Fields(s), " ")
		}
	}
	return ""
}

// describe adds what reflection does not know: descriptions, that lists are
// never null, and that fields may be added.
func (v *vocabulary) describe(s *jsonschema.Schema, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if len(s.Types) > 0 {
		s.Types = slices.DeleteFunc(s.Types, func(x string) bool { return x == "null" })
		if len(s.Types) == 1 {
			s.Type, s.Types = s.Types[0], nil
		}
	}
	if t.Kind() == reflect.Slice && s.Items != nil {
		v.describe(s.Items, t.Elem())
		return
	}
	if t.Kind() != reflect.Struct || s.Properties == nil {
		return
	}
	s.AdditionalProperties = nil
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := s.Properties[name]
		if p == nil {
			continue
		}
		owner := t
		if len(f.Index) > 1 { // a field of an embedded struct
			owner = t.FieldByIndex(f.Index[:len(f.Index)-1]).Type
		}
		v.describe(p, f.Type)
		p.Description = v.fields[owner.Name()][f.Name]
	}
}
