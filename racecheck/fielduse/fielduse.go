// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package fielduse lists the accesses of a package to its fields and package
// variables, each with what orders it as far as the source shows: the locks that
// are held there and by every caller, whether the object is only being made, and
// which goroutines get there.
//
// The analyzers of the lock family are questions to this list. The cause stage of
// culprit asks it about the one field that a race report is about.
package fielduse

import (
	"go/ast"
	"go/types"
	"regexp"
	"strings"

	"github.com/culprit-ci/culprit/racecheck"
)

// Use is one access of a field or package variable by a function's own body.
type Use struct {
	racecheck.Touch
	// Fn is the function whose body makes the access, a declaration or a literal;
	// Decl the declaration around it, nil for a literal outside of any.
	Fn   ast.Node
	Decl *ast.FuncDecl
	// Held are the locks that Fn's own body holds there.
	Held []racecheck.Lock
	// Expects is true where the declaration's name or comment says that its caller
	// holds the lock, or where the object is only being made: the access shows
	// nothing either way.
	Expects bool
}

// Lock names the first lock that the body holds at the access, "" for none.
func (u Use) Lock() string {
	for _, k := range u.Held {
		if k.Var != nil {
			return k.Var.Name()
		}
	}
	return ""
}

// In lists the uses that fn's own body makes of fields and package variables for
// which want answers yes.
func In(info *types.Info, decl *ast.FuncDecl, fn ast.Node, want func(*types.Var) bool) []Use {
	var list []Use
	expects := LeavesLocking(decl) || Makes(decl)
	for _, t := range racecheck.Touches(info, fn) {
		if t.Var == nil || racecheck.IsLocal(t.Var) || !want(t.Var) {
			continue
		}
		list = append(list, Use{
			Touch: t, Fn: fn, Decl: decl,
			Held: racecheck.LocksHeld(info, fn, t.Pos), Expects: expects,
		})
	}
	return list
}

var lockComment = regexp.MustCompile(`(?i)\b(lock|mutex|mu)\b.*\b(held|hold|taken|acquired)\b|\b(held|hold|holds|holding)\b.*\b(lock|mutex|mu)\b`)

// LeavesLocking reports whether a function leaves the locking to its caller, by
// its name (fooLocked, _foo) or comment.
func LeavesLocking(fd *ast.FuncDecl) bool {
	if fd == nil {
		return false
	}
	name := fd.Name.Name
	return strings.Contains(name, "Locked") || strings.Contains(name, "Unsafe") || strings.HasPrefix(name, "_") ||
		fd.Doc != nil && tellsOfLock(fd.Doc.Text())
}

// tellsOfLock reports whether a comment says that a lock is held. Few have the words at
// all, and to search for those first takes a tenth of the time.
func tellsOfLock(comment string) bool {
	lower := strings.ToLower(comment)
	has := func(word string) bool { return strings.Contains(lower, word) }
	return (has("lock") || has("mu")) && (has("held") || has("hold") || has("taken") || has("acquired")) && lockComment.MatchString(comment)
}

// Makes reports whether a function makes objects (New…), by its name.
func Makes(fd *ast.FuncDecl) bool {
	if fd == nil || fd.Recv != nil {
		return false
	}
	name := fd.Name.Name
	return strings.HasPrefix(name, "New") || strings.HasPrefix(name, "new") || name == "init"
}

// GuardOf names the lock under which most accesses are made: in guarded of total.
// "" when there is none: less than two, or no majority.
func GuardOf(list []Use) (guard string, guarded, total int) {
	count := map[string]int{}
	for _, u := range list {
		lock := u.Lock()
		if lock == "" && u.Expects {
			continue
		}
		total++
		if lock != "" {
			count[lock]++
		}
	}
	for name, n := range count {
		if n > guarded || n == guarded && name < guard {
			guard, guarded = name, n
		}
	}
	if guarded < 2 || 2*guarded <= total {
		return "", 0, total
	}
	return guard, guarded, total
}
