// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package libraryobject

import "go/types"

// unsafe are the types of the standard library whose methods change the object
// without a lock: of math/rand, net/http, bufio and encoding the documentation says
// so or says nothing, and the rule of the library is that a type is not safe for
// concurrent use unless its documentation says that it is. encoding/gob, log,
// regexp and text/template are (their documentation says it), so they are not here.
var unsafe = map[string]bool{
	"bytes.Buffer": true, "strings.Builder": true,
	"bufio.Reader": true, "bufio.Writer": true, "bufio.ReadWriter": true, "bufio.Scanner": true,
	"math/rand.Rand": true, "math/rand/v2.Rand": true, "math/rand/v2.PCG": true, "math/rand/v2.ChaCha8": true,
	"container/list.List": true, "container/ring.Ring": true,
	"encoding/json.Encoder": true, "encoding/json.Decoder": true, "encoding/xml.Encoder": true, "encoding/xml.Decoder": true,
	"encoding/csv.Reader": true, "encoding/csv.Writer": true,
	"compress/gzip.Reader": true, "compress/gzip.Writer": true, "compress/flate.Writer": true, "compress/zlib.Writer": true,
	"archive/tar.Reader": true, "archive/tar.Writer": true, "archive/zip.Writer": true,
	"text/tabwriter.Writer": true, "text/scanner.Scanner": true, "mime/multipart.Writer": true, "mime/multipart.Reader": true,
	"hash.Hash": true, "hash.Hash32": true, "hash.Hash64": true, "hash/maphash.Hash": true,
	"net/http.Header": true, "net/url.Values": true, "net/textproto.MIMEHeader": true, "net/http/httptest.ResponseRecorder": true,
	"flag.FlagSet": true,
}

// looks are the methods that only read the object. All others count as writes.
var looks = map[string]bool{
	"Len": true, "Cap": true, "String": true, "Bytes": true, "Available": true, "Size": true, "Buffered": true,
	"Get": true, "Values": true, "Has": true, "Encode": true, "Clone": true,
	"Front": true, "Back": true, "Err": true, "Text": true, "Sum": true, "Sum32": true, "Sum64": true, "BlockSize": true,
	"Lookup": true, "NArg": true, "NFlag": true, "Arg": true, "Args": true, "Parsed": true,
}

// safe are methods that may be called at the same time as any other: ReadAt by the
// contract of io.ReaderAt, and what mime/multipart has a test for
// (TestWriterBoundaryGoroutines). strings.Reader and bytes.Reader are not in the
// table: reading an empty one is safe, and is relied upon (golang.org/issue/7856).
var safe = map[string]bool{"ReadAt": true, "Boundary": true, "FormDataContentType": true}

// encoders are the types whose Encode writes, other than that of url.Values.
var encoders = map[string]bool{"encoding/json.Encoder": true, "encoding/xml.Encoder": true}

// writers are the functions that write to their first argument.
var writers = map[string]bool{
	"fmt.Fprint": true, "fmt.Fprintf": true, "fmt.Fprintln": true, "io.WriteString": true, "io.Copy": true, "io.CopyN": true,
}

// named gives the type of the table that t is or points to, "" for none, and
// whether the object is behind a pointer, map or interface.
func named(t types.Type) (name string, behind bool) {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t, behind = types.Unalias(p.Elem()), true
	}
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return "", false
	}
	name = n.Obj().Pkg().Path() + "." + n.Obj().Name()
	if !unsafe[name] {
		return "", false
	}
	switch n.Underlying().(type) {
	case *types.Map, *types.Interface:
		behind = true
	}
	return name, behind
}
