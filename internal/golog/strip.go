// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import "bytes"

// clean removes carriage returns at the end, escape sequences and the 0x16 marks
// of -test.v=test2json. It appends to scratch only when it has to copy.
func clean(line, scratch []byte) (text, newScratch []byte) {
	line = trimCR(line)
	if bytes.IndexByte(line, 0x1b) < 0 && bytes.IndexByte(line, 0x16) < 0 {
		return line, scratch
	}
	out := scratch[:0]
	for i := 0; i < len(line); {
		switch line[i] {
		case 0x16:
			i++
		case 0x1b:
			i += escapeLen(line[i:])
		default:
			out = append(out, line[i])
			i++
		}
	}
	return trimCR(out), out
}

func trimCR(line []byte) []byte {
	for len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	return line
}

// escapeLen returns the length of the ANSI escape at the start of b: a CSI
// sequence (ECMA-48 §5.4), a control string (OSC, or Buildkite's APC), or a
// two-byte escape.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 1
	}
	switch b[1] {
	case '[':
		for i := 2; i < len(b); i++ {
			if b[i] >= 0x40 && b[i] <= 0x7e {
				return i + 1
			}
			if b[i] < 0x20 {
				return i
			}
		}
		return len(b)
	case ']', '_', 'P', '^', 'X':
		for i := 2; i < len(b); i++ {
			if b[i] == 0x07 {
				return i + 1
			}
			if b[i] == 0x1b && i+1 < len(b) && b[i+1] == '\\' {
				return i + 2
			}
			if b[i] == 0x1b {
				break
			}
		}
		return 2
	}
	return 2
}

// indentOf returns the number of blanks and tabs that line starts with.
func indentOf(line []byte) int {
	i := 0
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	return i
}
