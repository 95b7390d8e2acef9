// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"net"
	"net/netip"
	"strings"

	"github.com/culprit-ci/culprit"
)

// networkRows are how a host that cannot be reached, or that answers with a
// failure of its own, shows: package net's errors on each system, net/http, TLS,
// gRPC, curl and git, docker, and the statuses that mean "not now".
func networkRows() []row {
	return []row{
		{text: "connection refused"},
		{text: "actively refused it"}, // Windows
		{text: "i/o timeout"},
		{text: "no such host"},
		{text: "temporary failure in name resolution"},
		{text: "name or service not known"},
		{text: "nodename nor servname provided"},
		{text: "server misbehaving"},
		{text: "network is unreachable"},
		{text: "network is down"},
		{text: "no route to host"},
		{text: "host is down"},
		{text: "connection reset by peer"},
		{text: "forcibly closed by the remote host"},
		{text: "connected party did not properly respond"},
		{text: "connection timed out"},
		{text: "operation timed out", and: "dial"},
		{text: "tls handshake timeout"},
		{text: "tls: handshake failure"},
		{text: "tls: failed to verify certificate"},
		{text: "x509: certificate has expired"},
		{text: "x509: certificate signed by unknown authority"},
		{text: "proxyconnect tcp"},
		{text: "getaddrinfo"},
		{text: "net/http: request canceled while waiting for connection"},
		{text: "client.timeout exceeded"},
		{text: "net/http: timeout awaiting response headers"},
		{text: "http2: client connection lost"},
		{text: "http2: server sent goaway"},
		{text: "get \"http", and: ": eof"},
		{text: "post \"http", and: ": eof"},
		{text: "get \"http", and: "unexpected eof"},
		{text: "dial tcp", and: "context deadline exceeded"},
		{text: "dial tcp", and: "operation was canceled"},
		{text: "dial unix", and: "no such file or directory"},
		{text: "dial unix", and: "permission denied"},
		{text: "cannot connect to the docker daemon"},
		{text: "error during connect"},
		{text: "toomanyrequests"},
		{text: "you have reached your pull rate limit"},
		{text: "code = unavailable"},
		{text: "could not resolve host"},
		{text: "couldn't connect to server"},
		{text: "failed to connect to", and: "port"},
		{text: "unable to access 'http"},
		{text: "the requested url returned error: 5"},
		{text: "rpc failed; curl"},
		{text: "early eof", and: "fatal"},
		{text: "502 bad gateway"},
		{text: "503 service unavailable"},
		{text: "504 gateway time"},
		{text: "429 too many requests"},
		{text: "500 internal server error", and: "http"},
		{text: "http 502"}, {text: "http 503"}, {text: "http 504"}, {text: "http 429"},
		{text: "status code 502"}, {text: "status code 503"}, {text: "status code 504"}, {text: "status code 429"},
		{text: "status code: 502"}, {text: "status code: 503"}, {text: "status code: 504"}, {text: "status code: 429"},
		{text: "rate limit exceeded"}, {text: "rate exceeded"}, {text: "throttlingexception"}, {text: "requestlimitexceeded"},
		{text: "failed to acquire resources"}, {text: "insufficientinstancecapacity"}, {text: "out of capacity"}, {text: "insufficient capacity"},
		{text: "quota exceeded", not: "disk"}, {text: "resource_exhausted", and: "quota"},
	}
}

// networks: a test needed a host and did not get it. The end of a connection of
// the test's own making ("use of closed network connection", "broken pipe") is a
// matter of the program and not of the network.
// Near miss: a test of how a client handles such an error compares texts; a line
// of a server's log beside the message of the test is not what failed it.
func networks(c *claims) []*culprit.Failure {
	return c.lacks(culprit.KindNetwork, networkRows(), tellNetwork)
}

// jobNetworks: the job itself could not reach a host. A healthy job prints that
// too, before it tries again: it counts when nothing else failed.
func jobNetworks(j *job) []*culprit.Failure {
	return j.lacksIf(culprit.KindNetwork, func(s string) (bool, bool) { return saysLine(s, networkRows()), true }, tellNetwork)
}

func tellNetwork(line string) (kind, name, title string) {
	name = endpointOf(line)
	low := strings.ToLower(line)
	what := ""
	for _, r := range networkRows() {
		if strings.Contains(low, r.text) && (r.and == "" || strings.Contains(low, r.and)) {
			what = strings.TrimLeft(r.text, "0123456789 ")
			break
		}
	}
	title = "network: " + what
	if host := hostOf(name); host != "" {
		title += ": " + host
	}
	return "endpoint", name, title
}

// hostOf is the host of an endpoint as far as it stays the same between runs: the
// port of a local address is often chosen by the system, and addresses change.
func hostOf(e string) string {
	if _, rest, ok := strings.Cut(e, "://"); ok {
		e = rest
	}
	e, _, _ = strings.Cut(e, "/")
	if i := strings.LastIndexByte(e, '@'); i >= 0 {
		e = e[i+1:]
	}
	host, port, err := net.SplitHostPort(e)
	if err != nil {
		host, port = e, ""
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	switch {
	case err == nil && ip.IsLoopback(), host == "localhost":
		host = "localhost"
	case err == nil:
		host = "an address"
	}
	if name := services()[port]; name != "" {
		host += " (" + name + ")"
	}
	return host
}

// services are what listens at well-known ports.
func services() map[string]string {
	return map[string]string{
		"22": "ssh", "53": "dns", "80": "http", "443": "https", "2375": "docker", "2379": "etcd", "3306": "mysql", "4222": "nats",
		"5432": "postgres", "5672": "amqp", "6379": "redis", "8500": "consul", "9042": "cassandra", "9092": "kafka", "9200": "elasticsearch",
		"11211": "memcached", "26257": "cockroach", "27017": "mongodb", "6443": "kubernetes",
	}
}
