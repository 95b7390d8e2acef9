package a

import (
	"context"
	"errors"
	"lib"
	"sync"
	"sync/atomic"
	"testing"
)

// The function is called by a goroutine that Get leaves running.
func TestKeptDial(t *testing.T) {
	attempts := 0
	pool := lib.NewPool(&lib.Options{Name: "x", Dial: func(context.Context) error {
		attempts++ // want `attempts is written here by a function that a goroutine of`
		return errors.New("no")
	}})
	defer pool.Close()
	pool.Get()
	if attempts > 3 {
		t.Error(attempts)
	}
}

func TestKeptBound(t *testing.T) {
	attempts := 0
	dial := func(context.Context) error {
		attempts++ // want `attempts is written here by a function that a goroutine of`
		return nil
	}
	opts := &lib.Options{}
	opts.Dial = dial
	pool := lib.NewPool(opts)
	pool.Get()
	t.Log(attempts)
}

func TestKeptAtomic(t *testing.T) {
	var attempts atomic.Int32
	pool := lib.NewPool(&lib.Options{Dial: func(context.Context) error { attempts.Add(1); return nil }})
	pool.Get()
	t.Log(attempts.Load())
}

func TestKeptLocked(t *testing.T) {
	var mu sync.Mutex
	attempts := 0
	pool := lib.NewPool(&lib.Options{Dial: func(context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		attempts++
		return nil
	}})
	pool.Get()
	mu.Lock()
	t.Log(attempts)
	mu.Unlock()
}

// Once waits, and Direct calls.
func TestKeptWaits(t *testing.T) {
	attempts := 0
	pool := lib.NewPool(&lib.Options{Dial: func(context.Context) error { attempts++; return nil }})
	pool.Once()
	pool.Direct()
	t.Log(attempts)
}

// What is called on the pool may wait for the goroutine.
func TestKeptWait(t *testing.T) {
	attempts := 0
	pool := lib.NewPool(&lib.Options{Dial: func(context.Context) error { attempts++; return nil }})
	pool.Spawn()
	pool.Wait()
	t.Log(attempts)
}

func TestKeptClosed(t *testing.T) {
	attempts := 0
	pool := lib.NewPool(&lib.Options{Dial: func(context.Context) error { attempts++; return nil }})
	pool.Get()
	pool.Close()
	t.Log(attempts)
}

func TestKeptChannel(t *testing.T) {
	attempts := 0
	done := make(chan struct{})
	pool := lib.NewPool(&lib.Options{Dial: func(context.Context) error {
		attempts++
		close(done)
		return nil
	}})
	pool.Get()
	<-done
	t.Log(attempts)
}

func TestKeptBefore(t *testing.T) {
	attempts := 0
	pool := lib.NewPool(&lib.Options{Dial: func(context.Context) error { attempts++; return nil }})
	t.Log(attempts)
	pool.Get()
}

// Only the goroutine of the pool has its lock.
func TestKeptTheirLock(t *testing.T) {
	n := 0
	pool := lib.NewPool(&lib.Options{OnRetry: func(i int) {
		n += i // want `n is written here by a function that a goroutine of`
	}})
	pool.Report()
	t.Log(n)
}

func TestKeptList(t *testing.T) {
	var got string
	bus := lib.NewBus()
	bus.Subscribe(func(s string) {
		got = s // want `got is written here by a function that a goroutine of`
	})
	bus.Publish("x")
	if got != "x" {
		t.Error(got)
	}
}

func TestKeptDelivered(t *testing.T) {
	var got string
	bus := lib.NewBus()
	bus.Subscribe(func(s string) { got = s })
	bus.Deliver("x")
	t.Log(got)
}

func TestKeptSignalled(t *testing.T) {
	var got string
	var wg sync.WaitGroup
	wg.Add(1)
	bus := lib.NewBus()
	bus.Subscribe(func(s string) { got = s; wg.Done() })
	bus.Publish("x")
	wg.Wait()
	t.Log(got)
}

func TestKeptTicker(t *testing.T) {
	n := 0
	tick := lib.StartTicker(func() {
		n++ // want `n is written here by a function that a goroutine of`
	})
	defer tick.Stop()
	for range 3 {
		t.Log(n)
	}
}

func TestKeptStopped(t *testing.T) {
	n := 0
	tick := lib.StartTicker(func() { n++ })
	tick.Stop()
	t.Log(n)
}

func TestKeptRun(t *testing.T) {
	called := false
	var srv lib.Server
	srv.SetHook(func() {
		called = true // want `called is written here by a function that a goroutine of`
	})
	go srv.Run()
	if !called {
		t.Error("not called")
	}
}

func TestKeptRunDone(t *testing.T) {
	called := false
	srv := &lib.Server{}
	srv.SetHook(func() { called = true })
	done := make(chan error)
	go func() { done <- srv.Run() }()
	<-done
	t.Log(called)
}

func TestKeptRunNotDone(t *testing.T) {
	called := false
	srv := &lib.Server{}
	srv.SetHook(func() {
		called = true // want `called is declared outside this function literal`
	})
	done := make(chan error)
	go func() { done <- srv.Run() }()
	t.Log(called)
	<-done
}

// Nobody has asked the loop for anything yet.
func TestKeptLoop(t *testing.T) {
	called := false
	srv := &lib.Server{}
	srv.SetHook(func() { called = true })
	srv.Start()
	go srv.Loop()
	t.Log(called)
}

func TestKeptOption(t *testing.T) {
	dials := 0
	client := lib.NewClient(lib.WithDone(func() {}), lib.WithDial(func() {
		dials++ // want `dials is written here by a function that a goroutine of`
	}))
	client.Connect()
	t.Log(dials)
}

// The other one is called where Finish is.
func TestKeptOptionOther(t *testing.T) {
	done := 0
	client := lib.NewClient(lib.WithDone(func() { done++ }), lib.WithDial(func() {}))
	client.Connect()
	client.Finish()
	t.Log(done)
}

func TestKeptHandler(t *testing.T) {
	last := ""
	d := &lib.Dispatcher{}
	d.Register(lib.HandlerFunc(func(s string) {
		last = s // want `last is written here by a function that a goroutine of`
	}))
	d.Dispatch("a")
	if d.Len() == 1 && last == "" {
		t.Error("none")
	}
}

// Count waits for nobody, Join does.
func TestKeptCount(t *testing.T) {
	steps := 0
	l := &lib.Loop{}
	l.Step = func() {
		steps++ // want `steps is written here by a function that a goroutine of`
	}
	l.Start()
	for l.Count() < 3 {
	}
	t.Log(steps)
}

func TestKeptJoin(t *testing.T) {
	steps := 0
	l := &lib.Loop{Step: func() { steps++ }}
	l.Start()
	l.Join()
	t.Log(steps)
}

func TestKeptMaybe(t *testing.T) {
	steps := 0
	l := &lib.Loop{Step: func() { steps++ }}
	l.OnlyOnFailure(false)
	t.Log(steps)
}

func TestKeptElement(t *testing.T) {
	checks := 0
	var m lib.Monitor
	m.Add(lib.Probe{Name: "db", Check: func() {
		checks++ // want `checks is written here by a function that a goroutine of`
	}})
	m.CheckAll()
	t.Log(checks)
}

func TestKeptElementHere(t *testing.T) {
	checks := 0
	var m lib.Monitor
	m.Add(lib.Probe{Name: "db", Check: func() { checks++ }})
	m.CheckHere()
	t.Log(checks)
}

func TestKeptVariadic(t *testing.T) {
	checks := 0
	m := lib.NewMonitor(&lib.Probe{Name: "a", Check: func() {
		checks++ // want `checks is written here by a function that a goroutine of`
	}})
	m.Start("a")
	t.Log(checks)
}

// mockStore is as generators make them.
type mockStore struct {
	SaveFunc func(string) error
}

func (m *mockStore) Save(key string) error {
	if m.SaveFunc == nil {
		panic("no SaveFunc")
	}
	return m.SaveFunc(key)
}

func TestKeptMock(t *testing.T) {
	saved := ""
	mock := &mockStore{SaveFunc: func(key string) error {
		saved = key // want `saved is written here by a function that a goroutine of`
		return nil
	}}
	k := lib.NewKeeper(mock)
	k.Put("a")
	t.Log(saved)
}

func TestKeptMockMade(t *testing.T) {
	saved := ""
	k := lib.NewKeeper(&mockStore{SaveFunc: func(key string) error {
		saved = key // want `saved is written here by a function that a goroutine of`
		return nil
	}})
	k.Put("a")
	t.Log(saved)
}

func TestKeptMockNow(t *testing.T) {
	saved := ""
	k := lib.NewKeeper(&mockStore{SaveFunc: func(key string) error { saved = key; return nil }})
	k.PutNow("a")
	t.Log(saved)
}

func TestKeptMockLater(t *testing.T) {
	saved := ""
	mock := &mockStore{}
	mock.SaveFunc = func(key string) error { saved = key; return nil }
	k := lib.NewKeeper(mock)
	t.Log(saved)
	k.Put("a")
}

func TestKeptChain(t *testing.T) {
	n := 0
	lib.NewBuilder().WithHandler(func(string) {
		n++ // want `n is written here by a function that a goroutine of`
	}).Start()
	t.Log(n)
}

// Another one is started.
func TestKeptChains(t *testing.T) {
	n := 0
	lib.NewBuilder().WithHandler(func(string) { n++ })
	lib.NewBuilder().WithHandler(func(string) {}).Start()
	t.Log(n)
}

func TestKeptArguments(t *testing.T) {
	n := 0
	b := lib.NewBuilder(func(string) {}, func(string) {
		n++ // want `n is written here by a function that a goroutine of`
	})
	b.Tell("x")
	t.Log(n)
}

func TestKeptArgumentsNow(t *testing.T) {
	n := 0
	b := lib.NewBuilder(func(string) {}, func(string) { n++ })
	b.TellNow("x")
	t.Log(n)
}

func TestKeptChained(t *testing.T) {
	n := 0
	b := lib.NewBuilder()
	b.WithHandler(nil).WithHandler(func(string) {
		n++ // want `n is written here by a function that a goroutine of`
	})
	b.Start()
	t.Log(n)
}

func TestKeptRow(t *testing.T) {
	n := 0
	var b lib.Table
	b.Add(func(string) bool {
		n++ // want `n is written here by a function that a goroutine of`
		return true
	})
	b.Start()
	t.Log(n)
}

func TestKeptRowNow(t *testing.T) {
	n := 0
	var b lib.Table
	b.Add(func(string) bool { n++; return true })
	b.Now()
	t.Log(n)
}

func TestKeptRowOfAnother(t *testing.T) {
	n := 0
	var a, b lib.Table
	a.Add(func(string) bool { n++; return true })
	b.Start()
	t.Log(n)
}

// Only the one of a name is called, and nobody knows which.
func TestKeptName(t *testing.T) {
	n := 0
	var b lib.Table
	b.Name("y", func(string) { n++ })
	b.StartNamed()
	t.Log(n)
}
