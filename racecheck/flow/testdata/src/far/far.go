// Package far imports neither c, whose type it uses, nor b, which leads there.
package far

import "d"

func alias(o *d.Alias) {
	o.In.T().Inc() // want `Inc writes`
}
