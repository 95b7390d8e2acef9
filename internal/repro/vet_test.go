// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import "testing"

func TestBodiesOnly(t *testing.T) {
	t.Parallel()
	const src = "package m\n\nimport \"fmt\"\n\ntype T struct{ n int }\n\nvar f = func() int { return 1 }\n\n// Do does.\nfunc (t *T) Do() { fmt.Println(t.n) }\n"
	for name, c := range map[string]struct {
		after string
		want  bool
	}{
		"same":         {src, true},
		"body":         {"package m\n\nimport (\n\t\"os\"\n)\n\ntype T struct{ n int }\n\nvar f = func() int { return 1 }\n\nfunc (t *T) Do() {\n\tos.Exit(t.n)\n}\n", true},
		"field":        {"package m\n\nimport \"fmt\"\n\ntype T struct{ n int64 }\n\nvar f = func() int { return 1 }\n\nfunc (t *T) Do() { fmt.Println(t.n) }\n", false},
		"signature":    {"package m\n\nimport \"fmt\"\n\ntype T struct{ n int }\n\nvar f = func() int { return 1 }\n\nfunc (t *T) Do(int) { fmt.Println(t.n) }\n", false},
		"value":        {"package m\n\nimport \"fmt\"\n\ntype T struct{ n int }\n\nvar f = func() int { return 2 }\n\nfunc (t *T) Do() { fmt.Println(t.n) }\n", false},
		"new function": {src + "\nfunc g() {}\n", false},
		"no Go":        {"package", false},
	} {
		if got := bodiesOnly([]byte(src), []byte(c.after)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
