// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/culprit-ci/culprit"
)

// lockedBuffer is a terminal that the test and the progress line share.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// The clock of these tests is that of a synctest bubble: nothing waits.

func TestProgressAfterASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var buf lockedBuffer
		p := newProgress(&buf, 40)
		p.Event(culprit.Event{Message: "reading the log"})
		time.Sleep(progressAfter - time.Millisecond)
		synctest.Wait()
		if buf.String() != "" {
			t.Errorf("before a second: %q", buf.String())
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if got := buf.String(); got != "\r\x1b[K1s reading the log" {
			t.Errorf("after a second: %q", got)
		}
		p.Event(culprit.Event{Failure: "f1", Message: "type-checking a package with\na \x1b[31mlong name"})
		time.Sleep(progressEvery)
		p.Stop()
		lines := strings.Split(buf.String(), "\r\x1b[K")
		if last := lines[len(lines)-1]; last != "" {
			t.Errorf("the line was not cleared: %q", last)
		}
		line := lines[len(lines)-2]
		if n := len([]rune(line)); n >= 40 || !strings.HasPrefix(line, "1s f1: type-checking a package with a") || strings.ContainsAny(line, "\n\x1b") {
			t.Errorf("%d columns: %q", n, line)
		}
	})
}

func TestNoProgressForShortWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var buf lockedBuffer
		p := newProgress(&buf, 80)
		p.Event(culprit.Event{Message: "reading the log"})
		time.Sleep(progressAfter / 2)
		p.Stop()
		if buf.String() != "" {
			t.Errorf("wrote %q", buf.String())
		}
	})
}

func TestNoProgressInAPipe(t *testing.T) {
	t.Parallel()
	p := Streams{Err: &bytes.Buffer{}}.progress()
	if p != nil {
		t.Fatal("a progress line on a buffer")
	}
	p.Event(culprit.Event{Message: "x"})
	p.Stop()
}
