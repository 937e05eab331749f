package schema

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// The functions of this file make the next catalog out of the current one.
// None alters what it is given: what changes is copied, the rest is shared.

// NewSnapshot returns a catalog of these keyspaces with a new version.
func NewSnapshot(keyspaces ...*Keyspace) *Snapshot {
	s := &Snapshot{Version: uuid.New(), Keyspaces: make(map[string]*Keyspace, len(keyspaces))}
	for _, k := range keyspaces {
		s.Keyspaces[k.Name] = k
	}
	return s
}

// WithKeyspace returns s with k added, or in the place of the keyspace of its
// name, and a new version.
func (s *Snapshot) WithKeyspace(k *Keyspace) *Snapshot {
	next := &Snapshot{Version: uuid.New(), Keyspaces: maps.Clone(s.Keyspaces)}
	next.Keyspaces[k.Name] = k
	return next
}

// WithoutKeyspace returns s without the named keyspace, and a new version.
func (s *Snapshot) WithoutKeyspace(name string) *Snapshot {
	next := &Snapshot{Version: uuid.New(), Keyspaces: maps.Clone(s.Keyspaces)}
	delete(next.Keyspaces, name)
	return next
}

// WithReplication returns k with other parameters.
func (k *Keyspace) WithReplication(replication map[string]string, durableWrites bool) *Keyspace {
	next := *k
	next.Replication, next.DurableWrites = replication, durableWrites
	return &next
}

// WithTable returns k with t added or replaced.
func (k *Keyspace) WithTable(t *Table) *Keyspace {
	next := *k
	next.Tables = cloned(k.Tables)
	next.Tables[t.Name] = t
	return &next
}

// WithoutTable returns k without the named table.
func (k *Keyspace) WithoutTable(name string) *Keyspace {
	next := *k
	next.Tables = cloned(k.Tables)
	delete(next.Tables, name)
	return &next
}

// WithType returns k with a new user type.
func (k *Keyspace) WithType(t *cqltype.Type) *Keyspace {
	next := *k
	next.Types = cloned(k.Types)
	next.Types[t.Name] = t
	return &next
}

// WithoutType returns k without the named user type.
func (k *Keyspace) WithoutType(name string) *Keyspace {
	next := *k
	next.Types = cloned(k.Types)
	delete(next.Types, name)
	return &next
}

// WithAlteredType returns k with the user type t in the place of the one of
// its name, there and in every type and column that uses it
// (KeyspaceMetadata.withUpdatedUserType). Dropped columns hold no user types.
func (k *Keyspace) WithAlteredType(t *cqltype.Type) *Keyspace {
	next := k.WithType(t)
	for name, other := range next.Types {
		next.Types[name] = replaceType(other, t)
	}
	next.Tables = cloned(k.Tables)
	for name, table := range next.Tables {
		columns := table.InOrder()
		altered := false
		for i, c := range columns {
			if r := replaceType(c.Type, t); r != c.Type {
				n := *c
				n.Type = r
				columns[i], altered = &n, true
			}
		}
		if altered {
			next.Tables[name] = table.WithColumns(columns)
		}
	}
	return next
}

// WithColumns returns t with these columns in the place of all it had, each
// put by its Kind and Position.
func (t *Table) WithColumns(columns []*Column) *Table {
	next := *t
	next.PartitionKey, next.Clustering, next.Static, next.Regular = nil, nil, nil, nil
	next.Columns = make(map[string]*Column, len(columns))
	for _, c := range columns {
		next.Columns[c.Name] = c
		switch c.Kind {
		case PartitionKey:
			next.PartitionKey = append(next.PartitionKey, c)
		case Clustering:
			next.Clustering = append(next.Clustering, c)
		case Static:
			next.Static = append(next.Static, c)
		default:
			next.Regular = append(next.Regular, c)
		}
	}
	byPosition := func(a, b *Column) int { return a.Position - b.Position }
	slices.SortFunc(next.PartitionKey, byPosition)
	slices.SortFunc(next.Clustering, byPosition)
	slices.SortFunc(next.Static, byName)
	slices.SortFunc(next.Regular, byName)
	return &next
}

// WithOptions returns t with other options.
func (t *Table) WithOptions(o Options) *Table {
	next := *t
	next.Options = o
	return &next
}

// WithIndex returns t with ix added.
func (t *Table) WithIndex(ix *Index) *Table {
	next := *t
	next.Indexes = cloned(t.Indexes)
	next.Indexes[ix.Name] = ix
	return &next
}

// WithoutIndex returns t without the named index.
func (t *Table) WithoutIndex(name string) *Table {
	next := *t
	next.Indexes = cloned(t.Indexes)
	delete(next.Indexes, name)
	return &next
}

// WithDropped returns t remembering d as dropped; the column itself is the
// caller's to leave out of WithColumns.
func (t *Table) WithDropped(d *DroppedColumn) *Table {
	next := *t
	next.Dropped = cloned(t.Dropped)
	next.Dropped[d.Name] = d
	return &next
}

func byName(a, b *Column) int { return CompareNames(a.Name, b.Name) }

// CompareNames orders the names of static and regular columns as Cassandra
// does (ColumnIdentifier.compareTo): the first eight bytes as one signed
// number, so that names that begin with no ASCII letter come first; then byte
// by byte.
func CompareNames(a, b string) int {
	return cmp.Or(cmp.Compare(namePrefix(a), namePrefix(b)), strings.Compare(a, b))
}

func namePrefix(name string) int64 {
	var prefix [8]byte
	copy(prefix[:], name)
	return int64(binary.BigEndian.Uint64(prefix[:]))
}

// cloned is maps.Clone that never returns nil.
func cloned[V any](m map[string]V) map[string]V {
	next := make(map[string]V, len(m)+1)
	maps.Copy(next, m)
	return next
}

// sorted returns the values of m in the order of their names.
func sorted[V any](m map[string]V) []V {
	values := make([]V, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[name])
	}
	return values
}
