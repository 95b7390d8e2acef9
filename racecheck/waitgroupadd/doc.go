// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package waitgroupadd defines an analyzer that finds goroutines which add
// themselves to the group that is waited for.
//
// # Analyzer waitgroupadd
//
// waitgroupadd: report WaitGroup.Add in the goroutine that it counts
//
// Wait returns when the counter is zero, which it is until the first goroutine
// gets to run:
//
//	for range workers {
//		go func() {
//			wg.Add(1)
//			defer wg.Done()
//			work()
//		}()
//	}
//	wg.Wait() // may return before any work began
//
// The counter goes up before the goroutine starts:
//
//	for range workers {
//		wg.Add(1)
//		go func() {
//			defer wg.Done()
//			work()
//		}()
//	}
//	wg.Wait()
//
// go vet's waitgroup sees the case in which Add is the first statement of a
// literal without parameters. This analyzer also follows a group that is passed as
// an argument, and an Add further down.
//
// # When not to worry
//
// Nothing is reported when the function that starts the goroutine adds to the
// group itself: the goroutine may then count others that it starts while it is
// counted. If something keeps Wait from being called early, say so in a directive:
//
//	//culprit:ignore waitgroupadd the channel is closed by the first worker
package waitgroupadd
