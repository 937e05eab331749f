package store

import (
	"math/bits"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// stripeCount is into how many locks partitions are spread, by token.
const stripeCount = 256

func stripeOf(token int64) uint8 { return uint8(token) }

// stripeSet is a set of stripes.
type stripeSet [stripeCount / 64]uint64

func (t *stripeSet) add(i uint8) { t[i/64] |= 1 << (i % 64) }

func (t *stripeSet) addAll() {
	for i := range t {
		t[i] = ^uint64(0)
	}
}

// each calls f for the stripes in order, the same order everywhere, so that
// two sets can't be locked crosswise.
func (t *stripeSet) each(f func(i int)) {
	for w, set := range t {
		for set != 0 {
			f(w*64 + bits.TrailingZeros64(set))
			set &= set - 1
		}
	}
}

// applyStripes keep writers and rewriters of a partition apart. A writer holds
// its partitions' stripes shared while its batch is applied (not while the log
// is synced), so writers do not wait for each other; whoever replaces what is
// stored (fold, sweep, a stale index entry) holds one exclusively for
// microseconds, and so misses no write.
type applyStripes [stripeCount]struct {
	sync.RWMutex
	_ [64 - 24]byte // one cache line each
}

func (s *applyStripes) rlock(t *stripeSet)   { t.each(func(i int) { s[i].RLock() }) }
func (s *applyStripes) runlock(t *stripeSet) { t.each(func(i int) { s[i].RUnlock() }) }

// stripe is the stripe of a data key.
func (s *Store) stripe(key []byte) *sync.RWMutex {
	return &s.stripes[stripeOf(keyToken(key))].RWMutex
}

// lockStripes are what Lock takes: held over a read, a decision and a commit.
type lockStripes [stripeCount]struct {
	sync.Mutex
	_ [64 - 8]byte
}

// Lock takes the locks of the given raw partition keys, in an order that can't
// deadlock with other calls, and returns what releases them. It is what LWT
// (read, compare, write) holds; plain writes do not take it and do not wait for
// it. A caller that holds a lock must not call Lock again.
func (s *Store) Lock(partitions ...[]byte) (unlock func()) {
	var set stripeSet
	for _, p := range partitions {
		set.add(stripeOf(cqltype.Token(p)))
	}
	set.each(func(i int) { s.locks[i].Lock() })
	return func() { set.each(func(i int) { s.locks[i].Unlock() }) }
}
