// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxTries bounds the repetitions of one request.
const maxTries = 5

// limiter waits for rate limits, and repeats a read that met an outage. A write
// is repeated only where GitHub says that it did nothing: after a rate limit.
//
// Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
// (403 or 429; Retry-After for secondary limits; X-RateLimit-Reset when
// X-RateLimit-Remaining is 0; else at least a minute).
type limiter struct {
	next    http.RoundTripper
	maxWait time.Duration
	say     func(string)
	sleep   func(context.Context, time.Duration) error
}

// limitError is a rate limit that lasts longer than anybody wants to wait.
type limitError struct{ until time.Time }

func (e *limitError) Error() string {
	return fmt.Sprintf("%v until %s; try again then, or set a token of your own (GH_TOKEN)", ErrLimited, e.until.UTC().Format("15:04:05 MST"))
}

func (e *limitError) Unwrap() error { return ErrLimited }

// RoundTrip sends the request.
func (l *limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	budget := l.maxWait
	if budget == 0 {
		budget = 2 * time.Minute
	}
	for try := 1; ; try++ {
		resp, err := l.next.RoundTrip(req)
		wait, limited, again := l.judge(req, resp, err, try)
		if !again {
			return resp, err
		}
		if limited && (wait > budget || try == maxTries) {
			drop(resp)
			return nil, &limitError{time.Now().Add(wait)}
		}
		if wait > budget || try == maxTries || !rewind(req) {
			return resp, err
		}
		drop(resp)
		budget -= wait
		if l.say != nil {
			what := "GitHub does not answer"
			if limited {
				what = "the rate limit of GitHub is used up"
			}
			l.say(fmt.Sprintf("%s: waiting %s", what, wait.Round(time.Second)))
		}
		if err := l.wait(req.Context(), wait); err != nil {
			return nil, err
		}
	}
}

// judge says whether to try again, and after how long.
func (l *limiter) judge(req *http.Request, resp *http.Response, err error, try int) (wait time.Duration, limited, again bool) {
	backoff := time.Second << (try - 1)
	read := req.Method == http.MethodGet || req.Method == http.MethodHead
	switch {
	case err != nil:
		return backoff, false, read && req.Context().Err() == nil
	case resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusTooManyRequests:
		wait, limited = limitOf(resp, backoff)
		return wait, limited, limited
	case resp.StatusCode == 500 || resp.StatusCode == 502 || resp.StatusCode == 503 || resp.StatusCode == 504:
		return backoff, false, read
	}
	return 0, false, false
}

// limitOf tells a rate limit from a plain refusal, which is 403 as well.
func limitOf(resp *http.Response, backoff time.Duration) (time.Duration, bool) {
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s >= 0 {
		return time.Duration(s) * time.Second, true
	}
	if resp.Header.Get("X-RateLimit-Remaining") == "0" {
		if s, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
			return max(time.Until(time.Unix(s, 0))+time.Second, time.Second), true
		}
		return time.Minute, true
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		return max(time.Minute, backoff), true
	}
	return 0, false
}

// rewind makes the body of a request readable once more.
func rewind(req *http.Request) bool {
	if req.Body == nil || req.Body == http.NoBody {
		return true
	}
	if req.GetBody == nil {
		return false
	}
	body, err := req.GetBody()
	if err != nil {
		return false
	}
	req.Body = body
	return true
}

// drop closes a response that is not handed on.
func drop(resp *http.Response) {
	if resp != nil {
		io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
		resp.Body.Close()
	}
}

func (l *limiter) wait(ctx context.Context, d time.Duration) error {
	if l.sleep != nil {
		return l.sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
