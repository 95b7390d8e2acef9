// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package racecheck holds what the analyzers of data race patterns share: which
// memory a statement reads and writes, and which function literals run at the
// same time as others.
//
// Each pattern is a folder below this one that exports a go/analysis Analyzer.
// The same code serves two masters: an analyzer decides alone whether an
// instance is worth reporting; the cause stage of culprit already has the race
// detector's report and only asks which variable it is about.
package racecheck

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/culprit-ci/culprit"
)

// Instance is one instance of a race pattern in the source.
type Instance struct {
	Pattern culprit.Pattern
	// Var is the shared variable and Subject its name in the source. Var is nil for
	// state that no variable stands for, as the environment is.
	Var     *types.Var
	Subject string
	// Pos is where it is reported, and Message what is wrong, without position.
	Pos     token.Pos
	Message string
}

// Access is one access of a statement to memory of a variable.
type Access struct {
	// Var is the variable whose own memory is accessed. Memory behind a pointer,
	// slice, map or interface that Var holds is not Var's own.
	Var *types.Var
	// Path is the part of Var that is accessed: "" for all of it, ".f" for a
	// field of a struct value, "[]" for an element of an array value.
	Path string
	Op   culprit.Op
	// Expr is the operand; for an implicit write to a named result it is nil.
	Expr ast.Expr
	// Pos is where the compiled code makes the access: the operator of an
	// assignment, the operand elsewhere.
	Pos token.Pos
	// Stmt is the innermost statement that makes the access.
	Stmt ast.Stmt
	// Decl is true for the write that initialises a newly declared variable.
	Decl bool
}

// Overlaps reports whether two accesses touch common memory of one variable.
func (a Access) Overlaps(b Access) bool {
	if a.Var != b.Var {
		return false
	}
	short, long := a.Path, b.Path
	if len(short) > len(long) {
		short, long = long, short
	}
	return long[:len(short)] == short && (len(long) == len(short) || short == "" || long[len(short)] == '.' || long[len(short)] == '[')
}

// IsLocal reports whether v is a local variable, parameter or result.
func IsLocal(v *types.Var) bool {
	return !v.IsField() && v.Pkg() != nil && v.Parent() != v.Pkg().Scope()
}

// Contains reports whether pos is inside n.
func Contains(n ast.Node, pos token.Pos) bool {
	return n != nil && n.Pos() <= pos && pos < n.End()
}

// DeclaredOutside reports whether v is a local variable of a function around
// lit: one that lit captures when it uses it.
func DeclaredOutside(v *types.Var, lit ast.Node) bool {
	return IsLocal(v) && !Contains(lit, v.Pos())
}
