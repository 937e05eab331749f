package store

import (
	"bytes"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// TestEscape: escaping keeps the order, comes back, and no escaped string
// begins another.
func TestEscape(t *testing.T) {
	gen := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 2, 0xfe, 0xff}), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		ea, eb := appendEscaped(nil, a), appendEscaped(nil, b)
		if bytes.Compare(a, b) != bytes.Compare(ea, eb) {
			t.Fatalf("%x, %x escaped %x, %x", a, b, ea, eb)
		}
		if !bytes.Equal(a, b) && bytes.HasPrefix(ea, eb) {
			t.Fatalf("%x begins with %x", ea, eb)
		}
		out, rest, ok := unescape(nil, append(slices.Clone(ea), b...))
		if !ok || !bytes.Equal(out, a) || !bytes.Equal(rest, b) {
			t.Fatalf("%x came back as %x and %x", a, out, rest)
		}
		if n := escapedLen(append(slices.Clone(ea), b...)); n != len(ea) {
			t.Fatalf("length of %x is %d", ea, n)
		}
	})
}

// TestSplit: Pebble's conditions on Split and ImmediateSuccessor, for keys and
// for any bytes beside them.
func TestSplit(t *testing.T) {
	bytesGen := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 2, 0xff}), 0, 8)
	key := rapid.Custom(func(t *rapid.T) []byte {
		partition, rest := bytesGen.Draw(t, "partition"), bytesGen.Draw(t, "rest")
		switch rapid.IntRange(0, 3).Draw(t, "space") {
		case 0:
			return append(appendPartition(nil, 1, rapid.Int64Range(-1, 1).Draw(t, "token"), partition), rest...)
		case 1:
			return append(appendIndexValue(nil, 1, partition), rest...)
		case 2:
			return append([]byte{spaceData, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}[:rapid.IntRange(1, 13).Draw(t, "cut")], rest...)
		}
		return append([]byte{spaceMeta}, rest...)
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := key.Draw(t, "a"), key.Draw(t, "b")
		pa, pb := a[:split(a)], b[:split(b)]
		if bytes.Compare(a, b) <= 0 && bytes.Compare(pa, pb) > 0 {
			t.Fatalf("%x < %x, but prefixes %x > %x", a, b, pa, pb)
		}
		if bytes.Compare(pa, pb) < 0 && bytes.Compare(a, b) >= 0 {
			t.Fatalf("prefixes %x < %x, but %x >= %x", pa, pb, a, b)
		}
		if split(pa) != len(pa) {
			t.Fatalf("prefix %x of %x has prefix %x", pa, a, pa[:split(pa)])
		}
		next := immediateSuccessor(nil, pa)
		if bytes.Compare(next, pa) <= 0 || split(next) != len(next) {
			t.Fatalf("successor of %x is %x", pa, next)
		}
		if !bytes.Equal(pa, pb) && bytes.Compare(pb, pa) > 0 && bytes.Compare(pb, next) < 0 {
			t.Fatalf("%x lies between %x and %x", pb, pa, next)
		}
	})
}

// TestExactValues: a clustering key and a set element that compare equal to
// what their key gives back are shown as they were written.
func TestExactValues(t *testing.T) {
	s := openMem(t, Options{})
	l := &Layout{ID: 1, Clustering: []ClusteringColumn{{Type: cqltype.TypeInt}, {Type: cqltype.TypeDecimal, Desc: true}}}
	decimal := func(unscaled, scale int64) []byte {
		return append([]byte{0, 0, 0, byte(scale)}, big.NewInt(unscaled).Bytes()...)
	}
	set := cqltype.NewSet(cqltype.TypeDecimal, false)
	for i, d := range [][]byte{decimal(110, 2), decimal(11, 1), decimal(12, 1)} {
		var rb RowBuilder
		rb.Reset()
		rb.PathCell(1, AppendPath(nil, set, d), int64(i), 0, 0, nil)
		b := s.NewBatch()
		b.PutRow(l, []byte("p"), [][]byte{intBytes(5), d}, &rb)
		commit(t, b)
		s.compact(t)
	}
	r := s.NewReader()
	defer r.Close()
	it := r.Scan(l, &Scan{Now: testNow})
	defer it.Close()
	if !it.NextPartition() {
		t.Fatal(it.Err())
	}
	var rows [][]byte
	for it.NextRow() {
		rows = append(rows, bytes.Clone(it.Row().Clustering[1]))
		element, err := DecodePath(nil, set, it.Row().Cells[0].Path)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, element)
	}
	// 1.10 and 1.1 are one row and one element; the row shows what was written
	// first, the element, which is a cell, what was written last.
	want := [][]byte{decimal(12, 1), decimal(12, 1), decimal(110, 2), decimal(11, 1)}
	if !slices.EqualFunc(rows, want, bytes.Equal) {
		t.Errorf("rows %x, want %x", rows, want)
	}
}

// TestPaths: paths are ordered as their elements and come back.
func TestPaths(t *testing.T) {
	text := cqltype.NewMap(cqltype.TypeText, cqltype.TypeInt, false)
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.SliceOfN(rapid.Byte(), 0, 200)
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		pa, pb := AppendPath([]byte("x"), text, a)[1:], AppendPath(nil, text, b)
		if ComparePaths(pa, pb) != bytes.Compare(a, b) {
			t.Fatalf("%x and %x", pa, pb)
		}
		out, err := DecodePath([]byte("x"), text, pa)
		if err != nil || !bytes.Equal(out[1:], a) {
			t.Fatalf("%x came back as %x, %v", a, out, err)
		}
	})
	udt := &cqltype.Type{Kind: cqltype.UDT, Elems: []*cqltype.Type{cqltype.TypeInt}}
	if out, err := DecodePath(nil, udt, AppendPath(nil, udt, []byte{0, 3})); err != nil || !bytes.Equal(out, []byte{0, 3}) {
		t.Errorf("field position came back as %x, %v", out, err)
	}
}
