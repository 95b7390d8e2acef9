// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"context"
	"errors"
	"testing"
)

func TestProcess(t *testing.T) {
	items := []*Item{{Key: "a"}, {Key: "b"}}
	seen := 0
	done, err := Process(context.Background(), items,
		func(it *Item) error { it.Size = len(it.Key); seen++; return nil },
		func(it *Item) error { it.Tags = append(it.Tags, "s2"); return nil })
	if err != nil || len(done) != 2 || seen != 2 {
		t.Fatal(done, err)
	}
	for _, it := range items {
		if it.Size != 1 || len(it.Tags) != 2 {
			t.Error(it)
		}
	}
}

func TestFail(t *testing.T) {
	items := []*Item{{Key: "a"}}
	_, err := Process(context.Background(), items, func(it *Item) error { return errors.New("no") })
	if err == nil {
		t.Fatal()
	}
	items[0].Key = "b"
}
