package native

import (
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// preparedCache holds the prepared statements of all connections, by id, up to
// a number of bytes. What goes first when it is full is found as by a clock's
// hand: statements used since the hand last passed are passed once more.
type preparedCache struct {
	limit   int64
	metrics *metrics

	mu    sync.RWMutex
	byID  map[wire.StatementID]*statement
	ring  []*statement
	hand  int
	bytes int64
}

func newPreparedCache(limit int64, m *metrics) *preparedCache {
	return &preparedCache{limit: limit, metrics: m, byID: map[wire.StatementID]*statement{}}
}

// get returns the statement with that id, or nil.
func (p *preparedCache) get(id []byte) *statement {
	if len(id) != len(wire.StatementID{}) {
		return nil
	}
	p.mu.RLock()
	st := p.byID[wire.StatementID(id)]
	p.mu.RUnlock()
	if st != nil && !st.used.Load() {
		st.used.Store(true)
	}
	return st
}

// put adds st and reports false when it is larger than the whole cache.
func (p *preparedCache) put(st *statement) bool {
	size := st.size()
	if size > p.limit {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byID[st.id] != nil {
		p.remove(func(old *statement) bool { return old.id == st.id })
	}
	for p.bytes+size > p.limit {
		p.evict()
	}
	p.byID[st.id] = st
	p.ring = append(p.ring, st)
	p.bytes += size
	p.metrics.prepared.Set(float64(len(p.ring)))
	return true
}

// evict drops the next statement that was not used for a turn of the hand.
func (p *preparedCache) evict() {
	for {
		p.hand %= len(p.ring)
		st := p.ring[p.hand]
		if !st.used.Swap(false) {
			break
		}
		p.hand++
	}
	st := p.ring[p.hand]
	last := len(p.ring) - 1
	p.ring[p.hand] = p.ring[last]
	p.ring[last] = nil
	p.ring = p.ring[:last]
	delete(p.byID, st.id)
	p.bytes -= st.size()
	p.metrics.evicted.Inc()
}

// invalidate drops the statements that a schema change may have touched: those
// of the table, or of the whole keyspace if a keyspace or type has changed.
// Clients then prepare them anew and learn what is different
// (QueryProcessor.StatementInvalidatedListener).
func (p *preparedCache) invalidate(c schema.Change) {
	if c.Kind == schema.Created {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.remove(func(st *statement) bool {
		for _, t := range st.tables {
			if t.Keyspace == c.Keyspace && (c.Target != wire.TargetTable || t.Name == c.Name) {
				return true
			}
		}
		return false
	})
	p.metrics.prepared.Set(float64(len(p.ring)))
}

// remove drops the statements that match.
func (p *preparedCache) remove(match func(*statement) bool) {
	kept := p.ring[:0]
	for _, st := range p.ring {
		if match(st) {
			delete(p.byID, st.id)
			p.bytes -= st.size()
		} else {
			kept = append(kept, st)
		}
	}
	clear(p.ring[len(kept):])
	p.ring = kept
}
