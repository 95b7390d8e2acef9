// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
)

// portRows are how a taken address shows: EADDRINUSE as Linux, macOS, Windows and
// the servers that people start spell it.
func portRows() []row {
	return []row{
		{text: "address already in use"},
		{text: "only one usage of each socket address"},
		{text: "eaddrinuse"},
		{text: "port is already allocated"}, // docker
		{text: "port is already in use"},
		{text: "address is already in use"},
		{text: "ports are not available"}, // docker desktop
		{text: "port", and: "already in use"},
		{text: "port", and: "is in use"},
		{text: "failed to bind", and: "in use"},
		{text: "could not bind", and: "in use"},
		{text: "an attempt was made to access a socket in a way forbidden"}, // Windows: excluded ranges
	}
}

// takenPorts: something else listens where the test wants to: another test,
// another package in parallel, or what an earlier job left.
func takenPorts(c *claims) []*culprit.Failure {
	return c.lacks(culprit.KindPortInUse, portRows(), tellPort)
}

func jobTakenPorts(j *job) []*culprit.Failure {
	return j.lacks(culprit.KindPortInUse, portRows(), tellPort)
}

func tellPort(line string) (kind, name, title string) {
	name = endpointOf(line)
	if name == "" {
		name = filePath.FindString(line)
	}
	if name == "" {
		return "address", "", "address already in use"
	}
	if strings.ContainsAny(name, ":") {
		return "address", name, "address already in use"
	}
	return "address", name, "address already in use: " + name
}
