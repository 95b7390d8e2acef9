// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// digest hashes what was read while the reader works on it: on a second core
// the digest is free.
type digest struct {
	h    hash.Hash
	work chan []byte
	idle chan struct{}
	busy bool
}

// smallChunk is what is hashed at once: handing it over would take longer.
const smallChunk = 32 << 10

func newDigest() *digest {
	d := &digest{h: sha256.New(), work: make(chan []byte), idle: make(chan struct{})}
	go func() {
		for p := range d.work {
			d.h.Write(p)
			d.idle <- struct{}{}
		}
	}()
	return d
}

// write hashes p, which must not change before the next call of wait.
func (d *digest) write(p []byte) {
	d.wait()
	if len(p) < smallChunk {
		d.h.Write(p)
		return
	}
	d.busy = true
	d.work <- p
}

func (d *digest) wait() {
	if d.busy {
		<-d.idle
		d.busy = false
	}
}

// close ends the goroutine.
func (d *digest) close() {
	d.wait()
	close(d.work)
}

// hex gives the digest of all that was written.
func (d *digest) hex() string {
	d.wait()
	return hex.EncodeToString(d.h.Sum(nil))
}
