// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"

	"github.com/culprit-ci/culprit/internal/source"
)

// Given is the strategy of a patch that somebody else wrote.
const Given = "given"

// FromPatch makes a candidate of a unified diff that somebody else wrote, for the
// same checks as our own. A nil candidate comes with the reason.
func FromPatch(tree *source.Tree, diff string) (*Candidate, string, error) {
	files, _, err := gitdiff.Parse(strings.NewReader(diff))
	if err != nil || len(files) == 0 {
		return nil, fmt.Sprintf("the patch does not parse: %v", err), nil
	}
	c := &Candidate{Strategy: Given, Message: "the patch that was given", Files: map[string][]byte{}, Patch: diff}
	for _, f := range files {
		rel := filepath.ToSlash(f.NewName)
		switch {
		case f.IsDelete:
			return nil, fmt.Sprintf("the patch removes %s", f.OldName), nil
		case !filepath.IsLocal(rel) || f.IsBinary || f.IsRename || f.IsCopy:
			return nil, fmt.Sprintf("the patch does more to %s than change its text", rel), nil
		}
		var before []byte
		if !f.IsNew {
			if before, err = readFile(tree, rel); err != nil {
				return nil, fmt.Sprintf("the patch changes %s, which the work tree does not have", rel), nil
			}
		}
		var out bytes.Buffer
		if err := gitdiff.Apply(&out, bytes.NewReader(before), f); err != nil {
			c.check("applies", false, err.Error())
			return c, "", nil
		}
		c.Files[rel] = out.Bytes()
		c.check("applies", true, "applied strictly to the file of the work tree")
		if f.IsNew {
			before = []byte("package p\n") // what a new file brings in may hide a race, too
		}
		if strings.HasSuffix(rel, ".go") {
			ok, detail := formatted(before, out.Bytes())
			c.check("gofmt", ok, detail)
			ok, detail = honest(before, out.Bytes(), nil)
			c.check("nothing is dropped or hidden", ok, detail)
		}
	}
	return c, "", nil
}
