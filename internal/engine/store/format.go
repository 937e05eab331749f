package store

import (
	"encoding/binary"
	"math/bits"
)

// A stored row, and each partial row that a write merges into it:
//
//	version(1) flags(1)                      all of an empty row
//	base(8, little endian)                   a timestamp; all others are differences to it
//	[ttl expires]                            liveness at base, when it expires
//	[timestamp local]                        row tombstone
//	[timestamp length bytes]                 clustering values as written, see rowHead.exact
//	cells, each
//	  column<<5 | path<<4 | time<<3 | kind   column: difference to the cell before
//	  [timestamp]                            if time is set
//	  [ttl expires] or [local] or [counter]  by kind
//	  [length path] [length value]
//
// Numbers are varints, differences zigzag; local and expires count from base in
// seconds, expires less its ttl. Cells are in order of column and path, a
// column's own tombstone before its cells.
const formatVersion = 1

// The flags of a row.
const (
	flagLiveness    = 1 << iota // it has a liveness, at base
	flagLivenessTTL             // that expires
	flagDeletion                // row tombstone
	flagDue                     // something in it expires or is a tombstone: see sweep
	flagLong                    // made of more than maxChain operands: to be folded
	flagFolded                  // hides a long chain: step over it with a seek
	flagExact                   // clustering values that the key does not give back exactly
)

// cellKind is what an entry of a row is. The numbers are stored.
type cellKind uint8

const (
	cellLive cellKind = iota
	cellExpiring
	cellTombstone
	cellComplexDeletion  // of all earlier cells of a column
	cellCounter          // local is the sum
	cellCounterTombstone // wins over every counter (CASSANDRA-7346)
	cellExpired          // an expiring cell whose time is over, without its value
	cellKinds
)

const (
	cellKindMask   = 7
	cellTime       = 1 << 3
	cellPath       = 1 << 4
	cellColumnBits = 5
)

// cell is one entry of a row in memory.
type cell struct {
	column uint32
	kind   cellKind
	ttl    int32
	ts     int64
	// local: when a tombstone was made; when an expiring cell expires; the sum of a counter.
	local int64
	// path is nil for simple columns, as made by AppendPath for others.
	path  []byte
	value []byte
}

func (c *cell) hasValue() bool { return c.kind <= cellExpiring }

// rowHead is what a row holds beside its cells.
type rowHead struct {
	flags    byte
	base     int64
	liveness Liveness
	deletion Deletion
	// exact, at exactTS: for each clustering column 0, or 1 + the length and the
	// bytes of a value that DecodeKey does not give back (decimal 1.10); nil
	// mostly. The first written one is kept, as Cassandra does.
	exact   []byte
	exactTS int64
}

func zigzag(v int64) uint64   { return uint64(v)<<1 ^ uint64(v>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// secondsOf is the second a timestamp in microseconds lies in.
func secondsOf(ts int64) int64 {
	s := ts / 1e6
	if ts%1e6 < 0 {
		s--
	}
	return s
}

func uvarintLen(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

// rowEncoder appends a row to dst: head first, then cells in order.
type rowEncoder struct {
	dst     []byte
	start   int
	base    int64
	seconds int64
	column  uint32
}

func (e *rowEncoder) head(dst []byte, h *rowHead) {
	e.start, e.base, e.seconds, e.column = len(dst), h.base, secondsOf(h.base), 0
	flags := h.flags & (flagLong | flagFolded)
	if h.liveness.Present {
		flags |= flagLiveness
		if h.liveness.TTL != 0 {
			flags |= flagLivenessTTL | flagDue
		}
	}
	if !h.deletion.Live() {
		flags |= flagDeletion | flagDue
	}
	if h.exact != nil {
		flags |= flagExact
	}
	dst = append(dst, formatVersion, flags)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(h.base))
	if flags&flagLivenessTTL != 0 {
		dst = binary.AppendUvarint(dst, uint64(h.liveness.TTL))
		dst = binary.AppendUvarint(dst, zigzag(h.liveness.Expires-e.seconds-int64(h.liveness.TTL)))
	}
	if flags&flagDeletion != 0 {
		dst = binary.AppendUvarint(dst, zigzag(h.deletion.Timestamp-h.base))
		dst = binary.AppendUvarint(dst, zigzag(h.deletion.LocalTime-e.seconds))
	}
	if flags&flagExact != 0 {
		dst = binary.AppendUvarint(dst, zigzag(h.exactTS-h.base))
		dst = binary.AppendUvarint(dst, uint64(len(h.exact)))
		dst = append(dst, h.exact...)
	}
	e.dst = dst
}

func (e *rowEncoder) cell(c *cell) {
	dst := e.dst
	tag := uint64(c.column-e.column)<<cellColumnBits | uint64(c.kind)
	e.column = c.column
	if c.ts != e.base {
		tag |= cellTime
	}
	if c.path != nil {
		tag |= cellPath
	}
	dst = binary.AppendUvarint(dst, tag)
	if c.ts != e.base {
		dst = binary.AppendUvarint(dst, zigzag(c.ts-e.base))
	}
	switch c.kind {
	case cellLive:
	case cellExpiring, cellExpired:
		dst = binary.AppendUvarint(dst, uint64(c.ttl))
		dst = binary.AppendUvarint(dst, zigzag(c.local-e.seconds-int64(c.ttl)))
	case cellCounter:
		dst = binary.AppendUvarint(dst, zigzag(c.local))
	default:
		dst = binary.AppendUvarint(dst, zigzag(c.local-e.seconds))
	}
	if c.path != nil {
		dst = binary.AppendUvarint(dst, uint64(len(c.path)))
		dst = append(dst, c.path...)
	}
	if c.hasValue() {
		dst = binary.AppendUvarint(dst, uint64(len(c.value)))
		dst = append(dst, c.value...)
	}
	if c.kind != cellLive && c.kind != cellCounter {
		dst[e.start+1] |= flagDue
	}
	e.dst = dst
}

// finish returns dst with the row appended; one that holds nothing is cut to
// its two first bytes.
func (e *rowEncoder) finish() []byte {
	const emptyLen = 2
	if len(e.dst) == e.start+emptyLen+8 && e.dst[e.start+1]&^(flagLong|flagFolded) == 0 {
		e.dst = e.dst[:e.start+emptyLen]
	}
	return e.dst
}
