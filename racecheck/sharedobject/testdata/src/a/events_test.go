package a

import (
	"bytes"
	"fmt"
	"lib"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

type heard struct{ got []string }

func (h *heard) OnMessage(e string) { h.got = append(h.got, e) }
func (h *heard) Seen(e string)      { h.got = append(h.got, e) }
func (h *heard) Report(e string)    { h.got = append(h.got, e) }
func (h *heard) Take(e string)      { h.got = append(h.got, e) }
func (h *heard) Hit(e string)       { h.got = append(h.got, e) }
func (h *heard) Taken(e string)     { h.got = append(h.got, e) }

func (h *heard) Record(e string) { h.got = append(h.got, e) }
func (h *heard) Count(e string)  { h.got = append(h.got, e) }

type lockedHeard struct {
	mu  sync.Mutex
	got []string
}

func (h *lockedHeard) OnMessage(e string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, e)
}

type toldHeard struct {
	got  []string
	told chan string
}

func (h *toldHeard) OnMessage(e string) {
	h.got = append(h.got, e)
	h.told <- e
}

func await(topic *lib.Topic, want string) {
	for topic.Last() != want {
		time.Sleep(time.Millisecond)
	}
}

func TestPosted(t *testing.T) {
	h := &heard{}
	topic := lib.NewTopic()
	topic.Subscribe(h)
	topic.Publish("a")
	await(topic, "a")
	if len(h.got) != 1 { // want `got of h is read here while a goroutine that calls OnMessage changes it`
		t.Error(h.got)
	}
}

// The function itself is not known, but what it is given to is.
func TestPostedByVariable(t *testing.T) {
	var h heard
	topic := lib.NewTopic()
	subscribe := any((*lib.Topic).Subscribe).(func(*lib.Topic, lib.Subscriber) func())
	subscribe(topic, &h)
	topic.Publish("a")
	await(topic, "a")
	t.Log(h.got) // want `got of h is read here while a goroutine that calls OnMessage changes it`
}

func TestPostedBefore(t *testing.T) {
	h := &heard{}
	topic := lib.NewTopic()
	topic.Subscribe(h)
	t.Log(h.got)
}

func TestPostedFlushed(t *testing.T) {
	h := &heard{}
	topic := lib.NewTopic()
	topic.Subscribe(h)
	topic.Publish("a")
	topic.Flush()
	t.Log(h.got)
}

func TestPostedUnsubscribed(t *testing.T) {
	h := &heard{}
	topic := lib.NewTopic()
	stop := topic.Subscribe(h)
	topic.Publish("a")
	stop()
	t.Log(h.got)
}

func TestPostedLocked(t *testing.T) {
	h := &lockedHeard{}
	topic := lib.NewTopic()
	topic.Subscribe(h)
	topic.Publish("a")
	h.mu.Lock()
	t.Log(h.got)
	h.mu.Unlock()
}

func TestPostedHalfLocked(t *testing.T) {
	h := &lockedHeard{}
	topic := lib.NewTopic()
	topic.Subscribe(h)
	topic.Publish("a")
	await(topic, "a")
	t.Log(h.got) // want `got of h is read here while a goroutine that calls OnMessage changes it, and only that holds a lock`
}

func TestPostedTold(t *testing.T) {
	h := &toldHeard{told: make(chan string)}
	topic := lib.NewTopic()
	topic.Subscribe(h)
	topic.Publish("a")
	<-h.told
	t.Log(h.got)
}

// The second is told after the first, and tells.
func TestPostedTwo(t *testing.T) {
	h, last := &heard{}, &toldHeard{told: make(chan string)}
	topic := lib.NewTopic()
	topic.Subscribe(h)
	topic.Subscribe(last)
	topic.Publish("a")
	await(topic, "a")
	t.Log(h.got)
}

func TestGoes(t *testing.T) {
	h := &heard{}
	emit := lib.Observe(h)
	emit("a")
	t.Log(h.got) // want `got of h is read here while a goroutine that calls Seen changes it`
}

func TestGoesFunction(t *testing.T) {
	h := &heard{}
	desk := &lib.Desk{}
	desk.Add(h)
	desk.Call("a")
	t.Log(h.got) // want `got of h is read here while a goroutine that calls Report changes it`
}

// What is received comes from before.
func TestGoesReceived(t *testing.T) {
	h := &heard{}
	emit := lib.Observe(h)
	done := make(chan bool)
	go func() {
		emit("a")
		done <- true
	}()
	emit("b")
	<-done
	t.Log(h.got) // want `got of h is read here while a goroutine that calls Seen changes it`
}

func TestAnswered(t *testing.T) {
	h := &heard{}
	srv := lib.NewServer(h)
	srv.Get()
	t.Log(h.got) // want `got of h is read here while a goroutine that calls Record changes it`
}

func TestVoted(t *testing.T) {
	h := &heard{}
	b := lib.NewBooth(h)
	b.Vote()
	b.Vote()
	t.Log(h.got)
}

func TestJoined(t *testing.T) {
	h := &heard{}
	fan := &lib.Fan{}
	fan.Add(h)
	fan.Emit("a")
	lib.Settled(fan)
	t.Log(h.got)
}

func TestInPlaceToo(t *testing.T) {
	h := &heard{}
	lib.Spill(h, true)
	t.Log(h.got)
}

func TestSeenUnderLock(t *testing.T) {
	h := &heard{}
	room := &lib.Room{}
	room.Sit(h)
	room.Enter("a")
	for room.Guests() == 0 {
		time.Sleep(time.Millisecond)
	}
	t.Log(h.got)
}

type fakeClock struct{ now time.Time }

func (f *fakeClock) Now() time.Time          { return f.now }
func (f *fakeClock) advance(d time.Duration) { f.now = f.now.Add(d) }

func TestTicks(t *testing.T) {
	clock := &fakeClock{}
	x := lib.NewExpiry(lib.ExpiryOptions{Clock: clock, Every: time.Millisecond})
	defer x.Close()
	clock.advance(time.Hour) // want `now of clock is changed here in advance, while a goroutine that calls Now reads it`
}

// The time is not known to be short: nobody may look.
func TestTicksSeldom(t *testing.T) {
	clock := &fakeClock{}
	x := lib.NewExpiry(lib.ExpiryOptions{Clock: clock, Every: time.Hour})
	defer x.Close()
	clock.advance(time.Hour)
}

func TestTicksLater(t *testing.T) {
	clock := &fakeClock{}
	clock.advance(time.Hour)
	x := lib.NewExpiry(lib.ExpiryOptions{Clock: clock, Every: time.Millisecond})
	x.Close()
}

func TestOutlived(t *testing.T) {
	var log bytes.Buffer
	done := false
	h := lib.Limited(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
		done = true
	}), 10*time.Millisecond)
	srv := httptest.NewServer(logging(h, &log))
	defer srv.Close()
	res, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	t.Log(log.String()) // want `log is read here in String, while a goroutine that calls Write changes it`
	if done {           // want `done is read here while a goroutine that calls the handler changes it`
		t.Error("done")
	}
}

// There is time enough.
func TestNotOutlived(t *testing.T) {
	var log bytes.Buffer
	h := lib.Limited(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
	}), time.Minute)
	srv := httptest.NewServer(logging(h, &log))
	defer srv.Close()
	res, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	t.Log(log.String())
}

// The handler is waited for.
func TestOutlivedWaits(t *testing.T) {
	var log bytes.Buffer
	over := make(chan bool)
	h := lib.Limited(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(over)
		time.Sleep(20 * time.Millisecond)
		fmt.Fprint(&log, "done")
	}), 10*time.Millisecond)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	<-over
	t.Log(log.String())
}

func logging(h http.Handler, log *bytes.Buffer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		fmt.Fprint(log, "done")
	})
}
