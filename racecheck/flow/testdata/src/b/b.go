package b

import "c"

type inner struct{ t *c.T }

// Outer leads to c.T through an unexported type.
type Outer struct{ In *inner }

func (in *inner) T() *c.T { return in.t }

// Gen leads to an instance.
var Gen *c.Gen[int]

// Func leads on through a parameter.
func Func(f func(map[string][]chan *c.T)) {}

func hide() *c.Hidden { return &c.Hidden{} }
