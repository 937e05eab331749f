package store

import "bytes"

// seekFirst moves to the partition's first row of the first slice, or the last
// of the last in reverse, behind the position to resume from.
func (it *Iter) seekFirst() {
	if it.err != nil {
		return
	}
	if it.sc.Reverse {
		it.seekLast()
		return
	}
	it.slice = 0
	var floor []byte
	if it.resumed && len(it.resume) > 0 {
		floor = it.resume
		for it.slice < len(it.ranges) && it.ranges[it.slice].endsBefore(floor) {
			it.slice++
		}
	}
	if it.slice >= len(it.ranges) {
		it.open = false
		return
	}
	lo := it.ranges[it.slice].lo
	if floor != nil && bytes.Compare(lo, floor) <= 0 {
		lo = it.scratch.after(floor)
	}
	if it.listed() && !it.headed || len(lo) > 0 {
		it.seekRow(lo)
	}
}

func (it *Iter) seekLast() {
	it.slice = len(it.ranges) - 1
	var ceiling []byte
	if it.resumed && len(it.resume) > 0 {
		ceiling = it.resume
		for it.slice >= 0 && bytes.Compare(it.ranges[it.slice].lo, ceiling) >= 0 {
			it.slice--
		}
	}
	if it.slice < 0 {
		it.open = false
		return
	}
	hi := it.ranges[it.slice].hi
	if ceiling != nil && (hi == nil || bytes.Compare(hi, ceiling) > 0) {
		hi = ceiling
	}
	it.seekRowLT(hi)
}

// seekRow moves to the first row from lo on, if the iterator is not there yet.
func (it *Iter) seekRow(lo []byte) {
	if ck, ok := it.rowKey(); ok && bytes.Compare(ck, lo) >= 0 {
		return
	}
	if rows := it.kept.rows; rows != nil {
		it.kept.at = rows.search(lo)
		return
	}
	it.seek = append(append(append(it.seek[:0], it.prefix...), kindRow), lo...)
	it.seekGE(it.seek)
}

// seekRowLT moves to the last row before hi; nil is behind all.
func (it *Iter) seekRowLT(hi []byte) {
	if rows := it.kept.rows; rows != nil {
		if it.kept.at = rows.len() - 1; hi != nil {
			it.kept.at = rows.search(hi) - 1
		}
		return
	}
	it.seek = append(it.seek[:0], it.prefix...)
	if hi == nil {
		it.seek = append(it.seek, kindRow+1)
	} else {
		it.seek = append(append(it.seek, kindRow), hi...)
	}
	it.at(it.it.SeekLT(it.seek))
}

// rowKey returns the encoded clustering key of the row the iterator is at.
func (it *Iter) rowKey() ([]byte, bool) {
	if rows := it.kept.rows; rows != nil {
		if it.kept.at < 0 || it.kept.at >= rows.len() {
			return nil, false
		}
		return rows.key(it.kept.at), true
	}
	if !it.inPartition() {
		return nil, false
	}
	key := it.it.Key()
	n := len(it.prefix)
	if len(key) <= n || key[n] != kindRow {
		return nil, false
	}
	return key[n+1:], true
}

// findRow goes on from where the iterator is, that row included, to the next
// live row within the slices.
func (it *Iter) findRow() bool {
	for it.open && it.err == nil {
		ck, ok := it.rowKey()
		if !ok || !it.inSlices(ck) {
			if !ok || !it.open {
				break
			}
			continue
		}
		live := it.loadRow(ck)
		if it.err == nil && it.sc.TombstoneLimit > 0 && it.tombstones > it.sc.TombstoneLimit {
			it.err = ErrTooManyTombstones
		}
		if it.err != nil {
			break
		}
		if live {
			return true
		}
		it.step()
	}
	it.open = false
	return false
}

// inSlices reports whether ck is in a slice. If not it moves the iterator to
// the next slice, or closes the partition.
func (it *Iter) inSlices(ck []byte) bool {
	if it.sc.Reverse {
		for it.slice >= 0 && bytes.Compare(ck, it.ranges[it.slice].lo) < 0 {
			it.slice--
		}
		if it.slice < 0 {
			it.open = false
			return false
		}
		if it.ranges[it.slice].endsBefore(ck) {
			it.seekRowLT(it.ranges[it.slice].hi)
			return false
		}
		return true
	}
	for it.slice < len(it.ranges) && it.ranges[it.slice].endsBefore(ck) {
		it.slice++
	}
	if it.slice >= len(it.ranges) {
		it.open = false
		return false
	}
	if lo := it.ranges[it.slice].lo; bytes.Compare(ck, lo) < 0 {
		it.seekRow(lo)
		return false
	}
	return true
}

// step moves off the current row.
func (it *Iter) step() {
	if !it.open || it.err != nil {
		return
	}
	if it.ranges[it.slice].single {
		it.stepSlice()
		return
	}
	switch {
	case it.kept.rows != nil && it.sc.Reverse:
		it.kept.at--
	case it.kept.rows != nil:
		it.kept.at++
	case !it.sc.Reverse:
		it.next()
	case it.folded:
		it.seek = append(it.seek[:0], it.it.Key()...)
		it.at(it.it.SeekLT(it.seek))
	default:
		it.at(it.it.Prev())
	}
}

// next moves the Pebble iterator off the current row, forward. The operands that
// a folded value hides are all still there; a seek steps over them at once.
func (it *Iter) next() {
	if !it.folded {
		it.at(it.it.Next())
		return
	}
	it.seek = append(append(it.seek[:0], it.it.Key()...), 0)
	it.seekGE(it.seek)
}

// stepSlice goes on to the next slice, without a step within this one.
func (it *Iter) stepSlice() {
	if it.sc.Reverse {
		if it.slice--; it.slice < 0 {
			it.open = false
			return
		}
		it.seekRowLT(it.ranges[it.slice].hi)
		return
	}
	if it.slice++; it.slice >= len(it.ranges) {
		it.open = false
		return
	}
	it.seekRow(it.ranges[it.slice].lo)
}
