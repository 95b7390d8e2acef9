// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package junit_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/junit"
)

// document is JUnit XML as its readers see it.
type document struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Suites   []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr"`
		Cases    []struct {
			Class   string `xml:"classname,attr"`
			Name    string `xml:"name,attr"`
			Failure *struct {
				Text string `xml:",chardata"`
			} `xml:"failure"`
			Skipped *struct {
				Message string `xml:"message,attr"`
			} `xml:"skipped"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func write(t testing.TB, w io.Writer, cases ...junit.Case) {
	t.Helper()
	x := junit.New(w)
	s := &junit.Suite{}
	for _, c := range cases {
		s.Add(c)
	}
	if err := x.Suite("example.com/p", 1500*time.Millisecond, s); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

func parse(t testing.TB, data []byte) document {
	t.Helper()
	var d document
	if err := xml.Unmarshal(data, &d); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	return d
}

func TestWriter(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "junit.xml")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	hostile := "]]> <b>&amp;\x00\x1b[31m\xff \uffff \"q\"\n\ttab"
	write(t, f, junit.Case{Name: "TestA", Status: culprit.StatusPass},
		junit.Case{Name: hostile, Status: culprit.StatusFail, Output: hostile},
		junit.Case{Name: "TestB", Status: culprit.StatusSkip, Output: "not now"},
		junit.Case{Name: "TestC", Status: culprit.StatusUnknown})
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d := parse(t, data)
	s := d.Suites[0]
	if d.Tests != 4 || d.Failures != 2 || s.Tests != 4 || s.Failures != 2 || s.Skipped != 1 || s.Time != "1.500" || s.Name != "example.com/p" {
		t.Errorf("counts are wrong:\n%s", data)
	}
	want := "]]> <b>&amp;\uFFFD\uFFFD[31m\uFFFD \uFFFD \"q\"\n\ttab"
	if c := s.Cases[0]; c.Class != "example.com/p" {
		t.Errorf("class %q", c.Class)
	}
	if c := s.Cases[1]; c.Name != want || c.Failure == nil || c.Failure.Text != want {
		t.Errorf("hostile text came back as %+v", c)
	}
	if c := s.Cases[2]; c.Skipped == nil || c.Skipped.Message != "not now" {
		t.Errorf("the skipped test is %+v", c)
	}
}

// TestSpill: a suite that does not fit into memory is written in full, and its
// file is gone afterwards.
func TestSpill(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	var b bytes.Buffer
	cases := make([]junit.Case, 100)
	for i := range cases {
		cases[i] = junit.Case{Name: "TestA", Status: culprit.StatusFail, Output: strings.Repeat("x", 50_000)}
	}
	write(t, &b, cases...)
	d := parse(t, b.Bytes())
	if n := len(d.Suites[0].Cases); n != 100 || d.Suites[0].Cases[50].Class != "example.com/p" || len(d.Suites[0].Cases[99].Failure.Text) != 50_000 {
		t.Errorf("%d cases", n)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("plain")
	f.Add("<&>\"'\x00\xff\ufffe]]>")
	f.Fuzz(func(t *testing.T, text string) {
		var b bytes.Buffer
		write(t, &b, junit.Case{Name: text, Status: culprit.StatusFail, Output: text})
		c := parse(t, b.Bytes()).Suites[0].Cases[0]
		if c.Name != c.Failure.Text || strings.Count(c.Name, "<") != strings.Count(text, "<") {
			t.Errorf("%q came back as %q and %q", text, c.Name, c.Failure.Text)
		}
	})
}
