// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/culprit-ci/culprit"
)

// Text returns s without secrets and personal paths. The number of line breaks
// stays, and Text(Text(s)) == Text(s).
func Text(s string) string {
	lower := lowered(s)
	for _, r := range rules {
		if !r.hinted(lower) {
			continue
		}
		if t := r.text(s); t != s {
			s, lower = t, lowered(t)
		}
	}
	return shorten(s, lower)
}

// text applies the rule to the lines that can hold what it looks for.
func (r rule) text(s string) string {
	if r.whole || !strings.Contains(s, "\n") {
		return r.apply(s)
	}
	var b strings.Builder
	for line := range strings.SplitAfterSeq(s, "\n") {
		if r.hinted(lowered(line)) {
			line = r.apply(line)
		}
		b.WriteString(line)
	}
	return b.String()
}

func (r rule) hinted(lower string) bool {
	for _, h := range r.hints {
		if strings.Contains(lower, h) {
			return true
		}
	}
	return false
}

// lowered is s with ASCII letters in lower case: positions stay the same.
func lowered(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// Case redacts every text of c in place: each field of type string, whatever
// later versions add. Fields of the vocabulary's own string types (kinds,
// patterns, outcomes) hold fixed values and stay, and so do numbers: positions
// in the log and in files are those of the original bytes.
func Case(c *culprit.Case) {
	known{}.walk(reflect.ValueOf(c))
}

// Copy gives a redacted copy of c, for a case that work goes on with.
func Copy(c *culprit.Case) (*culprit.Case, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("copying the case: %w", err)
	}
	out := &culprit.Case{}
	if err := json.Unmarshal(data, out); err != nil {
		return nil, fmt.Errorf("copying the case: %w", err)
	}
	Case(out)
	return out, nil
}

// known are texts of a case with what becomes of them: the files and functions of
// stacks come again and again.
type known map[string]string

func (k known) text(s string) string {
	t, ok := k[s]
	if !ok {
		t = Text(s)
		k[s] = t
	}
	return t
}

func (k known) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			k.walk(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				k.walk(f)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			k.walk(v.Index(i))
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if e := it.Value(); e.Type() == reflect.TypeFor[string]() {
				v.SetMapIndex(it.Key(), reflect.ValueOf(k.text(e.String())))
			}
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.CanSet() {
			if old := v.String(); len(old) > 0 {
				v.SetString(k.text(old))
			}
		}
	}
}

// apply replaces what the rule finds.
func (r rule) apply(s string) string {
	var b strings.Builder
	end := 0
	for _, m := range r.re.FindAllStringSubmatchIndex(s, -1) {
		from, to := m[2*r.group], m[2*r.group+1]
		if from < 0 || from == to {
			continue
		}
		value, name := s[from:to], ""
		if r.nameGroup > 0 {
			name = s[m[2*r.nameGroup]:m[2*r.nameGroup+1]]
		}
		if strings.HasPrefix(strings.TrimLeft(value, "\r\n"), marker) || r.keep != nil && r.keep(name, value) {
			continue
		}
		b.WriteString(s[end:from])
		b.WriteString(r.replacement(value))
		end = to
	}
	if end == 0 {
		return s
	}
	b.WriteString(s[end:])
	return b.String()
}

// marker begins each replacement.
const marker = "[redacted:"

// replacement is the marker, with as many line breaks as value has.
func (r rule) replacement(value string) string {
	m := marker + r.name + "]"
	n := strings.Count(value, "\n")
	if n == 0 {
		return m
	}
	return "\n" + m + strings.Repeat("\n", n-1)
}

// already says that a value is masked, or a variable that stands for one.
func already(_, value string) bool {
	return strings.HasPrefix(value, "[redacted") || strings.Trim(value, "*") == "" || strings.Trim(value, "xX") == "" ||
		strings.HasPrefix(value, "$") || strings.HasPrefix(value, "%") || strings.HasPrefix(value, "<") || strings.HasPrefix(value, "{{")
}

// plainWord keeps what follows "bearer" or "basic" in prose: one lower-case word.
func plainWord(_, value string) bool {
	return already("", value) || strings.Trim(value, "abcdefghijklmnopqrstuvwxyz") == ""
}

// notPassword keeps what Go prints where there is no password, and code.
func notPassword(name, value string) bool {
	if already(name, value) || literal(value) || isCode(name, value) {
		return true
	}
	// PWD=/work is the folder of a process, pwd=… in a DSN a password.
	if strings.HasPrefix(strings.ToLower(name), "pwd") && strings.ContainsAny(value, `/\~.:`) {
		return true
	}
	// "password: too short" is a message; "password=hunter" is a setting.
	return strings.HasSuffix(name, ": ") && !hasBoth(value)
}

// notSecret keeps what the names of secrets are followed by in tests every day.
// Only something long that mixes letters and digits counts.
func notSecret(name, value string) bool {
	return already(name, value) || literal(value) || isCode(name, value) || !hasBoth(value) || strings.HasPrefix(value, "0x")
}

func literal(value string) bool {
	switch strings.ToLower(value) {
	case "nil", "null", "none", "true", "false", "undefined", "missing", "empty", "required", "invalid", "string", "expired":
		return true
	}
	return strings.Trim(value, "-.!?0") == ""
}

// isCode recognises an expression: a call, a selector after ":=" or "=" with
// blanks, an import path with a file and a line.
func isCode(name, value string) bool {
	if strings.ContainsAny(value, "([{<>") || strings.HasPrefix(value, "&") || strings.Contains(value, ".go:") {
		return true
	}
	return strings.HasSuffix(name, "= ") && !hasBoth(value)
}

// hasBoth reports whether s holds letters and digits.
func hasBoth(s string) bool {
	return strings.ContainsAny(s, "0123456789") &&
		strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
}
