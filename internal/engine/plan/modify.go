package plan

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// ModifyKind is the kind of a modification.
type ModifyKind uint8

// The kinds of modification.
const (
	InsertRow ModifyKind = iota
	UpdateRow
	DeleteRow
)

// Modify is the plan of an INSERT, UPDATE or DELETE
// (org.apache.cassandra.cql3.statements.ModificationStatement).
type Modify struct {
	Kind   ModifyKind
	Table  *schema.Table
	Layout *store.Layout
	// Regular and Static are what is done to the columns; none of both in a DELETE
	// deletes rows.
	Regular, Static []Operation
	Attributes      Attributes
	// IfExists, IfNotExists and Conditions make it conditional. Conditions on
	// regular columns come before those on static ones.
	IfExists, IfNotExists bool
	Conditions            []Condition
	// StaticConditions is how many of Conditions, at their end, are static.
	StaticConditions int
	// JSON yields the values of an INSERT JSON ?, else it is nil.
	JSON *InsertJSON
	// PartitionIndexes and ClusteringIndexes are of parts of the primary key: each
	// partition, each row written is entered in them.
	PartitionIndexes, ClusteringIndexes []*index.Index
	// KeyTerms are the storage-attached ones that judge the keys of rows in which a
	// DELETE deletes something.
	KeyTerms []*index.Index
	// RequiresRead: some operation must know what is stored.
	RequiresRead bool
	// WritesRows: rows are written, not only the static row
	// (ModificationStatement.updatesRegularRows).
	WritesRows bool
	// OnlyStatic: nothing but static columns is written or compared.
	OnlyStatic bool
	// PartitionIn and ClusteringIn: several keys may be named.
	PartitionIn, ClusteringIn bool
	// Bind describes the bind markers, PartitionKeyBind which of them are the
	// partition key.
	Bind             []backend.Column
	PartitionKeyBind []uint16

	keys rowKeys
	// refused is why the statement can't be executed, though it has a plan.
	refused error
}

// Conditional reports whether the statement has a condition and so answers
// rows: [applied], and what was found instead.
func (m *Modify) Conditional() bool { return m.IfExists || m.IfNotExists || len(m.Conditions) > 0 }

// Check returns why the statement can't be executed, nil when it can.
func (m *Modify) Check() error { return m.refused }

// Deletes reports that whole rows, ranges or partitions are deleted.
func (m *Modify) Deletes() bool {
	return m.Kind == DeleteRow && len(m.Regular) == 0 && len(m.Static) == 0
}

// verb is the statement's name in error texts about IN with conditions.
func (m *Modify) verb() string {
	if m.Kind == UpdateRow {
		return "updates"
	}
	return "deletions"
}

// CheckConditional returns why the keys that a conditional statement names are
// too many, nil when there is one (ModificationStatement.makeCasRequest).
func (m *Modify) CheckConditional() error {
	if m.PartitionIn {
		return cqlerr.Invalidf("IN on the partition key is not supported with conditional %s", m.verb())
	}
	return m.CheckClusteringIn()
}

// CheckClusteringIn is CheckConditional for the clustering key alone.
func (m *Modify) CheckClusteringIn() error {
	if m.ClusteringIn {
		return cqlerr.Invalidf("IN on the clustering key columns is not supported with conditional %s", m.verb())
	}
	return nil
}

// begin makes the plan of a modification of a table, up to its conditions.
func (c *Context) begin(kind ModifyKind, name cql.QualifiedName, u cql.Using, conditions []cql.Condition) (*Modify, error) {
	t, err := c.Table(name)
	if err != nil {
		return nil, err
	}
	m := &Modify{Kind: kind, Table: t, Layout: LayoutOf(t)}
	if m.Attributes, err = c.attributes(u, t.Keyspace, t.Name); err != nil {
		return nil, err
	}
	if len(conditions) == 0 {
		return m, nil
	}
	if m.Attributes.HasTimestamp() {
		return nil, cqlerr.Invalidf("Cannot provide custom timestamp for conditional updates")
	}
	var static []Condition
	for i := range conditions {
		k, err := c.condition(t, &conditions[i])
		if err != nil {
			return nil, err
		}
		if k.Column.Kind == schema.Static {
			static = append(static, k)
		} else {
			m.Conditions = append(m.Conditions, k)
		}
	}
	m.Conditions, m.StaticConditions = append(m.Conditions, static...), len(static)
	return m, nil
}

// add takes an operation into the plan.
func (m *Modify) add(o Operation) {
	m.RequiresRead = m.RequiresRead || o.RequiresRead()
	if o.Column.Kind == schema.Static {
		m.Static = append(m.Static, o)
	} else {
		m.Regular = append(m.Regular, o)
	}
}

// onlyStatic works out OnlyStatic (ModificationStatement.appliesOnlyToStaticColumns).
func (m *Modify) onlyStatic() bool {
	regular := len(m.Regular) > 0 || len(m.Conditions) > m.StaticConditions || m.Deletes()
	return !regular && (len(m.Static) > 0 || m.StaticConditions > 0)
}

// finish ends the analysis: what Cassandra checks after the WHERE clause.
func (c *Context) finish(m *Modify) error {
	if m.Conditional() {
		if m.Table.Counter {
			return cqlerr.Invalidf("Conditional updates are not supported on counter tables")
		}
		if m.Attributes.HasTimestamp() {
			return cqlerr.Invalidf("Cannot provide custom timestamp for conditional updates")
		}
	}
	m.refused = m.refusal()
	all := index.Of(m.Table)
	if all != nil && m.Kind == DeleteRow {
		keys := append(index.OfKey(all, schema.PartitionKey), index.OfKey(all, schema.Clustering)...)
		m.KeyTerms = slices.DeleteFunc(keys, func(ix *index.Index) bool { return !ix.SAI })
	}
	if all != nil && !m.Deletes() {
		for i := range m.Regular {
			m.Regular[i].Indexes = index.On(all, m.Regular[i].Column)
		}
		for i := range m.Static {
			m.Static[i].Indexes = index.On(all, m.Static[i].Column)
		}
		if m.Kind != DeleteRow {
			m.PartitionIndexes = index.OfKey(all, schema.PartitionKey)
			m.ClusteringIndexes = index.OfKey(all, schema.Clustering)
		}
	}
	m.Bind = c.Bind
	m.PartitionKeyBind = c.PartitionKeyBind(m.Table)
	return nil
}

// refusal is Invalid, and then what tables without storage say when they are
// written to (AbstractVirtualTable.apply).
func (m *Modify) refusal() error {
	if err := m.Invalid(); err != nil {
		return err
	}
	if t := m.Table; t.Virtual || t.Storage == 0 {
		return cqlerr.Invalidf("Modification is not supported by table %s.%s", t.Keyspace, t.Name)
	}
	return nil
}

// Invalid returns what can be seen to be wrong as soon as the statement is prepared
// (ModificationStatement.validate).
func (m *Modify) Invalid() error {
	t, a := m.Table, &m.Attributes
	switch value := t.CompactValue(); {
	case value != nil && m.Kind == InsertRow && len(m.Regular) == 0:
		return cqlerr.Invalidf("Column %s is mandatory for this COMPACT STORAGE table", value.Name)
	case t.Counter && a.HasTimestamp():
		return cqlerr.Invalidf("Cannot provide custom timestamp for counter updates")
	case t.Counter && a.HasTTL():
		return cqlerr.Invalidf("Cannot provide custom TTL for counter updates")
	case !t.Virtual:
	case a.HasTimestamp():
		return cqlerr.Invalidf("Custom timestamp is not supported by virtual tables")
	case a.HasTTL():
		return cqlerr.Invalidf("Expiring columns are not supported by virtual tables")
	case m.Conditional():
		return cqlerr.Invalidf("Conditional updates are not supported by virtual tables")
	}
	return nil
}
