package a

import (
	"bytes"
	"errors"
	"lib"
	"log"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

type fakeTransport struct {
	fail  bool
	calls int
}

func (f *fakeTransport) RoundTrip(*http.Request) (*http.Response, error) {
	f.calls++
	if f.fail {
		return nil, errors.New("down")
	}
	return &http.Response{}, nil
}

type safeWriter struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *safeWriter) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *safeWriter) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

func TestLogger(t *testing.T) {
	var buf bytes.Buffer
	lib.Beat(log.New(&buf, "", 0))
	t.Log(buf.String()) // want `buf is read here in String, while a goroutine that calls Write changes it`
}

func TestLoggerOutput(t *testing.T) {
	buf := new(bytes.Buffer)
	l := log.New(nil, "", 0)
	l.SetOutput(buf)
	lib.Beat(l)
	t.Log(buf.Len()) // want `buf is read here in Len, while a goroutine that calls Write changes it`
}

func TestLoggerSafe(t *testing.T) {
	buf := &safeWriter{}
	lib.Beat(log.New(buf, "", 0))
	t.Log(buf.String())
}

func TestLoggerInPlace(t *testing.T) {
	var buf bytes.Buffer
	a := lib.NewAgent(slog.New(slog.NewTextHandler(&buf, nil)), &fakeTransport{})
	a.Ask()
	t.Log(buf.String())
}

func TestAgent(t *testing.T) {
	var buf bytes.Buffer
	rt := &fakeTransport{}
	a := lib.NewAgent(slog.New(slog.NewJSONHandler(&buf, nil)), rt)
	a.Keep()
	rt.fail = true      // want `fail of rt is changed here while a goroutine that calls RoundTrip reads it`
	t.Log(buf.String()) // want `buf is read here in String, while a goroutine that calls Write changes it`
}

func TestAgentBefore(t *testing.T) {
	rt := &fakeTransport{}
	a := lib.NewAgent(slog.Default(), rt)
	rt.fail = true
	a.Keep()
}

func TestClientInPlace(t *testing.T) {
	rt := &fakeTransport{}
	c := &http.Client{Transport: rt}
	_, _ = c.Get("http://example.test")
	t.Log(rt.calls)
}

func TestMade(t *testing.T) {
	var buf bytes.Buffer
	r := lib.Start(lib.AgentConfig{Log: slog.New(slog.NewTextHandler(&buf, nil))})
	defer r.Stop()
	t.Log(buf.String()) // want `buf is read here in String, while a goroutine that calls Write changes it`
}

func TestMadeStopped(t *testing.T) {
	var buf bytes.Buffer
	r := lib.Start(lib.AgentConfig{Log: slog.New(slog.NewTextHandler(&buf, nil))})
	r.Stop()
	t.Log(buf.String())
}

// The message of a panic is wanted when the test has failed anyway.
func TestWatchdog(t *testing.T) {
	var buf strings.Builder
	events := log.New(&buf, "", 0)
	timer := time.AfterFunc(time.Hour, func() {
		panic("hang: " + buf.String())
	})
	defer timer.Stop()
	done := make(chan bool)
	go func() {
		events.Print("got it")
		close(done)
	}()
	events.Print("waiting")
	<-done
}
