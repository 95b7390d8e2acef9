// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package config reads .culprit.yaml, what a repository says of its own logs.
//
// A mistake is an error with its line and column, and nothing is guessed: a field
// that is not known, a pattern that does not compile or a kind that does not
// exist ends the run.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/culprit-ci/culprit"
)

// Name is the file that is looked for in the root of the work tree.
const Name = ".culprit.yaml"

// Bounds of a file: it is the repository's, and the repository may be hostile.
const (
	maxBytes = 64 << 10
	maxRules = 200
)

// Config is what the file says.
type Config struct {
	Rules []Rule
}

// Rule gives failures a kind and a note. A pattern that is nil matches anything;
// at least one is there, and a kind or a note.
type Rule struct {
	// Package matches the import path, Test the name of one of the tests.
	Package, Test *regexp.Regexp
	// Text matches the title or the text of the evidence.
	Text *regexp.Regexp
	// Kind is "" where the rule leaves it.
	Kind culprit.Kind
	Note string
	// Line is where the rule starts.
	Line int
}

// Find reads the file in the root of a work tree. Without one it returns nil. A
// link that leads out of the tree is not followed.
func Find(repo string) (*Config, error) {
	root, err := os.OpenRoot(repo)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.Open(Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", Name, err)
	}
	defer f.Close()
	return read(Name, f)
}

// Load reads a file by name.
func Load(name string) (*Config, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", name, errors.Unwrap(err))
	}
	defer f.Close()
	return read(name, f)
}

func read(name string, f *os.File) (*Config, error) {
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", name)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", name, err)
	}
	return Parse(name, data)
}

// file is the form of the YAML.
type file struct {
	Rules []rule `yaml:"rules"`
}

type rule struct {
	node    ast.Node
	Match   match `yaml:"match"`
	Kind    value `yaml:"kind"`
	Note    value `yaml:"note"`
	Comment value `yaml:"comment"`
}

type match struct {
	Package value `yaml:"package"`
	Test    value `yaml:"test"`
	Text    value `yaml:"text"`
}

// value is a string that knows where it stands.
type value struct {
	text string
	node ast.Node
}

// UnmarshalYAML takes a scalar.
func (v *value) UnmarshalYAML(n ast.Node) error {
	v.node = n
	switch n := n.(type) {
	case *ast.StringNode:
		v.text = n.Value
	case *ast.LiteralNode:
		v.text = strings.TrimSuffix(n.Value.Value, "\n")
	default:
		return &mistake{n, "must be a text; put it in quotes"}
	}
	return nil
}

// mistake is an error at a place of the file.
type mistake struct {
	node    ast.Node
	message string
}

func (m *mistake) Error() string { return m.message }

// Parse reads the text of a file; name is for the errors.
func Parse(name string, data []byte) (*Config, error) {
	if len(data) > maxBytes {
		return nil, fmt.Errorf("%s is larger than %d KiB", name, maxBytes>>10)
	}
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, located(name, err)
	}
	if len(parsed.Docs) > 1 {
		return nil, fmt.Errorf("%s holds more than one document", name)
	}
	for _, d := range parsed.Docs {
		if d.Body == nil {
			return &Config{}, nil
		}
		a := &aliases{}
		ast.Walk(a, d.Body)
		if a.found != nil {
			return nil, located(name, &mistake{a.found, "anchors and aliases are not allowed here"})
		}
	}
	var f file
	if len(parsed.Docs) == 1 && parsed.Docs[0].Body.Type() != ast.NullType {
		if err := yaml.NodeToValue(parsed.Docs[0].Body, &f, yaml.Strict()); err != nil {
			return nil, located(name, err)
		}
		place(parsed.Docs[0].Body, f.Rules)
	}
	if len(f.Rules) > maxRules {
		return nil, fmt.Errorf("%s holds %d rules, more than %d", name, len(f.Rules), maxRules)
	}
	c := &Config{}
	for _, r := range f.Rules {
		checked, err := r.check()
		if err != nil {
			return nil, located(name, err)
		}
		c.Rules = append(c.Rules, checked)
	}
	return c, nil
}

// aliases finds what lets a small file stand for a huge one.
type aliases struct{ found ast.Node }

// Visit looks at one node.
func (a *aliases) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		if a.found == nil {
			a.found = n
		}
		return nil
	}
	return a
}

// place tells the rules where they start.
func place(body ast.Node, rules []rule) {
	m, ok := body.(*ast.MappingNode)
	if !ok {
		return
	}
	for _, v := range m.Values {
		list, ok := v.Value.(*ast.SequenceNode)
		if !ok || v.Key.String() != "rules" || len(list.Values) != len(rules) {
			continue
		}
		for i := range rules {
			rules[i].node = list.Values[i]
		}
	}
}

// check finds what the form alone does not show.
func (r rule) check() (Rule, error) {
	out := Rule{Note: r.Note.text, Kind: culprit.Kind(r.Kind.text)}
	if r.node != nil {
		out.Line = r.node.GetToken().Position.Line
	}
	for _, p := range []struct {
		value value
		to    **regexp.Regexp
	}{{r.Match.Package, &out.Package}, {r.Match.Test, &out.Test}, {r.Match.Text, &out.Text}} {
		if p.value.node == nil {
			continue
		}
		re, err := regexp.Compile(p.value.text)
		if err != nil {
			return out, &mistake{p.value.node, strings.TrimPrefix(err.Error(), "error parsing regexp: ") + " in the pattern"}
		}
		*p.to = re
	}
	switch {
	case out.Package == nil && out.Test == nil && out.Text == nil:
		return out, &mistake{r.node, "a rule needs package, test or text under match"}
	case out.Kind == "" && out.Note == "":
		return out, &mistake{r.node, "a rule needs a kind or a note"}
	case out.Kind != "" && !known(out.Kind):
		return out, &mistake{r.Kind.node, fmt.Sprintf("%q is no kind; it is one of %s", out.Kind, kinds())}
	}
	return out, nil
}

func known(k culprit.Kind) bool {
	for _, have := range culprit.Kinds {
		if have == k {
			return true
		}
	}
	return false
}

func kinds() string {
	var names []string
	for _, k := range culprit.Kinds {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// located puts file, line and column before an error.
func located(name string, err error) error {
	var m *mistake
	if errors.As(err, &m) {
		if m.node != nil && m.node.GetToken() != nil {
			p := m.node.GetToken().Position
			return fmt.Errorf("%s:%d:%d: %s", name, p.Line, p.Column, m.message)
		}
		return fmt.Errorf("%s: %s", name, m.message)
	}
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil {
		p := y.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", name, p.Line, p.Column, y.GetMessage())
	}
	return fmt.Errorf("%s: %w", name, err)
}
