package a

import (
	"lib"
	"sync"
	"sync/atomic"
	"testing"
)

// fakeStore has no lock.
type fakeStore struct {
	saves int
	keys  []string
	named string
}

func (f *fakeStore) Save(key string) {
	f.saves++
	f.keys = append(f.keys, key)
}

func (f *fakeStore) Load(string) string { return f.named }

type lockedStore struct {
	fakeStore
	mu    sync.Mutex
	count int
}

func (l *lockedStore) Save(string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
}

func (l *lockedStore) saved() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

type atomicStore struct {
	fakeStore
	count atomic.Int32
}

func (a *atomicStore) Save(string) { a.count.Add(1) }

type chanStore struct {
	fakeStore
	got chan string
	n   int
}

func (c *chanStore) Save(k string) {
	c.n++
	c.got <- k
}

func TestDouble(t *testing.T) {
	store := &fakeStore{}
	svc := lib.New(store)
	svc.Put("a")
	if store.saves != 1 { // want `saves of store is read here while a goroutine that calls Save changes it`
		t.Error("saves")
	}
	t.Log(store.named)
}

func TestDoubleConfig(t *testing.T) {
	var store fakeStore
	cfg := lib.Config{}
	cfg.Store = &store
	svc := lib.NewConfig(cfg)
	svc.Put("a")
	t.Log(len(store.keys)) // want `keys of store is read here while a goroutine that calls Save changes it`
}

func TestDoubleNow(t *testing.T) {
	store := &fakeStore{}
	svc := lib.New(store)
	svc.PutNow("a")
	t.Log(store.saves)
}

func TestDoubleWait(t *testing.T) {
	store := &fakeStore{}
	svc := lib.New(store)
	svc.PutLater("a")
	svc.Wait()
	t.Log(store.saves)
}

func TestDoubleOther(t *testing.T) {
	store, other := &fakeStore{}, &fakeStore{}
	svc := lib.New(store)
	svc.Put("a")
	t.Log(other.saves)
}

func TestDoubleBefore(t *testing.T) {
	store := &fakeStore{}
	svc := lib.New(store)
	t.Log(store.saves)
	svc.Put("a")
}

func TestDoubleLocked(t *testing.T) {
	store := &lockedStore{}
	svc := lib.New(store)
	svc.Put("a")
	t.Log(store.saved())
}

func TestDoubleHalfLocked(t *testing.T) {
	store := &lockedStore{}
	svc := lib.New(store)
	svc.Put("a")
	t.Log(store.count) // want `count of store is read here while a goroutine that calls Save changes it, and only that holds a lock`
}

func TestDoubleAtomic(t *testing.T) {
	store := &atomicStore{}
	svc := lib.New(store)
	svc.Put("a")
	t.Log(store.count.Load())
}

func TestDoubleChannel(t *testing.T) {
	store := &chanStore{got: make(chan string)}
	svc := lib.New(store)
	svc.Put("a")
	<-store.got
	t.Log(store.n)
}

type lines struct{ list []string }

func (l *lines) Log(s string) { l.list = append(l.list, s) }

func TestDoubleRun(t *testing.T) {
	log := &lines{}
	svc := lib.NewConfig(lib.Config{Log: log})
	go svc.Run()
	t.Log(len(log.list)) // want `list of log is read here while`
}

type recorder struct{ events []string }

func (r *recorder) record(s string) { r.events = append(r.events, s) }

func TestMethodValue(t *testing.T) {
	rec := &recorder{}
	w := lib.NewWatcher(lib.Hooks{OnEvent: rec.record})
	w.Emit("a")
	t.Log(len(rec.events)) // want `events of rec is read here while a goroutine that calls record changes it`
}

func TestMethodValueNow(t *testing.T) {
	rec := &recorder{}
	w := lib.NewWatcher(lib.Hooks{OnEvent: rec.record})
	w.EmitNow("a")
	t.Log(len(rec.events))
}

type mapStore struct {
	fakeStore
	byKey map[string]int
}

func (m *mapStore) Save(key string) { m.byKey[key] = 1 }

func TestDoubleMap(t *testing.T) {
	store := &mapStore{byKey: map[string]int{}}
	svc := lib.New(store)
	svc.Put("a")
	t.Log(len(store.byKey)) // want `byKey of store is read here while a goroutine that calls Save changes it`
}

func TestInside(t *testing.T) {
	stats := &lib.Stats{}
	c := lib.NewCounter(stats)
	c.Start()
	t.Log(stats.Hits) // want `Hits of stats is read here while a goroutine that Start leaves running changes it`
	t.Log(stats.Misses)
}

func TestInsideOnce(t *testing.T) {
	stats := &lib.Stats{}
	c := lib.NewCounter(stats)
	c.Once()
	t.Log(stats.Hits)
}
