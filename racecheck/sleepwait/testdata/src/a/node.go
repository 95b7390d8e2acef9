package a

// node is set up by its own methods before its goroutines start.
type node struct {
	manager *manager
	work    chan func()
}

type manager struct{ n int }

func (m *manager) stats() int { return m.n }

func (n *node) OnPoll(f func()) { n.manager = &manager{} }

func (n *node) Run() {
	go func() {
		for f := range n.work {
			f()
		}
	}()
}

func connect(n *node) *client { return &client{n: n} }

type client struct{ n *node }

func (c *client) subscribe() { c.n.work <- func() {} }
