// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package gitx

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestKeyringToken puts a gh on the path that answers as the real one does
// (https://cli.github.com/manual/gh_auth_token).
func TestKeyringToken(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the gh of this test is a shell script")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\n[ \"$1 $2 $3\" = 'auth token --hostname' ] || exit 3\ncase $4 in\nkept.example.com) echo gho_kept ;;\nempty.example.com) ;;\n*) echo 'no oauth token found' >&2; exit 1 ;;\nesac\n"
	if err := os.WriteFile(filepath.Join(dir, "gh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	if got, err := KeyringToken(t.Context(), "kept.example.com"); err != nil || got != "gho_kept" {
		t.Errorf("kept: %q, %v", got, err)
	}
	for _, host := range []string{"empty.example.com", "other.example.com"} {
		if got, err := KeyringToken(t.Context(), host); err == nil {
			t.Errorf("%s: %q, want an error", host, got)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if got, err := KeyringToken(t.Context(), "kept.example.com"); err == nil {
		t.Errorf("without gh: %q, want an error", got)
	}
}
