// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

// Amplify is the setting as a part of the case.
func (s Setting) Amplify() *culprit.Amplify {
	return &culprit.Amplify{
		Run: s.Pattern, Delay: string(s.Delay), Self: s.Self, WaitMS: s.Wait.Milliseconds(), Parallel: s.Parallel, Procs: s.Procs, LingerMS: s.Linger,
		NoRace: s.NoRace, AtOnce: s.AtOnce, Shuffle: s.Shuffle, PauseMS: s.Pause.Milliseconds(), RunMS: s.Run.Milliseconds(), After: s.After,
	}
}

// FromAmplify is the setting that a case holds.
func FromAmplify(a *culprit.Amplify) Setting {
	return Setting{Pattern: a.Run, Delay: Mode(a.Delay), Self: a.Self, Wait: time.Duration(a.WaitMS) * time.Millisecond, Parallel: a.Parallel, Procs: a.Procs, Linger: a.LingerMS}
}

// Replay makes the files with which a sceptic can see the race come and go with
// nothing but Go and a shell: the sources with the delays, without and with the
// patch, the patch, and replay.sh. Names are relative to a folder of its own.
func (s *Sandbox) Replay(t *Target, set Setting, change *Change, patch string) (map[string][]byte, string) {
	before, points, why := s.Delayed(t, nil, nil)
	if before == nil {
		return nil, why
	}
	out := map[string][]byte{}
	r := &replay{t: t, set: set, points: points, modMod: s.modMod}
	r.lists[0] = put(out, "before", before)
	if change != nil {
		after, _, why := s.Delayed(t, change.Files, change.To)
		if after == nil {
			return nil, why
		}
		r.lists[1] = put(out, "after", after)
		out["fix.patch"] = []byte(patch)
	}
	out["replay.sh"] = []byte(r.script())
	return out, ""
}

// put adds files below a folder and returns the pairs of file in the tree and
// file in the folder.
func put(out map[string][]byte, dir string, files Files) [][2]string {
	var pairs [][2]string
	for rel := range files {
		pairs = append(pairs, [2]string{rel, ""})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	for i := range pairs {
		// A name that the go command takes for no package of anybody.
		pairs[i][1] = fmt.Sprintf("%s/%d_%s.txt", dir, i, path.Base(pairs[i][0]))
		out[pairs[i][1]] = files[pairs[i][0]]
	}
	return pairs
}

type replay struct {
	t      *Target
	set    Setting
	points []Point
	modMod bool
	lists  [2][][2]string
}

const replayHead = `#!/bin/sh
# Replays the claim of a culprit report with nothing but Go and a shell.
#
#	replay.sh REPO [RUNS]
#
# REPO is a work tree at the commit of the report; it is copied, not changed. The
# tests are built twice under the race detector: as they are, and with fix.patch.
# Both builds have a delay before the two racing statements (compare before/ and
# after/ with the sources; the helper is delay.go: plain variables and sleeping, no
# synchronisation, hidden from the detector). One process per run.
set -eu
[ $# -ge 1 ] || { echo "usage: $0 REPO [RUNS]" >&2; exit 2; }
repo=$(cd "$1" && pwd)
runs=${2:-20}
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cp -R "$repo" "$tmp/repo"
`

const replayTail = `
# reported counts the runs in which the detector reports a race.
reported() {
	bin=$1
	[ -x "$bin" ] || { echo "the build has no tests" >&2; exit 1; }
	n=0 i=0
	while [ $i -lt "$runs" ]; do
		i=$((i + 1))
		(cd "$tmp/repo/$dir" && env $vars "$bin" -test.count=1 -test.timeout=2m $flags) >"$tmp/out" 2>&1 || true
		if grep -q 'WARNING: DATA RACE' "$tmp/out"; then n=$((n + 1)); fi
	done
	echo "$n"
}
`

// script is replay.sh.
func (r *replay) script() string {
	var b strings.Builder
	b.WriteString(replayHead)
	fmt.Fprintf(&b, "\ndir=%s\n", gocmd.Quote(r.t.Dir))
	env := r.set.Env()
	for i, e := range env {
		env[i] = strings.ReplaceAll(e, " ", ":") // GORACE takes colons between its options
	}
	fmt.Fprintf(&b, "vars=%s\n", gocmd.Quote(strings.Join(env, " ")))
	var flags []string
	for _, a := range r.set.Args() {
		if !strings.HasPrefix(a, "-test.count") && !strings.HasPrefix(a, "-test.timeout") && !strings.HasPrefix(a, "-test.run") {
			flags = append(flags, a)
		}
	}
	fmt.Fprintf(&b, "flags=%s\n", gocmd.Quote(strings.Join(flags, " ")))
	tail := replayTail
	if r.set.Pattern != "" {
		tail = strings.Replace(tail, "$flags)", `$flags "-test.run=$run")`, 1)
		fmt.Fprintf(&b, "run=%s\n", gocmd.Quote(r.set.Pattern))
	}
	if r.modMod {
		b.WriteString("GOFLAGS=-mod=mod\nexport GOFLAGS\n")
	}
	b.WriteString(tail)
	labels := [2]string{"before", "after"}
	texts := [2]string{"as it is", "with fix.patch"}
	for i, pairs := range r.lists {
		if len(pairs) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n{\n\tprintf '{\"Replace\":{'\n")
		for j, p := range pairs {
			comma := ","
			if j == len(pairs)-1 {
				comma = ""
			}
			fmt.Fprintf(&b, "\tprintf '\"%%s/%%s\":\"%%s/%%s\"%s' \"$tmp/repo\" %s \"$here\" %s\n", comma, gocmd.Quote(p[0]), gocmd.Quote(p[1]))
		}
		fmt.Fprintf(&b, "\tprintf '}}'\n} >\"$tmp/%s.json\"\n", labels[i])
		fmt.Fprintf(&b, "(cd \"$tmp/repo/$dir\" && go test -c -race -vet=off -overlay \"$tmp/%s.json\" -o \"$tmp/%s.test\" .)\n", labels[i], labels[i])
		fmt.Fprintf(&b, "echo \"%s: the race detector reports in $(reported \"$tmp/%s.test\") of $runs runs\"\n", texts[i], labels[i])
	}
	return b.String()
}
