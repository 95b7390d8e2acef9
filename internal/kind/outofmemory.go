// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// memoryRows are how the lack of memory shows outside of the Go runtime: ENOMEM,
// the kernel's OOM killer (mm/oom_kill.c), containers, and [killedTools].
func memoryRows() []row {
	return append(killedTools(), []row{
		{text: "cannot allocate memory"},
		{text: "out of memory: kill"},
		{text: "memory cgroup out of memory"},
		{text: "oom-kill:"},
		{text: "invoked oom-killer"},
		{text: "oomkilled"},
		{text: "low on resource: memory"},
		{text: "fatal error: runtime: out of memory"},
		{text: "the paging file is too small"},
		{text: "not enough memory resources are available"},
		{text: "insufficient memory"},
		{text: "threadsanitizer failed to allocate"},
		{text: "virtual memory exhausted"},
		{text: "cc1plus: out of memory"},
		{text: "exit code 137", alone: true},
		{text: "exit status 137", alone: true},
		{text: "exited with status 137", alone: true},
		{text: "received \"killed\" signal"}, // CircleCI
		{text: "the job failed because it ran out of memory"},
	}...)
}

// killedTools are the toolchain's children that were killed.
func killedTools() []row {
	return []row{
		{text: "signal: killed", and: "compile:"},
		{text: "signal: killed", and: "link:"},
		{text: "signal: killed", and: "asm:"},
		{text: "signal: killed", and: "cgo:"},
		{text: "signal: killed", and: "vet:"},
		{text: "signal: killed", and: "/tool/"},
	}
}

// outOfMemory: the runtime could not get memory, or the process was killed without
// a word of its own ("signal: killed" by cmd/go), which is what the kernel does when
// memory runs out.
//
// Near miss: "signal: killed" in the message of a test is a child that the test or
// its context killed. A process killed for its time has "*** Test killed" beside it.
func outOfMemory(c *claims) []*culprit.Failure {
	out := c.byCrash(culprit.KindOutOfMemory, golog.MarkMemory, func(cr *crash) string {
		return "out of memory: " + cr.headline()
	}, func(f *culprit.Failure, cr *crash) {
		f.Evidence = cr.evidence(true)
		f.Resource = &culprit.Resource{Type: "memory", Name: shortPath(c.pkg.Path), Error: clip(cr.headline(), 500)}
		if name, _ := cr.owner(c.pkg); name != "" {
			c.give(f, name, culprit.RoleUnknown, "it asked for memory that was not there; which test took the rest is not shown")
		}
		c.giveCutOff(f, "the process died while it ran or waited; which test took the memory is not shown")
		for i := range f.Tests {
			f.Tests[i].Role = culprit.RoleUnknown
		}
	})
	marks := c.pkg.Marks
	if c.pkg.ExitStatus == 137 && c.failsAlone() { // 128 + 9: killed inside of a container
		marks = append(marks[:len(marks):len(marks)], golog.Mark{Kind: golog.MarkKilled, Line: c.pkg.Ended})
	}
	for _, m := range marks {
		if m.Kind != golog.MarkKilled || len(out) > 0 || c.timedOut() || c.pkg.Result == golog.ResultPass {
			continue
		}
		f := &culprit.Failure{Kind: culprit.KindOutOfMemory, Package: c.pkg.Path, Title: steady("process killed: " + called(c.pkg.Path))}
		f.Exit = &culprit.Exit{Signal: "killed", Process: testBinary(c.pkg.Path), Running: c.unfinished()}
		f.Resource = &culprit.Resource{Type: "memory", Name: testBinary(c.pkg.Path), Error: m.Line.Text}
		f.Evidence = lines([]golog.Line{m.Line}, 0, 0)
		addLine(&f.Evidence, c.pkg.Ended)
		why := "it had not ended when the process was killed; which test took the memory is not shown"
		for _, t := range c.pkg.Tests {
			if t.Status == culprit.StatusUnknown && !c.claimed[t] && len(f.Tests) < maxCutOff {
				c.claimed[t] = true
				f.Tests = append(f.Tests, ref(c.pkg, t, culprit.RoleUnknown, why))
			}
		}
		f.Excluded = excluded(c.log, c.pkg, culprit.KindOutOfMemory)
		out = append(out, f)
	}
	return append(out, c.lacks(culprit.KindOutOfMemory, memoryRows(), tellMemory)...)
}

// jobOutOfMemory: the compiler or the linker was killed, or the kernel says which
// process it killed.
func jobOutOfMemory(j *job) []*culprit.Failure {
	if j.has(culprit.KindOutOfMemory) {
		j.kernel()
		return nil
	}
	out := j.lacks(culprit.KindOutOfMemory, memoryRows(), tellMemory)
	if len(out) > 0 || len(j.failures) > 0 {
		return out
	}
	for _, m := range j.log.Marks {
		// 128 + 9: the step's process was killed, and says no more.
		if m.Kind == golog.MarkJobFailed && strings.HasSuffix(strings.TrimRight(m.Line.Text, ". "), " 137") {
			f := &culprit.Failure{Kind: culprit.KindOutOfMemory, Title: "process killed: the step ended with the status of SIGKILL", Exit: &culprit.Exit{Code: 137, Signal: "killed"}}
			f.Evidence = lines([]golog.Line{m.Line}, 0, 0)
			j.cutOff(f, "it had not ended when the process was killed")
			return append(out, f)
		}
	}
	return out
}

var killedProcess = lazyre.New(`(?i)killed process \d+,? \(([^)]+)\)|(\S+)/tool/[^/]+/(\w+): signal: killed|\b(compile|link|asm|cgo|vet): signal: killed`)

func tellMemory(line string) (kind, name, title string) {
	if m := killedProcess.FindStringSubmatch(line); m != nil {
		name = m[1] + m[3] + m[4]
	}
	if name == "" {
		return "memory", "", "out of memory"
	}
	return "process", name, "out of memory: " + name + " was killed"
}

// kernel adds what the kernel says of the killed process to the failure.
func (j *job) kernel() {
	for i, n := range j.log.Notes {
		m := killedProcess.FindStringSubmatch(n.Line.Text)
		if m == nil || m[1] == "" {
			continue
		}
		for _, f := range j.failures {
			if f.Kind == culprit.KindOutOfMemory && f.Exit != nil && (f.Exit.Process == "" || strings.HasPrefix(f.Exit.Process, m[1])) {
				f.Resource = &culprit.Resource{Type: "process", Name: m[1], Error: clip(n.Line.Text, 500)}
				f.Related = append(f.Related, lines([]golog.Line{n.Line}, 0, 0))
				j.used[i] = true
			}
		}
	}
}

// testBinary is how go test calls the program of a package.
func testBinary(path string) string {
	if path == "" {
		return ""
	}
	return shortPath(path) + ".test"
}
