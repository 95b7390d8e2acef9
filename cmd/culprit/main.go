// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Command culprit reads the log of a red Go CI job and says what failed and why.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/culprit-ci/culprit/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)                            // a second signal kills
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a closed pipe is an error, so that temporary folders go
	os.Exit(cli.Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
