// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
)

// versionInfo is what `culprit version --json` prints. What the build does not
// know is empty and absent; `go run` records no commit.
type versionInfo struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Time     string `json:"time,omitempty"`     // of the commit, RFC 3339
	Modified bool   `json:"modified,omitempty"` // the work tree had changes
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Schema   string `json:"schema"` // of the case that this version writes
}

func newVersion(s Streams) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version and the commit it was built from",
		Example: "  culprit version\n  culprit version --json",
		GroupID: groupAbout,
		Args:    none,
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			return writeVersion(s.Out, readVersion(info), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// readVersion takes what the build recorded; info may be nil.
func readVersion(info *debug.BuildInfo) versionInfo {
	v := versionInfo{
		Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Schema: culprit.Schema,
	}
	if info == nil {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

func writeVersion(w io.Writer, v versionInfo, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	}
	commit := "unknown (build with `go build ./cmd/culprit` in a git clone)"
	if v.Commit != "" {
		commit = v.Commit
		if v.Time != "" {
			commit += " of " + v.Time
		}
		if v.Modified {
			commit += ", with local changes"
		}
	}
	_, err := fmt.Fprintf(w, "culprit %s\ncommit  %s\nbuilt   with %s for %s\nschema  %s\n",
		v.Version, commit, v.Go, v.Platform, v.Schema)
	return err
}
