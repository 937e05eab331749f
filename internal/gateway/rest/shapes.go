package rest

import (
	"sync"
	"sync/atomic"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// shape is a prepared statement and what never changes about its answers.
// Requests that differ only in values share one.
type shape struct {
	prepared *backend.Prepared
	// names are the beginnings of a row's members: {"a": and ,"b":
	names [][]byte
	// used is the time of last use, on the clock of shapes.
	used atomic.Uint64
}

// shapeKey tells shapes apart: the table and a description that starts with
// the kind of statement.
type shapeKey struct {
	table       *table
	description string
}

// The kinds of statement, the first byte of a description.
const (
	selectByKey byte = iota
	selectWhere
	insertRow
	updateByKey
	deleteByKey
)

// shapes keeps up to maxShapes shapes; the one that was not used for longest
// goes first.
type shapes struct {
	clock atomic.Uint64
	mu    sync.RWMutex
	kept  map[shapeKey]*shape
}

// prepare returns the shape that c.shape describes; build makes its statement
// when it is not there yet.
func (c *call) prepare(t *table, build func() cql.Statement) (*shape, error) {
	s := &t.generation.shapes
	s.mu.RLock()
	found := s.kept[shapeKey{t, string(c.shape)}]
	s.mu.RUnlock()
	if found != nil {
		found.used.Store(s.clock.Add(1))
		return found, nil
	}
	made, err := c.build(build())
	if err == nil && len(c.shape) <= maxShapeKey {
		made.used.Store(s.clock.Add(1))
		s.keep(shapeKey{t, string(c.shape)}, made)
	}
	return made, err
}

// build prepares a statement and what its answers need.
func (c *call) build(stmt cql.Statement) (*shape, error) {
	prepared, err := c.door.backend.Prepare(c.ctx, stmt, nil, "")
	if err != nil {
		return nil, err
	}
	return &shape{prepared: prepared, names: memberNames(prepared.Result)}, nil
}

// memberNames returns the beginning of each member of a row.
func memberNames(columns []backend.Column) [][]byte {
	names := make([][]byte, len(columns))
	for i, column := range columns {
		name := []byte{','}
		if i == 0 {
			name[0] = '{'
		}
		names[i] = append(cell.AppendString(name, column.Name), ':')
	}
	return names
}

func (s *shapes) keep(key shapeKey, made *shape) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[shapeKey]*shape{}
	}
	if len(s.kept) >= maxShapes {
		var oldest shapeKey
		age := ^uint64(0)
		for k, kept := range s.kept {
			if used := kept.used.Load(); used < age {
				oldest, age = k, used
			}
		}
		delete(s.kept, oldest)
	}
	s.kept[key] = made
}
