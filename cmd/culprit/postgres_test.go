// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/culprit-ci/culprit/internal/store/pgtest"
)

// TestStoreOnPostgres runs testdata/script/postgres/*.txtar, each with an empty
// database of a real server.
func TestStoreOnPostgres(t *testing.T) {
	t.Parallel()
	var server *pgtest.Server
	if pgtest.Missing() == "" {
		var err error
		if server, err = pgtest.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Stop)
	}
	pgtest.Need(t, server)
	testscript.Run(t, testscript.Params{
		Dir: "../../testdata/script/postgres",
		Setup: func(e *testscript.Env) error {
			address, err := server.NewDatabase(t.Context())
			e.Setenv("CULPRIT_STORE", address)
			e.Setenv("XDG_DATA_HOME", e.WorkDir+string(os.PathSeparator)+"data")
			return err
		},
	})
}
