// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// PackageFacts are the facts of a package's functions, and of the methods of types
// that its users can get hold of through it, in one piece.
//
// A fact for each function would be simpler. But the driver (x/tools/internal/facts)
// hands the facts of methods on from each package to all that import it, and decodes
// each of them for each import: for gRPC 2.6 million facts of 14,000 functions, an
// eighth of the whole run. Here a package's facts stay bytes until somebody asks.
type PackageFacts struct {
	// Data are sections, each as section writes it, the package's own first.
	Data []byte
}

// AFact marks the type as a fact.
func (*PackageFacts) AFact() {}

// String says how much there is.
func (p *PackageFacts) String() string { return fmt.Sprintf("%d bytes of facts", len(p.Data)) }

// section is what is known of one package.
type section struct {
	path string
	// mentions are the packages whose types the package's own types and functions
	// name: who has the one can get hold of the other.
	mentions []string
	// functions and methods are named facts in the form of encoding/gob.
	functions, methods []byte
}

// named is the fact of a function "F" or of a method "T.M".
type named struct {
	Name string
	Fact *FuncFact
}

func pack(list []named) ([]byte, error) {
	if len(list) == 0 {
		return nil, nil
	}
	slices.SortFunc(list, func(a, b named) int { return cmp.Compare(a.Name, b.Name) })
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(list)
	return b.Bytes(), err
}

// unpack adds the facts to a map. Bytes that another version wrote are none.
func unpack(data []byte, to map[string]*FuncFact) {
	var list []named
	if len(data) == 0 || gob.NewDecoder(bytes.NewReader(data)).Decode(&list) != nil {
		return
	}
	for _, n := range list {
		to[n.Name] = n.Fact
	}
}

// append writes a section: its strings, each with its length in front.
func (s *section) append(b []byte) []byte {
	put := func(v []byte) { b = append(binary.AppendUvarint(b, uint64(len(v))), v...) }
	put([]byte(s.path))
	b = binary.AppendUvarint(b, uint64(len(s.mentions)))
	for _, m := range s.mentions {
		put([]byte(m))
	}
	put(s.functions)
	put(s.methods)
	return b
}

// sections reads what append wrote. Half a section is none.
func sections(b []byte) []*section {
	var list []*section
	ok := true
	size := func() int {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used) {
			ok = false
			return 0
		}
		b = b[used:]
		return int(n)
	}
	get := func() []byte {
		n := size()
		v := b[:n]
		b = b[n:]
		return v
	}
	for len(b) > 0 {
		s := &section{path: string(get())}
		for n := size(); n > 0 && ok; n-- {
			s.mentions = append(s.mentions, string(get()))
		}
		s.functions, s.methods = get(), get()
		if !ok {
			break
		}
		list = append(list, s)
	}
	return list
}

// imported are the facts that a package gets from those it imports.
type imported struct {
	sections map[string]*section
	facts    map[string]map[string]*FuncFact // by package, of those that were asked for
}

func importFacts(pass *analysis.Pass) *imported {
	in := &imported{sections: map[string]*section{}, facts: map[string]map[string]*FuncFact{}}
	for _, imp := range pass.Pkg.Imports() {
		var f PackageFacts
		if !pass.ImportPackageFact(imp, &f) {
			continue
		}
		for _, s := range sections(f.Data) {
			// What a package says of itself has its functions, too.
			if in.sections[s.path] == nil || s.path == imp.Path() {
				in.sections[s.path] = s
			}
		}
	}
	return in
}

// of gives the fact of a function of another package, nil when nothing is known.
func (in *imported) of(fn *types.Func) *FuncFact {
	path := fn.Pkg().Path()
	s := in.sections[path]
	if s == nil {
		return nil
	}
	known := in.facts[path]
	if known == nil {
		known = map[string]*FuncFact{}
		unpack(s.functions, known)
		unpack(s.methods, known)
		in.facts[path] = known
	}
	return known[factName(fn)]
}

// factName names a function within its package; "" for a method of no named type.
func factName(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Name()
	}
	t := recv.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name() + "." + fn.Name()
	}
	return ""
}

// exportFacts hands on what was found out about the package itself and what is
// known of the methods of types that its users can get hold of.
func exportFacts(pass *analysis.Pass, in *imported, found map[*types.Func]*FuncFact) error {
	var functions, methods []named
	for fn, fact := range found {
		switch name := factName(fn); {
		case name == "":
		case fn.Signature().Recv() == nil:
			functions = append(functions, named{name, fact})
		default:
			methods = append(methods, named{name, fact})
		}
	}
	own := &section{path: pass.Pkg.Path(), mentions: mentioned(pass.Pkg)}
	var err error
	if own.functions, err = pack(functions); err != nil {
		return fmt.Errorf("writing the facts: %w", err)
	}
	if own.methods, err = pack(methods); err != nil {
		return fmt.Errorf("writing the facts: %w", err)
	}
	reached := map[string]bool{own.path: true}
	for todo := own.mentions; len(todo) > 0; todo = todo[1:] {
		if s := in.sections[todo[0]]; s != nil && !reached[s.path] {
			reached[s.path] = true
			todo = append(todo, s.mentions...)
		}
	}
	delete(reached, own.path)
	data := own.append(nil)
	for _, path := range slices.Sorted(maps.Keys(reached)) {
		s := *in.sections[path]
		s.functions = nil // who calls them imports the package itself
		data = s.append(data)
	}
	if len(own.functions)+len(own.methods)+len(own.mentions) > 0 {
		pass.ExportPackageFact(&PackageFacts{Data: data})
	}
	return nil
}

// mentioned lists the packages of the types that are named in the exported
// declarations of a package and in what leads on from them within it.
func mentioned(pkg *types.Package) []string {
	paths := map[string]bool{}
	seen := map[types.Type]bool{}
	var visit func(t types.Type)
	tuple := func(t *types.Tuple) {
		for v := range t.Variables() {
			visit(v.Type())
		}
	}
	visit = func(t types.Type) {
		switch t.(type) {
		case nil, *types.Basic:
			return
		}
		if seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Alias:
			visit(types.Unalias(t))
		case *types.Named:
			for a := range t.TypeArgs().Types() {
				visit(a)
			}
			t = t.Origin()
			switch p := t.Obj().Pkg(); {
			case p == nil:
				return
			case p != pkg:
				paths[p.Path()] = true
				return
			}
			visit(t.Underlying())
			for m := range t.Methods() {
				visit(m.Type())
			}
		case *types.TypeParam:
			visit(t.Constraint())
		case *types.Pointer:
			visit(t.Elem())
		case *types.Slice:
			visit(t.Elem())
		case *types.Array:
			visit(t.Elem())
		case *types.Chan:
			visit(t.Elem())
		case *types.Map:
			visit(t.Key())
			visit(t.Elem())
		case *types.Signature:
			for p := range t.TypeParams().TypeParams() {
				visit(p)
			}
			tuple(t.Params())
			tuple(t.Results())
		case *types.Struct:
			for f := range t.Fields() {
				visit(f.Type())
			}
		case *types.Interface:
			for m := range t.ExplicitMethods() {
				visit(m.Type())
			}
			for e := range t.EmbeddedTypes() {
				visit(e)
			}
		case *types.Union:
			for term := range t.Terms() {
				visit(term.Type())
			}
		}
	}
	for _, name := range pkg.Scope().Names() {
		if obj := pkg.Scope().Lookup(name); obj.Exported() {
			visit(obj.Type())
		}
	}
	return slices.Sorted(maps.Keys(paths))
}
