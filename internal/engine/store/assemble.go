package store

import "encoding/binary"

// rowScratch is what rows are put together with.
type rowScratch struct {
	dec        rowDecoder
	cell       cell
	clustering []byte
	counters   []byte
	// staticCounters are those of the static row, which outlives the rows.
	staticCounters []byte
	floor          []byte
}

// trim lets go of buffers that one large row has blown up.
func (s *rowScratch) trim() {
	s.dec, s.cell = rowDecoder{}, cell{}
	if cap(s.clustering) > maxPooledBuffer {
		s.clustering = nil
	}
	if cap(s.counters)+cap(s.staticCounters) > maxPooledBuffer {
		s.counters, s.staticCounters = nil, nil
	}
}

// after returns key and a zero byte: behind key, before every other one.
func (s *rowScratch) after(key []byte) []byte {
	s.floor = append(append(s.floor[:0], key...), 0)
	return s.floor
}

// loadRow reads the row the iterator is at into it.row; false when nothing of
// it is live.
func (it *Iter) loadRow(ck []byte) bool {
	if k := &it.kept; k.rows != nil {
		return it.loadStored(ck, k.rows.value(k.at), it.del)
	}
	it.kept.loaded++
	value, err := it.it.ValueAndErr()
	if err != nil {
		it.err = err
		return false
	}
	outer := it.del
	if len(it.dels.parts) > 0 {
		if d := it.dels.at(ck); d.supersedes(outer) {
			outer = d
		}
	}
	live := it.loadStored(ck, value, outer)
	flags := it.scratch.dec.flags
	it.passed(it.it.Key(), flags)
	if flags&flagLong == 0 && it.point.version != 0 && it.err == nil {
		it.keep(value)
	}
	return live
}

// passed notes the flags of the row the Pebble iterator is at, and has a long
// chain folded.
func (it *Iter) passed(key []byte, flags byte) {
	it.folded = flags&(flagLong|flagFolded) != 0
	if flags&flagLong != 0 {
		it.r.s.requestFold(append([]byte(nil), key...))
	}
}

// loadStored decodes a stored row into it.row.
func (it *Iter) loadStored(ck, value []byte, outer Deletion) bool {
	if !it.assemble(&it.row, value, outer) {
		return false
	}
	var err error
	it.row.Clustering, it.scratch.clustering, err = decodeClustering(it.l, ck, it.row.Clustering, it.scratch.clustering[:0])
	if err == nil && it.scratch.dec.exact != nil {
		err = restoreExact(it.row.Clustering, it.scratch.dec.exact)
	}
	if err != nil {
		it.err = err
	}
	return err == nil
}

func (it *Iter) loadStatic() {
	it.hasStatic = it.assemble(&it.static, it.statics, it.del)
	if it.scratch.dec.flags&flagLong != 0 {
		it.r.s.requestFold(append(append([]byte(nil), it.prefix...), headStatic))
	}
}

// assemble decodes a stored row, without what is deleted or has expired. The
// slices in row are parts of value.
func (it *Iter) assemble(row *Row, value []byte, outer Deletion) bool {
	s := &it.scratch
	d, c := &s.dec, &s.cell
	if it.err = d.init(value); it.err != nil {
		return false
	}
	if d.flags&flagDue == 0 && outer.Live() && !it.l.Counter && len(it.l.Dropped) == 0 {
		if latest, ok := d.live(row); ok {
			it.latest = max(it.latest, latest)
			return row.Liveness.Present || len(row.Cells) > 0
		}
	}
	now := it.sc.Now
	sh := shadow{row: d.deletion, counters: true}
	if outer.supersedes(sh.row) {
		sh.row = outer
	}
	it.latest = max(it.latest, d.deletion.Timestamp, d.liveness.Timestamp)
	row.Liveness = d.liveness
	if sh.row.deletes(d.liveness.Timestamp) || !d.liveness.live(now) {
		row.Liveness = Liveness{}
	}
	row.Cells = row.Cells[:0]
	counters := &s.counters
	if row == &it.static {
		counters = &s.staticCounters
	}
	*counters = (*counters)[:0]
	dead := 0
	for {
		ok, err := d.next(c)
		if err != nil {
			it.err = err
			return false
		}
		if !ok {
			break
		}
		it.latest = max(it.latest, c.ts)
		if sh.hides(c) || len(it.l.Dropped) > 0 && it.l.drops(c.column, c.ts) {
			continue
		}
		value := c.value
		switch c.kind {
		case cellLive:
		case cellExpiring:
			if c.local <= now {
				if it.sc.counts(c.column) {
					dead++
				}
				continue
			}
		case cellCounter:
			n := len(*counters)
			*counters = binary.BigEndian.AppendUint64(*counters, uint64(c.local))
			value = (*counters)[n : n+8 : n+8]
		case cellComplexDeletion:
			continue
		default:
			if it.sc.counts(c.column) {
				dead++
			}
			continue
		}
		out := Cell{Column: c.column, Path: c.path, Value: value, Timestamp: c.ts}
		if c.kind == cellExpiring {
			out.TTL, out.Expires = c.ttl, c.local
		}
		row.Cells = append(row.Cells, out)
	}
	live := row.Liveness.Present || len(row.Cells) > 0
	if !live && dead == 0 && !d.deletion.Live() && !outer.supersedes(d.deletion) {
		dead = 1
	}
	it.tombstones += dead
	return live
}
