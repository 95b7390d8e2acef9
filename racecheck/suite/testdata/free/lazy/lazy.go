// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package lazy

import "sync"

type Config struct {
	once sync.Once
	vals map[string]string
	err  error
}

func (c *Config) load() {
	c.once.Do(func() {
		c.vals = map[string]string{"a": "1"}
	})
}

func (c *Config) Get(k string) (string, error) {
	c.load()
	return c.vals[k], c.err
}

var table = sync.OnceValues(func() (map[int]int, error) {
	m := map[int]int{}
	for i := range 10 {
		m[i] = i * i
	}
	return m, nil
})

func Square(i int) int {
	m, err := table()
	if err != nil {
		return 0
	}
	return m[i]
}
