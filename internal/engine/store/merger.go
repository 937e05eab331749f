package store

import (
	"encoding/binary"
	"io"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// maxChain is how many operands of one key may pile up before a read or write
// that notices has them folded into one value.
const maxChain = 64

// mergerName is kept with the data, like the comparer's.
const mergerName = "astrolabe.v1"

// newMerger returns the merger of all keys that are written as operands; seconds
// is the time that expiry is judged by.
func newMerger(seconds func() int64) *pebble.Merger {
	pool := &sync.Pool{}
	pool.New = func() any {
		v := &valueMerger{pool: pool, seconds: seconds}
		v.mergeRows = v.rows.merge
		return v
	}
	return &pebble.Merger{
		Name: mergerName,
		Merge: func(key, value []byte) (pebble.ValueMerger, error) {
			v := pool.Get().(*valueMerger)
			if err := v.reset(key, value); err != nil {
				return nil, err
			}
			return v, nil
		},
	}
}

// valueMerger merges the operands of one key as they come. All merges here are
// commutative, so MergeNewer and MergeOlder are one.
//
// parts is a stack of merged values: an operand is merged into the top unless
// that is much larger, and two parts when they are of similar size. So many
// small operands on a large row (a collection's cells) cost n log n, not n².
//
// It never says that the key is gone (DeletableValueMerger): in a compaction
// Pebble would drop the value without a tombstone, and a value of the key that
// lies deeper would come back. What holds nothing becomes an empty row instead,
// which the sweep deletes.
type valueMerger struct {
	pool     *sync.Pool
	seconds  func() int64
	mergeTwo func(dst, a, b []byte) ([]byte, error)
	// mergeRows is rows.merge, bound once.
	mergeRows func(dst, a, b []byte) ([]byte, error)
	isRow     bool
	operands  int
	parts     [][]byte
	spare     [][]byte
	rows      rowMerger
}

// smallPart: parts up to that size are merged without looking at the ratio.
const smallPart = 256

func (v *valueMerger) reset(key, value []byte) error {
	v.isRow, v.operands = false, 1
	switch {
	case len(key) > 0 && key[0] == spaceStore:
		v.mergeTwo = mergeClock
	default:
		n := partitionLen(key)
		if n < 0 || n >= len(key) || key[0] != spaceData {
			return corruptf("merge at key %x", key)
		}
		if k := key[n]; k == headPartition || k == headRange {
			v.mergeTwo = mergeDeletions
		} else {
			v.mergeTwo, v.isRow = v.mergeRows, true
		}
	}
	v.push(value)
	return nil
}

func (v *valueMerger) push(value []byte) {
	v.parts = append(v.parts, append(v.buffer(), value...))
}

func (v *valueMerger) buffer() []byte {
	n := len(v.spare)
	if n == 0 {
		return nil
	}
	b := v.spare[n-1]
	v.spare = v.spare[:n-1]
	return b[:0]
}

// MergeNewer implements pebble.ValueMerger.
func (v *valueMerger) MergeNewer(value []byte) error { return v.MergeOlder(value) }

// MergeOlder implements pebble.ValueMerger.
func (v *valueMerger) MergeOlder(value []byte) error {
	v.operands++
	top := v.parts[len(v.parts)-1]
	if v.isRow && covers(top, value) {
		top[1] |= value[1] & (flagLong | flagFolded)
		return nil
	}
	if !similar(top, value) {
		v.push(value)
		return nil
	}
	merged, err := v.mergeTwo(v.buffer(), top, value)
	if err != nil {
		return err
	}
	v.parts[len(v.parts)-1] = merged
	v.spare = append(v.spare, top)
	for len(v.parts) > 1 && similar(v.parts[len(v.parts)-2], v.parts[len(v.parts)-1]) {
		if err := v.mergeTop(); err != nil {
			return err
		}
	}
	return nil
}

// similar reports whether merging value into part costs about what value costs.
func similar(part, value []byte) bool {
	return len(part) <= smallPart || len(part) <= 2*len(value)
}

// mergeTop merges the two upper parts.
func (v *valueMerger) mergeTop() error {
	n := len(v.parts)
	a, b := v.parts[n-2], v.parts[n-1]
	merged, err := v.mergeTwo(v.buffer(), a, b)
	if err != nil {
		return err
	}
	v.parts = v.parts[:n-1]
	v.parts[n-2] = merged
	v.spare = append(v.spare, a, b)
	return nil
}

// Finish implements pebble.ValueMerger. Values that have expired are dropped
// here, tombstones are not: see purge.
func (v *valueMerger) Finish(bool) ([]byte, io.Closer, error) {
	for len(v.parts) > 1 {
		if err := v.mergeTop(); err != nil {
			return nil, nil, err
		}
	}
	out := v.parts[0]
	if !v.isRow || len(out) < 2 {
		return out, v, nil
	}
	if out[1]&flagDue != 0 {
		p := purge{now: v.seconds() - expiryMargin, gcBefore: minTime, flags: out[1] & (flagLong | flagFolded)}
		trimmed, err := v.rows.purge(v.buffer(), out, &p)
		if err != nil {
			return nil, nil, err
		}
		v.spare = append(v.spare, out)
		v.parts[0] = trimmed
		out = trimmed
	}
	if v.operands > maxChain {
		out[1] |= flagLong
	}
	return out, v, nil
}

// maxPooledBuffer bounds what an idle valueMerger keeps.
const maxPooledBuffer = 64 << 10

// Close implements io.Closer: the value Finish returned is no longer needed.
func (v *valueMerger) Close() error {
	if len(v.parts) == 1 && len(v.spare) == 0 && cap(v.parts[0]) <= maxPooledBuffer { // one operand
		v.parts, v.spare = v.spare, v.parts
		v.pool.Put(v)
		return nil
	}
	v.spare = append(v.spare, v.parts...)
	v.parts = v.parts[:0]
	kept := v.spare[:0]
	for _, b := range v.spare {
		if cap(b) <= maxPooledBuffer && len(kept) < 4 {
			kept = append(kept, b)
		}
	}
	clear(v.spare[len(kept):])
	v.spare = kept
	v.pool.Put(v)
	return nil
}

// mergeClock keeps the greater of two 8-byte marks: see clock.
func mergeClock(dst, a, b []byte) ([]byte, error) {
	if len(a) != 8 || len(b) != 8 {
		return dst, corruptf("clock mark of %d and %d bytes", len(a), len(b))
	}
	return binary.BigEndian.AppendUint64(dst, max(binary.BigEndian.Uint64(a), binary.BigEndian.Uint64(b))), nil
}
