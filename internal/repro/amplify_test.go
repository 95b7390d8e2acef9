// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"strings"
	"testing"
	"time"
)

// lucky races in the first processes of a folder that run with delays, and then
// never again.
const lucky = `package m

import (
	"fmt"
	"os"
	"testing"
)

func first(n int) bool {
	for i := range n {
		if f, err := os.OpenFile(fmt.Sprint("ran", i), os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			f.Close()
			return true
		}
	}
	return false
}

func TestLucky(t *testing.T) {
	n, done := 0, make(chan bool)
	if os.Getenv("CULPRIT_DELAY") == "" || !first(4) {
		return
	}
	go func() {
		n++ // WRITE
		close(done)
	}()
	n++ // READ
	<-done
}
`

// TestLuck: the best of many amplifiers looks better than it is, so that its rate is
// measured again: by its first runs, a change that does nothing would end the race.
func TestLuck(t *testing.T) {
	t.Parallel()
	files := map[string]string{"m_test.go": lucky}
	s := sandbox(t, module(t, "m_test.go", lucky))
	f := failure(s.Tree, files, "TestLucky", [2][2]string{{"m_test.go", "n++ // WRITE"}, {"m_test.go", "n++ // READ"}})
	target := &Target{Dir: ".", Module: ".", ModulePath: "example.com/m", Patterns: []string{"^TestLucky$"}, Points: points(f)}
	bin, why, err := s.Prepare(t.Context(), target, "x", nil)
	if bin == nil || bin.Why != "" {
		t.Fatal(bin, why, err)
	}
	late := time.Now().Add(5 * time.Minute)
	m := s.NewMatcher(f, nil)
	res, why, err := s.Plain(t.Context(), target, bin, m, 2, late, nil)
	if res == nil {
		t.Fatal(why, err)
	}
	if err := s.Amplify(t.Context(), res, bin, m, late, nil); err != nil {
		t.Fatal(err)
	}
	if a := res.Amplified; a == nil || a.Hits == 0 || a.Hits > 4 || a.Runs < amplifiedRuns {
		t.Errorf("%+v", a)
	}
	if strings.Contains(res.Note, "no amplifier") {
		t.Error(res.Note)
	}
}
