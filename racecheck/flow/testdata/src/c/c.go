package c

// T is got hold of through b.
type T struct{ n int }

func (t *T) Inc() { t.n++ }

func (t *T) Get() int { return t.n }

// Set is called through c alone.
func Set(t *T) { t.n = 1 }

// Hidden is nobody's to get hold of but through b's unexported function.
type Hidden struct{ n int }

func (h *Hidden) Inc() { h.n++ }

// Gen is got hold of as an instance.
type Gen[E any] struct{ list []E }

func (g *Gen[E]) Add(e E) { g.list = append(g.list, e) }
