// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import "hash/maphash"

// nameIndex finds a test of one package by name. It is emptied in no time and
// used again for the next package, which a map is not: most of a log is tests
// that pass and are forgotten.
type nameIndex struct {
	seed  maphash.Seed
	slots []nameSlot
	gen   uint32
	n     int
}

// nameSlot holds the place of a test in [Package.Tests] if its gen is the index's.
type nameSlot struct {
	hash, gen uint32
	at        int32
}

func newNameIndex() *nameIndex {
	return &nameIndex{seed: maphash.MakeSeed(), slots: make([]nameSlot, 256), gen: 1}
}

// clear forgets all names.
func (x *nameIndex) clear() {
	x.n = 0
	if x.gen++; x.gen == 0 || len(x.slots) > 1<<14 {
		*x = *newNameIndex()
	}
}

// find gives the place of a name in tests, and the slot to give to add when
// there is none.
func (x *nameIndex) find(tests []*Test, name []byte) (t *Test, slot int, hash uint32) {
	hash = uint32(maphash.Bytes(x.seed, name))
	mask := len(x.slots) - 1
	for i := int(hash) & mask; ; i = (i + 1) & mask {
		s := x.slots[i]
		if s.gen != x.gen {
			return nil, i, hash
		}
		if s.hash == hash && int(s.at) < len(tests) && tests[s.at].Name == string(name) {
			return tests[s.at], i, hash
		}
	}
}

// add puts the test at a place into the slot that find gave.
func (x *nameIndex) add(slot int, hash uint32, at int) {
	x.slots[slot] = nameSlot{hash, x.gen, int32(at)}
	if x.n++; x.n*2 < len(x.slots) {
		return
	}
	old := x.slots
	x.slots = make([]nameSlot, 2*len(old))
	for _, s := range old {
		if s.gen == x.gen {
			i := int(s.hash) & (len(x.slots) - 1)
			for x.slots[i].gen == x.gen {
				i = (i + 1) & (len(x.slots) - 1)
			}
			x.slots[i] = s
		}
	}
}
