package native

import (
	"sync"
	"sync/atomic"

	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// preparedCache holds the prepared statements of all connections, by id, up to
// a number of bytes. When it is full, of a sample of statements the one goes
// that was not used for longest.
type preparedCache struct {
	limit   int64
	metrics *metrics
	// clock counts the statements put; using a statement notes it.
	clock atomic.Int64

	mu    sync.RWMutex
	byID  map[wire.StatementID]*statement
	all   []*statement
	next  int // where the next sample begins
	bytes int64
}

// evictionSample is how many statements are looked at to drop one.
const evictionSample = 16

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
	if st != nil {
		if now := p.clock.Load(); st.used.Load() != now { // do not write what many read
			st.used.Store(now)
		}
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
	st.used.Store(p.clock.Add(1))
	p.byID[st.id] = st
	p.all = append(p.all, st)
	p.bytes += size
	p.metrics.prepared.Set(float64(len(p.all)))
	return true
}

// evict drops a statement.
func (p *preparedCache) evict() {
	oldest := p.next % len(p.all)
	for range min(evictionSample, len(p.all)) {
		p.next = (p.next + 1) % len(p.all)
		if p.all[p.next].used.Load() < p.all[oldest].used.Load() {
			oldest = p.next
		}
	}
	st := p.all[oldest]
	last := len(p.all) - 1
	p.all[oldest] = p.all[last]
	p.all[last] = nil
	p.all = p.all[:last]
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
	p.metrics.prepared.Set(float64(len(p.all)))
}

// remove drops the statements that match.
func (p *preparedCache) remove(match func(*statement) bool) {
	kept := p.all[:0]
	for _, st := range p.all {
		if match(st) {
			delete(p.byID, st.id)
			p.bytes -= st.size()
		} else {
			kept = append(kept, st)
		}
	}
	clear(p.all[len(kept):])
	p.all = kept
}
