// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit/internal/report"
)

// canaries are secrets that a log can show. They are put together here so that
// no scanner of secrets takes this file for a leak.
func canaries() map[string]string {
	id := strings.Repeat("Q7w8E9r0", 5)
	return map[string]string{
		"token":    "ghp_" + id[:36],
		"dsn":      "canaryDsn99",
		"aws":      "AKIA" + strings.ToUpper(id[:16]),
		"person":   "mariacanary",
		"bearer":   "bear" + id[:24],
		"password": "canaryPassword1",
	}
}

// canaryLog shows the canaries in every place that ends up in a case: the name
// of a test, its output, a race report, a panic and lines outside of any test.
func canaryLog() string {
	c := canaries()
	home := "/home/" + c["person"] + "/src/m/"
	lines := []string{
		"env: API_TOKEN=" + c["token"],
		"=== RUN   TestLogin", "=== RUN   TestLogin/" + c["token"],
		"    login_test.go:12: dial postgres://app:" + c["dsn"] + "@db:5432/x: refused",
		"    login_test.go:13: Authorization: Bearer " + c["bearer"],
		"    login_test.go:14: key " + c["aws"] + ", password=" + c["password"],
		"==================", "WARNING: DATA RACE", "Write at 0x00c000010001 by goroutine 8:",
		"  example.com/m.TestLogin.func1()", "      " + home + "login_test.go:20 +0x44", "",
		"Previous write at 0x00c000010001 by goroutine 7:",
		"  example.com/m.TestLogin()", "      " + home + "login_test.go:22 +0x44", "",
		"Goroutine 8 (running) created at:", "  example.com/m.TestLogin()", "      " + home + "login_test.go:19 +0x11", "",
		"Goroutine 7 (running) created at:", "  testing.(*T).Run()", "      /usr/local/go/src/testing/testing.go:2101 +0x11",
		"  main.main()", "      _testmain.go:45 +0x11", "==================",
		"    testing.go:1712: race detected during execution of test",
		"--- FAIL: TestLogin (0.00s)", "    --- FAIL: TestLogin/" + c["token"] + " (0.00s)",
		"panic: token " + c["token"], "", "goroutine 12 [running]:", "example.com/m.F()", "\t" + home + "m.go:3 +0x1",
		"FAIL\texample.com/m\t0.01s", "FAIL", "",
	}
	return strings.Join(lines, "\n")
}

// leaks lists the canaries in a text.
func leaks(s string) []string {
	var found []string
	for name, secret := range canaries() {
		if strings.Contains(s, secret) {
			found = append(found, name)
		}
	}
	return found
}

func TestCanariesInEveryFormat(t *testing.T) {
	t.Parallel()
	if n := len(leaks(canaryLog())); n != len(canaries()) {
		t.Fatalf("the log shows %d of the %d canaries", n, len(canaries()))
	}
	log := filepath.Join(t.TempDir(), "job.log")
	if err := os.WriteFile(log, []byte(canaryLog()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range report.All() {
		var out, errs bytes.Buffer
		if code := Main(context.Background(), []string{"triage", log, "--format", f.Name()}, strings.NewReader(""), &out, &errs); code != ExitDone {
			t.Fatalf("%s: code %d, %s", f.Name(), code, &errs)
		}
		if !strings.Contains(out.String(), "TestLogin") {
			t.Errorf("%s: the report is not about the log:\n%s", f.Name(), &out)
		}
		if found := leaks(out.String() + errs.String()); len(found) > 0 {
			t.Errorf("%s shows %v:\n%s", f.Name(), found, &out)
		}
	}
}

// TestCanariesInSavedCase renders a case that a program without redaction saved.
func TestCanariesInSavedCase(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(canaryLog())
	if err != nil {
		t.Fatal(err)
	}
	saved := filepath.Join(t.TempDir(), "case.json")
	body := `{"schema":"culprit.case/v1","verdict":"failed","failures":[{"id":"f1","kind":"unknown","title":"TestLogin","evidence":{"first_line":1,"last_line":9,"text":` + string(text) + `}}]}`
	if err := os.WriteFile(saved, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range report.All() {
		var out, errs bytes.Buffer
		if code := Main(context.Background(), []string{"render", saved, "--format", f.Name()}, strings.NewReader(""), &out, &errs); code != ExitDone {
			t.Fatalf("%s: code %d, %s", f.Name(), code, &errs)
		}
		if found := leaks(out.String()); len(found) > 0 {
			t.Errorf("%s shows %v", f.Name(), found)
		}
	}
}
