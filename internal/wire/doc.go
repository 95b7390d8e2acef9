// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package wire turns configuration into concrete adapters. It is the only
// package that names them; the command line and the front ends get them here.
package wire
