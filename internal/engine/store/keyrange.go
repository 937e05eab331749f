package store

import "bytes"

// keyRange is a Slice in the space of encoded clustering keys: lo included, hi
// not; hi nil means no end. Since encoded columns end in themselves, all rows
// with a prefix begin with its encoding, and no others do.
type keyRange struct {
	lo, hi []byte
	// single: it holds one row at most.
	single bool
}

// newKeyRange encodes s.
func newKeyRange(l *Layout, s *Slice) keyRange {
	r, _ := appendKeyRange(nil, l, s)
	return r
}

// appendKeyRange encodes s into buf, which it returns longer; the range's
// bounds are parts of it.
func appendKeyRange(buf []byte, l *Layout, s *Slice) (keyRange, []byte) {
	var r keyRange
	start := len(buf)
	buf = appendBound(buf, l, s.Start, !s.StartInclusive && len(s.Start) > 0)
	mid := len(buf)
	r.lo = buf[start:mid:mid]
	if len(s.End) > 0 {
		buf = appendBound(buf, l, s.End, s.EndInclusive)
		r.hi = buf[mid:len(buf):len(buf)]
	}
	n := len(l.Clustering)
	r.single = n == 0 || len(s.Start) == n && len(s.End) == n && s.StartInclusive && s.EndInclusive && sameValues(s.Start, s.End)
	return r, buf
}

func sameValues(a, b [][]byte) bool {
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// appendBound appends the place before, or after, all rows with a prefix.
func appendBound(buf []byte, l *Layout, prefix [][]byte, after bool) []byte {
	start := len(buf)
	buf = appendClustering(buf, l, prefix)
	if after {
		// A column's encoding never is all 0xFF, so there is a successor.
		n := len(buf)
		for n > start+1 && buf[n-1] == 0xff {
			n--
		}
		buf = buf[:n]
		buf[n-1]++
	}
	return buf
}

func (r *keyRange) empty() bool { return r.hi != nil && bytes.Compare(r.lo, r.hi) >= 0 }

// endsBefore reports whether r's end is at or before key.
func (r *keyRange) endsBefore(key []byte) bool {
	return r.hi != nil && bytes.Compare(key, r.hi) >= 0
}

// overlaps reports whether a key may be in both.
func (r *keyRange) overlaps(o *keyRange) bool { return !r.endsBefore(o.lo) && !o.endsBefore(r.lo) }

// appendTo appends r in the form it has in a range tombstone's key: lo, and hi
// unless there is no end, both escaped.
func (r *keyRange) appendTo(dst []byte) []byte {
	dst = appendEscaped(dst, r.lo)
	if r.hi != nil {
		dst = appendEscaped(dst, r.hi)
	}
	return dst
}

// decodeKeyRange reads what appendTo wrote, into buf, which it returns longer.
func decodeKeyRange(src, buf []byte) (keyRange, []byte, error) {
	var r keyRange
	start := len(buf)
	buf, src, ok := unescape(buf, src)
	if !ok {
		return r, buf, corruptf("range tombstone")
	}
	mid := len(buf)
	r.lo = buf[start:mid:mid]
	if len(src) > 0 {
		if buf, src, ok = unescape(buf, src); !ok || len(src) > 0 {
			return r, buf, corruptf("range tombstone")
		}
		r.hi = buf[mid:len(buf):len(buf)]
	}
	return r, buf, nil
}
