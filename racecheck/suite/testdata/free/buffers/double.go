// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package buffers

// Buffers are filled and drained in turn.
type Buffers struct {
	front, back []byte
	swap        chan []byte
	ret         chan []byte
}

func New() *Buffers {
	b := &Buffers{swap: make(chan []byte), ret: make(chan []byte, 2)}
	b.ret <- make([]byte, 0, 8)
	b.ret <- make([]byte, 0, 8)
	return b
}

func (b *Buffers) Fill(n int) {
	for i := range n {
		buf := <-b.ret
		buf = buf[:0]
		for j := range 4 {
			buf = append(buf, byte(i+j))
		}
		b.swap <- buf
	}
	close(b.swap)
}

func (b *Buffers) Drain() (total int) {
	for buf := range b.swap {
		for i := range buf {
			total += int(buf[i])
			buf[i] = 0
		}
		b.ret <- buf
	}
	return total
}
