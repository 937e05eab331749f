package native

import (
	"github.com/astrolabe-db/astrolabe/internal/prepared"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// preparedCache holds the prepared statements of all connections, by id.
type preparedCache struct {
	*prepared.Cache[wire.StatementID, *statement]
}

func newPreparedCache(limit int64, m *metrics) preparedCache {
	return preparedCache{prepared.New[wire.StatementID, *statement](limit, prepared.Metrics{Held: m.prepared, Evicted: m.evicted})}
}

// get returns the statement with that id, or nil.
func (p preparedCache) get(id []byte) *statement {
	if len(id) != len(wire.StatementID{}) {
		return nil
	}
	st, _ := p.Get(wire.StatementID(id))
	return st
}

// put adds st and reports false when it is larger than the whole cache.
func (p preparedCache) put(st *statement) bool {
	return p.Put(st.id, st, st.size(), st.tables)
}
