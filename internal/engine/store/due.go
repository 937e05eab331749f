package store

import (
	"encoding/binary"
	"math"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
)

// duePropertyName is kept in the files; a change of what it holds needs a new
// name.
const duePropertyName = "astrolabe.due.v1"

// due says when something of a block, or a file, can be purged: a property of
// each that lets the sweep read only where there is work. Each field is the
// earliest time of its kind, in seconds, none if there is nothing of the kind.
type due struct {
	tombstone int64 // a tombstone was made
	expiry    int64 // a cell expires
	written   int64 // ttl before a cell expires: its tombstone's time
	now       int64 // something to do at that time, whatever gc_grace
}

const never = math.MaxInt64

var noDue = due{never, never, never, never}

func (d *due) add(o due) {
	d.tombstone = min(d.tombstone, o.tombstone)
	d.expiry = min(d.expiry, o.expiry)
	d.written = min(d.written, o.written)
	d.now = min(d.now, o.now)
}

// at reports whether there is something to do; gcBefore as in purge.
func (d *due) at(now, gcBefore int64) bool {
	return d.tombstone < gcBefore || d.expiry <= now-expiryMargin && d.written < gcBefore || d.now <= now
}

func (d *due) append(dst []byte) []byte {
	if *d == noDue {
		return dst
	}
	for _, v := range []int64{d.tombstone, d.expiry, d.written, d.now} {
		dst = binary.AppendVarint(dst, v)
	}
	return dst
}

func decodeDue(b []byte) (due, error) {
	d := noDue
	if len(b) == 0 {
		return d, nil
	}
	for _, p := range []*int64{&d.tombstone, &d.expiry, &d.written, &d.now} {
		v, n := binary.Varint(b)
		if n <= 0 {
			return d, corruptf("property %s", duePropertyName)
		}
		*p, b = v, b[n:]
	}
	return d, nil
}

// addRow adds what is due in a stored row.
func (d *due) addRow(row []byte) {
	if isEmptyRow(row) {
		d.now = math.MinInt64
		return
	}
	if len(row) < 2 || row[1]&flagDue == 0 {
		return
	}
	var dec rowDecoder
	var c cell
	if dec.init(row) != nil {
		return
	}
	if !dec.deletion.Live() {
		d.tombstone = min(d.tombstone, dec.deletion.LocalTime)
	}
	if dec.liveness.TTL != 0 {
		d.expiry, d.written = min(d.expiry, dec.liveness.Expires), min(d.written, dec.liveness.Expires)
	}
	for {
		ok, err := dec.next(&c)
		if !ok || err != nil {
			return
		}
		switch c.kind {
		case cellTombstone, cellComplexDeletion, cellCounterTombstone:
			d.tombstone = min(d.tombstone, c.local)
		case cellExpired:
			d.tombstone = min(d.tombstone, c.local-int64(c.ttl))
		case cellExpiring:
			d.expiry, d.written = min(d.expiry, c.local), min(d.written, c.local-int64(c.ttl))
		}
	}
}

// sweepDelay is how long after a partition or range delete, in seconds, the
// sweep removes what lies under it.
const sweepDelay = 3600

func (d *due) addDeletion(value []byte) {
	del, flags, err := decodeDeletion(value)
	if err != nil {
		return
	}
	d.tombstone = min(d.tombstone, del.LocalTime)
	if flags&deletionSwept == 0 {
		d.now = min(d.now, del.LocalTime+sweepDelay)
	}
}

// addKey adds what is due of a key and its value.
func (d *due) addKey(key, value []byte) {
	if len(key) == 0 || key[0] != spaceData {
		return
	}
	n := partitionLen(key)
	if n < 0 || n >= len(key) {
		return
	}
	switch key[n] {
	case kindRow, headStatic:
		d.addRow(value)
	default:
		d.addDeletion(value)
	}
}

// dueCollector implements sstable.BlockPropertyCollector.
type dueCollector struct {
	block, lastBlock, index, table due
}

func newDueCollector() pebble.BlockPropertyCollector {
	return &dueCollector{block: noDue, lastBlock: noDue, index: noDue, table: noDue}
}

func (c *dueCollector) Name() string { return duePropertyName }

func (c *dueCollector) AddPointKey(key pebble.InternalKey, value []byte) error {
	switch key.Kind() {
	case pebble.InternalKeyKindSet, pebble.InternalKeyKindMerge, pebble.InternalKeyKindSetWithDelete:
		c.block.addKey(key.UserKey, value)
	}
	return nil
}

func (c *dueCollector) AddRangeKeys(sstable.Span) error { return nil }

func (c *dueCollector) AddCollectedWithSuffixReplacement(_, _, _ []byte) error {
	return corruptf("keys have no suffixes to replace")
}

func (c *dueCollector) SupportsSuffixReplacement() bool { return false }

func (c *dueCollector) FinishDataBlock(buf []byte) ([]byte, error) {
	c.lastBlock, c.block = c.block, noDue
	c.table.add(c.lastBlock)
	return c.lastBlock.append(buf), nil
}

func (c *dueCollector) AddPrevDataBlockToIndexBlock() { c.index.add(c.lastBlock) }

func (c *dueCollector) FinishIndexBlock(buf []byte) ([]byte, error) {
	d := c.index
	c.index = noDue
	return d.append(buf), nil
}

func (c *dueCollector) FinishTable(buf []byte) ([]byte, error) { return c.table.append(buf), nil }

// dueFilter lets an iterator read only blocks with something due.
type dueFilter struct{ now, gcBefore int64 }

func (f dueFilter) Name() string { return duePropertyName }

func (f dueFilter) Intersects(prop []byte) (bool, error) {
	d, err := decodeDue(prop)
	return err == nil && d.at(f.now, f.gcBefore), err
}

func (f dueFilter) SyntheticSuffixIntersects(prop, _ []byte) (bool, error) { return f.Intersects(prop) }
