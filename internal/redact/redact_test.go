// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
)

// digits makes a value of a form without that form standing in this file: a
// scanner of secrets that reads our own source should find nothing.
func digits(prefix string, n int) string {
	const alphabet = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z"
	var b strings.Builder
	b.WriteString(prefix)
	for i := range n {
		b.WriteByte(alphabet[i*7%len(alphabet)])
	}
	return b.String()
}

func TestSecretsGo(t *testing.T) {
	t.Parallel()
	upper := strings.ToUpper(digits("", 16))
	hex64 := strings.Repeat("0af19c", 11)[:64]
	for name, c := range map[string]struct{ in, secret string }{
		"github classic":       {"remote: ghp_%s denied", digits("", 36)},
		"github app":           {"GH_TOKEN: ghs_%s", digits("", 36)},
		"github fine":          {"x github_pat_%s y", digits("", 60)},
		"gitlab":               {"glpat-%s", digits("", 20)},
		"aws":                  {"key id AKIA%s in use", upper},
		"slack":                {"xoxb-%s", digits("123-", 24)},
		"slack hook":           {"POST https://hooks.slack.com/services/%s 404", digits("T0/B0/", 20)},
		"jwt":                  {"got eyJhbGciOiJIUzI1.%s.sig-nature_", digits("eyJ", 20)},
		"npm":                  {"//registry/:_authToken=npm_%s", digits("", 36)},
		"google":               {"AIza%s", digits("", 35)},
		"model":                {"sk-ant-%s", digits("", 40)},
		"docker":               {"dckr_pat_%s", digits("", 27)},
		"digitalocean":         {"dop_v1_%s", hex64},
		"alibaba":              {"id LTAI%s.", digits("", 20)},
		"fly":                  {"fo1_%s", digits("", 43)},
		"openshift":            {"oc login --token=sha256~%s", digits("", 43)},
		"terraform":            {"%s", digits("", 14) + ".atlasv1." + digits("", 64)},
		"harness":              {"pat.%s", digits("", 22) + "." + strings.Repeat("0af1", 6) + "." + digits("", 20)},
		"azure ad":             {"client %s", "abc1Q~" + digits("", 33)},
		"gitlab session":       {"Set _gitlab_session=%s;", strings.ToLower(digits("", 32))},
		"grafana":              {"eyJrIjoi%s==", digits("", 72)},
		"postman":              {"PMAK-%s", strings.Repeat("0af1", 6) + "-" + strings.Repeat("0a", 17)},
		"brevo":                {"xkeysib-%s", hex64 + "-" + digits("", 16)},
		"bearer":               {"Authorization: Bearer %s", digits("", 30)},
		"basic":                {"authorization: Basic %s==", digits("", 20)},
		"header dump":          {`map[Authorization:[Bearer %s]]`, digits("", 30)},
		"curl token":           {"Authorization: token %s", digits("", 30)},
		"cookie":               {"Cookie: session=%s", digits("", 30)},
		"dsn":                  {"postgres://app:%s@db:5432/x?sslmode=disable", "hunter2!"},
		"dsn at":               {"dial redis://:%s@cache:6379/0", "s3cr3tpw"},
		"user token":           {"https://%s@github.com/o/r.git", digits("", 24)},
		"x-access-token":       {"https://x-access-token:%s@github.com/o/r.git", digits("", 24)},
		"libpq":                {"host=db user=app password=%s dbname=x", "hunter2"},
		"sqlserver":            {"server=db;uid=sa;pwd=%s;", "Hunter2x"},
		"yaml password":        {"db_password: %s", "tr0ub4dor"},
		"env password":         {"PGPASSWORD=%s", "letmein"},
		"json":                 {`{"client_secret": "%s"}`, digits("", 24)},
		"escaped json":         {`{\"api_key\":\"%s\"}`, digits("", 24)},
		"env secret":           {"STRIPE_SECRET_KEY=%s", digits("", 24)},
		"azure account":        {"AccountKey=%s==;EndpointSuffix=core", digits("", 60)},
		"signed url":           {"GET https://b.s3.amazonaws.com/k?X-Amz-Signature=%s&x=1", hex64},
		"sas":                  {"https://a.blob.core/x?sv=1&sig=%s", digits("", 40)},
		"pem":                  {"a\n-----BEGIN RSA PRIVATE KEY-----\n%s\n-----END RSA PRIVATE KEY-----\nb", digits("", 64) + "\n" + digits("Q", 10)},
		"pem cut":              {"a\n-----BEGIN PRIVATE KEY-----\n%s", digits("", 64)},
		"pem in json":          {`{"k":"-----BEGIN EC PRIVATE KEY-----\n%s\n-----END EC PRIVATE KEY-----\n"}`, digits("", 64)},
		"telegram":             {"bot 123456789:AA%s", digits("", 33)},
		"linux home":           {"/home/%s/src/x_test.go:12", "maria.k"},
		"mac home":             {"panic at /Users/%s/go/pkg/mod/x", "maria"},
		"windows home":         {`C:\Users\%s\go\x.go:1`, "maria"},
		"windows home escaped": {`"C:\\Users\\%s\\go\\x.go"`, "maria"},
		"windows home slashes": {`D:/Users/%s/go/x.go:1`, "maria"},
		"windows blank":        {`C:\Users\%s\go\x.go:1`, "Maria Kern"},
		"file url":             {"file:///home/%s/x", "maria"},
		"goroot flag":          {"-I/home/%s/include", "maria"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := strings.Replace(c.in, "%s", c.secret, 1)
			got := Text(in)
			for _, part := range strings.Split(c.secret, "\n") {
				if strings.Contains(got, part) {
					t.Errorf("Text(%q) = %q, which still has the secret", in, got)
				}
			}
			if again := Text(got); again != got {
				t.Errorf("not idempotent: %q, then %q", got, again)
			}
			if strings.Count(in, "\n") != strings.Count(got, "\n") {
				t.Errorf("the number of lines changed: %q", got)
			}
		})
	}
}

// TestEvidenceStays holds what Go tests print every day.
func TestEvidenceStays(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"parser_test.go:12: unexpected token: }",
		"token = nil", "token: EOF", `token: "IDENT"`, "got token: expected ; found 12",
		"want token=0x1400012, got 0x1400013",
		"secret: not found", "password: too short", `password must not be empty`, "password=", `password=""`, "password=***",
		"--- FAIL: TestPasswordToken/secret=missing (0.00s)",
		"Previous write at 0x00c000b36660 by goroutine 4318:",
		"/home/runner/work/coder/coder/codersdk/toolsdk/toolsdk_test.go:1468 +0x964",
		"/Users/runner/hostedtoolcache/go/1.26.8/arm64/src/testing/testing.go:1792",
		`C:\Users\runneradmin\go\x.go:3`,
		"/go/pkg/mod/github.com/stretchr/testify@v1.11.1/require/require.go:12",
		"commit fb530033d5cacc2e24d2071e4362b66dcda3e7a5",
		"sha256:0af19c0af19c0af19c0af19c0af19c0af19c0af19c0af19c0af19c0af19c0af1",
		"https://github.com/o/r/actions/runs/24588118104/job/71902734009?pr=24502",
		"dial tcp 127.0.0.1:5432: connect: connection refused",
		"dial postgres://localhost:5432/db?sslmode=disable",
		"token := store.NewToken(ctx)", "apiKey = newKey(t)", "secretKey := testKey",
		"example.com/m/auth.(*Token).Refresh()", "auth.go:12: tokens: 3",
		"basic types only", "bearer of news", "the basic authentication failed",
		"module github.com/a/tokenbucket2@v1.2.3: not found",
		"sort_key=user_12345678", "primary_key: order12345", "monkey=abc12345678",
		"-----BEGIN PRIVATE KEY----- is missing\nfoo_test.go:1: next line stays",
		"git@github.com:o/r.git", `env ["PWD=/workdir/go" "OLDPWD=/"]`, "PWD=.", `PWD=D:\a\r`,
		"~/src/x.go",
		"user@example.com", "Priya Raman <priya.raman@example.com>",
	} {
		if got := Text(s); got != s {
			t.Errorf("Text(%q) = %q", s, got)
		}
	}
}

func TestCaseReachesEveryString(t *testing.T) {
	t.Parallel()
	secret := digits("ghp_", 36)
	c := &culprit.Case{
		ID: "abc", Job: culprit.Job{URL: "https://x:" + secret + "@h/"},
		Failures: culprit.List[*culprit.Failure]{{
			Kind: culprit.KindDataRace, Title: secret, Aliases: culprit.List[string]{secret},
			Evidence: culprit.Evidence{FirstLine: 3, LastLine: 4, FirstByte: 10, EndByte: 99, Text: "a\n" + secret},
			Race:     &culprit.Race{Accesses: culprit.List[culprit.Access]{{Stack: culprit.List[culprit.Frame]{{File: "/home/maria/x.go", Line: 7}}}}},
		}},
		Steps: culprit.List[culprit.Step]{{Stage: culprit.StageRead, Why: secret}},
	}
	again, err := Copy(c)
	if err != nil || !strings.Contains(c.Failures[0].Title, secret) || strings.Contains(again.Failures[0].Title, secret) {
		t.Errorf("Copy: %v, the original %q, the copy %q", err, c.Failures[0].Title, again.Failures[0].Title)
	}
	Case(c)
	f := c.Failures[0]
	for _, s := range []string{c.Job.URL, f.Title, f.Aliases[0], f.Evidence.Text, c.Steps[0].Why} {
		if strings.Contains(s, secret) {
			t.Errorf("%q still has the secret", s)
		}
	}
	if got := f.Race.Accesses[0].Stack[0]; got.File != "~/x.go" || got.Line != 7 {
		t.Errorf("frame: %+v", got)
	}
	if e := f.Evidence; e.FirstLine != 3 || e.LastLine != 4 || e.FirstByte != 10 || e.EndByte != 99 || f.Kind != culprit.KindDataRace {
		t.Errorf("positions or kinds changed: %+v", e)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"password=a", "ghp_" + digits("", 36), "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----", `/home/a/home/b/`, `C:\Users\a\Users\b\`, "https://a:b@c:d@e", "Authorization: Bearer Bearer abcdefgh1", "token=[redacted:x]", "password: = a1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Text(s)
		if twice := Text(once); twice != once {
			t.Errorf("not idempotent: %q, %q, %q", s, once, twice)
		}
		if strings.Count(s, "\n") != strings.Count(once, "\n") {
			t.Errorf("lines changed: %q, %q", s, once)
		}
	})
}

func BenchmarkText(b *testing.B) {
	s := strings.Repeat("2026-04-17T21:56:01.1234567Z github.com/coder/coder/v2/codersdk/toolsdk_test.TestTools.func30() /home/runner/work/x.go:1468 +0x964\n", 8000)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Text(s)
	}
}
