// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import "bytes"

// stampLen is the length of the time stamp that GitHub Actions puts before
// each line, "2026-04-17T21:56:01.1234567Z", without the space behind it.
const stampLen = 28

// cutStamp returns line without a GitHub Actions time stamp.
func cutStamp(line []byte) (rest []byte, stamp []byte) {
	if len(line) < stampLen || line[4] != '-' || line[10] != 'T' || line[19] != '.' || line[27] != 'Z' {
		return line, nil
	}
	for i := range stampLen {
		switch i {
		case 4, 7, 10, 13, 16, 19, 27:
		default:
			if line[i] < '0' || line[i] > '9' {
				return line, nil
			}
		}
	}
	if len(line) == stampLen {
		return line[stampLen:], line[:stampLen]
	}
	if line[stampLen] != ' ' {
		return line, nil
	}
	return line[stampLen+1:], line[:stampLen]
}

// clean removes carriage returns at the end, ANSI escapes and the 0x16 marks
// of -test.v=test2json. It appends to scratch only when it has to copy.
func clean(line, scratch []byte) (text, newScratch []byte) {
	for len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
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
	for len(out) > 0 && out[len(out)-1] == '\r' {
		out = out[:len(out)-1]
	}
	return out, out
}

// escapeLen returns the length of the ANSI escape at the start of b: a CSI
// sequence (ECMA-48 §5.4), an OSC string, or a two-byte escape.
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
	case ']':
		for i := 2; i < len(b); i++ {
			if b[i] == 0x07 {
				return i + 1
			}
			if b[i] == 0x1b && i+1 < len(b) && b[i+1] == '\\' {
				return i + 2
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
