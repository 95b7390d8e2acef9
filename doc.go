// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package culprit is the vocabulary of the culprit program: the [Case], which
// is everything known about one failed CI job, and the parts it is made of.
//
// It holds types, their JSON form and small pure functions over them; it uses
// the standard library only and does no I/O. The JSON form of a Case is the
// contract "culprit.case/v1": fields may be added to it, the names and
// meanings that exist stay. The schema in docs/case.schema.json is generated
// from the types in this package.
//
// A Case is append-only. Everything that needs the log and the source fills it
// in; everything that only renders, files or serves needs nothing but the Case.
//
// # Reading order for newcomers
//
//  1. this package: case.go, failure.go, race.go, cause.go, step.go
//  2. internal/golog: raw CI bytes to sections per package and test
//  3. internal/kind: sections to failures, one file per kind
//  4. internal/source: a CI path to a file, a frame to a statement
//  5. internal/cause: a race and the source to the variable and its pattern
//  6. internal/phantom: which frames of a race stack cannot be true
//  7. internal/blame, internal/fix: who introduced it, and a patch that builds
//  8. internal/engine: the only place that knows the order of the stages
//  9. internal/report and internal/cli: what a person sees
package culprit
