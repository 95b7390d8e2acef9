// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package commands

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
)

func TestWait(t *testing.T) {
	var out bytes.Buffer
	cmd := exec.Command("echo", "hi")
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	waited := make(chan error, 1)
	go func() { waited <- cmd.Wait() }()
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	if out.String() != "hi\n" {
		t.Fatal(out.String())
	}
}

func TestPipes(t *testing.T) {
	cmd := exec.Command("cat")
	in, _ := cmd.StdinPipe()
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	in.Write([]byte("x"))
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if out.Len() != 1 {
		t.Fatal(out.String())
	}
}

func TestSignal(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	defer signal.Stop(c)
	got := 0
	done := make(chan struct{})
	go func() {
		<-c
		got++
		close(done)
	}()
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	<-done
	if got != 1 {
		t.Fatal()
	}
}
