package store

import "bytes"

// reconcile returns which of two cells of one column and path stays: a, b, or
// for two counters a with both sums (a is changed). The result does not depend
// on the order of the two, nor, over many cells, on which are met first
// (org.apache.cassandra.db.rows.Cells.reconcile).
func reconcile(a, b *cell) *cell {
	if a.kind.isCounter() || b.kind.isCounter() {
		return reconcileCounter(a, b)
	}
	if a.ts != b.ts {
		return pick(a.ts > b.ts, a, b)
	}
	// At the same time everything that is or will be a tombstone wins over what
	// stays live, whether it has expired by now or not (CASSANDRA-14592).
	if ra, rb := a.kind.rank(), b.kind.rank(); ra != rb {
		return pick(ra > rb, a, b)
	}
	if a.kind != cellLive && a.local != b.local {
		return pick(a.local > b.local, a, b)
	}
	if c := bytes.Compare(a.value, b.value); c != 0 {
		return pick(c > 0, a, b)
	}
	// Cassandra's rules end here; without the rest the answer would depend on
	// the order.
	if a.ttl != b.ttl {
		return pick(a.ttl > b.ttl, a, b)
	}
	if a.kind != b.kind {
		return pick(a.kind > b.kind, a, b)
	}
	return pick(bytes.Compare(a.path, b.path) >= 0, a, b)
}

func pick(first bool, a, b *cell) *cell {
	if first {
		return a
	}
	return b
}

func (k cellKind) isCounter() bool { return k == cellCounter || k == cellCounterTombstone }

// rank orders kinds at the same timestamp.
func (k cellKind) rank() int {
	switch k {
	case cellLive:
		return 0
	case cellExpiring, cellExpired:
		return 1
	}
	return 2
}

// reconcileCounter: a tombstone wins whatever the timestamps, as in
// Cells.resolveCounter; else the sums add up at the later time.
func reconcileCounter(a, b *cell) *cell {
	switch {
	case a.kind == cellCounter && b.kind == cellCounter:
		a.local += b.local
		a.ts = max(a.ts, b.ts)
		return a
	case a.kind != b.kind:
		return pick(a.kind > b.kind, a, b)
	case a.ts != b.ts:
		return pick(a.ts > b.ts, a, b)
	}
	return pick(a.local >= b.local, a, b)
}

// supersedes: DeletionTime.supersedes.
func (d Deletion) supersedes(o Deletion) bool {
	if d.Live() || o.Live() {
		return !d.Live()
	}
	return d.Timestamp > o.Timestamp || d.Timestamp == o.Timestamp && d.LocalTime > o.LocalTime
}

// deletes reports whether d shadows what was written at ts.
func (d Deletion) deletes(ts int64) bool { return !d.Live() && ts <= d.Timestamp }

// supersedes: LivenessInfo.supersedes; then the longer ttl, to be independent
// of the order.
func (v Liveness) supersedes(o Liveness) bool {
	switch {
	case !v.Present || !o.Present:
		return v.Present
	case v.Timestamp != o.Timestamp:
		return v.Timestamp > o.Timestamp
	case (v.TTL != 0) != (o.TTL != 0):
		return v.TTL != 0
	case v.Expires != o.Expires:
		return v.Expires > o.Expires
	}
	return v.TTL > o.TTL
}

// live reports whether v makes its row exist at a second.
func (v Liveness) live(now int64) bool {
	return v.Present && (v.TTL == 0 || now < v.Expires)
}

// compareCells orders the entries of a row: by column, its own tombstone
// first, then by path.
func compareCells(a, b *cell) int {
	switch {
	case a.column != b.column:
		if a.column < b.column {
			return -1
		}
		return 1
	case a.kind == cellComplexDeletion || b.kind == cellComplexDeletion:
		if a.kind == b.kind {
			return 0
		}
		if a.kind == cellComplexDeletion {
			return -1
		}
		return 1
	case a.path == nil || b.path == nil:
		return len(a.path) - len(b.path)
	}
	return ComparePaths(a.path, b.path)
}

// shadow drops what a row's tombstones cover while its entries pass in order.
type shadow struct {
	row     Deletion
	column  uint32
	complex Deletion
	// counters too are dropped by the row tombstone. Merges keep them, for
	// which increments came before it would else depend on the order of
	// merging; readers do not.
	counters bool
}

// hides reports whether c is covered. It must see every entry.
func (s *shadow) hides(c *cell) bool {
	switch c.kind {
	case cellCounter, cellCounterTombstone:
		return s.counters && s.row.deletes(c.ts)
	case cellComplexDeletion:
		if s.row.deletes(c.ts) {
			return true
		}
		s.column, s.complex = c.column, Deletion{Timestamp: c.ts, LocalTime: c.local}
		return false
	}
	return s.row.deletes(c.ts) || c.path != nil && s.column == c.column && s.complex.deletes(c.ts)
}
