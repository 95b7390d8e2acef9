// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package pgtest starts a real PostgreSQL for tests: a temporary cluster on a
// Unix socket, by the machine's own initdb and pg_ctl. Only tests import it.
//
// The cluster is gone when the test process is, however it ends: a shell keeps
// it, which waits for its standard input to be closed.
package pgtest

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// keeper starts a cluster in $1 with the programs of $2, says so, and stops it
// and removes everything when its input ends. Durability is off: what a crash of
// the operating system would lose is of no interest here.
const keeper = `
trap '' INT HUP TERM
dir=$1 bin=$2
cd "$dir" || exit 1
"$bin/initdb" -D "$dir/data" -U culprit -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 &&
"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 300 -o "-k $dir -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB" start >>"$dir/log" 2>&1 &&
echo ready || { cat "$dir/log"; echo failed; }
cat >/dev/null
"$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1
rm -rf "$dir/data" "$dir"/.s.* "$dir/log"
rmdir "$dir"
`

// Server is a running cluster.
type Server struct {
	dir   string
	stdin io.Closer
	cmd   *exec.Cmd
	count atomic.Int64
}

// Missing says why no server can be started here, "" when one can.
func Missing() string {
	if _, err := programs(); err != nil {
		return err.Error()
	}
	return ""
}

// Main starts a server, runs the tests of a package with it and stops it. Where
// PostgreSQL is not installed start is called with nil, and tests that need it
// are to call [Need].
func Main(m *testing.M, start func(*Server)) int {
	if Missing() != "" {
		start(nil)
		return m.Run()
	}
	s, err := Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer s.Stop()
	start(s)
	return m.Run()
}

// Need skips a test where PostgreSQL is not installed. In continuous integration
// (CI=true) it fails instead: there the proof must not quietly disappear.
func Need(t testing.TB, s *Server) {
	t.Helper()
	if s != nil {
		return
	}
	why := "PostgreSQL is needed: " + Missing()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// Start makes and starts a cluster.
func Start() (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	// The path of a socket has at most 107 bytes, so the name is short.
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir}
	if err := s.start(bin); err != nil {
		s.Stop()
		return nil, fmt.Errorf("starting PostgreSQL of %s: %w", bin, err)
	}
	return s, nil
}

func (s *Server) start(bin string) error {
	args := []string{"sh", "-c", keeper, "sh", s.dir, bin}
	if os.Geteuid() == 0 { // the programs refuse to run as root
		as, err := asPostgres(s.dir)
		if err != nil {
			return err
		}
		args = append(as, args...)
	}
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	stdin, err := s.cmd.StdinPipe()
	if err != nil {
		return err
	}
	s.stdin = stdin
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return err
	}
	var said []string
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		switch line := lines.Text(); line {
		case "ready":
			return nil
		case "failed":
			return fmt.Errorf("it did not start:\n%s", strings.Join(said, "\n"))
		default:
			said = append(said, line)
		}
	}
	return fmt.Errorf("its shell ended:\n%s", strings.Join(said, "\n"))
}

// Stop ends the server and removes its files.
func (s *Server) Stop() {
	if s.cmd != nil {
		s.stdin.Close()
		_ = s.cmd.Wait()
	}
	os.RemoveAll(s.dir)
}

// Database makes an empty database for one test and gives its address.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	address, err := s.NewDatabase(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// Schema makes an empty schema for one test and gives the address of the database
// it is in, with the schema as the search path. It is made much faster than a
// database. Locks are shared with other tests.
func (s *Server) Schema(t testing.TB) string {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, s.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	name := fmt.Sprintf("test%d", s.count.Add(1))
	if _, err := c.Exec(ctx, "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	return s.address("postgres") + "&search_path=" + name
}

// NewDatabase makes an empty database and gives its address.
func (s *Server) NewDatabase(ctx context.Context) (string, error) {
	c, err := pgx.Connect(ctx, s.address("postgres"))
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	name := fmt.Sprintf("test%d", s.count.Add(1))
	if _, err := c.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	return s.address(name), nil
}

func (s *Server) address(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("culprit"), Path: "/" + database, RawQuery: url.Values{"host": {s.dir}}.Encode()}
	return u.String()
}

// programs finds the folder of initdb and pg_ctl: in PATH, or the newest of
// those where Debian puts them, which are not in PATH.
func programs() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(p); err == nil {
			p = real
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(p), "pg_ctl")); err == nil {
			return filepath.Dir(p), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("there is no initdb in PATH or /usr/lib/postgresql/*/bin")
	}
	newest := slices.MaxFunc(found, func(a, b string) int { // 15 is newer than 9.6
		return cmp.Or(cmp.Compare(major(a), major(b)), cmp.Compare(a, b))
	})
	return filepath.Dir(newest), nil
}

// major gives the number before the first dot of a version's folder.
func major(initdb string) int {
	version, _, _ := strings.Cut(filepath.Base(filepath.Dir(filepath.Dir(initdb))), ".")
	n, _ := strconv.Atoi(version)
	return n
}

// asPostgres gives the command that runs another as the user postgres, who then
// owns dir.
func asPostgres(dir string) ([]string, error) {
	if err := exec.Command("chown", "postgres", dir).Run(); err != nil {
		return nil, fmt.Errorf("root cannot run PostgreSQL and there is no user postgres: %w", err)
	}
	for _, as := range [][]string{
		{"setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"},
		{"runuser", "-u", "postgres", "--"},
	} {
		if _, err := exec.LookPath(as[0]); err == nil {
			return as, nil
		}
	}
	return nil, fmt.Errorf("root cannot run PostgreSQL and there is neither setpriv nor runuser")
}
