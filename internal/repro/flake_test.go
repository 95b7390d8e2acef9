// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMinimise(t *testing.T) {
	t.Parallel()
	var all []string
	for i := range 100 {
		all = append(all, fmt.Sprint(i))
	}
	for name, needed := range map[string][]string{
		"none": nil, "one": {"37"}, "the first": {"0"}, "the last": {"99"}, "two": {"3", "98"}, "three": {"10", "11", "90"},
	} {
		runs := 0
		least, whole, err := minimise(t.Context(), all, func(_ context.Context, s []string) (bool, error) {
			runs++
			return !slices.ContainsFunc(needed, func(n string) bool { return !slices.Contains(s, n) }), nil
		})
		if err != nil || !whole || !slices.Equal(least, needed) {
			t.Errorf("%s: %v, whole %t, %v", name, least, whole, err)
		}
		if len(needed) == 1 && runs > 20 || runs > 200 {
			t.Errorf("%s: %d runs", name, runs)
		}
	}
	stop := errors.New("stop")
	if _, whole, err := minimise(t.Context(), all, func(_ context.Context, s []string) (bool, error) { return len(s) > 9, stop }); !errors.Is(err, stop) && whole {
		t.Errorf("an error is lost: whole %t, %v", whole, err)
	}
}

// TestNeeds: a test is named as what is needed only where the runs show it.
func TestNeeds(t *testing.T) {
	t.Parallel()
	of := func(hits, runs int) *Series { return &Series{Hits: hits, Runs: runs} }
	for name, c := range map[string]struct {
		with, alone *Series
		least       []string
		want        string
	}{
		"always and never":     {of(20, 20), of(0, 10), []string{"TestX"}, "it fails when TestX ran in the same process before it"},
		"two":                  {of(20, 20), of(0, 10), []string{"TestX", "TestY"}, "when TestX and TestY ran"},
		"never again":          {of(0, 20), of(0, 10), []string{"TestX"}, "not known"},
		"the time was up":      {of(0, 0), of(0, 10), []string{"TestX"}, "not known"},
		"as rarely as alone":   {of(1, 20), of(0, 3), []string{"TestX"}, "not known"},
		"alone it fails, too":  {of(20, 20), of(1, 10), []string{"TestX"}, "not known"},
		"it needed no other":   {of(20, 20), of(0, 10), nil, "not known"},
		"half of few":          {of(5, 10), of(0, 3), []string{"TestX"}, "not known"},
		"half of more, mostly": {of(10, 20), of(0, 20), []string{"TestX"}, "it fails when TestX ran"},
	} {
		ok, note := claim(c.with, c.alone, c.least, "ran in the same process before it")
		if !strings.Contains(note, c.want) || ok != (c.want != "not known") {
			t.Errorf("%s: %t, %q", name, ok, note)
		}
	}
}

func TestPortIn(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"package p\nvar a = \":8080\"":                     "8080",
		"package p\nvar a = `localhost:9999`":              "9999",
		"package p\nvar a = \"127.0.0.1:50051\"":           "50051",
		"package p\nvar a = \"tcp://0.0.0.0:80\"":          "80",
		"package p\nvar a = \"[::1]:7000\"":                "7000",
		"package p\nvar a = \":0\"":                        "",
		"package p\nvar a = \"127.0.0.1:0\"":               "",
		"package p\nvar a = \":123456\"":                   "",
		"package p\nvar a = \":99999\"":                    "",
		"package p\n// \":8080\"\n":                        "",
		"package p\nvar a = \"http://localhost:8080/x\"":   "",
		"package p\nvar a = \"example.com:443\"":           "",
		"package p\nvar a = \"12:30\"":                     "",
		"package p\nvar a = \"unfinished\nvar b = \":81\"": "81",
	} {
		if got, _ := portIn([]byte(src)); got != want {
			t.Errorf("%q: port %q, want %q", src, got, want)
		}
	}
}

// listening is a package whose two processes cannot run at once. Where the port is
// spelt out that is known beforehand, and else from the first collision.
const listening = `package m

import (
	"fmt"
	"net"
	"testing"
	"time"
)

func TestListen(t *testing.T) {
	l, err := net.Listen("tcp", fmt.Sprint(%s))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	l.Close()
}
`

func TestPortsAreNotSharedByTrials(t *testing.T) {
	t.Parallel()
	for _, spelt := range []bool{true, false} {
		t.Run(fmt.Sprint(spelt), func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			addr := l.Addr().String()
			l.Close()
			arg := fmt.Sprintf("%q", addr)
			if !spelt {
				host, port, _ := strings.Cut(addr, ":")
				arg = fmt.Sprintf("%q, %q, %q", host, ":", port)
			}
			s := sandbox(t, module(t, "m_test.go", fmt.Sprintf(listening, arg)))
			bin, why, err := s.Build(t.Context(), ".", "x", nil, false)
			if bin == nil {
				t.Fatal(why, err)
			}
			if s.alone(bin.Dir) != spelt {
				t.Errorf("known beforehand: %t, want %t", !spelt, spelt)
			}
			x, err := s.NewTrials(nil, nil).Measure(t.Context(), bin, Setting{NoRace: true}, 8, 4, time.Now().Add(time.Minute), nil)
			if err != nil || x.Runs != 8 || x.Failed != 0 {
				t.Errorf("%+v, %v", x, err)
			}
			// Many at once on purpose is what is measured.
			x, err = s.NewTrials(nil, nil).Measure(t.Context(), bin, Setting{NoRace: true, AtOnce: 4}, 4, 1, time.Now().Add(time.Minute), nil)
			if err != nil || x.Runs != 4 || x.Failed == 0 {
				t.Errorf("four at once: %+v, %v", x, err)
			}
		})
	}
}
