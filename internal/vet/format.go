// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Text writes one line a finding, path/file.go:LINE:COL: message, with context
// lines of source around it. context is -1 for none.
func Text(w io.Writer, findings []Finding, context int) error {
	var buf bytes.Buffer
	for _, f := range findings {
		fmt.Fprintf(&buf, "%s:%d:%d: %s (%s)\n", printable(f.File), f.Line, f.Column, printable(f.Message), f.Analyzer)
		if context >= 0 {
			source(&buf, f, context)
		}
		for _, r := range f.Related {
			fmt.Fprintf(&buf, "\t%s:%d:%d: %s\n", printable(r.File), r.Line, r.Column, printable(r.Message))
		}
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// source adds the line of a finding and context lines before and after it.
func source(buf *bytes.Buffer, f Finding, context int) {
	file, err := os.Open(f.path)
	if err != nil {
		return // the finding itself has been printed
	}
	defer file.Close()
	sc := bufio.NewScanner(file)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan() && n <= f.Line+context; n++ {
		if n >= f.Line-context {
			fmt.Fprintf(buf, "%d\t%s\n", n, printable(sc.Text()))
		}
	}
}

// printable drops control characters other than the tab: names and source come
// from anywhere.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// JSON writes one object with all findings.
func JSON(w io.Writer, findings []Finding) error {
	if findings == nil {
		findings = []Finding{}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(map[string]any{"schema": "culprit.vet/v1", "findings": findings})
}

// GitHub writes workflow commands, which annotate the lines of a pull request.
// What is escaped is that of @actions/core.
func GitHub(w io.Writer, findings []Finding) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var buf bytes.Buffer
	for _, f := range findings {
		fmt.Fprintf(&buf, "::error file=%s,line=%d,col=%d,title=%s::%s\n",
			property.Replace(f.File), f.Line, f.Column, property.Replace("culprit vet: "+f.Analyzer), data.Replace(f.Message))
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// SARIF writes a SARIF 2.1.0 log, as code scanning of GitHub reads it.
func SARIF(w io.Writer, findings []Finding, analyzers []*analysis.Analyzer, version string) error {
	type object = map[string]any
	rules, index := []object{}, map[string]int{}
	for i, a := range analyzers {
		title, text, _ := strings.Cut(a.Doc, "\n")
		index[a.Name] = i
		rules = append(rules, object{
			"id": a.Name, "shortDescription": object{"text": title}, "fullDescription": object{"text": strings.TrimSpace(title + "\n" + text)},
			"helpUri": a.URL, "defaultConfiguration": object{"level": "error"},
		})
	}
	results, count := []object{}, Baseline{}
	for _, f := range findings {
		key := keyOf(f)
		count[key]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d", key.analyzer, key.file, key.message, count[key]))
		related := []object{}
		for i, r := range f.Related {
			related = append(related, object{"id": i, "message": object{"text": r.Message},
				"physicalLocation": location(r.File, r.Line, r.Column, 0, 0)})
		}
		results = append(results, object{
			"ruleId": f.Analyzer, "ruleIndex": index[f.Analyzer], "level": "error", "message": object{"text": f.Message},
			"locations":           []object{{"physicalLocation": location(f.File, f.Line, f.Column, f.EndLine, f.EndCol)}},
			"relatedLocations":    related,
			"partialFingerprints": object{"culpritFinding/v1": hex.EncodeToString(sum[:16])},
		})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(object{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
		"runs": []object{{
			"tool":       object{"driver": object{"name": "culprit vet", "version": version, "informationUri": "https://github.com/culprit-ci/culprit", "rules": rules}},
			"columnKind": "utf16CodeUnits", "results": results,
		}},
	})
}

func location(file string, line, col, endLine, endCol int) map[string]any {
	artifact := map[string]any{"uri": uri(file)}
	if !strings.HasPrefix(file, "/") {
		artifact["uriBaseId"] = "%SRCROOT%"
	}
	region := map[string]any{"startLine": max(1, line), "startColumn": max(1, col)}
	if endLine > line || endLine == line && endCol > col {
		region["endLine"], region["endColumn"] = endLine, endCol
	}
	return map[string]any{"artifactLocation": artifact, "region": region}
}

// uri escapes what a relative reference must not hold.
func uri(file string) string {
	var b strings.Builder
	for i := range len(file) {
		c := file[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"#%<>?[\\]^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	if i := strings.IndexByte(file, ':'); i >= 0 && !strings.Contains(file[:i], "/") {
		return "./" + b.String()
	}
	return b.String()
}
