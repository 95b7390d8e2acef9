// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"strings"
)

// Symbol is a function symbol of the Go linker, taken apart.
//
// Source: the names are made in cmd/compile/internal/ir (ClosureName,
// MethodSymSuffix), cmd/compile/internal/rangefunc and cmd/internal/objabi
// (PathToPrefix).
type Symbol struct {
	// Package is the import path, with "_test" for an external test package
	// and "main" for a command. "" when the symbol has none.
	Package string
	// Recv is the receiver's type name without type arguments, "" for functions.
	// A symbol such as "F.G.func1" can mean a closure of method G of type F or a
	// closure of G inlined into F; Recv then holds F, and only the position tells.
	Recv string
	// Pointer is true for a method on a pointer receiver.
	Pointer bool
	// Name is the declared function or method that holds the code: "glob." for
	// closures of package variables, "init" for initialisers.
	Name string
	// Depth counts the function literals around the code; 0 is Name's own body.
	Depth int
	// Wrapper is the kind of compiler-made wrapper: "gowrap", "deferwrap",
	// "fm" (method value) or "".
	Wrapper string
	// RangeBody is true for the body of a range-over-func loop, which runs in a
	// function of its own and has no function literal in the source.
	RangeBody bool
	// Elsewhere is true when the symbol can be that of a closure that was inlined
	// into another function, "F.G.func1" or "F.(*T).G.func1": its package is then
	// F's, and its file can be of another one.
	Elsewhere bool
	// Innermost is then the declared function around the closure, "G".
	Innermost string
	// Generic is true when the symbol carries type arguments.
	Generic bool
}

// ParseSymbol takes a symbol such as "example.com/m/p.(*T).M.func1.2" apart.
// It accepts anything; what it cannot place is left in Name.
func ParseSymbol(s string) Symbol {
	s = strings.TrimSuffix(strings.TrimSpace(s), "()")
	var sym Symbol
	s, sym.Generic = dropTypeArgs(s)

	head := s
	if i := strings.IndexByte(s, '('); i >= 0 {
		head = s[:i]
	}
	slash := strings.LastIndexByte(head, '/') + 1
	dot := strings.IndexByte(s[slash:], '.')
	if dot < 0 {
		sym.Name = s
		return sym
	}
	sym.Package = unescapePath(s[:slash+dot])
	rest := s[slash+dot+1:]

	if strings.HasPrefix(rest, "(*") {
		if end := strings.IndexByte(rest, ')'); end > 0 {
			sym.Pointer = true
			sym.Recv = rest[2:end]
			rest = strings.TrimPrefix(rest[end+1:], ".")
		}
	}
	parseParts(&sym, rest)
	return sym
}

// parseParts reads the dotted rest of a symbol: names, then closures.
func parseParts(sym *Symbol, rest string) {
	if strings.HasPrefix(rest, "glob..") {
		sym.Name = "glob."
		rest = rest[len("glob.."):]
	}
	// Go 1.17 spelled the wrapper of a go or defer statement "F·dwrap·1".
	rest = strings.ReplaceAll(rest, "·dwrap·", ".gowrap")
	for part := range strings.SplitSeq(rest, ".") {
		for {
			base, suffix, ok := strings.Cut(part, "-")
			if !ok {
				break
			}
			if suffix == "fm" {
				sym.Wrapper = "fm"
			}
			if strings.HasPrefix(suffix, "range") {
				sym.RangeBody = true
			}
			part = base
		}
		switch kind := closurePart(part); {
		case part == "":
		case kind == "func":
			sym.Depth++
		case kind != "":
			sym.Wrapper = kind
		case sym.Name == "":
			sym.Name = part
		case sym.Recv == "" && sym.Depth == 0:
			sym.Recv, sym.Name = sym.Name, part
			sym.Elsewhere, sym.Innermost = true, part
		default:
			sym.Elsewhere, sym.Innermost = true, part
		}
	}
	if sym.Elsewhere = sym.Elsewhere && sym.Depth > 0; !sym.Elsewhere {
		sym.Innermost = ""
	}
}

// closurePart classifies a part that the compiler made: "func12" and "12" are
// function literals, "gowrap1" and "deferwrap1" wrappers. "" is a plain name.
func closurePart(part string) string {
	for _, k := range []string{"func", "gowrap", "deferwrap", ""} {
		if digits, ok := strings.CutPrefix(part, k); ok && isDigits(digits) {
			if k == "" {
				return "func"
			}
			return k
		}
	}
	return ""
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// dropTypeArgs removes bracketed type arguments, nested ones too.
func dropTypeArgs(s string) (string, bool) {
	if strings.IndexByte(s, '[') < 0 {
		return s, false
	}
	var b strings.Builder
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '[':
			depth++
		case c == ']' && depth > 0:
			depth--
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String(), true
}

// unescapePath undoes the linker's escaping of import paths ("%2e" for the dots
// of the last element).
func unescapePath(p string) string {
	if !strings.Contains(p, "%") {
		return p
	}
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if p[i] == '%' && i+2 < len(p) {
			hi, lo := unhex(p[i+1]), unhex(p[i+2])
			if hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// Func returns the symbol of the declared function that holds the code, without
// package and closures: "TestTools", "(*T).M", "T.M".
func (s Symbol) Func() string {
	switch {
	case s.Recv == "":
		return s.Name
	case s.Pointer:
		return "(*" + s.Recv + ")." + s.Name
	default:
		return s.Recv + "." + s.Name
	}
}
