// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package archtest

import "path"

// layers gives each folder its layer; a package imports only strictly lower
// ones. A trailing "/*" covers every folder directly below that has no line of
// its own. Folders of packages that are planned and not written yet have their
// line already, so that the first import of them is checked.
var layers = map[string]int{
	".":               0,
	"internal/lazyre": 0,

	"internal/golog":   1,
	"internal/logfile": 1,
	"internal/junit":   1,
	"internal/config":  1,
	"internal/gocmd":   1,
	"internal/gitx":    1,
	"internal/report":  1,
	"racecheck":        1,
	"racecheck/flow":   1,
	"internal/ci":      1,
	"internal/tracker": 1,
	"internal/dedupe":  1,
	"internal/redact":  1,
	"internal/closing": 1,
	"internal/ghapi":   1,
	// For tests only.
	"internal/casetest": 1,

	"internal/kind":      2,
	"internal/source":    2,
	"racecheck/*":        2,
	"internal/outbox":    2,
	"internal/checkout":  2,
	"internal/ci/*":      2,
	"internal/ghapi/*":   2,
	"internal/tracker/*": 2,

	"internal/phantom": 3,
	"internal/blame":   3,
	"internal/fix":     3,
	"internal/repro":   3,
	"internal/store":   3,
	// These ask racecheck/fielduse.
	"racecheck/copiedlock":    3,
	"racecheck/lazyinit":      3,
	"racecheck/otherlock":     3,
	"racecheck/partlock":      3,
	"racecheck/plainatomic":   3,
	"racecheck/rlockwrite":    3,
	"racecheck/unlockedfield": 3,

	// This leaves to libraryobject and sharedmap what they report.
	"racecheck/sharedobject": 3,

	"racecheck/suite":         4,
	"internal/store/sqlstore": 4,

	"racecheck/golangci": 5,
	"internal/vet":       5,
	"internal/cause":     5,
	"internal/store/*":   5,

	"internal/engine":     6,
	"internal/caseschema": 6,

	"internal/server": 7,
	"internal/work":   7,
	"internal/mcp":    7,
	"internal/demo":   7,
	"internal/ingest": 7,

	"internal/wire":     8,
	"internal/cli":      9,
	"internal/archtest": 9,
	"cmd/culprit":       10,
}

// cliLayer is the lowest layer that may print.
const cliLayer = 9

// stages are the packages that draw conclusions about a failure. They meet only
// in the engine: none imports another, whatever their layers.
var stages = map[string]bool{
	"internal/phantom": true,
	"internal/blame":   true,
	"internal/fix":     true,
	"internal/repro":   true,
	"internal/cause":   true,
	"internal/kind":    true,
	"internal/dedupe":  true,
}

// reserved gives the only folders that may import a path, or anything below it.
var reserved = map[string][]string{
	"os/exec":                 {"internal/gocmd", "internal/gitx", "internal/store/pgtest", "internal/store/storetest"},
	"net/http":                {"internal/ci/*", "internal/tracker/*", "internal/ghapi", "internal/ghapi/*", "internal/server", "internal/mcp"},
	"database/sql":            {"internal/store/*", "internal/work", "internal/wire"},
	"github.com/jackc/pgx":    {"internal/store/*", "internal/work", "internal/wire"},
	"modernc.org/sqlite":      {"internal/store/*"},
	Module + "/internal/wire": {"cmd/culprit", "internal/cli"},
	// Databases for tests. Only tests import what is listed for nobody.
	Module + "/internal/store/pgtest":    {},
	Module + "/internal/store/storetest": {},
	Module + "/internal/tracker": {
		"internal/tracker/*", "internal/outbox", "internal/wire",
	},
}

// impure are the packages of the standard library that the root package may
// not import, themselves or below: they do I/O.
var impure = []string{
	"os", "net", "io/fs", "io/ioutil", "syscall", "database/sql", "log", "embed", "plugin", "path/filepath",
}

// layerOf gives the layer of a folder; ok is false for one the table does not list.
func layerOf(folder string) (layer int, ok bool) {
	if layer, ok = layers[folder]; ok {
		return layer, true
	}
	layer, ok = layers[path.Dir(folder)+"/*"]
	return layer, ok
}

// in reports whether folder is one of the patterns.
func in(folder string, patterns []string) bool {
	for _, p := range patterns {
		if p == folder || p == path.Dir(folder)+"/*" {
			return true
		}
	}
	return false
}
