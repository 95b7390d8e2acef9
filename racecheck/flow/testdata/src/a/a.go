package a

import (
	"b"
	"c"
	"d"
)

func direct(t *c.T) {
	c.Set(t) // want `Set writes`
	t.Inc()  // want `Inc writes`
	t.Get()
}

func through(o *b.Outer) {
	o.In.T().Inc()                                                // want `Inc writes`
	b.Gen.Add(1)                                                  // want `Add writes`
	b.Func(func(m map[string][]chan *c.T) { (<-m[""][0]).Inc() }) // want `Inc writes`
}

func alias(o *d.Alias) {
	o.In.T().Inc() // want `Inc writes`
}
