// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package hub

type client struct {
	name string
	out  chan string
	got  int
}

type Hub struct {
	join, leave chan *client
	msgs        chan string
	quit        chan chan map[string]int
	clients     map[*client]bool
}

func NewHub() *Hub {
	h := &Hub{join: make(chan *client), leave: make(chan *client), msgs: make(chan string), quit: make(chan chan map[string]int), clients: map[*client]bool{}}
	go h.run()
	return h
}

func (h *Hub) run() {
	for {
		select {
		case c := <-h.join:
			h.clients[c] = true
		case c := <-h.leave:
			delete(h.clients, c)
			close(c.out)
		case m := <-h.msgs:
			for c := range h.clients {
				c.got++
				c.out <- m
			}
		case r := <-h.quit:
			res := map[string]int{}
			for c := range h.clients {
				res[c.name] = c.got
				close(c.out)
			}
			r <- res
			return
		}
	}
}

func (h *Hub) Stop() map[string]int {
	r := make(chan map[string]int)
	h.quit <- r
	return <-r
}
