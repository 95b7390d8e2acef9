// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"
)

// The most bytes of a text column. PostgreSQL takes no index entry of more than
// 2,704 bytes, and a few columns go into one entry.
const (
	maxName  = 1024 // tests, packages, titles
	maxIdent = 256  // everything else
)

// clean makes any bytes fit for a text column of both databases: valid UTF-8
// without NUL, which PostgreSQL refuses, and bounded. A longer text keeps its
// beginning and gets a digest of the whole, so that different texts stay
// different and the same text is found again.
func clean(s string, most int) string {
	whole := s
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	if len(s) <= most {
		return s
	}
	sum := sha256.Sum256([]byte(whole))
	end := "…" + hex.EncodeToString(sum[:8])
	return cut(s, most-len(end)) + end
}

// cut takes at most n bytes of the beginning without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// id makes the ID of a named thing from its names, so that neither has to be
// looked up. It has 63 bits: among a million names the chance of two with the
// same ID is one in twenty million, and they would then share their counts.
func id(names ...string) int64 {
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1)
}

func packageID(repository, path string) int64 { return id("package", repository, path) }

func testID(repository, path, name string) int64 { return id("test", repository, path, name) }

// micros is how a time is stored; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

const microsPerDay = 24 * int64(time.Hour/time.Microsecond)

// dayOf gives the day in UTC, rounding down also before 1970.
func dayOf(n int64) int64 {
	day := n / microsPerDay
	if n%microsPerDay < 0 {
		day--
	}
	return day
}
