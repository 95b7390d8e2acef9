// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func packed(t testing.TB, list ...named) []byte {
	t.Helper()
	b, err := pack(list)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSections(t *testing.T) {
	t.Parallel()
	fact := &FuncFact{Locks: true, Params: []ParamFact{{Func: FuncAsync, Effects: []Effect{{Path: "*.n", Write: true}}}}}
	want := []*section{
		{path: "p", mentions: []string{"q", ""}, functions: packed(t, named{"G", &FuncFact{}}, named{"F", fact})},
		{path: "q/r", methods: packed(t, named{"T.M", fact})},
	}
	var data []byte
	for _, s := range want {
		data = s.append(data)
	}
	got := sections(data)
	opts := []cmp.Option{cmp.AllowUnexported(section{}), cmp.Transformer("empty", func(b []byte) string { return string(b) })}
	if d := cmp.Diff(want, got, opts...); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	known := map[string]*FuncFact{}
	unpack(got[0].functions, known)
	if d := cmp.Diff(map[string]*FuncFact{"F": fact, "G": {}}, known); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if a, b := packed(t, named{"A", fact}, named{"B", fact}), packed(t, named{"B", fact}, named{"A", fact}); !bytes.Equal(a, b) {
		t.Error("the order of the facts changes the bytes, and so the build cache's keys")
	}
	for n := range data {
		if got := sections(data[:n]); len(got) > 1 {
			t.Errorf("%d sections in the first %d of %d bytes", len(got), n, len(data))
		}
	}
}

// FuzzSections: another version's bytes, or half of them, are no reason to fall over.
func FuzzSections(f *testing.F) {
	s := &section{path: "p", mentions: []string{"q"}, functions: packed(f, named{"F", &FuncFact{Unlocks: true}}), methods: []byte("no gob")}
	f.Add(s.append(nil))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, s := range sections(data) {
			known := map[string]*FuncFact{}
			unpack(s.functions, known)
			unpack(s.methods, known)
		}
	})
}
