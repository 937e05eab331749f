package store

import (
	"bytes"
	"slices"
	"sort"
)

// rangeDel is a range tombstone, or a part of one.
type rangeDel struct {
	keyRange
	del Deletion
}

// rangeDels are the range tombstones of one partition. add them, then call
// split, then ask at.
type rangeDels struct {
	buf  []byte
	list []rangeDel
	// parts do not overlap and are in order; of the tombstones over a part the
	// latest is kept.
	parts []rangeDel
	cuts  [][]byte
}

func (d *rangeDels) reset() {
	d.buf, d.list, d.parts = d.buf[:0], d.list[:0], nil
}

// latest is the greatest timestamp among d.
func (d *rangeDels) latest() int64 {
	var ts int64
	for i := range d.list {
		ts = max(ts, d.list[i].del.Timestamp)
	}
	return ts
}

// add reads a range tombstone's key (behind headRange) and value.
func (d *rangeDels) add(key, value []byte) error {
	r, buf, err := decodeKeyRange(key, d.buf)
	if err != nil {
		return err
	}
	d.buf = buf
	del, _, err := decodeDeletion(value)
	if err != nil {
		return err
	}
	if !r.empty() {
		d.list = append(d.list, rangeDel{keyRange: r, del: del})
	}
	return nil
}

// markersOfRange is what a range tombstone counts for: where it opens and where
// it closes (RangeTombstoneMarker).
const markersOfRange = 2

// within is how many parts are, at least in part, within ranges.
func (d *rangeDels) within(ranges []keyRange) int {
	n := 0
	for i := range d.parts {
		if slices.ContainsFunc(ranges, func(r keyRange) bool { return r.overlaps(&d.parts[i].keyRange) }) {
			n++
		}
	}
	return n
}

// split makes the parts. list is in order of lo, for the keys were.
func (d *rangeDels) split() {
	if len(d.list) < 2 {
		d.parts = d.list
		return
	}
	d.cuts = d.cuts[:0]
	open := false
	for i := range d.list {
		d.cuts = append(d.cuts, d.list[i].lo)
		if d.list[i].hi != nil {
			d.cuts = append(d.cuts, d.list[i].hi)
		} else {
			open = true
		}
	}
	slices.SortFunc(d.cuts, bytes.Compare)
	d.cuts = slices.CompactFunc(d.cuts, bytes.Equal)
	if open {
		d.cuts = append(d.cuts, nil)
	}
	// active is a heap of the tombstones that began before the cut, latest on top.
	var active delHeap
	next := 0
	parts := make([]rangeDel, 0, len(d.cuts))
	for i := 0; i+1 < len(d.cuts); i++ {
		lo, hi := d.cuts[i], d.cuts[i+1]
		for ; next < len(d.list) && bytes.Compare(d.list[next].lo, lo) <= 0; next++ {
			active.push(d.list[next])
		}
		for len(active) > 0 && active[0].endsBefore(lo) {
			active.pop()
		}
		if len(active) > 0 {
			parts = append(parts, rangeDel{keyRange: keyRange{lo: lo, hi: hi}, del: active[0].del})
		}
	}
	d.parts = parts
}

// at returns the tombstone over an encoded clustering key.
func (d *rangeDels) at(key []byte) Deletion {
	i := sort.Search(len(d.parts), func(i int) bool { return bytes.Compare(d.parts[i].lo, key) > 0 }) - 1
	if i >= 0 && !d.parts[i].endsBefore(key) {
		return d.parts[i].del
	}
	return Deletion{}
}

// delHeap is a binary heap, latest tombstone first.
type delHeap []rangeDel

func (h *delHeap) push(r rangeDel) {
	a := append(*h, r)
	for i := len(a) - 1; i > 0; {
		up := (i - 1) / 2
		if !a[i].del.supersedes(a[up].del) {
			break
		}
		a[i], a[up] = a[up], a[i]
		i = up
	}
	*h = a
}

func (h *delHeap) pop() {
	a := *h
	n := len(a) - 1
	a[0] = a[n]
	a = a[:n]
	for i := 0; ; {
		down := 2*i + 1
		if down >= n {
			break
		}
		if down+1 < n && a[down+1].del.supersedes(a[down].del) {
			down++
		}
		if !a[down].del.supersedes(a[i].del) {
			break
		}
		a[i], a[down] = a[down], a[i]
		i = down
	}
	*h = a
}
