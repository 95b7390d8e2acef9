// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package gitx

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// keyringTimeout is how long gh may take: a locked keyring may ask its user, who
// is not there in CI.
const keyringTimeout = 5 * time.Second

// KeyringToken asks gh for the token of a host that it keeps in the keyring of the
// system, which only gh can read. A gh that is missing, or has none, is an error.
// The host must be one that gh's hosts.yml names: it is handed on as an argument.
func KeyringToken(ctx context.Context, host string) (string, error) {
	bin, err := exec.LookPath("gh")
	if err != nil {
		return "", fmt.Errorf("asking gh for the token of %s: %w", host, err)
	}
	ctx, cancel := context.WithTimeout(ctx, keyringTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, "auth", "token", "--hostname", host)
	cmd.Env = append(os.Environ(), "GH_PROMPT_DISABLED=1", "GH_NO_UPDATE_NOTIFIER=1")
	cmd.WaitDelay = time.Second
	killGroup(cmd)
	out := &bounded{limit: 4 << 10}
	cmd.Stdout = out
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("asking gh for the token of %s: %w", host, err)
	}
	token := strings.TrimSpace(out.buf.String())
	if token == "" || strings.ContainsAny(token, " \t\r\n") {
		return "", fmt.Errorf("asking gh for the token of %s: it printed none", host)
	}
	return token, nil
}
