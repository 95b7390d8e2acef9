// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"unicode"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"
)

// Streams are what a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// Env holds KEY=VALUE entries: NO_COLOR, CLICOLOR_FORCE, TERM and the like
	// are looked up in it.
	Env []string
}

// quietPipe is an output whose reader may leave early, as head does. The reader
// has what it wants, so that is no error.
type quietPipe struct{ w io.Writer }

// Write writes p, or drops it when nobody reads any more.
func (q quietPipe) Write(p []byte) (int, error) {
	n, err := q.w.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		return len(p), nil
	}
	return n, err
}

// complain writes one line to the error stream. A name in it may come from
// anywhere, so control characters are not passed on to the terminal.
func (s Streams) complain(message string) {
	fmt.Fprintf(s.Err, "culprit: %s\n", oneLine(message))
}

// note writes one line of what goes on, for a person.
func (s Streams) note(format string, args ...any) {
	fmt.Fprintln(s.Err, oneLine(fmt.Sprintf(format, args...)))
}

// oneLine replaces runs of line breaks and white space by one space and drops
// other control characters.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(f.Fd())
}

// defaultWidth is the width where there is no terminal to ask.
const defaultWidth = 80

// width gives the columns of a terminal, [defaultWidth] of anything else.
func width(stream any) int {
	f, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return defaultWidth
	}
	w, _, err := term.GetSize(f.Fd())
	if err != nil || w <= 0 {
		return defaultWidth
	}
	return w
}

// lookup gives the last value of a variable in Env, "" when it is not set.
func (s Streams) lookup(name string) string {
	value := ""
	for _, kv := range s.Env {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v
		}
	}
	return value
}

// colorful reports whether output to w should have colour when nothing was
// asked for: NO_COLOR with any value turns it off, CLICOLOR_FORCE on, and
// otherwise a terminal that is not dumb has it. See https://no-color.org and
// https://bixense.com/clicolors.
func (s Streams) colorful(w io.Writer) bool {
	if s.lookup("NO_COLOR") != "" {
		// colorprofile takes NO_COLOR for a boolean; the convention is that any
		// value counts.
		return false
	}
	return colorprofile.Detect(w, s.Env) >= colorprofile.ANSI
}

// linkable reports whether w is a terminal that may be given OSC 8 links. A
// terminal that does not know them ignores them; a dumb one prints them.
func (s Streams) linkable(w io.Writer) bool {
	return isTerminal(w) && s.lookup("TERM") != "dumb" && s.lookup("TERM") != ""
}
