package plan

import (
	"bytes"
	"encoding/binary"
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
