// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package redact removes secrets and personal paths from text before it is
// stored, sent or shown.
//
// A rule is a row in one table (rules.go). What a rule finds is replaced by a
// marker that names the rule, "[redacted:github-token]"; the number of lines of
// a text never changes. Redacting twice gives what redacting once gives. The
// work is linear in the text: the expressions are RE2, and each runs once.
//
// # What it does not do
//
// It knows forms, not meaning. A password that stands alone in a sentence has no
// form and stays. It errs towards keeping evidence readable where a name such as
// "token" is followed by something that a Go test prints every day (nil, a
// number, a short word, a call), and towards removing where the form is that of
// a credential. E-mail addresses of commits are shown on purpose: a report says
// whom to ask.
package redact
