// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package libraryobject defines an analyzer that finds objects of the standard
// library which concurrent functions use and which are not made for that.
//
// # Analyzer libraryobject
//
// libraryobject: report buffers, generators and other objects of the standard library that concurrent functions share
//
// A bytes.Buffer, a rand.Rand, an http.Header or a json.Encoder is not safe for
// concurrent use, and the variable that names it is only read, so that nothing in
// the code looks like a write:
//
//	var out bytes.Buffer
//	for _, job := range jobs {
//		go func() {
//			fmt.Fprintln(&out, run(job))
//		}()
//	}
//
// Each goroutine gets an object of its own, or a lock keeps the uses apart:
//
//	var mu sync.Mutex
//	var out bytes.Buffer
//	for _, job := range jobs {
//		go func() {
//			result := run(job)
//			mu.Lock()
//			defer mu.Unlock()
//			fmt.Fprintln(&out, result)
//		}()
//	}
//
// # When not to worry
//
// Nothing is reported where both sides hold a lock, where a channel, a wait or a
// serial t.Run can order them, or where both only look (Len, String). If something
// else orders them, say so in a directive:
//
//	//culprit:ignore libraryobject the copy has ended when the buffer is read
package libraryobject
