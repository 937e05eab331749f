package store

import (
	"bytes"
	"slices"
)

// rowMerger reconciles stored rows. It is reused; it holds no results.
type rowMerger struct {
	a, b   rowDecoder
	ca, cb cell
	enc    rowEncoder
}

// merge appends to dst the row that holds what a and b hold. It is
// associative and commutative: see the tests.
func (m *rowMerger) merge(dst, a, b []byte) ([]byte, error) {
	if err := m.a.init(a); err != nil {
		return dst, err
	}
	if err := m.b.init(b); err != nil {
		return dst, err
	}
	h := mergeHeads(&m.a.rowHead, &m.b.rowHead)
	if isEmptyRow(a) {
		h.base = m.b.base
	} else if isEmptyRow(b) {
		h.base = m.a.base
	}
	if size := max(len(a), len(b)); size > maxPooledBuffer {
		dst = slices.Grow(dst, size+mostOverhead) // as reserve of RowBuilder
	}
	m.enc.head(dst, &h)
	s := shadow{row: h.deletion}
	okA, err := m.a.next(&m.ca)
	if err != nil {
		return dst, err
	}
	okB, err := m.b.next(&m.cb)
	if err != nil {
		return dst, err
	}
	for okA || okB {
		order := -1
		if !okA {
			order = 1
		} else if okB {
			order = compareCells(&m.ca, &m.cb)
		}
		c := &m.ca
		switch {
		case order > 0:
			c = &m.cb
		case order == 0:
			c = reconcile(&m.ca, &m.cb)
		}
		if !s.hides(c) {
			m.enc.cell(c)
		}
		if order <= 0 {
			if okA, err = m.a.next(&m.ca); err != nil {
				return dst, err
			}
		}
		if order >= 0 {
			if okB, err = m.b.next(&m.cb); err != nil {
				return dst, err
			}
		}
	}
	return m.enc.finish(), nil
}

func mergeHeads(a, b *rowHead) rowHead {
	h := rowHead{
		flags:    (a.flags | b.flags) & (flagLong | flagFolded),
		base:     max(a.base, b.base),
		liveness: a.liveness,
		deletion: a.deletion,
		exact:    a.exact,
		exactTS:  a.exactTS,
	}
	if b.liveness.supersedes(h.liveness) {
		h.liveness = b.liveness
	}
	if b.deletion.supersedes(h.deletion) {
		h.deletion = b.deletion
	}
	if h.liveness.Present && h.deletion.deletes(h.liveness.Timestamp) {
		h.liveness = Liveness{}
	}
	if h.liveness.Present {
		h.base = h.liveness.Timestamp
	}
	if b.exact != nil && (h.exact == nil || b.exactTS < h.exactTS || b.exactTS == h.exactTS && bytes.Compare(b.exact, h.exact) < 0) {
		h.exact, h.exactTS = b.exact, b.exactTS
	}
	return h
}
