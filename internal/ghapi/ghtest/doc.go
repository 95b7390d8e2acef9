// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package ghtest is a GitHub for tests. It cannot drift from the real one in
// form: each request that it gets and each answer that it gives is checked
// against GitHub's own OpenAPI description, and the parts of an answer that a
// test does not care about are made from that description.
//
// What it cannot show is behaviour that the description does not have: how late
// the search index is, which fields are null for whom, what a limit is today.
//
// The description is the file api.github.com.json of the npm package
// @octokit/openapi (MIT), 13 MB, which .ci/run fetches. [New] finds it by the
// environment variable CULPRIT_GITHUB_OPENAPI, or where .ci/run puts it; without
// it a test is skipped, and fails where CI=true.
package ghtest
