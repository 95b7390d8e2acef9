// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package session

import (
	"io"
	"sync"
	"sync/atomic"
)

type Session struct {
	conn   io.ReadWriteCloser
	recv   int
	rerr   error
	closed atomic.Bool
	wg     sync.WaitGroup
	onMsg  func([]byte)
}

func Open(conn io.ReadWriteCloser, onMsg func([]byte)) *Session {
	s := &Session{conn: conn, onMsg: onMsg}
	s.wg.Add(1)
	go s.read()
	return s
}

func (s *Session) read() {
	defer s.wg.Done()
	buf := make([]byte, 64)
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			if !s.closed.Load() {
				s.rerr = err
			}
			return
		}
		s.recv += n
		s.onMsg(buf[:n])
	}
}

func (s *Session) Send(p []byte) error {
	_, err := s.conn.Write(p)
	return err
}

func (s *Session) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	err := s.conn.Close()
	s.wg.Wait()
	return err
}

func (s *Session) Err() error {
	s.wg.Wait()
	return s.rerr
}
