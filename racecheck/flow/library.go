// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/types"
	"slices"
)

// What the standard library does with what it is given is known of few packages: its
// functions have their own ways to be safe. Of these it is worth knowing that they call
// what was given to them, on the goroutine that calls them: a logger its output, under
// its own lock, and a client its transport.

// libraryOf gives the fact of a function of the library, nil where none is known here.
func libraryOf(fn *types.Func) *FuncFact {
	if fn.Pkg() == nil || fn.Signature().Params().Len() == 0 {
		return nil
	}
	return libraryFact(fn)
}

// libraryFact gives what is known of a function of those, nil for others.
func libraryFact(fn *types.Func) *FuncFact {
	recv := fn.Signature().Recv()
	calls := func(path, method string, g Guard) *FuncFact {
		return &FuncFact{Receiver: ParamFact{Effects: []Effect{{Path: path, Method: method, Guard: g}}}}
	}
	keeps := func(to int, path string) *FuncFact {
		return &FuncFact{Keeps: []Kept{{From: 0, To: to, ToPath: path}}}
	}
	switch fn.Pkg().Path() {
	case "net/http":
		if recv != nil && isNamed(recv.Type(), "net/http", "Client") && isRequest(fn) {
			return calls("*.Transport", "RoundTrip", Plain)
		}
	case "log":
		switch {
		case recv == nil && fn.Name() == "New":
			return keeps(0, "*.out")
		case recv != nil && fn.Name() == "SetOutput":
			return keeps(toReceiver, "*.out")
		case recv != nil && slices.Contains([]string{"Print", "Printf", "Println", "Output"}, fn.Name()):
			return calls("*.out", "Write", Locked)
		}
	case "log/slog":
		switch {
		case recv == nil && (fn.Name() == "NewTextHandler" || fn.Name() == "NewJSONHandler"):
			return keeps(0, "*.w")
		case recv == nil && fn.Name() == "New":
			return keeps(0, "*.handler")
		case recv != nil && isNamed(recv.Type(), "log/slog", "Logger") && slices.Contains([]string{"Info", "Warn", "Error", "InfoContext", "WarnContext", "ErrorContext"}, fn.Name()):
			return calls("*.handler*.w", "Write", Locked)
		}
	}
	return nil
}

// isForwarder reports whether a type of the standard library has what it was given
// called by those that have it.
func isForwarder(t types.Type) bool {
	return isNamed(t, "log", "Logger") || isNamed(t, "log/slog", "Logger") || isNamed(t, "net/http", "Client")
}

// isBuffer reports whether t is, or points to, a buffer without a lock.
func isBuffer(t types.Type) bool {
	return isNamed(t, "bytes", "Buffer") || isNamed(t, "strings", "Builder")
}
