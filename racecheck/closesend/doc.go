// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package closesend defines an analyzer that finds channels which one function
// closes while another may still send.
//
// # Analyzer closesend
//
// closesend: report channels that are closed while another function may send on them
//
// Messages order memory, but nothing orders the close of a channel and a send on
// it: the detector reports the two as a race on the channel, and where the close
// comes first, the send panics:
//
//	events := make(chan string, 16)
//	go func() {
//		for line := range source.Lines() {
//			events <- line // panics once events is closed
//		}
//	}()
//	server.Shutdown()
//	close(events)
//
// Only who knows that all has been sent closes it:
//
//	events := make(chan string, 16)
//	go func() {
//		defer close(events)
//		for line := range source.Lines() {
//			events <- line
//		}
//	}()
//	server.Shutdown()
//
// # When not to worry
//
// Nothing is reported where a wait, a lock or a message can order the two: a close
// behind a receive of the same channel is taken to be in order, since nobody
// counts messages here, and so are a deferred close and one under a condition. If
// something else orders the two, say so in a directive:
//
//	//culprit:ignore closesend the source has ended when Shutdown returns
package closesend
