// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit/internal/store"
)

// childAddress is the environment variable that makes a test binary the writer
// that [testCrash] kills.
const childAddress = "CULPRIT_STORETEST_CHILD"

// Child must be called by TestMain before anything else. In the process that is
// to be killed it does not return.
func Child(d Database) {
	address, ok := os.LookupEnv(childAddress)
	if !ok {
		return
	}
	fmt.Fprintln(os.Stderr, write(d, address))
	os.Exit(1)
}

// write saves cases and begins filings, and says so after each, until it is
// killed. Several do it at once.
func write(d Database, address string) error {
	ctx := context.Background()
	s, err := d.Open(ctx, address)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range 3 {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d/%d", w, i)
				r := job("c"+id, day(i%9), at("abc", "main", w), inRun("run", i%3), failing("fp1", "race: err", "TestA"), failing(fmt.Sprintf("fp%d", i%5), "other", "TestB"))
				if err := s.Save(ctx, r); err != nil {
					failed <- err
				}
				if _, _, err := s.Begin(ctx, store.Filing{Key: "create/" + id, State: store.Intended, Created: day(i)}); err != nil {
					failed <- err
				}
				fmt.Fprintln(os.Stdout, id)
			}
		}()
	}
	return <-failed
}

// testCrash kills a process that writes, at whatever it is doing, twice.
// What it had been told to be saved is there, the sums are right, and the next
// process goes on.
func testCrash(t *testing.T, d Database) {
	s := open(t, d)
	var told []string
	for range 2 {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), childAddress+"="+s.address)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 25 {
			if !lines.Scan() {
				t.Fatalf("the child ended: %v", cmd.Wait())
			}
			told = append(told, lines.Text())
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it said before it was killed; the last line may be a part
			if strings.Contains(lines.Text(), "/") {
				told = append(told, lines.Text())
			}
		}
		_ = cmd.Wait()
		for _, id := range told {
			if _, err := s.Load(context.Background(), "c"+id); err != nil {
				t.Errorf("case %s was saved and is gone: %v", id, err)
			}
			if f, err := s.Filing(context.Background(), "create/"+id); err != nil || f.State != store.Intended {
				t.Errorf("filing %s was begun and is gone: %+v, %v", id, f, err)
			}
		}
		s.verify(t)
	}
}
