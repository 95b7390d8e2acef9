// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sync"
)

// files are the parsed files of a tree. Each is parsed once: for the package, its
// tests, and before the go command says that it is wanted.
type files struct {
	fset *token.FileSet

	mu     sync.Mutex
	parsed map[string]func() (*ast.File, error) // by absolute path
}

func newFiles() *files {
	return &files{fset: token.NewFileSet(), parsed: map[string]func() (*ast.File, error){}}
}

// parse gives the syntax of the file, of which src is the text.
func (f *files) parse(name string, src []byte) (*ast.File, error) {
	f.mu.Lock()
	once, ok := f.parsed[name]
	if !ok {
		once = sync.OnceValues(func() (*ast.File, error) {
			return parser.ParseFile(f.fset, name, src, parser.AllErrors|parser.ParseComments|parser.SkipObjectResolution)
		})
		f.parsed[name] = once
	}
	f.mu.Unlock()
	return once()
}

// maxAhead is the size in bytes above which a file is not parsed before it is wanted.
const maxAhead = 4 << 20

// ahead parses the Go files of a folder. What cannot be read is left to whoever
// wants it.
func (f *files) ahead(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !e.Type().IsRegular() || filepath.Ext(e.Name()) != ".go" {
			continue
		}
		if st, err := e.Info(); err != nil || st.Size() > maxAhead {
			continue
		}
		name := filepath.Join(dir, e.Name())
		if src, err := os.ReadFile(name); err == nil {
			_, _ = f.parse(name, src)
		}
	}
}
