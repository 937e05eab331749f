package store

// purge says what may be dropped from a row. Tombstones may only be dropped
// from a row that is complete, with no part of it elsewhere, older or newer: a
// newer write may have an older timestamp, and a tombstone that covers it. A
// compaction never knows that, so it drops no tombstones (gcBefore is minTime);
// the sweep and folds, which read everything and keep writers out, do.
type purge struct {
	// now in seconds, less expiryMargin.
	now int64
	// gcBefore: tombstones made before that second have done their work
	// (gc_grace is over).
	gcBefore int64
	// outer: a partition or range tombstone that covers the row.
	outer Deletion
	// flags to set on the result.
	flags byte
}

// purgeable: a tombstone's time is over (DeletionPurger.shouldPurge).
func (p *purge) purgeable(local int64) bool { return local < p.gcBefore }

// expiryMargin, in seconds, is how long expired cells are left as they are, so
// that a query with its own now_in_seconds can look a little into the past.
const expiryMargin = 3600

// over reports whether what was written at a timestamp has been expired for the
// margin. What a query with its own now_in_seconds wrote may have been expired
// from the start: it is left as long, counted from when it was written. A
// timestamp that is still to come says nothing about that.
func (p *purge) over(expires, timestamp int64) bool {
	written := secondsOf(timestamp)
	return expires <= p.now && (written <= p.now || written > p.now+expiryMargin)
}

// newPurge returns the purge of a complete row of l at a second.
func newPurge(l *Layout, now int64) purge {
	return purge{now: now - expiryMargin, gcBefore: now - int64(l.GCGraceSeconds)}
}

// purge appends row to dst without what p lets drop. What is left reads the
// same at p.now and later. A cell that has expired loses its value, and goes as
// a tombstone would that was made when its ttl began (AbstractCell.purge).
func (m *rowMerger) purge(dst, row []byte, p *purge) ([]byte, error) {
	if err := m.a.init(row); err != nil {
		return dst, err
	}
	h := m.a.rowHead
	h.flags = p.flags
	s := shadow{row: h.deletion, counters: !h.deletion.Live() && p.purgeable(h.deletion.LocalTime)}
	if p.outer.supersedes(s.row) {
		s.row, s.counters = p.outer, true
	}
	if s.row.deletes(h.liveness.Timestamp) || h.liveness.TTL != 0 && p.over(h.liveness.Expires, h.liveness.Timestamp) && p.purgeable(h.liveness.Expires) {
		h.liveness = Liveness{}
	}
	if p.purgeable(h.deletion.LocalTime) || p.outer.deletes(h.deletion.Timestamp) {
		h.deletion = Deletion{}
	}
	exact := h.exact
	m.enc.head(dst, &h)
	cells := len(m.enc.dst)
	for {
		c := &m.ca
		ok, err := m.a.next(c)
		if err != nil {
			return dst, err
		}
		if !ok {
			break
		}
		if !s.hides(c) && p.keep(c) {
			m.enc.cell(c)
		}
	}
	if exact != nil && !h.liveness.Present && h.deletion.Live() && len(m.enc.dst) == cells {
		h.exact = nil // it was the text of a row that is no more
		m.enc.head(dst, &h)
	}
	return m.enc.finish(), nil
}

// keep reports whether c stays, and takes an expired cell's value.
func (p *purge) keep(c *cell) bool {
	switch c.kind {
	case cellTombstone, cellComplexDeletion, cellCounterTombstone:
		return !p.purgeable(c.local)
	case cellExpiring, cellExpired:
		if !p.over(c.local, c.ts) {
			return true
		}
		c.kind, c.value = cellExpired, nil
		return !p.purgeable(c.local - int64(c.ttl))
	}
	return true
}
