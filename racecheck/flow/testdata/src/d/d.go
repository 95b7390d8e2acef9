package d

import "b"

// Alias leads to b.
type Alias = b.Outer
