// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"fmt"
	"strings"
)

// Formats lists what [Options] can force: how results are written, or what
// stands around each line.
func Formats() []string {
	list := []string{"auto", "test2json", "go-test", "gotestsum", "junit", "none"}
	for _, name := range wrapNames() {
		list = append(list, name)
	}
	return list
}

// force takes over what the caller knows of the log.
func (m *machine) force(format string) error {
	switch format {
	case "", "auto":
		return nil
	case "none":
		m.wrap.off = true
		return nil
	case "test2json", "go-test", "gotestsum", "junit":
		m.only = format
		return nil
	}
	for k, name := range wrapNames() {
		if name == format {
			m.wrap.forced.add(wrapKind(k))
			return nil
		}
	}
	return fmt.Errorf("%q is no format of a log: it is one of %s", format, strings.Join(Formats(), ", "))
}

func (m *machine) format() string {
	switch {
	case m.junit > 0 && m.jsonLines == 0 && (m.textFrames == 0 || m.xmlFirst):
		return "junit"
	case m.jsonLines > 0 && m.textFrames > 0, m.junit > 0:
		return "mixed"
	case m.jsonLines > 0:
		return "test2json"
	case m.gotestsum > 0:
		return "gotestsum"
	case m.textFrames > 0 || m.reports > 0:
		return "go-test"
	}
	return ""
}

// wrapper names the outermost wrapper that half of the lines have, or else the
// CI system that shows itself otherwise, or else the commonest wrapper.
func (m *machine) wrapper(lines int64) string {
	names, signs := wrapNames(), signNames()
	best := wrapKinds
	for k := range wrapKinds {
		n := m.wrap.count[k]
		if n > 0 && (best == wrapKinds || n > m.wrap.count[best]) {
			best = k
		}
	}
	if best < wrapKinds && m.wrap.count[best]*2 >= lines-2 {
		if best == wrapStamp && m.wrap.count[wrapColumns] == 0 && m.wrap.signs[signAzure] > 0 {
			return signs[signAzure]
		}
		if best == wrapStamp && m.wrap.count[wrapColumns]*2 >= lines-2 {
			return names[wrapColumns]
		}
		return names[best]
	}
	for k, n := range m.wrap.signs {
		if n > 0 {
			return signs[k]
		}
	}
	if best < wrapKinds && best != wrapStamp {
		return names[best]
	}
	return "none"
}
