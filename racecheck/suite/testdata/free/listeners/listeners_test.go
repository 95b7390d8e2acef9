package listeners

import (
	"testing"
	"time"
)

type collector struct{ got []string }

func (c *collector) OnEvent(e string) { c.got = append(c.got, e) }
func (c *collector) Changed(e string) { c.got = append(c.got, e) }

type teller struct{ told chan string }

func (c *teller) OnEvent(e string) { c.told <- e }

func TestClosed(t *testing.T) {
	h := New()
	c := &collector{}
	h.Add(c)
	h.Publish("a")
	h.Publish("b")
	h.Close()
	if len(c.got) != 2 {
		t.Errorf("got %v", c.got)
	}
}

func TestBehind(t *testing.T) {
	h := New()
	c, last := &collector{}, &teller{told: make(chan string, 1)}
	h.Add(c)
	h.Add(last)
	h.Publish("a")
	select {
	case <-last.told:
	case <-time.After(10 * time.Second):
		t.Fatal("not told")
	}
	if len(c.got) != 1 {
		t.Errorf("got %v", c.got)
	}
}

func closed(t *testing.T) (*Hub, *collector) {
	t.Helper()
	h := New()
	c := &collector{}
	h.Add(c)
	h.Publish("a")
	return h, c
}

func TestHelper(t *testing.T) {
	h, c := closed(t)
	h.Publish("b")
	h.Close()
	if len(c.got) != 2 {
		t.Errorf("got %v", c.got)
	}
}

func TestCounted(t *testing.T) {
	c := &collector{}
	b := NewBoard(c)
	b.Change("a")
	for b.Count() == 0 {
		time.Sleep(time.Millisecond)
	}
	if len(c.got) != 1 {
		t.Errorf("got %v", c.got)
	}
}

func TestNothingYet(t *testing.T) {
	h := New()
	defer h.Close()
	c := &collector{}
	h.Add(c)
	if len(c.got) != 0 {
		t.Errorf("got %v", c.got)
	}
	h.Publish("a")
}
