package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Batch is the plan of a BATCH (org.apache.cassandra.cql3.statements.BatchStatement).
type Batch struct {
	Kind       cql.BatchKind
	Statements []*Modify
	// Attributes of the batch itself; only a timestamp.
	Attributes Attributes
	// Conditional: some statement has a condition.
	Conditional bool
	// Bind describes the bind markers of a BATCH text, PartitionKeyBind which of
	// them are the partition key, if all statements are about one table.
	Bind             []backend.Column
	PartitionKeyBind []uint16
}

// Batch plans a BATCH text. Its bind markers count through all statements.
func (c *Context) Batch(s *cql.Batch) (*Batch, error) {
	statements := make([]*Modify, len(s.Statements))
	for i, x := range s.Statements {
		m, err := c.batchStatement(x)
		if err != nil {
			return nil, err
		}
		statements[i] = m
	}
	a, err := c.attributes(s.Using, "[batch]", "[batch]")
	if err != nil {
		return nil, err
	}
	b, err := NewBatch(s.Kind, statements, a)
	if err != nil {
		return nil, err
	}
	b.Bind = c.Bind
	if len(statements) > 0 && b.oneTable() && !b.Attributes.bound() {
		b.PartitionKeyBind = c.PartitionKeyBind(statements[0].Table)
	}
	return b, nil
}

func (c *Context) batchStatement(s cql.Statement) (*Modify, error) {
	switch s := s.(type) {
	case *cql.Insert:
		return c.Insert(s)
	case *cql.Update:
		return c.Update(s)
	case *cql.Delete:
		return c.Delete(s)
	}
	return nil, NotInBatch()
}

// NotInBatch is the error for a statement that can't be part of a batch.
func NotInBatch() error {
	return cqlerr.Invalidf("Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.")
}

// NewBatch puts planned statements together, as the parts of a BATCH message
// are, and checks that they may be (BatchStatement.validate).
func NewBatch(kind cql.BatchKind, statements []*Modify, a Attributes) (*Batch, error) {
	b := &Batch{Kind: kind, Statements: statements, Attributes: a}
	var counters, others, virtual, stored, timestamps bool
	for _, m := range statements {
		b.Conditional = b.Conditional || m.Conditional()
		counters = counters || m.Table.Counter
		others = others || !m.Table.Counter
		virtual = virtual || m.Layout == nil
		stored = stored || m.Layout != nil
		timestamps = timestamps || m.Attributes.HasTimestamp()
	}
	text := ""
	switch timed := a.HasTimestamp(); {
	case a.HasTTL():
		text = "Global TTL on the BATCH statement is not supported."
	case timed && b.Conditional:
		text = "Cannot provide custom timestamp for conditional BATCH"
	case timed && kind == cql.CounterBatch:
		text = "Cannot provide custom timestamp for counter BATCH"
	case timed && timestamps:
		text = "Timestamp must be set either on BATCH or individual statements"
	case timed && counters:
		text = "Cannot provide custom timestamp for a BATCH containing counters"
	case kind == cql.CounterBatch && others:
		text = "Cannot include non-counter statement in a counter batch"
	case counters && others:
		text = "Counter and non-counter mutations cannot exist in the same batch"
	case kind == cql.Logged && counters:
		text = "Cannot include a counter statement in a logged batch"
	case kind == cql.Logged && virtual:
		text = "Cannot include a virtual table statement in a logged batch"
	case virtual && stored:
		text = "Mutations for virtual and regular tables cannot exist in the same batch"
	case virtual && b.Conditional:
		text = "Conditional BATCH statements cannot include mutations for virtual tables"
	case b.Conditional && !b.oneTable():
		text = "Batch with conditions cannot span multiple tables"
	}
	if text != "" {
		return nil, cqlerr.Invalidf("%s", text)
	}
	return b, nil
}

// oneTable reports whether all statements are about one table.
func (b *Batch) oneTable() bool {
	for _, m := range b.Statements {
		if m.Table.ID != b.Statements[0].Table.ID {
			return false
		}
	}
	return true
}

// Check returns why a statement of the batch can't be executed, nil when all
// can.
func (b *Batch) Check() error {
	for _, m := range b.Statements {
		if err := m.Check(); err != nil {
			return err
		}
	}
	return nil
}
