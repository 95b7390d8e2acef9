// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxText bounds the output of one test case of a JUnit file.
const maxText = 8 << 20

// JUnit turns a JUnit report, as go-junit-report and gotestsum write it, into
// test2json events: package and test of each case, its output, and its result.
// What JUnit does not have, the order of output between tests, is lost.
func JUnit(w io.Writer, r io.Reader) error {
	dec := xml.NewDecoder(r)
	dec.Strict = false
	j := &junit{enc: json.NewEncoder(w)}
	for {
		tok, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("the JUnit file is damaged: %w", err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			err = j.start(dec, t)
		case xml.EndElement:
			if t.Name.Local == "testsuite" {
				err = j.end()
			}
		}
		if err != nil {
			return err
		}
	}
}

type junit struct {
	enc    *json.Encoder
	suite  string
	failed bool
	open   bool
}

// event is an event of test2json.
type event struct {
	Action  string
	Package string  `json:",omitempty"`
	Test    string  `json:",omitempty"`
	Elapsed float64 `json:",omitempty"`
	Output  string  `json:",omitempty"`
}

// testcase is an element of the file.
type testcase struct {
	Name      string   `xml:"name,attr"`
	Class     string   `xml:"classname,attr"`
	Time      string   `xml:"time,attr"`
	Failures  []result `xml:"failure"`
	Errors    []result `xml:"error"`
	Skipped   []result `xml:"skipped"`
	SystemOut string   `xml:"system-out"`
	SystemErr string   `xml:"system-err"`
}

type result struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (j *junit) start(dec *xml.Decoder, t xml.StartElement) error {
	switch t.Name.Local {
	case "testsuite":
		if err := j.end(); err != nil {
			return err
		}
		j.suite, j.failed, j.open = attr(t, "name"), false, true
		return j.enc.Encode(event{Action: "start", Package: j.suite})
	case "testcase":
		var c testcase
		if err := dec.DecodeElement(&c, &t); err != nil {
			return fmt.Errorf("the JUnit file is damaged: %w", err)
		}
		return j.testcase(c)
	}
	return nil
}

func (j *junit) testcase(c testcase) error {
	pkg := j.suite
	if strings.Contains(c.Class, "/") || pkg == "" {
		pkg = c.Class
	}
	seconds, _ := strconv.ParseFloat(c.Time, 64)
	action := "pass"
	var text []string
	for _, r := range append(c.Failures, c.Errors...) {
		action = "fail"
		if r.Text == "" {
			r.Text = r.Message
		}
		text = append(text, r.Text)
	}
	if action == "pass" && len(c.Skipped) > 0 {
		action = "skip"
	}
	text = append(text, c.SystemOut, c.SystemErr)
	j.failed = j.failed || action == "fail"
	if err := j.enc.Encode(event{Action: "run", Package: pkg, Test: c.Name}); err != nil {
		return err
	}
	for _, t := range text {
		if len(t) > maxText {
			t = t[:maxText]
		}
		for line := range strings.SplitAfterSeq(strings.TrimRight(t, "\n"), "\n") {
			if line == "" {
				continue
			}
			if err := j.enc.Encode(event{Action: "output", Package: pkg, Test: c.Name, Output: strings.TrimRight(line, "\n") + "\n"}); err != nil {
				return err
			}
		}
	}
	return j.enc.Encode(event{Action: action, Package: pkg, Test: c.Name, Elapsed: seconds})
}

// end closes the package of a suite.
func (j *junit) end() error {
	if !j.open {
		return nil
	}
	j.open = false
	action := "pass"
	if j.failed {
		action = "fail"
	}
	return j.enc.Encode(event{Action: action, Package: j.suite})
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
