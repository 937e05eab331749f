package document

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
)

// batch is one write of one document being put together: deletions with a
// timestamp a microsecond before that of the rows that follow.
type batch struct {
	on     *collection
	id     []byte
	time   int64
	ttl    int32 // 0: none
	insert *backend.Prepared

	entries []backend.BatchEntry
	values  []backend.Value // of all entries; an entry has a part of them
	scratch []byte          // what values point to
	// deleted are the prepared deletions, for the profile.
	deleted []*backend.Prepared
	rows    int
}

// empty is the value of the path columns that a path does not reach: not null.
var empty = backend.Value{Bytes: []byte{}}

// start begins a write of one document.
func (c *call) start(on *collection, id string, ttl int32) error {
	b := &c.batch
	b.entries, b.values, b.scratch, b.deleted, b.rows = b.entries[:0], b.values[:0], b.scratch[:0], b.deleted[:0], 0
	b.on, b.id, b.ttl, b.time = on, []byte(id), ttl, c.door.clock.Now()
	kind := insertLeaf
	if ttl > 0 {
		kind = insertLeafTTL
	}
	var err error
	b.insert, err = c.prepare(on, statementKey{kind: kind}, func(table cql.QualifiedName) cql.Statement { return insertStatement(table, ttl > 0) })
	return err
}

// forget lets go of what a request wrote.
func (b *batch) forget() {
	if cap(b.entries) > maxPooledRows {
		*b = batch{}
		return
	}
	clear(b.entries[:cap(b.entries)])
	clear(b.values[:cap(b.values)])
	b.on, b.insert = nil, nil
}

// number appends the bytes of a bigint or, with its bits, a double.
func (b *batch) number(n uint64) backend.Value {
	start := len(b.scratch)
	b.scratch = binary.BigEndian.AppendUint64(b.scratch, n)
	return backend.Value{Bytes: b.scratch[start:len(b.scratch):len(b.scratch)]}
}

// since ends an entry whose values begin at start.
func (b *batch) since(start int, p *backend.Prepared) {
	b.entries = append(b.entries, backend.BatchEntry{Prepared: p, Values: b.values[start:len(b.values):len(b.values)]})
}

// write adds the rows of a leaf.
func (b *batch) write(l *shred.Leaf) {
	text, double, boolean := backend.Value{Unset: true}, backend.Value{Unset: true}, backend.Value{Unset: true}
	switch l.Kind {
	case shred.Text:
		text = backend.Value{Bytes: l.Text}
	case shred.EmptyObject:
		text = backend.Value{Bytes: []byte(shred.EmptyObjectText)}
	case shred.EmptyArray:
		text = backend.Value{Bytes: []byte(shred.EmptyArrayText)}
	case shred.Number:
		double = b.number(math.Float64bits(l.Number))
	case shred.Bool:
		boolean = backend.Value{Bytes: []byte{0}} // boolean and tinyint alike
		if l.Bool {
			boolean.Bytes[0] = 1
		}
	}
	b.row(l.Path, nil, l.Path[len(l.Path)-1], text, double, boolean)
	if l.Exact != nil {
		unset := backend.Value{Unset: true}
		above, last := shred.ExactPath(l.Path)
		b.row(above, last, rootLeaf, backend.Value{Bytes: l.Exact}, unset, unset)
	}
}

var rootLeaf = []byte(shred.RootLeaf)

// row adds one row at a path, and a further segment if that is not nil.
func (b *batch) row(at [][]byte, further, leaf []byte, text, double, boolean backend.Value) {
	start := len(b.values)
	b.values = append(b.values, backend.Value{Bytes: b.id})
	for _, segment := range at {
		b.values = append(b.values, backend.Value{Bytes: segment})
	}
	depth := len(at)
	if further != nil {
		b.values = append(b.values, backend.Value{Bytes: further})
		depth++
	}
	for ; depth < path.MaxDepth; depth++ {
		b.values = append(b.values, empty)
	}
	b.values = append(b.values, backend.Value{Bytes: leaf}, text, double, boolean, b.number(uint64(b.time)))
	if b.ttl > 0 {
		ttl := len(b.scratch)
		b.scratch = binary.BigEndian.AppendUint32(b.scratch, uint32(b.ttl))
		b.values = append(b.values, backend.Value{Bytes: b.scratch[ttl:len(b.scratch):len(b.scratch)]})
	}
	b.since(start, b.insert)
	b.rows++
}

// The bounds of an array's elements among the segments at one place.
var (
	arraysFrom   = []byte("[")
	arraysBefore = []byte(`\`) // the character behind [
)

// remove adds a deletion of the kind given at a path.
func (c *call) remove(kind statementKind, at []string) error {
	if kind == deletePart && len(at) == path.MaxDepth {
		beside := append(slices.Clone(at[:path.MaxDepth-1]), shred.ExactName(at[path.MaxDepth-1]))
		if err := c.removeRows(kind, beside); err != nil {
			return err
		}
	}
	return c.removeRows(kind, at)
}

func (c *call) removeRows(kind statementKind, at []string) error {
	b := &c.batch
	key := statementKey{kind: kind, depth: uint8(len(at))}
	p, err := c.prepare(b.on, key, func(table cql.QualifiedName) cql.Statement { return deleteStatement(table, key) })
	if err != nil {
		return err
	}
	start := len(b.values)
	b.values = append(b.values, b.number(uint64(b.time-1)), backend.Value{Bytes: b.id})
	for _, segment := range at {
		b.values = append(b.values, backend.Value{Bytes: []byte(segment)})
	}
	switch kind {
	case deleteLeaf:
		b.values = append(b.values, empty)
	case deleteArray:
		b.values = append(b.values, backend.Value{Bytes: arraysFrom}, backend.Value{Bytes: arraysBefore})
	case deleteNames:
		b.values = append(b.values, backend.Value{Bytes: arraysFrom})
	case deleteMore:
		b.values = append(b.values, backend.Value{Bytes: arraysBefore})
	}
	b.since(start, p)
	b.deleted = append(b.deleted, p)
	return nil
}

// removeOthers adds deletions of what must not be at the places above a path
// when something is written there: scalars, and objects where an array now is
// or the other way round. A server that does not do so leaves it to readers, in
// whose eyes the old may come back when the new is deleted.
func (c *call) removeOthers(at []string) error {
	for depth := range at {
		above := at[:depth]
		if _, isElement := path.Index(at[depth]); isElement {
			if err := c.remove(deleteNames, above); err != nil { // the scalar, too: it has the empty name
				return err
			}
			if err := c.remove(deleteMore, above); err != nil {
				return err
			}
			continue
		}
		if depth > 0 {
			if err := c.remove(deleteLeaf, above); err != nil {
				return err
			}
		}
		if err := c.remove(deleteArray, above); err != nil {
			return err
		}
	}
	return nil
}

// commit writes the batch. description is that of the step in the profile.
func (c *call) commit(description string) error {
	b := &c.batch
	if len(b.entries) == 0 {
		return nil
	}
	_, err := c.door.backend.ExecuteBatch(c.ctx, &backend.Batch{Kind: cql.Logged, Entries: b.entries,
		Query: backend.Query{Consistency: backend.LocalQuorum, SerialConsistency: backend.LocalSerial, Caller: c.who.Caller()}})
	if err != nil {
		return err
	}
	step := c.step(description)
	for range b.rows {
		step.add(b.insert, 1)
	}
	for _, p := range b.deleted {
		step.add(p, 1)
	}
	return nil
}
