package lib

import (
	"log"
	"log/slog"
	"net/http"
	"time"
)

// Beat logs at every beat.
func Beat(l *log.Logger) {
	go func() {
		for {
			time.Sleep(time.Millisecond)
			l.Printf("beat")
		}
	}()
}

// Agent logs and asks.
type Agent struct {
	log    *slog.Logger
	client *http.Client
}

func NewAgent(l *slog.Logger, rt http.RoundTripper) *Agent {
	return &Agent{log: l, client: &http.Client{Transport: rt}}
}

// Ask asks at once.
func (a *Agent) Ask() {
	a.log.Info("ask")
	_, _ = a.client.Get("http://example.test")
}

// Keep asks again and again.
func (a *Agent) Keep() {
	go func() {
		for {
			a.Ask()
			time.Sleep(time.Millisecond)
		}
	}()
}

// Start makes an agent that keeps asking until it is stopped.
func Start(cfg AgentConfig) *Running {
	r := &Running{done: make(chan bool), quit: make(chan bool)}
	go func() {
		defer close(r.done)
		for {
			cfg.Log.Info("start")
			time.Sleep(time.Millisecond)
			select {
			case <-r.quit:
				return
			default:
			}
		}
	}()
	return r
}

type AgentConfig struct{ Log *slog.Logger }

type Running struct{ done, quit chan bool }

func (r *Running) Stop() {
	close(r.quit)
	<-r.done
}
