package store

import (
	"encoding/binary"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// headTables is the set of tables with clustering columns that have, or once
// had, a head entry: a static row, a partition or a range tombstone. In the
// others a read goes to its row at once; in these it must look at the
// partition's head first. The set only grows, by a key written with the first
// such entry. A reader asks it after it has fixed the state it reads, a writer
// adds to it before its batch is applied, so no reader misses a head.
type headTables struct {
	set atomic.Pointer[map[uint32]struct{}]
}

func appendHeadKey(dst []byte, table uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, spaceStore, 'h'), table)
}

func (h *headTables) has(table uint32) bool {
	set := h.set.Load()
	if set == nil {
		return false
	}
	_, ok := (*set)[table]
	return ok
}

func (h *headTables) add(table uint32) {
	for !h.has(table) {
		old := h.set.Load()
		grown := map[uint32]struct{}{table: {}}
		if old != nil {
			for id := range *old {
				grown[id] = struct{}{}
			}
		}
		h.set.CompareAndSwap(old, &grown)
	}
}

func (h *headTables) load(db *pebble.DB) error {
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: []byte{spaceStore, 'h'}, UpperBound: []byte{spaceStore, 'h' + 1}})
	if err != nil {
		return err
	}
	set := map[uint32]struct{}{}
	for ok := it.First(); ok; ok = it.Next() {
		if k := it.Key(); len(k) == 6 {
			set[binary.BigEndian.Uint32(k[2:])] = struct{}{}
		}
	}
	h.set.Store(&set)
	return it.Close()
}
