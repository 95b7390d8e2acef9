// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
	"encoding/json"
	"time"
	"unicode/utf8"
)

// event is one test2json event (`go doc test2json`, and cmd/go's build-output
// and build-fail). Fields that culprit does not use are skipped.
type event struct {
	action, pkg, test, importPath, output, failedBuild, elapsed []byte
	hasOutput                                                   bool
}

// eventReader parses test2json lines. Its buffer holds the unescaped output.
type eventReader struct{ scratch []byte }

// parse reads one line. ok is false when it is not a test2json event.
//
// The fast path reads a flat object of strings and numbers, which is what
// test2json writes; anything else goes to encoding/json.
func (r *eventReader) parse(line []byte) (ev event, ok bool) {
	r.scratch = r.scratch[:0]
	if r.fixed(line, &ev) || r.again(line, &ev) {
		return ev, len(ev.action) > 0 && (len(ev.pkg) > 0 || len(ev.importPath) > 0 || len(ev.test) > 0 || ev.hasOutput)
	}
	return event{}, false
}

// again reads a line that has not the fixed shape.
func (r *eventReader) again(line []byte, ev *event) bool {
	r.scratch, *ev = r.scratch[:0], event{}
	if r.flat(line, ev) {
		return true
	}
	*ev = event{}
	return slow(line, ev)
}

// fixed reads what test2json writes, key by key in its order: Time, Action,
// Package, Test, then Elapsed or Output.
func (r *eventReader) fixed(line []byte, ev *event) bool {
	const first = `{"Time":"`
	if len(line) < 60 || string(line[:len(first)]) != first {
		return false
	}
	i := bytes.IndexByte(line[len(first):50], '"') + len(first)
	rest := line[i:]
	if rest, ev.action = word(rest, `","Action":"`); ev.action == nil {
		return false
	}
	if rest, ev.pkg = word(rest, `","Package":"`); ev.pkg == nil {
		return false
	}
	if len(rest) > 9 && rest[3] == 'T' {
		if rest, ev.test = word(rest, `","Test":"`); ev.test == nil {
			return false
		}
	}
	switch {
	case len(rest) == 2:
		return rest[1] == '}'
	case len(rest) < 4: // cut off
		return false
	case rest[3] == 'E':
		num, ok := bytes.CutPrefix(rest, []byte(`","Elapsed":`))
		n := len(num) - 1
		if !ok || n < 1 || num[n] != '}' || bytes.IndexByte(num, ',') >= 0 {
			return false
		}
		ev.elapsed = num[:n]
		return true
	case rest[3] == 'O':
		out, ok := bytes.CutPrefix(rest, []byte(`","Output":"`))
		if !ok {
			return false
		}
		value, next := r.str(out, 0)
		ev.output, ev.hasOutput = value, true
		return next >= 0 && next == len(out)-1 && out[next] == '}'
	}
	return false
}

// word reads `KEYvalue` up to the closing quote of value, which it leaves in
// rest. value is nil where the key is another or the value is escaped.
func word(line []byte, key string) (rest, value []byte) {
	if len(line) < len(key)+2 || string(line[:len(key)]) != key {
		return line, nil
	}
	line = line[len(key):]
	n := bytes.IndexByte(line, '"')
	if n < 0 || bytes.IndexByte(line[:n], '\\') >= 0 || len(line) < n+2 {
		return line, nil
	}
	return line[n:], line[:n]
}

// toSeconds reads "0.01" or "0.01s" as a duration, 0 when it is none.
func toSeconds(s []byte) time.Duration {
	whole, fraction, scale, seen := int64(0), int64(0), int64(time.Second), false
	for _, c := range s {
		switch {
		case c == '.' && !seen:
			seen = true
		case c < '0' || c > '9' || whole > 1e9:
			return time.Duration(whole)*time.Second + time.Duration(fraction)
		case seen && scale > 1:
			scale /= 10
			fraction += int64(c-'0') * scale
		case !seen:
			whole = whole*10 + int64(c-'0')
		}
	}
	return time.Duration(whole)*time.Second + time.Duration(fraction)
}

func (r *eventReader) flat(line []byte, ev *event) bool {
	i := 1
	for {
		if i >= len(line) || line[i] != '"' {
			return false
		}
		n := bytes.IndexByte(line[i+1:], '"')
		if n < 0 {
			return false
		}
		key := line[i+1 : i+1+n]
		i += n + 2
		if i+1 >= len(line) || line[i] != ':' {
			return false
		}
		i++
		var value []byte
		if line[i] == '"' {
			var next int
			if value, next = r.str(line, i+1); next < 0 {
				return false
			}
			i = next
		} else {
			start := i
			for i < len(line) && line[i] != ',' && line[i] != '}' {
				if line[i] == '{' || line[i] == '[' || line[i] == '"' || line[i] == ' ' {
					return false
				}
				i++
			}
			value = line[start:i]
		}
		ev.set(key, value)
		if i >= len(line) {
			return false
		}
		if line[i] == '}' {
			return len(bytes.TrimRight(line[i+1:], " \t\r")) == 0
		}
		if line[i] != ',' {
			return false
		}
		i++
	}
}

func (ev *event) set(key, value []byte) {
	switch string(key) {
	case "Action":
		ev.action = value
	case "Elapsed":
		ev.elapsed = value
	case "Package":
		ev.pkg = value
	case "Test":
		ev.test = value
	case "Output":
		ev.output, ev.hasOutput = value, true
	case "ImportPath":
		ev.importPath = value
	case "FailedBuild":
		ev.failedBuild = value
	}
}

// str returns the string that starts at line[i], and the index behind its
// closing quote, -1 when it is not a plain JSON string.
func (r *eventReader) str(line []byte, i int) ([]byte, int) {
	n := bytes.IndexByte(line[i:], '"')
	if n < 0 {
		return nil, -1
	}
	esc := bytes.IndexByte(line[i:i+n], '\\')
	if esc < 0 {
		return line[i : i+n], i + n + 1
	}
	from := len(r.scratch)
	out := append(r.scratch, line[i:i+esc]...)
	for j := i + esc; j < len(line); {
		switch c := line[j]; c {
		case '"':
			r.scratch = out
			return out[from:], j + 1
		case '\\':
			var size int
			if out, size = unescape(out, line[j:]); size == 0 {
				return nil, -1
			}
			j += size
		default:
			out = append(out, c)
			j++
		}
	}
	return nil, -1
}

// unescape appends the character that the escape at the start of b stands for.
// Surrogate pairs are left to encoding/json: size is 0.
func unescape(out, b []byte) ([]byte, int) {
	if len(b) < 2 {
		return out, 0
	}
	switch b[1] {
	case 'n':
		return append(out, '\n'), 2
	case 't':
		return append(out, '\t'), 2
	case 'r':
		return append(out, '\r'), 2
	case 'b':
		return append(out, '\b'), 2
	case 'f':
		return append(out, '\f'), 2
	case '"', '\\', '/':
		return append(out, b[1]), 2
	case 'u':
		if len(b) < 6 {
			return out, 0
		}
		var c rune
		for _, d := range b[2:6] {
			switch {
			case '0' <= d && d <= '9':
				c = c<<4 | rune(d-'0')
			case 'a' <= d && d <= 'f':
				c = c<<4 | rune(d-'a'+10)
			case 'A' <= d && d <= 'F':
				c = c<<4 | rune(d-'A'+10)
			default:
				return out, 0
			}
		}
		if c >= 0xd800 && c < 0xe000 {
			return out, 0
		}
		return utf8.AppendRune(out, c), 6
	}
	return out, 0
}

func slow(line []byte, ev *event) bool {
	var v struct {
		Action, Package, Test, ImportPath, FailedBuild string
		Elapsed                                        json.RawMessage
		Output                                         *string
	}
	if json.Unmarshal(line, &v) != nil {
		return false
	}
	*ev = event{action: []byte(v.Action), pkg: []byte(v.Package), test: []byte(v.Test),
		importPath: []byte(v.ImportPath), failedBuild: []byte(v.FailedBuild), elapsed: []byte(v.Elapsed)}
	if v.Output != nil {
		ev.output, ev.hasOutput = []byte(*v.Output), true
	}
	return true
}
