// Package index knows what a secondary index says of a row: the forms under
// which a written cell or row is entered, and how an index over existing rows
// is built.
//
//	write: cell --Index.AppendCell--> form --> store.Batch.PutIndex (blindly, no read)
//	query: wire value --Index.AppendCell--> form --> store.Reader.Index --> rows --Index.Covers--> fresh or stale
//	build: every row --Index.Values--> form --> store.Batch.PutIndex
//
// Entries are only ever added by writes, so an entry may be stale: the row
// decides (org.apache.cassandra.index.internal.CassandraIndex).
//
// The form of a value (form.go) is what the index compares. Entries of a static
// column and of a partition key column are of partitions, all others of rows. A
// vector index has no entries: its queries read the table.
package index

import (
	"bytes"
	"sort"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// MaxValue is the size in bytes that a wire value in an index that is not
// storage-attached must stay under (FBUtilities.MAX_UNSIGNED_SHORT).
const MaxValue = 65535

// MaxTerm is the size in bytes of the largest term that a storage-attached index
// has entries of. Who may write longer ones (the guardrails sai_string_term_size
// and sai_frozen_term_size) does not find them by it.
const MaxTerm = 8 << 10

// Index is a secondary index with its column at hand. It is immutable.
type Index struct {
	Name string
	// ID is the index's number in storage keys.
	ID     uint32
	Table  *schema.Table
	Column *schema.Column
	Target schema.IndexTarget
	// SAI: it is storage-attached.
	SAI bool
	// Analyzer of its texts, nil for none.
	Analyzer *Analyzer
	// vector: what the column holds is ordered by its similarity.
	vector *similarity
	// element says that the element of a set or the key of a map is indexed,
	// value that the cell's value is; both for a map's entries. The types are
	// those of the two.
	element, value         bool
	elementType, valueType *cqltype.Type
}

// New returns the Index of an index of t, nil if t has no such column.
func New(t *schema.Table, ix *schema.Index) *Index {
	col := t.Columns[ix.Column]
	if col == nil {
		return nil
	}
	i := &Index{Name: ix.Name, ID: ix.Storage, Table: t, Column: col, Target: ix.Target, SAI: ix.IsSAI()}
	if i.SAI {
		i.Analyzer = NewAnalyzer(ix)
		if col.Type.Kind == cqltype.Vector {
			i.vector = newSimilarity(ix)
			return i
		}
	}
	if !col.Type.IsMultiCell() || !col.Type.IsCollection() {
		i.value, i.valueType = true, col.Type
		return i
	}
	i.elementType, i.valueType = col.Type.Elems[0], col.Type.Elems[len(col.Type.Elems)-1]
	switch {
	case ix.Target == schema.TargetEntries:
		i.element, i.value = true, true
	case ix.Target == schema.TargetKeys || col.Type.Kind == cqltype.Set:
		i.element = true
	default:
		i.value = true
	}
	return i
}

// OfPartitions reports whether the entries are of partitions, not of rows.
func (ix *Index) OfPartitions() bool {
	return ix.Column.Kind == schema.Static || ix.Column.Kind == schema.PartitionKey
}

// HasEntries is false for a vector index.
func (ix *Index) HasEntries() bool { return ix.vector == nil }

// Of returns the indexes of t by name. It allocates; plans keep the answer.
func Of(t *schema.Table) []*Index {
	if len(t.Indexes) == 0 {
		return nil
	}
	all := make([]*Index, 0, len(t.Indexes))
	for _, ix := range t.Indexes {
		if i := New(t, ix); i != nil {
			all = append(all, i)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all
}

// On returns those of all that index col.
func On(all []*Index, col *schema.Column) []*Index {
	var on []*Index
	for _, ix := range all {
		if ix.Column == col {
			on = append(on, ix)
		}
	}
	return on
}

// OfKey returns those of all that index a column of the primary key of kind
// partition key, or of kind clustering: each partition, each row that is written
// is entered in them.
func OfKey(all []*Index, kind schema.ColumnKind) []*Index {
	var keys []*Index
	for _, ix := range all {
		if ix.Column.Kind == kind {
			keys = append(keys, ix)
		}
	}
	return keys
}

// Key returns the wire value under which ix, an index of a primary key column,
// has the rows of a primary key; ok is false when it has no entry of it.
func (ix *Index) Key(partition []byte, clustering [][]byte) (value []byte, ok bool) {
	pos := ix.Column.Position
	if ix.Column.Kind == schema.Clustering {
		if pos >= len(clustering) {
			return nil, false
		}
		return clustering[pos], true
	}
	columns := len(ix.Table.PartitionKey)
	if columns == 1 {
		return partition, true
	}
	var buf [8][]byte
	values, ok := cqltype.SplitPartitionKey(buf[:0], partition, columns)
	if !ok || pos >= len(values) {
		return nil, false
	}
	return values[pos], true
}

// Check refuses a cell that can't be indexed: too long a value
// (CassandraIndex.validateIndexedValue), or a vector that has no similarity to
// others. enter is false when the index leaves the cell out.
func (ix *Index) Check(element, value []byte) (enter bool, err error) {
	switch {
	case ix.vector != nil:
		return false, ix.vector.checkWrite(value)
	case ix.SAI:
		n := ix.size(element, value)
		enter = n <= MaxTerm || ix.TermSize(element, value) <= MaxTerm
		return enter && (n > 0 || !ix.LeavesOutEmpty()), nil
	}
	n := ix.size(element, value)
	if n < MaxValue {
		return true, nil
	}
	return false, cqlerr.Invalidf("Cannot index value of size %d for index %s on %s.%s(%s) (maximum allowed size=%d)",
		n, ix.Name, ix.Table.Keyspace, ix.Table.Name, ix.Column.Name, MaxValue)
}

// LeavesOutEmpty reports whether ix has no entries of empty values, which are
// null to most types: a storage-attached index has those of texts, booleans
// and frozen types alone, and not of a clustering column in descending order
// (IndexTermType.skipsEmptyValue).
func (ix *Index) LeavesOutEmpty() bool {
	t := ix.valueType
	if ix.element {
		t = ix.elementType
	}
	if !ix.SAI || t == nil || ix.ofEntries() {
		return false
	}
	return ix.Column.Desc || !IsLiteral(t)
}

// TermSize is the length of the term that a storage-attached index has of a cell,
// of texts as they are analyzed.
func (ix *Index) TermSize(element, value []byte) int {
	if ix.Analyzer != nil {
		return len(ix.AppendCell(nil, element, value))
	}
	return ix.size(element, value)
}

// size is the length of what is indexed of a cell.
func (ix *Index) size(element, value []byte) int {
	switch {
	case ix.element && ix.value:
		return len(element) + len(value) + 6 // CompositeType.build of both
	case ix.element:
		return len(element)
	}
	return len(value)
}

// Values calls f with each form under which ix has a row or a partition, until
// f answers false. An index of partitions looks at the partition key or at
// static, every other at row; what it does not need may be nil. Values that can't
// be indexed are left out. A form is valid during its call.
func (ix *Index) Values(partition []byte, row, static *store.Row, f func(form []byte) bool) error {
	switch ix.Column.Kind {
	case schema.PartitionKey, schema.Clustering:
		if row == nil && ix.Column.Kind == schema.Clustering {
			return nil
		}
		var clustering [][]byte
		if row != nil {
			clustering = row.Clustering
		}
		if v, ok := ix.Key(partition, clustering); ok {
			if enter, err := ix.Check(nil, v); enter && err == nil {
				f(ix.AppendCell(nil, nil, v))
			}
		}
		return nil
	case schema.Static:
		row = static
	}
	if row == nil {
		return nil
	}
	var element, form []byte
	cells := row.Find(ix.Column.Storage)
	for i := range cells {
		cell := &cells[i]
		if ix.element {
			var err error
			if element, err = store.DecodePath(element[:0], ix.Column.Type, cell.Path); err != nil {
				return err
			}
		}
		if enter, err := ix.Check(element, cell.Value); !enter || err != nil {
			continue
		}
		form = ix.AppendCell(form[:0], element, cell.Value)
		if !f(form) {
			return nil
		}
	}
	return nil
}

// Covers reports whether ix has the row under form; if not, the entry that led
// to the row is stale. The other arguments are as in Values.
func (ix *Index) Covers(partition []byte, row, static *store.Row, form []byte) (bool, error) {
	found := false
	err := ix.Values(partition, row, static, func(v []byte) bool {
		found = bytes.Equal(v, form)
		return !found
	})
	return found, err
}
