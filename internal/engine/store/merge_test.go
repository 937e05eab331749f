package store

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// drawOperand draws one stored partial row. Counters tables hold counters only.
func drawOperand(t *rapid.T, counters bool) []byte {
	var rb RowBuilder
	rb.Reset()
	for range rapid.IntRange(0, 4).Draw(t, "parts") {
		ts, local := drawTS(t), drawLocal(t)
		what := rapid.IntRange(0, 7).Draw(t, "what")
		switch {
		case what == 0:
			rb.Delete(Deletion{Timestamp: ts, LocalTime: local})
		case counters && what == 1:
			rb.Tombstone(1, ts, local)
		case counters:
			rb.CounterAdd(rapid.Uint32Range(1, 2).Draw(t, "column"), ts, rapid.Int64Range(-3, 3).Draw(t, "delta"))
		case what == 1:
			rb.Tombstone(rapid.Uint32Range(1, 2).Draw(t, "column"), ts, local)
		case what == 2:
			rb.DeleteComplex(3, Deletion{Timestamp: ts, LocalTime: local})
		case what == 3:
			rb.PathTombstone(3, pathOf(rapid.SampledFrom(testPaths).Draw(t, "path")), ts, local)
		case what == 4:
			ttl, expires := drawTTL(t)
			rb.Liveness(ts, ttl, expires)
		case what == 5:
			ttl, expires := drawTTL(t)
			// The byte behind the path's key is its exact form: two writings of
			// equal elements.
			path := append(pathOf(rapid.SampledFrom(testPaths).Draw(t, "path")), byte(rapid.IntRange(0, 1).Draw(t, "exact")))
			rb.PathCell(3, path, ts, ttl, expires, []byte(rapid.StringMatching(`[xy]?`).Draw(t, "value")))
		default:
			ttl, expires := drawTTL(t)
			rb.Cell(rapid.Uint32Range(1, 2).Draw(t, "column"), ts, ttl, expires, []byte(rapid.StringMatching(`[xy]?`).Draw(t, "value")))
		}
	}
	return rb.appendTo(nil, &Layout{Counter: counters}, nil)
}

// mergeTree merges operands in a random grouping and order.
func mergeTree(t *rapid.T, operands [][]byte) []byte {
	if len(operands) == 1 {
		return operands[0]
	}
	cut := rapid.IntRange(1, len(operands)-1).Draw(t, "cut")
	a, b := mergeTree(t, operands[:cut]), mergeTree(t, operands[cut:])
	if rapid.Bool().Draw(t, "swap") {
		a, b = b, a
	}
	var m rowMerger
	out, err := m.merge(nil, a, b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// normal merges with the empty row, which brings any row into the form that
// merging gives it, with one base timestamp.
func normal(t *rapid.T, row []byte) []byte {
	var m rowMerger
	var e rowEncoder
	e.head(nil, &rowHead{})
	out, err := m.merge(nil, row, e.finish())
	if err != nil {
		t.Fatal(err)
	}
	// The base depends on what was merged; nothing else does.
	if err := m.a.init(out); err != nil {
		t.Fatal(err)
	}
	h := m.a.rowHead
	h.flags = 0
	if !h.liveness.Present {
		h.base = 0
	}
	e.head(nil, &h)
	for {
		ok, err := m.a.next(&m.ca)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return e.finish()
		}
		e.cell(&m.ca)
	}
}

// TestMergeAnyGrouping: however the operands of a row are grouped and ordered,
// the result is the same.
func TestMergeAnyGrouping(t *testing.T) {
	for name, counters := range map[string]bool{"rows": false, "counters": true} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				var operands [][]byte
				for range rapid.IntRange(2, 6).Draw(t, "operands") {
					operands = append(operands, drawOperand(t, counters))
				}
				a := normal(t, mergeTree(t, operands))
				b := normal(t, mergeTree(t, rapid.Permutation(operands).Draw(t, "order")))
				if !bytes.Equal(a, b) {
					t.Fatalf("%x\nand %x\nfrom %x", a, b, operands)
				}
			})
		})
	}
}

// TestMergerStack: the merger's stack of parts gives what merging one by one
// gives, also with operands of very different sizes.
func TestMergerStack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var operands [][]byte
		for range rapid.IntRange(1, 80).Draw(t, "operands") {
			var rb RowBuilder
			rb.Reset()
			for i := range rapid.IntRange(0, 40).Draw(t, "cells") {
				rb.Cell(uint32(rapid.IntRange(i, 60).Draw(t, "column")), drawTS(t), 0, 0, []byte("some value"))
			}
			operands = append(operands, rb.appendTo(nil, &Layout{}, nil))
		}
		key := append(appendPartition(nil, 1, 0, []byte("p")), kindRow)
		v, err := newMerger(func() int64 { return testNow }).Merge(key, operands[0])
		if err != nil {
			t.Fatal(err)
		}
		want := operands[0]
		var m rowMerger
		for _, o := range operands[1:] {
			if err := v.MergeOlder(o); err != nil {
				t.Fatal(err)
			}
			if want, err = m.merge(nil, want, o); err != nil {
				t.Fatal(err)
			}
		}
		got, closer, err := v.Finish(true)
		if err != nil {
			t.Fatal(err)
		}
		defer closer.Close()
		if long := got[1]&flagLong != 0; long != (len(operands) > maxChain) {
			t.Fatalf("long is %v with %d operands", long, len(operands))
		}
		if !bytes.Equal(normal(t, got), normal(t, want)) {
			t.Fatalf("%x\nwant %x", got, want)
		}
	})
}

// TestCovers: what covers says to be covered changes nothing when merged.
func TestCovers(t *testing.T) {
	row := func(t *rapid.T) []byte {
		var rb RowBuilder
		rb.Reset()
		ts := rapid.Int64Range(1, 3).Draw(t, "ts")
		if rapid.Bool().Draw(t, "liveness") {
			rb.Liveness(ts, 0, 0)
		}
		for c := range uint32(rapid.IntRange(0, 2).Draw(t, "columns")) {
			size := rapid.SampledFrom([]int{0, 1, 127, 128}).Draw(t, "size")
			rb.Cell(c+1, ts, 0, 0, bytes.Repeat([]byte{'x'}, size))
		}
		if rapid.IntRange(0, 9).Draw(t, "more") == 0 {
			rb.Cell(1, ts+1, 0, 0, nil)
		}
		return rb.appendTo(nil, &Layout{}, nil)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := row(t), row(t)
		if !covers(a, b) {
			return
		}
		var m rowMerger
		merged, err := m.merge(nil, a, b)
		if err != nil || !bytes.Equal(normal(t, merged), normal(t, a)) {
			t.Fatalf("%x does not cover %x: %x, %v", a, b, merged, err)
		}
	})
	written := func(ts int64) []byte {
		var rb RowBuilder
		rb.Reset()
		rb.Liveness(ts, 0, 0)
		rb.Cell(1, ts, 0, 0, []byte("value"))
		return rb.appendTo(nil, &Layout{}, nil)
	}
	if !covers(written(2), written(1)) {
		t.Error("a row that is written again does not cover what it was")
	}
}

// FuzzDecode: any bytes decode or give an error; what decodes can be merged and
// purged.
func FuzzDecode(f *testing.F) {
	var rb RowBuilder
	benchRow(&rb, 5)
	f.Add(rb.appendTo(nil, &Layout{}, nil))
	rb.Reset()
	rb.Delete(Deletion{Timestamp: -7, LocalTime: 9})
	rb.DeleteComplex(3, Deletion{Timestamp: 1 << 60, LocalTime: 1})
	rb.PathCell(3, pathOf("p"), 4, 7, testNow, []byte("v"))
	rb.CounterAdd(4, 4, -1)
	f.Add(rb.appendTo(nil, &Layout{}, nil))
	f.Add([]byte{formatVersion, 0})
	f.Add([]byte{formatVersion, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, row []byte) {
		it := &Iter{l: &Layout{}, sc: &Scan{Now: testNow}}
		it.assemble(&it.row, row, Deletion{})
		var m rowMerger
		merged, err := m.merge(nil, row, row)
		if (err == nil) != (it.err == nil) {
			t.Fatalf("merge: %v, decode: %v", err, it.err)
		}
		if err != nil {
			return
		}
		p := newPurge(&Layout{}, testNow)
		if _, err := m.purge(nil, merged, &p); err != nil {
			t.Fatalf("purge of merged: %v", err)
		}
		d := noDue
		d.addRow(row)
	})
}
