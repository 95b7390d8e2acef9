//go:build go1.22

package a

func perIteration(list []*res) {
	for _, r := range list {
		go func() { r.release() }()
	}
}
