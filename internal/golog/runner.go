// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import "bytes"

// command reads the runner's own lines: "##[group]" folds the log, and a problem
// matcher puts "##[error]" before a line of output. nil means that the line is
// the runner's alone.
func (m *machine) command(text []byte) []byte {
	switch text[0] {
	case '#':
		if len(text) > 3 && text[1] == '#' && text[2] == '[' {
			end := bytes.IndexByte(text, ']')
			if end < 0 {
				return text
			}
			switch string(text[3:end]) {
			case "error", "warning", "notice", "debug":
				return nonNil(text[end+1:])
			case "group":
				return groupTitle(text[end+1:])
			case "section", "command":
				m.wrap.signs[signAzure]++
				return nil
			case "endgroup":
				return nil
			}
		}
	case '[':
		if bytes.HasPrefix(text, []byte("[Pipeline]")) {
			m.wrap.signs[signJenkins]++
			return nil
		}
	case ':':
		if rest, ok := bytes.CutPrefix(text, []byte("::group::")); ok {
			return groupTitle(rest)
		}
		if string(text) == "::endgroup::" {
			return nil
		}
	}
	return text
}

// groupTitle keeps the title of a group that is a line of go test or gotestsum.
func groupTitle(title []byte) []byte {
	if f := parseFrame(title); f.kind == frameNone || f.kind == frameBuild {
		return nil
	}
	return title
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
