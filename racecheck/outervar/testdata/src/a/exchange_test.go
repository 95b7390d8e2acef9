package a

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// What a goroutine does before it writes to a connection is done when the other
// end has read.

func exchangeAnswer() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	use(err)
	var conn net.Conn
	go func() {
		conn, err = l.Accept()
		conn.Write([]byte("hello"))
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	io.ReadAll(c)
	use(conn)
}

func exchangeNoAnswer() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	use(err)
	go func() {
		err = serve(l) // want `err is declared outside`
		if err != nil {
			use(err)
		}
	}()
	err = get(l.Addr().String()) // want `err is written here while`
	use(err)
}

func exchangeServed() {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	go serve(l)
	go func() { serve(l) }()
	c, _ := net.Dial("tcp", l.Addr().String())
	io.ReadAll(c)
	l, _ = net.Listen("tcp", "127.0.0.1:0")
	use(l)
}

func exchangeServedWithoutExchange() {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	go func() { serve(l) }()
	l, _ = net.Listen("tcp", "127.0.0.1:0") // want `l is written here while`
	use(l)
}

// A goroutine that reads first goes on when somebody has written.

func exchangeAsked() {
	a, b := net.Pipe()
	asked := false
	go func() {
		io.ReadFull(a, make([]byte, 1))
		use(asked)
	}()
	asked = true
	b.Write([]byte{1})
}

func exchangeAskedBefore() {
	a, b := net.Pipe()
	asked := false
	go func() {
		io.ReadFull(a, make([]byte, 1))
		use(asked)
	}()
	b.Write([]byte{1})
	asked = true // want `asked is written here while`
}

func serve(l net.Listener) error { return nil }
func get(addr string) error      { return nil }

type client struct{}

func (c *client) call() error   { return nil }
func (c *client) WaitForState() {}

// What the right side uses it uses before the write.

func rightSide() {
	c := &client{}
	err := c.call()
	use(err)
	go func() {
		err = c.call() // want `err is declared outside`
		use(err)
	}()
	c.WaitForState()
	go func() {
		err = c.call() // want `err is declared outside`
		use(err)
	}()
}

func usedBefore() {
	c := &client{}
	n := 0
	go func() {
		c.call()
		n++ // want `n is declared outside`
	}()
	c.WaitForState()
	use(n)
}

func handedOnBefore() {
	c := make(chan bool)
	n := 0
	go func() {
		stop := func() { close(c) }
		n++
		stop()
	}()
	<-c
	use(n)
}

func askedFirst() {
	var err error
	for range 3 {
		a, b := net.Pipe()
		_, err = b.Write([]byte{1})
		use(err)
		done := make(chan bool)
		go func() {
			_, err = a.Read(make([]byte, 1))
			close(done)
		}()
		<-done
	}
}

func asksNobody() {
	a, b := net.Pipe()
	_, err := b.Write([]byte{1})
	use(err)
	go func() {
		_, err = a.Read(make([]byte, 1)) // want `err is declared outside`
		use(err)
	}()
	use(err)
}

// A call lasts until it is ended.

type server struct{}

func (s *server) RunUntilStop() {}
func (s *server) Stop()         {}
func (s *server) Poke()         {}

func lastsUntilStop() {
	s := &server{}
	n := 0
	go func() {
		n++
		s.Stop()
	}()
	s.RunUntilStop()
	use(n)
}

func doesNotLast() {
	s := &server{}
	n := 0
	go func() {
		n++ // want `n is declared outside`
		s.Stop()
	}()
	s.Poke()
	use(n)
}

func replaced() {
	s := &server{}
	go func() { s.RunUntilStop() }()
	s.Stop()
	s = &server{}
	use(s)
}

func replacedAtOnce() {
	s := &server{}
	go func() { s.RunUntilStop() }()
	s = &server{} // want `s is written here while`
	use(s)
}

func arrayElements() {
	var out [3]error
	for i := range 3 {
		go func() { out[i] = nil }()
	}
}

func sentWithIt() {
	var target *myError
	done := make(chan bool)
	go func() { done <- errors.As(work(), &target) }()
	<-done
	use(target)
}

func spinning() {
	var turn atomic.Int32
	n := 0
	for p := range int32(2) {
		go func() {
			for i := range int32(9) {
				if (i+p)%2 == 0 {
					n++
					turn.Store(i)
				} else {
					for turn.Load() != i {
					}
				}
			}
		}()
	}
}

// In a bubble a sleep waits for everybody.

func TestBubble(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		n := 0
		go func() { n++ }()
		time.Sleep(time.Second)
		use(n)
	})
}
