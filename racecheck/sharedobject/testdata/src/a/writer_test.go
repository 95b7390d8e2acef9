package a

import (
	"lib"
	"testing"
)

// transport says by its channel when it has counted.
type transport struct {
	calls, count int
	ch           chan struct{}
	after        int
}

func (t *transport) writeMany(items ...int) error {
	t.calls++
	for range items {
		t.count++
		t.ch <- struct{}{}
	}
	t.after++
	return nil
}

func TestWriter(t *testing.T) {
	tr := &transport{ch: make(chan struct{}, 1)}
	w := lib.NewWriter(lib.WriterConfig{WriteMany: tr.writeMany})
	go func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i := 0; i < 4; i++ {
		<-tr.ch
	}
	if tr.count != 4 || tr.calls != 1 {
		t.Fatal("no")
	}
}

func TestWriterNotWaited(t *testing.T) {
	tr := &transport{ch: make(chan struct{}, 1)}
	w := lib.NewWriter(lib.WriterConfig{WriteMany: tr.writeMany})
	go func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	if tr.count != 4 { // want `count of tr is read here`
		t.Fatal("no")
	}
}
