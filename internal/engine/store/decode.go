package store

import "encoding/binary"

// rowDecoder reads a stored row: init, then next until it returns false.
// Slices it hands out are parts of the stored bytes.
type rowDecoder struct {
	rowHead
	rest    []byte
	seconds int64
	column  uint32
	bad     bool
}

// isEmptyRow reports whether b is a row that holds nothing.
func isEmptyRow(b []byte) bool { return len(b) == 2 }

func (d *rowDecoder) init(b []byte) error {
	*d = rowDecoder{}
	if len(b) < 2 || b[0] != formatVersion {
		return corruptf("row of %d bytes without version %d", len(b), formatVersion)
	}
	d.flags = b[1]
	if len(b) == 2 {
		return nil
	}
	if len(b) < 10 {
		return corruptf("row of %d bytes", len(b))
	}
	d.base = int64(binary.LittleEndian.Uint64(b[2:]))
	d.seconds = secondsOf(d.base)
	d.rest = b[10:]
	if d.flags&flagLiveness != 0 {
		d.liveness = Liveness{Present: true, Timestamp: d.base}
		if d.flags&flagLivenessTTL != 0 {
			d.liveness.TTL = int32(d.uvarint())
			d.liveness.Expires = unzigzag(d.uvarint()) + d.seconds + int64(d.liveness.TTL)
		}
	}
	if d.flags&flagDeletion != 0 {
		d.deletion.Timestamp = unzigzag(d.uvarint()) + d.base
		d.deletion.LocalTime = unzigzag(d.uvarint()) + d.seconds
	}
	if d.flags&flagExact != 0 {
		d.exactTS = unzigzag(d.uvarint()) + d.base
		d.exact = d.bytes()
	}
	if d.bad {
		return corruptf("row's head")
	}
	return nil
}

// next reads a cell into c. It returns false at the end, and then whether the
// row was malformed.
func (d *rowDecoder) next(c *cell) (bool, error) {
	if len(d.rest) == 0 {
		return false, nil
	}
	tag := d.uvarint()
	d.column += uint32(tag >> cellColumnBits)
	c.column = d.column
	c.kind = cellKind(tag & cellKindMask)
	c.ts = d.base
	if tag&cellTime != 0 {
		c.ts += unzigzag(d.uvarint())
	}
	c.ttl, c.local = 0, 0
	switch c.kind {
	case cellLive:
	case cellExpiring, cellExpired:
		c.ttl = int32(d.uvarint())
		c.local = unzigzag(d.uvarint()) + d.seconds + int64(c.ttl)
	case cellCounter:
		c.local = unzigzag(d.uvarint())
	default:
		c.local = unzigzag(d.uvarint()) + d.seconds
	}
	c.path, c.value = nil, nil
	if tag&cellPath != 0 {
		c.path = d.bytes()
	}
	if c.kind <= cellExpiring {
		c.value = d.bytes()
	}
	if d.bad || c.kind >= cellKinds {
		return false, corruptf("cell of column %d", c.column)
	}
	return true, nil
}

// live reads all cells into row if they are live and do not expire, as they are in
// nearly all rows, which next would take twice as long for. latest is the greatest
// write time. If there are others, ok is false and d as it was.
func (d *rowDecoder) live(row *Row) (latest int64, ok bool) {
	row.Liveness = d.liveness
	cells := row.Cells[:0]
	latest = d.liveness.Timestamp
	r := rowDecoder{rest: d.rest}
	for len(r.rest) > 0 {
		tag := r.uvarint()
		if tag&cellKindMask != uint64(cellLive) {
			return 0, false
		}
		r.column += uint32(tag >> cellColumnBits)
		if len(cells) < cap(cells) {
			cells = cells[:len(cells)+1]
		} else {
			cells = append(cells, Cell{})
		}
		c := &cells[len(cells)-1]
		c.Column, c.Path, c.Timestamp, c.TTL, c.Expires = r.column, nil, d.base, 0, 0
		if tag&cellTime != 0 {
			c.Timestamp += unzigzag(r.uvarint())
		}
		if tag&cellPath != 0 {
			c.Path = r.bytes()
		}
		c.Value = r.bytes()
		latest = max(latest, c.Timestamp)
	}
	row.Cells = cells
	return latest, !r.bad
}

func (d *rowDecoder) uvarint() uint64 {
	if len(d.rest) > 0 && d.rest[0] < 0x80 {
		v := d.rest[0]
		d.rest = d.rest[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.bad, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *rowDecoder) bytes() []byte {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.bad, d.rest = true, nil
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	if b == nil {
		b = []byte{}
	}
	return b
}
