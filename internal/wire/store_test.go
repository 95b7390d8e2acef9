// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"context"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestFindStore(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the folders are those of Linux")
	}
	home := map[string]string{"HOME": "/home/u"}
	for _, tc := range []struct {
		address string
		env     map[string]string
		want    Store
		err     string
	}{
		{"", home, Store{file: "/home/u/.local/share/culprit/culprit.db"}, ""},
		{"", map[string]string{"HOME": "/home/u", "XDG_DATA_HOME": "/data"}, Store{file: "/data/culprit/culprit.db"}, ""},
		{"", map[string]string{"HOME": "/home/u", "XDG_DATA_HOME": "data"}, Store{file: "/home/u/.local/share/culprit/culprit.db"}, ""},
		{"", nil, Store{}, "set CULPRIT_STORE or HOME"},
		{"a.db", nil, Store{file: "a.db"}, ""},
		{"/x/a:b.db", nil, Store{file: "/x/a:b.db"}, ""},
		{"sqlite:a.db", nil, Store{file: "a.db"}, ""},
		{"sqlite:///x/a.db", nil, Store{file: "/x/a.db"}, ""},
		{"sqlite:", nil, Store{}, "names no file"},
		{"postgres://u:secret@h/d", nil, Store{address: "postgres://u:secret@h/d"}, ""},
		{"postgresql://h/d", nil, Store{address: "postgresql://h/d"}, ""},
		{"mysql://u:secret@h/d", nil, Store{}, "and not mysql://…"},
	} {
		got, err := FindStore(tc.address, func(k string) string { return tc.env[k] })
		if tc.err == "" && (err != nil || got != tc.want) || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
			t.Errorf("FindStore(%q, %v) = %+v, %v; want %+v, %q", tc.address, tc.env, got, err, tc.want, tc.err)
		}
		if strings.Contains(got.String(), "secret") || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("FindStore(%q) tells the password: %v, %v", tc.address, got, err)
		}
	}
}

func TestStoreExists(t *testing.T) {
	t.Parallel()
	s, err := FindStore(filepath.Join(t.TempDir(), "new", "a.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := s.Exists(); there || err != nil {
		t.Errorf("Exists = %v, %v", there, err)
	}
	db, err := s.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if there, err := s.Exists(); !there || err != nil {
		t.Errorf("Exists = %v, %v", there, err)
	}
}
