// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/types"
	"slices"
	"strings"
)

// at lists what is kept at a path below a variable.
func (k *keeping) at(obj types.Object, path string) []holding { return k.follow(obj, path, 0) }

func (k *keeping) follow(obj types.Object, path string, depth int) []holding {
	if depth > maxKeptDeep {
		return nil
	}
	if k.of == nil {
		k.of = map[types.Object][]holding{}
		for _, h := range k.list {
			k.of[h.obj] = append(k.of[h.obj], h)
		}
	}
	if obj == nil {
		return nil
	}
	var list []holding
	for _, h := range k.of[obj] {
		rest, ok := cutPath(path, h.path)
		if !ok {
			continue
		}
		if rest == "" {
			list = append(list, h)
		}
		if h.src == nil || h.method != nil {
			continue
		}
		if h.address {
			if rest, ok = strings.CutPrefix(rest, "*"); !ok {
				continue
			}
		}
		if len(h.srcPath)+len(rest) < maxPath {
			list = append(list, k.follow(h.src, h.srcPath+rest, depth+1)...)
		}
	}
	return list
}

// kept gives what a function keeps of its parameters.
func (k *keeping) kept(sig *types.Signature, named func(types.Object) []int) []Kept {
	params := map[types.Object]int{}
	for i := range sig.Params().Len() {
		params[sig.Params().At(i)] = i
	}
	if r := sig.Recv(); r != nil && isPointer(r.Type()) {
		params[r] = toReceiver
	}
	var list []Kept
	var from func(to int, path string, src types.Object, srcPath string, depth int)
	from = func(to int, path string, src types.Object, srcPath string, depth int) {
		if depth > maxKeptDeep || len(path) >= maxPath || len(srcPath) >= maxPath {
			return
		}
		if i, ok := params[src]; ok {
			if i == toReceiver && (to == toReceiver || srcPath != "") {
				return // of itself
			}
			if sig.Variadic() && i == sig.Params().Len()-1 && srcPath != "" && !strings.HasPrefix(srcPath, ofOption) && !strings.HasPrefix(srcPath, element) {
				return
			}
			kept := Kept{From: i, FromPath: srcPath, To: to, ToPath: path}
			if !slices.Contains(list, kept) && len(list) < maxKept {
				list = append(list, kept)
			}
			if i != toReceiver {
				return
			}
		}
		for _, h := range k.list {
			if h.obj != src || src == nil || h.src == nil || h.address || h.method != nil {
				continue
			}
			if rest, ok := cutPath(h.path, srcPath); ok { // a part of what is kept
				from(to, path+rest, h.src, h.srcPath, depth+1)
			} else if rest, ok := cutPath(srcPath, h.path); ok {
				from(to, path, h.src, h.srcPath+rest, depth+1)
			}
		}
	}
	for _, h := range k.list {
		if h.src == nil || h.address || h.method != nil {
			continue
		}
		if h.obj == nil {
			from(h.result, h.path, h.src, h.srcPath, 0)
			continue
		}
		for _, i := range named(h.obj) {
			from(i, h.path, h.src, h.srcPath, 0)
		}
		if !strings.HasPrefix(h.path, "*") {
			continue // in a copy
		}
		if r := sig.Recv(); r != nil && h.obj == r {
			from(toReceiver, h.path, h.src, h.srcPath, 0)
		} else if i, ok := params[h.obj]; ok {
			from(toReceiver-1-i, h.path, h.src, h.srcPath, 0)
		}
	}
	return list
}

// element is the path from a list to its elements.
const element = "*[]"

// isObject reports whether a value of the type is a pointer to something with methods.
func isObject(t types.Type) bool {
	if t == nil || isTesting(t) {
		return false
	}
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() != "sync"
}

// keeps reports whether a value of the type can lead to code that somebody gave:
// functions, interfaces, and what is made of them outside of the standard library.
func keeps(t types.Type) bool { return t != nil && keepsIn(t, 0) }

func keepsIn(t types.Type, depth int) bool {
	if depth > 3 || isTesting(t) || isContext(t) || isError(t) {
		return false
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && standard(n.Obj().Pkg().Path()) {
		switch t.Underlying().(type) {
		case *types.Signature, *types.Interface:
		default:
			return isForwarder(t)
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Signature, *types.Struct:
		return true
	case *types.Interface:
		return u.NumMethods() > 0
	case *types.Pointer:
		return keepsIn(u.Elem(), depth+1)
	case *types.Slice:
		return keepsIn(u.Elem(), depth+1)
	case *types.Map:
		return keepsIn(u.Elem(), depth+1)
	}
	return false
}

// keepGiven finds where the function leaves what it is given.
func (s *summary) keepGiven() {
	sig := s.fn.Signature()
	given := false
	for i := range sig.Params().Len() {
		given = given || keeps(sig.Params().At(i).Type())
	}
	if !given {
		return
	}
	named := func(o types.Object) []int {
		var list []int
		for i := range sig.Results().Len() {
			if v := sig.Results().At(i); v == o && v.Name() != "" {
				list = append(list, i)
			}
		}
		return list
	}
	s.out.Keeps = newKeeping(s.set.info, s.set, s.decl.Body, false).kept(sig, named)
}
