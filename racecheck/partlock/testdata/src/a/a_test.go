package a

import "testing"

func TestAlone(t *testing.T) {
	m := get()
	m.Add(1)
	if m.total != 1 {
		t.Error(m.total)
	}
}

func TestShared(t *testing.T) {
	m := get()
	go m.Add(1)
	if m.total != 1 { // want `meter.total is read here without mu`
		t.Error("not yet")
	}
}

var one = newMeter()

func get() *meter { return one }
