// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"

	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Facts finds out what functions do with their parameters, across packages. Its
// result is a [*FactSet].
var Facts = &analysis.Analyzer{
	Name: "culpritfacts",
	Doc: `find what functions do with their parameters

For each function: whether it calls t.Parallel, calls a function it is given, runs
it on another goroutine, and what memory it reads and writes behind a pointer, with
or without a lock.`,
	Run:        runFacts,
	FactTypes:  []analysis.Fact{new(PackageFacts)},
	ResultType: reflect.TypeFor[*FactSet](),
}

// FuncUse says what a function does with a function it is given.
type FuncUse uint8

// The uses, from no knowledge on.
const (
	FuncKept   FuncUse = iota // unknown: it may be stored and called whenever
	FuncCalled                // it is called before the function returns, and not kept
	FuncMany                  // several goroutines call it, and are joined
	FuncAsync                 // a goroutine calls it that is not joined
)

// ParamFact is what a function does with one parameter or result.
type ParamFact struct {
	Func     FuncUse
	Locked   bool // it is called with a lock held
	Parallel bool // t.Parallel is called
	Effects  []Effect
	// Calls are the calls of functions that the parameter leads to: their Method is
	// [Called].
	Calls []Effect
}

func (p ParamFact) empty() bool {
	return p.Func == FuncKept && !p.Parallel && len(p.Effects) == 0 && len(p.Calls) == 0
}

// FuncFact is what is known of a function.
type FuncFact struct {
	Receiver ParamFact
	Params   []ParamFact
	// Results have the effects of goroutines that go on using a result.
	Results []ParamFact
	// Locks and Unlocks are set when a lock is held after a call that was not
	// before, and the reverse.
	Locks, Unlocks bool
	// Waits is set when the function waits for somebody, itself or in what it calls.
	Waits bool
	// Sends is set when the function itself sends an empty value on a channel of its
	// receiver or of a parameter: it may take a place of a semaphore.
	Sends bool
	// Spawns is set when the function, or what it names, starts goroutines.
	Spawns bool
	// Quiet is set when the function is known to wait for nobody but for a lock. It is
	// not worth a fact of its own.
	Quiet bool
	// Outlives is set when the function has handlers called by http.TimeoutHandler.
	Outlives bool
	// Posted is set for a method of an interface that its package only calls where
	// nobody can be told of it.
	Posted Posting
	// Keeps tells where the function leaves what it is given.
	Keeps []Kept
}

// Recv gives the fact of the receiver.
func (f *FuncFact) Recv() ParamFact { return f.Receiver }

// all gives the effects and the calls.
func (p ParamFact) all() []Effect {
	if len(p.Calls) == 0 {
		return p.Effects
	}
	return slices.Concat(p.Effects, p.Calls)
}

// Param gives the fact of argument i of a call of fn; arguments of a variadic
// parameter share its fact.
func (f *FuncFact) Param(i int, fn *types.Func) ParamFact {
	sig := fn.Signature()
	if n := sig.Params().Len(); sig.Variadic() && i >= n-1 {
		return ParamFact{} // an element of a slice
	}
	if i >= len(f.Params) {
		return ParamFact{}
	}
	return f.Params[i]
}

// Result gives the fact of a result.
func (f *FuncFact) Result(i int) ParamFact {
	if i >= len(f.Results) {
		return ParamFact{}
	}
	return f.Results[i]
}

// leaves reports whether the function leaves a goroutine running that uses what
// it was given or what it returns.
func (f *FuncFact) leaves() bool {
	async := func(p ParamFact) bool {
		return slices.ContainsFunc(p.Effects, func(e Effect) bool { return e.Async }) ||
			slices.ContainsFunc(p.Calls, func(e Effect) bool { return e.Async })
	}
	return async(f.Receiver) || slices.ContainsFunc(f.Params, async) || slices.ContainsFunc(f.Results, async)
}

func (f *FuncFact) empty() bool {
	full := func(p ParamFact) bool { return !p.empty() }
	return f.Receiver.empty() && len(f.Keeps) == 0 && !f.Locks && !f.Unlocks && !f.Waits && !f.Sends && !f.Spawns && !f.Outlives && f.Posted == NotPosted && !slices.ContainsFunc(f.Params, full) && !slices.ContainsFunc(f.Results, full)
}

// FactSet gives the facts of functions of a package and of those it imports.
type FactSet struct {
	info   *types.Info
	decls  map[*types.Func]*ast.FuncDecl
	done   map[*types.Func]*FuncFact
	lookup func(*types.Func) *FuncFact // of another package's function, nil when nothing is known
	waits  map[*types.Func]bool
	spawns map[*types.Func]bool
	// outlives are the answers to Outlives.
	outlives map[*types.Func]bool
	http     map[*types.Package]bool      // whether they import net/http
	post     map[types.Type][]*types.Func // of interfaces, see postedOf
}

// NewFactSet gives the facts that follow from a package alone, for users without
// a driver that keeps facts.
func NewFactSet(info *types.Info, files []*ast.File) *FactSet {
	s := &FactSet{info: info, decls: map[*types.Func]*ast.FuncDecl{}, done: map[*types.Func]*FuncFact{}, waits: map[*types.Func]bool{}, spawns: map[*types.Func]bool{}, outlives: map[*types.Func]bool{}}
	for _, f := range files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
				if fn, ok := info.Defs[d.Name].(*types.Func); ok {
					s.decls[fn] = d
				}
			}
		}
	}
	return s
}

// Of gives the fact of a function, an empty one when nothing is known.
func (s *FactSet) Of(fn *types.Func) *FuncFact {
	if s == nil || fn == nil {
		return &FuncFact{}
	}
	fn = fn.Origin()
	if f := s.done[fn]; f != nil {
		return f
	}
	f := &FuncFact{}
	s.done[fn] = f // recursion sees nothing
	if d := s.decls[fn]; d != nil {
		*f = *newSummary(s, fn, d).fact()
	} else if isRand(fn) {
		f.Receiver.Effects = []Effect{{Path: "*", Write: true}}
	} else if known := libraryOf(fn); known != nil {
		*f = *known
	} else if s.lookup != nil && fn.Pkg() != nil {
		if known := s.lookup(fn); known != nil {
			*f = *known
		}
	}
	return f
}

// isRand reports whether fn is a method of a random generator that has no lock.
// Its state is behind an interface, where effects are not followed.
func isRand(fn *types.Func) bool {
	r := fn.Signature().Recv()
	return r != nil && (isNamed(r.Type(), "math/rand", "Rand") || isNamed(r.Type(), "math/rand/v2", "Rand"))
}

func runFacts(pass *analysis.Pass) (any, error) {
	s := NewFactSet(pass.TypesInfo, pass.Files)
	in := importFacts(pass)
	s.lookup = in.of
	if strings.HasSuffix(pass.Pkg.Name(), "_test") {
		return s, nil // nobody imports it
	}
	found := map[*types.Func]*FuncFact{}
	for _, f := range pass.Files {
		for _, d := range f.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok || d.Body == nil {
				continue
			}
			fn, ok := pass.TypesInfo.Defs[d.Name].(*types.Func)
			if !ok {
				continue
			}
			if !exportable(pass.Pkg, fn) || isTest(fn) {
				continue // looked at when it is called
			}
			if fact := s.Of(fn); !fact.empty() {
				found[fn] = fact
			}
		}
	}
	if !standard(pass.Pkg.Path()) {
		for fn, how := range s.posted(pass.Pkg, pass.Files) {
			s.Of(fn).Posted = how
			found[fn] = s.Of(fn)
		}
	}
	return s, exportFacts(pass, in, found)
}

// exportable reports whether another package can see the function: only those
// facts are worth writing. Effects of the standard library are kept only of
// packages whose types are made for one goroutine at a time; elsewhere its
// functions have their own ways to be safe that are not followed.
func exportable(pkg *types.Package, fn *types.Func) bool {
	if !fn.Exported() {
		return false
	}
	return fn.Signature().Recv() == nil || pkg != nil
}

// isTest reports whether go test calls a function: nobody else does, from another
// package.
func isTest(fn *types.Func) bool {
	sig := fn.Signature()
	return sig.Recv() == nil && sig.Params().Len() == 1 && startsWith(fn.Name(), "Test", "Benchmark", "Fuzz") && isTesting(sig.Params().At(0).Type())
}

// unsynchronized lists the packages of the standard library whose objects are
// for one goroutine at a time, or whose functions use what they are given so.
func unsynchronized(path string) bool {
	switch first, _, _ := strings.Cut(path, "/"); first {
	case "bytes", "strings", "bufio", "container", "encoding", "text", "hash", "compress", "archive", "fmt", "image", "sort", "slices", "maps", "html", "unicode":
		return true
	}
	return path == "math/rand" || path == "math/rand/v2" || path == "net/url" || path == "net/textproto" || path == "io" || path == "math/big" || path == "go/token"
}

// standard reports whether a path is that of a package of the standard library.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	if strings.Contains(first, ".") {
		return false
	}
	return slices.Contains(stdRoots, first)
}

// stdRoots are the first elements of import paths of the standard library.
var stdRoots = []string{
	"archive", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto", "database", "debug", "embed", "encoding", "errors",
	"expvar", "flag", "fmt", "go", "hash", "html", "image", "index", "internal", "io", "iter", "log", "maps", "math", "mime", "net", "os",
	"path", "plugin", "reflect", "regexp", "runtime", "slices", "sort", "strconv", "strings", "structs", "sync", "syscall", "testing", "text",
	"time", "unicode", "unique", "unsafe", "vendor", "weak",
}

// calls reports whether the function calls functions or methods of interfaces that it
// is given within something, or leaves a goroutine running that does.
func (f *FuncFact) calls() bool {
	some := func(p ParamFact) bool {
		return len(p.Calls) > 0 || slices.ContainsFunc(p.Effects, func(e Effect) bool { return e.Method != "" })
	}
	return some(f.Receiver) || slices.ContainsFunc(f.Params, some) || slices.ContainsFunc(f.Results, some)
}

// maxEffects bounds what is kept of one parameter, maxCalls of it the calls.
const (
	maxEffects = 24
	maxCalls   = 8
)

// add keeps an effect once; where there are many, those that write.
func (p *ParamFact) add(e Effect) {
	if e.Method == Called {
		if !merged(p.Calls, e) && len(p.Calls) < maxCalls {
			p.Calls = append(p.Calls, e)
		}
		return
	}
	if merged(p.Effects, e) {
		return
	}
	if len(p.Effects) < maxEffects {
		p.Effects = append(p.Effects, e)
		return
	}
	if !e.Write {
		return
	}
	for i, old := range p.Effects {
		if !old.Write {
			p.Effects[i] = e
			return
		}
	}
}

// merged reports whether an effect is in a list, but for when it happens, which is
// made that of both.
func merged(list []Effect, e Effect) bool {
	for i, old := range list {
		if old.alike(e) {
			list[i].Maybe = old.Maybe && e.Maybe
			list[i].Gated = old.Gated && e.Gated
			list[i].Prefix = old.Prefix && e.Prefix
			list[i].Ends = old.Ends && e.Ends
			list[i].Tick = old.Tick && e.Tick
			list[i].Silent = old.Silent || e.Silent
			return true
		}
	}
	return false
}
