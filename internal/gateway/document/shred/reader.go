package shred

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
)

// Columns are the columns of a collection's table in the order in which Reader
// wants their cells: the path, then these, then the write time of leaf.
var Columns = []string{"leaf", "text_value", "dbl_value", "bool_value"}

// Reader makes leaves of the rows of one document. Its memory is used again for
// the next.
type Reader struct {
	leaves   []Leaf
	segments [][]byte
}

// Read returns the leaves of count rows, resolved. The cursor is before the
// first cell of path; skip cells stand before that in each row. What it returns
// shares the cells' memory and is valid until the next Read.
func (r *Reader) Read(cursor *backend.Cursor, count, skip int) []Leaf {
	r.leaves, r.segments = r.leaves[:0], r.segments[:0]
	for range count {
		for range skip {
			cursor.Next()
		}
		r.row(cursor)
	}
	return Resolve(r.leaves)
}

func (r *Reader) row(cursor *backend.Cursor) {
	start, depth := len(r.segments), 0
	for i := range path.MaxDepth {
		segment := cursor.Next()
		// A document's first name may be empty, no other.
		if depth == i && (i == 0 || len(segment) > 0) {
			r.segments = append(r.segments, segment)
			depth++
		}
	}
	l := Leaf{Path: r.segments[start:len(r.segments):len(r.segments)]}
	leaf := cursor.Next()
	text, double, boolean := cursor.Next(), cursor.Next(), cursor.Next()
	if t := cursor.Next(); len(t) == 8 {
		l.Time = int64(binary.BigEndian.Uint64(t))
	}
	if string(leaf) == RootLeaf && string(l.Path[depth-1]) != RootLeaf {
		r.exact(&l, text)
		r.segments = r.segments[:start]
		return
	}
	switch {
	case text != nil && string(text) == EmptyObjectText:
		l.Kind = EmptyObject
	case text != nil && string(text) == EmptyArrayText:
		l.Kind = EmptyArray
	case text != nil:
		l.Kind, l.Text = Text, text
	case len(boolean) == 1: // a boolean, or a tinyint 0 or 1
		l.Kind, l.Bool = Bool, boolean[0] != 0
	case len(double) == 8:
		l.Kind, l.Number = Number, math.Float64frombits(binary.BigEndian.Uint64(double))
	}
	r.leaves = append(r.leaves, l)
}

// exact gives the leaf above or beside a row that keeps its exact text that text, if they
// were written together and say the same: another server may have written the
// leaf since.
func (r *Reader) exact(l *Leaf, text []byte) {
	above := r.exactOf(l.Path)
	if above == nil || above.Time != l.Time || len(text) == 0 {
		return
	}
	switch above.Kind {
	case Number:
		v, err := cell.Parse(text, cell.Options{})
		if err != nil || v.Kind() != cell.Number {
			return
		}
		if f, _ := strconv.ParseFloat(string(v), 64); f != above.Number {
			return
		}
		above.Exact = v
	case EmptyObject, EmptyArray:
		meant := EmptyObjectText
		if above.Kind == EmptyArray {
			meant = EmptyArrayText
		}
		if string(text) == `"`+meant+`"` {
			above.Kind, above.Text, above.Exact = Text, []byte(meant), text
		}
	}
}

// exactOf returns the leaf whose exact text a row at this path keeps, nil for
// none. The path is changed. (See ExactPath.)
func (r *Reader) exactOf(at [][]byte) *Leaf {
	last := len(at) - 1
	if name, beside := bytes.CutSuffix(at[last], []byte(exactSuffix)); beside && len(at) == path.MaxDepth {
		at[last] = name
	} else if string(at[last]) == ExactSegment {
		at = at[:last]
	} else {
		return nil
	}
	found, ok := slices.BinarySearchFunc(r.leaves, at, func(l Leaf, at [][]byte) int { return slices.CompareFunc(l.Path, at, bytes.Compare) })
	if !ok {
		return nil
	}
	return &r.leaves[found]
}

// Forget lets go of the last document, and of the memory when there is more of
// it than for so many rows.
func (r *Reader) Forget(rows int) {
	if cap(r.leaves) > rows || cap(r.segments) > rows*path.MaxDepth {
		*r = Reader{}
		return
	}
	clear(r.leaves[:cap(r.leaves)])
	clear(r.segments[:cap(r.segments)])
}
