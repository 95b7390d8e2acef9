package a

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"mime/multipart"
	"net/textproto"
	"strings"
	"sync"
	"testing"
)

func printed(n int) {
	var out bytes.Buffer
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			fmt.Fprintln(&out, i) // want `out is used here \(fmt.Fprintln\) by a function of which several run at the same time: a bytes.Buffer is not safe for concurrent use`
		})
	}
	wg.Wait()
	fmt.Println(out.String())
}

func readMeanwhile() string {
	var b strings.Builder
	go func() {
		b.WriteString("x") // want `b is used here \(WriteString\) while a function that runs at the same time uses it too \(String\): a strings.Builder is not safe`
	}()
	return b.String()
}

func TestGenerator(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if rng.Intn(3) > 3 { // want `rng is used here \(Intn\) by a function of which several run at the same time: a rand.Rand is not safe`
				t.Fail()
			}
		})
	}
}

type reply struct{ header textproto.MIMEHeader }

func headers(r *reply) {
	go func() {
		r.header.Set("a", "b") // want `r.header is used here \(Set\) while a function that runs at the same time uses it too \(Get\): a textproto.MIMEHeader`
	}()
	println(r.header.Get("a"))
}

func encoded(n int) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for i := range n {
		go func() {
			enc.Encode(i) // want `enc is used here \(Encode\) by a function of which several`
		}()
	}
}

// Near misses.

func locked(n int) {
	var mu sync.Mutex
	var out bytes.Buffer
	for i := range n {
		go func() {
			mu.Lock()
			fmt.Fprintln(&out, i)
			mu.Unlock()
		}()
	}
}

func joined() string {
	var b strings.Builder
	done := make(chan bool)
	go func() {
		b.WriteString("x")
		close(done)
	}()
	<-done
	return b.String()
}

func onlyLooks(b *bytes.Buffer) {
	for range 3 {
		go func() { println(b.Len()) }()
	}
	println(b.String())
}

func oneEach(n int) {
	for i := range n {
		var out bytes.Buffer
		go func() { fmt.Fprintln(&out, i) }()
	}
}

func TestSerial(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			rng.Intn(3)
		})
	}
}

func replaced(n int) {
	out := &bytes.Buffer{}
	for i := range n {
		out = &bytes.Buffer{}
		mine := out
		go func() { fmt.Fprintln(mine, i) }()
	}
}

func oneBufferEach(n int) {
	outs := make([]bytes.Buffer, n)
	for i := range n {
		go func() { fmt.Fprintln(&outs[i], i) }()
	}
}

func boundary() {
	w := multipart.NewWriter(io.Discard)
	go func() { _, _ = w.CreateFormField("x") }()
	println(w.Boundary())
}

func atEnd(wg *sync.WaitGroup) {
	var out bytes.Buffer
	wg.Go(func() { fmt.Fprintln(&out, 1) })
	defer fmt.Fprintln(&out, "end") // when all is waited for
	wg.Wait()
}

func newEachRound(n int) {
	var out *bytes.Buffer
	for i := range n {
		out = new(bytes.Buffer)
		done := make(chan bool)
		go func() {
			fmt.Fprintln(out, i)
			close(done)
		}()
		<-done
	}
	println(out.String())
}

func pipeline(lines []string) string {
	var out strings.Builder
	c := make(chan string)
	done := make(chan bool)
	go func() {
		for l := range c {
			out.WriteString(l)
		}
		done <- true
	}()
	for _, l := range lines {
		c <- l
	}
	close(c)
	<-done
	return out.String()
}

type sink struct {
	sync.Mutex
	bytes.Buffer
}

func embeddedLock(s *sink) {
	for range 3 {
		go func() {
			s.Lock()
			defer s.Unlock()
			s.WriteString("x")
		}()
	}
}

func TestReset(t *testing.T) {
	var out bytes.Buffer
	for range 3 {
		t.Run("x", func(t *testing.T) {
			out.Reset()
			done := make(chan bool)
			go func() { out.WriteString("x"); close(done) }()
			<-done
		})
	}
}
