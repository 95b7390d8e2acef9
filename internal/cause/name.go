// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/culprit-ci/culprit/internal/lazyre"
	"github.com/culprit-ci/culprit/internal/source"
)

// testNames lists the full names that a t.Run call inside funcs can give its
// subtest. A constant name stands even when the log does not list it (without
// -v, go test does not list tests that pass); a computed one is matched against
// the log's names.
func testNames(pkg *source.Package, funcs []ast.Node, call *ast.CallExpr, names []string) []string {
	last, exact := namePattern(pkg, funcs, call.Args[0])
	parents := enclosingTests(pkg, funcs, names)
	if exact && len(parents) == 1 {
		full := parents[0] + "/" + last
		// A name used twice gets a suffix "#01" (testing's matcher.unique).
		if again := matching(names, regexp.QuoteMeta(full)+`#\d\d+`); len(again) > 0 {
			return append([]string{full}, again...)
		}
		return []string{full}
	}
	if exact {
		last = regexp.QuoteMeta(last)
	}
	parent := `[^/]+(?:/.+)?`
	if len(parents) > 0 {
		quoted := make([]string, len(parents))
		for i, p := range parents {
			quoted[i] = regexp.QuoteMeta(p)
		}
		parent = "(?:" + strings.Join(quoted, "|") + ")"
	}
	return matching(names, parent+"/(?:"+last+`)(?:#\d\d+)?`)
}

// matching returns the names that a pattern matches as a whole.
func matching(names []string, pattern string) []string {
	re, err := regexp.Compile("^(?:" + pattern + ")$")
	if err != nil {
		return nil
	}
	var list []string
	for _, n := range names {
		if re.MatchString(n) && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// namePattern returns the name that an expression gives a subtest: exactly, or
// as a regular expression.
func namePattern(pkg *source.Package, funcs []ast.Node, e ast.Expr) (pattern string, exact bool) {
	if s, ok := constantString(pkg, e); ok {
		return rewrite(s), true
	}
	if values := tableValues(pkg, funcs, e); len(values) > 0 {
		for i, v := range values {
			values[i] = regexp.QuoteMeta(rewrite(v))
		}
		return strings.Join(values, "|"), false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return quoted(namePattern(pkg, funcs, e.X)) + quoted(namePattern(pkg, funcs, e.Y)), false
		}
	case *ast.CallExpr:
		if format, ok := sprintfFormat(pkg, e); ok {
			return formatPattern(format), false
		}
	}
	return `[^/]+`, false
}

func quoted(pattern string, exact bool) string {
	if exact {
		return regexp.QuoteMeta(pattern)
	}
	return "(?:" + pattern + ")"
}

func constantString(pkg *source.Package, e ast.Expr) (string, bool) {
	if tv, ok := pkg.Info.Types[e]; ok && tv.Value != nil && tv.Value.Kind() == constant.String {
		return constant.StringVal(tv.Value), true
	}
	return "", false
}

// sprintfFormat returns the constant format of a call of fmt.Sprintf.
func sprintfFormat(pkg *source.Package, call *ast.CallExpr) (string, bool) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Sprintf" || len(call.Args) == 0 {
		return "", false
	}
	return constantString(pkg, call.Args[0])
}

var verb = lazyre.New(`%%|%[-+# 0]*[0-9*]*(?:\.[0-9*]+)?(?:\[\d+\])?[a-zA-Z]`)

// formatPattern turns a format into a pattern: a verb matches anything.
func formatPattern(format string) string {
	var b strings.Builder
	at := 0
	for _, m := range verb.FindAllStringIndex(format, -1) {
		b.WriteString(regexp.QuoteMeta(rewrite(format[at:m[0]])))
		if format[m[0]:m[1]] == "%%" {
			b.WriteString("%")
		} else {
			b.WriteString(".*")
		}
		at = m[1]
	}
	b.WriteString(regexp.QuoteMeta(rewrite(format[at:])))
	return b.String()
}

// rewrite spells a subtest name as testing prints it: white space becomes "_",
// what is not printable is escaped (testing/match.go, func rewrite).
func rewrite(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte('_')
		case !unicode.IsPrint(r):
			q := fmt.Sprintf("%q", r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
