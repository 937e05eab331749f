package plan

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

func int32Wire(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

// collection is the wire form of elements in the order given.
func collection(count int, elems ...[]byte) []byte {
	b := cqltype.AppendCount(nil, count)
	for _, e := range elems {
		b = cqltype.AppendElement(b, e)
	}
	return b
}

// TestCanonicalSet compares with sorting and dropping duplicates, at two depths.
func TestCanonicalSet(t *testing.T) {
	set := cqltype.NewSet(cqltype.TypeInt, true)
	list := cqltype.NewList(set, true)
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SliceOfN(rapid.IntRange(-5, 5), 0, 12).Draw(t, "elements")
		var in, out [][]byte
		for _, n := range given {
			in = append(in, int32Wire(n))
		}
		sorted := slices.Clone(given)
		slices.Sort(sorted)
		sorted = slices.Compact(sorted)
		for _, n := range sorted {
			out = append(out, int32Wire(n))
		}
		wire, want := collection(len(in), in...), collection(len(out), out...)
		got := canonical(set, wire)
		if !bytes.Equal(got, want) {
			t.Fatalf("%v: got %x, want %x", given, got, want)
		}
		if got := canonical(list, collection(1, wire)); !bytes.Equal(got, collection(1, want)) {
			t.Fatalf("list of %v: got %x", given, got)
		}
		if len(want) > 0 && &canonical(set, want)[0] != &want[0] {
			t.Fatal("a value in order was copied")
		}
	})
}

// TestCanonicalMap keeps the last value of a key given twice
// (Maps.Value.fromSerialized puts them into one map in turn).
func TestCanonicalMap(t *testing.T) {
	m := cqltype.NewMap(cqltype.TypeText, cqltype.TypeInt, true)
	in := collection(3, []byte("b"), int32Wire(1), []byte("a"), int32Wire(2), []byte("b"), int32Wire(3))
	want := collection(2, []byte("a"), int32Wire(2), []byte("b"), int32Wire(3))
	if got := canonical(m, in); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	tuple := cqltype.NewTuple(cqltype.TypeInt, m)
	got := canonical(tuple, cqltype.AppendElement(cqltype.AppendElement(nil, nil), in))
	if !bytes.Equal(got, cqltype.AppendElement(cqltype.AppendElement(nil, nil), want)) {
		t.Errorf("in a tuple: got %x", got)
	}
}

// TestCanonicalForms: what Cassandra 5.0.9 stored of bound values, as it was read
// back.
func TestCanonicalForms(t *testing.T) {
	list := func(e *cqltype.Type) *cqltype.Type { return cqltype.NewList(e, true) }
	for _, c := range []struct {
		t          *cqltype.Type
		sent, kept string
	}{
		{cqltype.NewSet(cqltype.TypeBoolean, false), "0000000200000001000000000102", "0000000200000001000000000101"},
		{cqltype.NewSet(cqltype.TypeBoolean, false), "0000000200000001020000000101", "000000010000000101"},
		{cqltype.NewMap(cqltype.TypeInt, cqltype.TypeBoolean, false), "0000000100000004000000010000000102", "0000000100000004000000010000000101"},
		{cqltype.NewMap(cqltype.TypeVarint, cqltype.TypeInt, true), "0000000100000002ff800000000400000001", "0000000100000001800000000400000001"},
		{list(list(cqltype.TypeVarint)), "000000010000000a00000001000000020001", "0000000100000009000000010000000101"},
		{list(cqltype.NewTuple(cqltype.TypeVarint)), "0000000100000006000000020001", "0000000100000006000000020001"},
		{cqltype.NewTuple(list(cqltype.TypeVarint)), "0000000a00000001000000020001", "0000000a00000001000000020001"},
		{cqltype.NewVector(cqltype.TypeVarint, 1), "020001", "020001"},
		{list(cqltype.NewVector(cqltype.TypeVarint, 1)), "0000000100000003020001", "00000001000000020101"},
		{list(cqltype.TypeDecimal), "0000000100000006000000010001", "00000001000000050000000101"},
		{list(cqltype.TypeDuration), "000000010000000480000000", "0000000100000003000000"},
		{list(cqltype.TypeInet), "000000010000001000000000000000000000ffff01020304", "000000010000000401020304"},
		{cqltype.TypeInet, "00000000000000000000ffff01020304", "00000000000000000000ffff01020304"},
		{cqltype.TypeVarint, "000001", "000001"},
		{cqltype.TypeBoolean, "02", "02"},
		{list(cqltype.TypeDouble), "0000000100000008fff8000000000001", "0000000100000008fff8000000000001"},
	} {
		sent, err := hex.DecodeString(c.sent)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(canonical(c.t, sent)); got != c.kept {
			t.Errorf("%s %s: %s, Cassandra keeps %s", c.t, c.sent, got, c.kept)
		}
	}
}
