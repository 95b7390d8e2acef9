// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fielduse_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit/racecheck/fielduse"
)

// source has one write of n for each way that orders it.
const source = `package p

import "sync"

type T struct {
	sync.RWMutex
	mu   sync.Mutex
	once sync.Once
	n    int
}

func (t *T) plain()     { t.n = 1 }
func (t *T) own()       { t.mu.Lock(); t.n = 2; t.mu.Unlock() }
func (t *T) embedded()  { t.RLock(); defer t.RUnlock(); t.n = 3 }
func (t *T) Callers()   { t.mu.Lock(); t.called(); t.mu.Unlock() }
func (t *T) called()    { t.n = 4; t.deeper() }
func (t *T) deeper()    { t.n = 5 }
func (t *T) inPlace()   { t.mu.Lock(); func() { t.n = 6 }(); t.mu.Unlock() }
func (t *T) spawned()   { t.mu.Lock(); go func() { t.n = 7 }(); t.mu.Unlock() }
func (t *T) first()     { t.once.Do(func() { t.n = 8 }) }
func (t *T) unlocks()   { t.n = 9; t.mu.Unlock() }
func (t *T) lockAll()   { t.mu.Lock() }
func (t *T) helper()    { t.lockAll(); t.n = 10 }

// needs is called with mu held.
func (t *T) needs() { t.n = 11 }

func fresh() *T {
	t := &T{}
	t.n = 12
	t.setUp()
	go t.plain()
	t.n = 13
	return t
}
func (t *T) setUp()     { t.n = 14 }
func newT() *T          { t := fresh(); t.n = 15; return t }
func copied(t T)        { t.n = 16 }
`

func load(t *testing.T) *fielduse.Package {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	if _, err := conf.Check("p", fset, []*ast.File{f}, info); err != nil {
		t.Fatal(err)
	}
	return fielduse.New(info, []*ast.File{f})
}

func TestOrder(t *testing.T) {
	t.Parallel()
	p := load(t)
	got := map[string]string{}
	for _, a := range p.Uses {
		assign, ok := a.Stmt.(*ast.AssignStmt)
		if a.Var.Name() != "n" || !ok {
			continue
		}
		var words []string
		if p.Making(a) {
			words = append(words, "making")
		}
		held, unknown := p.Locks(a.Func, a.Pos)
		for _, k := range held {
			name := k.Var.Name()
			if k.Read {
				name += "/r"
			}
			words = append(words, name)
		}
		if unknown {
			words = append(words, "unknown")
		}
		got[types.ExprString(assign.Rhs[0])] = strings.Join(words, " ")
	}
	want := map[string]string{
		"1": "", "2": "mu", "3": "RWMutex/r", "4": "mu", "5": "mu", "6": "mu", "7": "", "8": "unknown", "9": "unknown",
		"10": "unknown", "11": "unknown", "12": "making", "13": "", "14": "making unknown", "15": "making", "16": "making",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestShared asks from several goroutines, as the analyzers of one package do.
func TestShared(t *testing.T) {
	t.Parallel()
	p := load(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var b strings.Builder
			for _, g := range p.Groups() {
				for _, a := range g.Accesses {
					fmt.Fprint(&b, g.Name, p.Making(a))
				}
			}
			if len(p.Roots()) != 2 || b.Len() == 0 {
				t.Errorf("%d roots, %s", len(p.Roots()), b.String())
			}
		})
	}
	wg.Wait()
}
