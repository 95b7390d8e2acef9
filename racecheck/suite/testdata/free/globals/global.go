// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package globals

import (
	"sync"
	"time"
)

var now = time.Now

var (
	regMu sync.RWMutex
	reg   = map[string]func() int{}
)

func Register(name string, f func() int) {
	regMu.Lock()
	defer regMu.Unlock()
	reg[name] = f
}

func Lookup(name string) (func() int, bool) {
	regMu.RLock()
	defer regMu.RUnlock()
	f, ok := reg[name]
	return f, ok
}

func Age(t time.Time) time.Duration { return now().Sub(t) }
