// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package ghapi is the only user of google/go-github: what culprit asks of the
// REST API of GitHub, of GitHub Enterprise Server and of ghe.com, in its own
// types. The library has a new major version about each month, which is a change
// of this package alone.
//
// Every request goes through one chain: rate limits and outages are waited for
// (limit.go), answers are kept with their ETag (etag.go), and the token is sent
// to the API of one host and to nothing else. Logs and artifacts are stored
// elsewhere; the address that the API gives for them is signed, and it is
// fetched by a client without the token (download.go).
package ghapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-github/v92/github"
)

// The errors that callers tell apart. Each comes wrapped, with a sentence for a
// person.
var (
	ErrNotFound = errors.New("GitHub does not know it, or the token may not see it")
	ErrGone     = errors.New("GitHub has deleted it: it has expired")
	ErrAuth     = errors.New("GitHub refuses the token")
	ErrLimited  = errors.New("the rate limit of GitHub is used up")
	ErrRefused  = errors.New("GitHub refuses it")
)

// Config says which GitHub, as whom.
type Config struct {
	// Host is the name in addresses: "github.com", "ghes.example.com".
	Host string
	// API is the address of the REST API; "" derives it from Host.
	API string
	// Token is "" for anonymous requests: 60 an hour, and no logs.
	Token string
	// CacheDir holds answers and their ETags; "" keeps none.
	CacheDir string
	// MaxWait bounds how long one request waits for a rate limit in all; 0 means
	// two minutes, less than 0 not at all.
	MaxWait time.Duration
	// Say is told what is waited for; nil means nobody is.
	Say func(message string)
	// Sleep waits; nil is a timer that ends with ctx.
	Sleep func(ctx context.Context, d time.Duration) error
	// Transport is the lowest layer; nil is http.DefaultTransport.
	Transport http.RoundTripper
	// UserAgent names the program; "" is "culprit".
	UserAgent string
}

// Client speaks to one GitHub. It is safe for concurrent use.
type Client struct {
	rest  *github.Client
	plain *http.Client // without the token
	host  string
	anon  bool
}

// New returns a client. It makes no request.
func New(c Config) (*Client, error) {
	base := c.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	api := c.API
	if api == "" {
		api = apiOf(c.Host)
	}
	u, err := url.Parse(strings.TrimSuffix(api, "/") + "/")
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%q is no address of an API", api)
	}
	limit := &limiter{next: base, maxWait: c.MaxWait, say: c.Say, sleep: c.Sleep}
	chain := &authorizer{next: newCache(limit, c.CacheDir, owner(c.Token)), host: u.Host, scheme: u.Scheme, token: c.Token}
	agent := c.UserAgent
	if agent == "" {
		agent = "culprit"
	}
	address := u.String()
	rest, err := github.NewClient(github.WithTransport(chain), github.WithURLs(&address, &address),
		github.WithUserAgent(agent), github.WithDisableRateLimitCheck(), github.WithTimeout(10*time.Minute))
	if err != nil {
		return nil, fmt.Errorf("setting up the client of GitHub: %w", err)
	}
	return &Client{rest: rest, plain: &http.Client{Transport: base, CheckRedirect: downloadRedirect}, host: c.Host, anon: c.Token == ""}, nil
}

// apiOf derives the address of the API from the host in addresses.
func apiOf(host string) string {
	switch {
	case host == "" || host == "github.com" || host == "www.github.com":
		return "https://api.github.com/"
	case strings.HasSuffix(host, ".ghe.com"):
		return "https://api." + host + "/"
	}
	return "https://" + host + "/api/v3/"
}

// owner stands for a token in keys of the cache: an answer, and its ETag, is that
// of one token.
func owner(token string) string {
	if token == "" {
		return "anonymous"
	}
	sum := sha256.Sum256([]byte("culprit etag owner\x00" + token))
	return hex.EncodeToString(sum[:8])
}

// authorizer adds the token to requests to its own host, and to no other.
type authorizer struct {
	next         http.RoundTripper
	host, scheme string
	token        string
}

// RoundTrip sends the request.
func (a *authorizer) RoundTrip(req *http.Request) (*http.Response, error) {
	if a.token == "" || req.URL.Host != a.host || req.URL.Scheme != a.scheme {
		return a.next.RoundTrip(req)
	}
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+a.token)
	return a.next.RoundTrip(req)
}

// explain makes one sentence of an error of the API: what was asked for, what
// came back, and what to do.
func (c *Client) explain(what string, err error) error {
	if err == nil {
		return nil
	}
	var limited *limitError
	if errors.As(err, &limited) {
		return fmt.Errorf("%s: %w", what, limited)
	}
	var rate *github.RateLimitError
	var abuse *github.AbuseRateLimitError
	if errors.As(err, &rate) || errors.As(err, &abuse) {
		return fmt.Errorf("%s: %w", what, ErrLimited)
	}
	var resp *github.ErrorResponse
	if !errors.As(err, &resp) || resp.Response == nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %w", what, c.status(resp.Response.StatusCode, resp.Message))
}

// status is the error of a status code.
func (c *Client) status(code int, message string) error {
	switch code {
	case http.StatusNotFound:
		if c.anon {
			return fmt.Errorf("%w (no token is set: export GH_TOKEN, or run gh auth login)", ErrNotFound)
		}
		return ErrNotFound
	case http.StatusGone:
		return ErrGone
	case http.StatusUnauthorized:
		return fmt.Errorf("%w: it has expired or is wrong", ErrAuth)
	case http.StatusForbidden:
		if c.anon {
			return fmt.Errorf("%w (no token is set: export GH_TOKEN, or run gh auth login)", ErrAuth)
		}
		return fmt.Errorf("%w: %s", ErrAuth, message)
	}
	if code >= 400 && code < 500 {
		return fmt.Errorf("%w: %d %s: %s", ErrRefused, code, http.StatusText(code), message)
	}
	return fmt.Errorf("GitHub answers %d %s: %s", code, http.StatusText(code), message)
}

// Host is the host in addresses.
func (c *Client) Host() string { return c.host }

// split cuts "owner/name".
func split(repo string) (owner, name string, err error) {
	owner, name, ok := strings.Cut(repo, "/")
	if !ok || owner == "" || name == "" || strings.ContainsAny(name, "/?#%\\") || strings.ContainsAny(owner, "?#%\\") || strings.HasPrefix(name, "..") {
		return "", "", fmt.Errorf("%q is no repository: it should be OWNER/NAME", repo)
	}
	return owner, name, nil
}
