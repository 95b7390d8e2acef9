// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import "github.com/culprit-ci/culprit/internal/lazyre"

// rule finds one form of secret.
type rule struct {
	name string
	re   *lazyre.Regexp
	// group is the subexpression that is replaced; 0 is the whole match.
	group int
	// keep looks at the text of the group, and keeps it as it is when true.
	keep func(name, value string) bool
	// nameGroup is the subexpression that is handed to keep as name; 0 is none.
	nameGroup int
	// hints are in lower case; a text, or a line, without any of them is not
	// looked at. They make redacting a log a hundred times as fast.
	hints []string
	// whole runs the rule over the text instead of line by line.
	whole bool
}

// rules are applied in this order. The forms are those that the vendors document
// for their tokens; sources are GitHub's list of secret scanning patterns and the
// vendors' pages.
var rules = []rule{
	{name: "private-key", whole: true, hints: []string{"private key"},
		re: lazyre.New(`(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(.*?)-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----`), group: 1},
	// The same where the text ends first: only lines that look like the key go.
	{name: "private-key", whole: true, hints: []string{"private key"},
		re: lazyre.New(`-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----((?:(?:\s|\\[nr])*(?:[A-Za-z0-9+/=]{16,}|(?:Proc-Type|DEK-Info|Comment|Version): [^\n]*))+)`), group: 1},
	{name: "github-token", hints: []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"},
		re: lazyre.New(`\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{22,})`)},
	{name: "gitlab-token", hints: []string{"glpat-", "glptt-", "glrt-", "gldt-", "glcbt-", "glft-", "glsoat-", "glagent-", "glimt-", "gloas-", "glfeat-"},
		re: lazyre.New(`\bgl(?:pat|ptt|rt|dt|cbt|ft|soat|agent|imt|oas|feat)-[A-Za-z0-9_-]{20,}`)},
	{name: "aws-key", hints: []string{"akia", "asia", "abia", "acca"},
		re: lazyre.New(`\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b`)},
	{name: "slack-token", hints: []string{"xox", "xapp-"},
		re: lazyre.New(`\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}`)},
	{name: "webhook", hints: []string{"https://hooks.slack", "/api/webhooks/", "webhook.office"},
		re: lazyre.New(`(?i)\bhttps://(?:hooks\.slack\.com/(?:services|workflows|triggers)/|(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/|[a-z0-9-]{1,60}\.webhook\.office\.com/webhookb2/)([^\s"'<>]{8,})`), group: 1},
	{name: "jwt", hints: []string{"eyj"},
		re: lazyre.New(`\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)},
	{name: "vendor-token", hints: []string{"npm_", "pypi-", "rubygems_", "_live_", "_test_", "whsec_", "sq0", "aiza", "ya29.", "gocspx-", "sk-", "hf_", "gsk_", "sg.", "key-",
		"_v1_", "dckr_", "hvs.", "hvb.", "hvr.", "dapi", "pscale_", "dp.", "pul-", "glsa_", "glc_", "nrak-", "lin_api_", "shp", "atatt3", "atbb", "sntry", "bkua_", "ccipat_", "tskey-", "age-secret", ":aa"},
		re: lazyre.New(`\b(?:` +
			`npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}|rubygems_[0-9a-f]{48}|` + // package registries
			`(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}|sq0(?:atp|csp)-[A-Za-z0-9_-]{22,}|` + // payment
			`AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}|` + // Google
			`sk-(?:ant-|proj-|svcacct-|or-v1-)?[A-Za-z0-9_-]{32,}|hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{40,}|` + // models
			`SG\.[A-Za-z0-9_=-]{16,}\.[A-Za-z0-9_=-]{16,}|key-[0-9a-f]{32}|` + // mail, telephone
			`do[opr]_v1_[0-9a-f]{64}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}|hv[sbr]\.[A-Za-z0-9_-]{20,}|dapi[0-9a-f]{32}|` +
			`pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{30,}|dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{30,}|pul-[0-9a-f]{40}|` +
			`gl(?:sa|c)_[A-Za-z0-9+/=_]{30,}|NRAK-[A-Z0-9]{27}|lin_api_[A-Za-z0-9]{30,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|` +
			`ATATT3[A-Za-z0-9_=-]{60,}|ATBB[A-Za-z0-9]{24,}|sntry[su]_[A-Za-z0-9+/=_]{30,}|bkua_[0-9a-f]{40}|CCIPAT_[A-Za-z0-9_]{30,}|` +
			`tskey-[a-z]{3,12}-[A-Za-z0-9-]{16,}|AGE-SECRET-KEY-1[A-Z0-9]{50,}|[0-9]{8,10}:AA[A-Za-z0-9_-]{33}` +
			`)`)},
	{name: "vendor-token", hints: []string{"ltai", "p8e-", "clojars_", "v1.0-", "duffel_", "dt0", "ezak", "eztk", "eaa", "flw", "fo1_", "fm1", "fm2", "fio-u-", "glffct-", "gr1348941", "eyjrijoi",
		"atlasv1", "api_org_", "ico-", "s-s4t2", "api-", "sha256~", "pmak-", "pnu_", "rdme_", "tk-us-", "xkeysib-", "sm_", "shippo_", "sgp_", "nrii-", "nrjs-", "ops_eyj", "pat.", "sat.", "aqvn", "q~", "_gitlab_session"},
		re: lazyre.New(`\b(?:` +
			`LTAI[A-Za-z0-9]{12,24}|v1\.0-[0-9a-f]{24}-[0-9a-f]{146}|fo1_[A-Za-z0-9_-]{43}|fm[12]r?_[A-Za-z0-9+/=]{100,}|sha256~[A-Za-z0-9_-]{43}|` + // clouds
			`[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}|tk-us-[A-Za-z0-9_-]{48}|pnu_[A-Za-z0-9]{36}|API-[A-Z0-9]{26}|(?:pat|sat)\.[A-Za-z0-9_-]{22}\.[0-9a-zA-Z]{24}\.[A-Za-z0-9]{20}|` + // deployment
			`[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}|AQVN[A-Za-z0-9_-]{35,38}|glffct-[A-Za-z0-9_-]{20,}|GR1348941[A-Za-z0-9_-]{20}|_gitlab_session=[0-9a-z]{32}|CLOJARS_[a-z0-9]{60}|` +
			`dt0[a-z]01\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}|eyJrIjoi[A-Za-z0-9+/]{70,}={0,3}|NR(?:II|JS)-[A-Za-z0-9-]{19,32}|sgp_(?:[0-9a-fA-F]{16}_|local_)?[0-9a-fA-F]{40}|ops_eyJ[A-Za-z0-9+/]{100,}={0,3}|` + // observation, tools
			`EZ[AT]K[A-Za-z0-9]{54}|EAA[A-Za-z0-9]{60,}|FLW(?:SEC|PUB)K_TEST-[0-9a-h]{12,32}|duffel_(?:test|live)_[A-Za-z0-9_=-]{43}|shippo_(?:live|test)_[0-9a-fA-F]{40}|xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}|` + // payment, post, mail
			`p8e-[A-Za-z0-9]{32}|fio-u-[A-Za-z0-9_=-]{64}|api_org_[A-Za-z]{34}|ico-[A-Za-z0-9]{32}|s-s4t2(?:ud|af)-[0-9a-f]{64}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|rdme_[a-z0-9]{70}|sm_(?:aat|pat|sat)_[A-Za-z0-9]{16}` +
			`)`)},
	{name: "authorization", hints: []string{"authorization", "bearer", "basic"},
		re: lazyre.New(`(?i)\b(?:authorization["']?\s{0,3}[:=]\s{0,3}\[?["']?(?:bearer|basic|token|digest|negotiate|aws4-hmac-sha256)?|bearer|basic)\s{1,3}([A-Za-z0-9._~+/=-]{8,})`), group: 1, keep: plainWord},
	{name: "cookie", hints: []string{"cookie"},
		re: lazyre.New(`(?i)\b(?:set-)?cookie["']?: {0,3}([^\r\n]+)`), group: 1},
	{name: "url-password", hints: []string{"://"},
		re: lazyre.New(`\b[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s/?#@:"'<>\x60[]*:([^\s/?#@"'<>\x60]+)@`), group: 1, keep: already},
	{name: "url-user", hints: []string{"://"},
		re: lazyre.New(`\bhttps?://([^\s/?#@:"'<>\x60]{16,})@`), group: 1, keep: already},
	{name: "signed-url", hints: []string{"sig=", "signature=", "x-amz-", "x-goog-", "token=", "key=", "jwt=", "code="},
		re: lazyre.New(`(?i)[?&](?:sig|signature|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|access_token|api_?key|token|jwt|code)=([^\s&"'<>]{8,})`), group: 1, keep: already},
	{name: "password", hints: []string{"password", "passwd", "passphrase", "pgpass", "pwd"},
		nameGroup: 1, group: 2, keep: notPassword,
		re: lazyre.New(`(?i)((?:[A-Za-z0-9_.-]*(?:password|passwd|passphrase|pgpass)[A-Za-z0-9_]{0,16}|\bpwd)["'\\]{0,3}(?:=|:| = |: | := ))["'\\\x60]{0,3}([^\s"'\\\x60,;&)}\]]+)`)},
	{name: "secret", hints: []string{"secret", "token", "credential", "key", "session"},
		nameGroup: 1, group: 2, keep: notSecret,
		re: lazyre.New(`(?i)([A-Za-z0-9_.-]*(?:secret|token|credential|api_?key|apikey|api-key|access_?key|account_?key|shared_?access_?key|private_?key|encryption_?key|signing_?key|auth_?key|license_?key|session_?(?:key|id))[A-Za-z0-9_]{0,16}["'\\]{0,3}(?:=|:| = |: | := ))["'\\\x60]{0,3}([^\s"'\\\x60,;&)}\]]{8,})`)},
}

// services are home folders of nobody: the accounts of CI systems and images.
// Their paths stay, since readers know them and tools match them.
var services = map[string]bool{
	"runner": true, "runneradmin": true, "runner-admin": true, "actions-runner": true, "circleci": true, "vsts": true, "vsts_azpcontainer": true,
	"vstsbld": true, "azureuser": true, "travis": true, "jenkins": true, "gitlab-runner": true, "buildkite-agent": true, "buildkite": true, "builder": true, "build": true,
	"ubuntu": true, "debian": true, "ec2-user": true, "centos": true, "fedora": true, "vagrant": true, "docker": true, "node": true, "go": true, "gopher": true,
	"app": true, "user": true, "coder": true, "nonroot": true, "nobody": true, "root": true, "public": true, "default": true, "administrator": true, "containeradministrator": true,
	"ci": true, "test": true, "tester": true, "git": true, "linuxbrew": true, "distiller": true, "prow": true, "semaphore": true, "teamcity": true, "agent": true, "shared": true,
}
