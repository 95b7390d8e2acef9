// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/google/go-github/v92/github"
)

// JobLog opens the log of a job, which is that of the attempt the job belongs
// to. A log that has expired is ErrGone.
func (c *Client) JobLog(ctx context.Context, repo string, job int64) (io.ReadCloser, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("the log of job %d of %s", job, repo)
	u, resp, err := c.rest.Actions.GetWorkflowJobLogs(ctx, owner, name, job, 3)
	return c.download(ctx, what, u, code(resp), err)
}

// Artifact opens the zip archive of an artifact.
func (c *Client) Artifact(ctx context.Context, repo string, id int64) (io.ReadCloser, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("artifact %d of %s", id, repo)
	u, resp, err := c.rest.Actions.DownloadArtifact(ctx, owner, name, id, 3)
	return c.download(ctx, what, u, code(resp), err)
}

// download fetches the address that the API redirected to. It is signed and
// lives at another host, so the token stays at home.
func (c *Client) download(ctx context.Context, what string, u *url.URL, status int, err error) (io.ReadCloser, error) {
	var limited *limitError
	switch {
	case err != nil && status > 0 && status != http.StatusFound && !errors.As(err, &limited):
		return nil, fmt.Errorf("%s: %w", what, c.status(status, "it could not be downloaded"))
	case err != nil:
		return nil, c.explain(what, err)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%s: GitHub sends us to %q, which is no address", what, u.Scheme)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%s: the address that GitHub gives is wrong", what)
	}
	resp, err := c.plain.Do(req)
	if err != nil {
		var ue *url.Error // its text has the signed address
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if resp.StatusCode != http.StatusOK {
		drop(resp)
		if resp.StatusCode == http.StatusNotFound {
			return nil, fmt.Errorf("%s: %w", what, ErrGone)
		}
		return nil, fmt.Errorf("%s: the storage answers %s", what, resp.Status)
	}
	return resp.Body, nil
}

// code is the status of a response, 0 without one.
func code(resp *github.Response) int {
	if resp == nil || resp.Response == nil {
		return 0
	}
	return resp.StatusCode
}

// downloadRedirect follows a storage to another address of it, never from https to http.
func downloadRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= 5 {
		return errors.New("too many redirections")
	}
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return errors.New("a redirection from https to http")
	}
	return nil
}
