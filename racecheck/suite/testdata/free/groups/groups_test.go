// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package groups

import "testing"

func TestCrawl(t *testing.T) {
	links := map[string][]string{"a": {"b", "c"}, "b": {"c", "a"}, "c": {"d"}}
	c := &Crawler{get: func(u string) []string { return links[u] }}
	if n := c.Crawl("a"); n != 4 {
		t.Fatal(n)
	}
	if !c.seen["d"] {
		t.Fatal()
	}
	if Nested(4)[3] != 3 {
		t.Fatal()
	}
}
