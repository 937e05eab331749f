package exec

import (
	"bytes"

	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// dropStale removes those entries of the current candidate under whose forms
// its row is not (any more).
func (d *indexRead) dropStale() error {
	for _, list := range [][]*stream{d.rows, d.partitions} {
		for _, s := range list {
			// Streams may be elsewhere: the candidate is known by its key.
			if s.key == nil {
				continue
			}
			err := s.forms(func(form []byte) error { return d.dropEntry(s.ix, form, s.key) })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// fresh reports whether the entries of the current candidate tell its row, so
// that it is another condition that the row does not meet.
func (d *indexRead) fresh(partition []byte, row, static *store.Row) (bool, error) {
	all := true
	for _, list := range [][]*stream{d.rows, d.partitions} {
		for _, s := range list {
			err := s.forms(func(form []byte) error {
				covers, err := s.ix.Covers(partition, row, static, form)
				all = all && covers
				return err
			})
			if err != nil || !all {
				return false, err
			}
		}
	}
	return true, nil
}

// dropEntry removes an entry if it is stale.
func (d *indexRead) dropEntry(ix *index.Index, form, key []byte) error {
	if d.drops++; d.drops > maxStaleDrops {
		return nil
	}
	layout := d.x.p.Layout
	var k store.IndexKey
	if err := k.Parse(layout, key); err != nil {
		return err
	}
	scan := store.Scan{Partitions: [][]byte{k.Partition}, Now: d.scan.Now}
	if k.Clustering != nil {
		scan.Slices = []store.Slice{{Start: k.Clustering, End: k.Clustering, StartInclusive: true, EndInclusive: true}}
	}
	stale := func(r *store.Reader) (bool, error) { return isStale(r, layout, &scan, ix, form) }
	if yes, err := stale(d.r); err != nil || !yes {
		return err
	}
	return d.x.db.Store.DropIndexEntry(ix.ID, form, k.Partition, layout, k.Clustering, stale)
}

// isStale reports whether the row, or the partition, that scan reads is not
// under form in ix.
func isStale(r *store.Reader, layout *store.Layout, scan *store.Scan, ix *index.Index, form []byte) (bool, error) {
	it := r.Scan(layout, scan)
	stale := true
	var err error
	if it.NextPartition() {
		var row *store.Row
		if !ix.OfPartitions() && it.NextRow() {
			row = it.Row()
		}
		var fresh bool
		fresh, err = ix.Covers(it.Partition(), row, it.Static(), form)
		stale = !fresh
	}
	if e := it.Close(); err == nil {
		err = e
	}
	return stale, err
}

// tidy removes stale ones of entries that are too many to be used: those of
// rows that the index has under several forms.
func (d *indexRead) tidy(ix *index.Index, found *entries) error {
	s := &stream{ix: ix, found: found}
	for s.key = first(found); s.key != nil && d.drops < maxStaleDrops; {
		if s.same() > 1 {
			if err := s.forms(func(form []byte) error { return d.dropEntry(ix, form, s.key) }); err != nil {
				return err
			}
		}
		if err := s.next(); err != nil {
			return err
		}
	}
	return nil
}

func first(e *entries) []byte {
	if len(e.list) == 0 {
		return nil
	}
	return bytes.Clone(e.key(0))
}
