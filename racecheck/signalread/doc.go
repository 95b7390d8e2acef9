// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package signalread defines an analyzer that finds variables which are read after
// a signal that does not order the write.
//
// # Analyzer signalread
//
// signalread: report variables read after a signal that does not order the write
//
// A function that somebody calls for each message counts and signals. The test
// receives the signals and looks at the count in between:
//
//	count := 0
//	sub.OnMessage(func(m Message) {
//		count++
//		arrived <- struct{}{}
//	})
//	for {
//		<-arrived
//		if count == 1000 { // the next call may be counting
//			break
//		}
//	}
//
// A receive orders what came before the send. The next call of the function does
// not wait for the test: it writes while the test reads. The same holds for what a
// function does after the send, and for what a method of a test double does after a
// send on a channel of its own. The signals themselves can be counted:
//
//	for range 1000 {
//		<-arrived
//	}
//	// or: arrived <- m, and look at what was received
//
// # When not to worry
//
// Reported is a count, sum or append before the send, read in a loop that does
// nothing but receive and check; or a write after the send, read directly after the
// receive. A loop that causes each call itself is not reported. If the function is
// called once only, say so in a directive:
//
//	//culprit:ignore signalread the fake server sends one message
package signalread
