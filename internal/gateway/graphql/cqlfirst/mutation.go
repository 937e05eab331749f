package cqlfirst

import (
	"context"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
)

// change is one statement of a mutation, ready to run.
type change struct {
	table *table
	entry backend.BatchEntry
	// cells are those given, by column; given says which.
	cells       [][]byte
	given       []bool
	conditional bool
}

// outcome is what became of a change.
type outcome struct {
	applied, accepted bool
	// cells by column; nil: there is no value.
	cells [][]byte
}

// mutate runs the changes of one root field.
func (k *Keyspace) mutate(r *exec.Run, f *exec.Field, p *selection, dst []byte) ([]byte, error) {
	if r.HasDirective("atomic") {
		return k.atomic(r, f, p, dst)
	}
	changes, options, err := k.changesOf(r, f, p)
	if err != nil {
		return dst, err
	}
	outcomes := make([]outcome, len(changes))
	if r.HasDirective("async") {
		r.Later(func(ctx context.Context) {
			for _, c := range changes {
				// Whoever asked does not wait for the answer, nor for a failure.
				_, _ = k.runner.Execute(ctx, r, c.entry.Prepared, c.entry.Values, options)
			}
		})
		for i, c := range changes {
			outcomes[i] = outcome{accepted: true, cells: c.cells}
		}
		return p.write(r, f, outcomes, dst)
	}
	for i, c := range changes {
		result, err := k.runner.Execute(r.Context, r, c.entry.Prepared, c.entry.Values, options)
		if err != nil {
			return dst, err
		}
		outcomes[i] = c.outcome(result)
	}
	return p.write(r, f, outcomes, dst)
}

// outcome reads the answer to a change.
func (c *change) outcome(result *backend.Result) outcome {
	applied, row := statement.Applied(result)
	if applied {
		return outcome{applied: true, cells: c.cells}
	}
	o := outcome{cells: make([][]byte, len(c.table.columns))}
	for name, cell := range row {
		if i, ok := c.table.byCQL[name]; ok {
			o.cells[i] = cell
		}
	}
	return o
}

// write writes the outcomes of a root field: one, or a list.
func (p *selection) write(r *exec.Run, f *exec.Field, outcomes []outcome, dst []byte) ([]byte, error) {
	if p.kind == bulkInserts {
		return r.List(dst, len(outcomes), func(dst []byte, i int) ([]byte, error) { return p.writeOutcome(r, f, &outcomes[i], dst) })
	}
	return p.writeOutcome(r, f, &outcomes[0], dst)
}

func (p *selection) writeOutcome(r *exec.Run, f *exec.Field, o *outcome, dst []byte) ([]byte, error) {
	return r.Object(dst, f.Fields, p.table.graphql+"MutationResult", func(dst []byte, f *exec.Field) ([]byte, error) {
		switch {
		case f.Name == "accepted" && o.accepted, f.Name == "applied" && o.applied:
			return append(dst, "true"...), nil
		case f.Name == "applied" && !o.accepted:
			return append(dst, "false"...), nil
		case f.Name != "value" || o.cells == nil:
			return append(dst, "null"...), nil
		}
		return r.Object(dst, f.Fields, p.table.graphql, func(dst []byte, f *exec.Field) ([]byte, error) {
			if plan, ok := f.Plan.(columnPlan); ok {
				return p.table.columns[plan.column].codec.Write(r, f, dst, o.cells[plan.column])
			}
			return append(dst, "null"...), nil
		})
	})
}

// changesOf reads the arguments of a mutation.
func (k *Keyspace) changesOf(r *exec.Run, f *exec.Field, p *selection) (changes []change, options statement.Options, err error) {
	m := &modification{k: k, r: r, f: f, p: p}
	if options, err = m.options(f.Arg(r, "options")); err != nil {
		return nil, options, err
	}
	argument := "value"
	if p.kind == bulkInserts {
		argument = "values"
	}
	rows := f.Arg(r, argument)
	if !rows.Given() {
		return nil, options, nil
	}
	if p.kind != bulkInserts {
		c, err := m.change(rows)
		return []change{c}, options, err
	}
	err = rows.Elements(func(i int, row exec.Input) error {
		if i == maxBulk {
			return fmt.Errorf("at most %d rows can be inserted at once", maxBulk)
		}
		c, err := m.change(row)
		changes = append(changes, c)
		return err
	})
	return changes, options, err
}

// maxBulk is how many rows a bulk insert may have.
const maxBulk = 10_000

// modification makes the statements of one root field.
type modification struct {
	k   *Keyspace
	r   *exec.Run
	f   *exec.Field
	p   *selection
	ttl []byte
}

func (m *modification) options(in exec.Input) (statement.Options, error) {
	o := statement.Options{Consistency: backend.LocalQuorum, SerialConsistency: backend.Serial}
	if level := in.Member("consistency"); level.Given() {
		o.Consistency = statement.Consistencies[level.Str()]
	}
	if level := in.Member("serialConsistency"); level.Given() {
		o.SerialConsistency = statement.Consistencies[level.Str()]
	}
	if ttl := in.Member("ttl"); ttl.Given() {
		n, err := ttl.Int64(32)
		if err != nil {
			return o, err
		}
		m.ttl = int32Cell(n)
	}
	return o, nil
}

// change makes one statement of the values of a row.
func (m *modification) change(row exec.Input) (change, error) {
	t := m.p.table
	c := change{table: t, cells: make([][]byte, len(t.columns)), given: make([]bool, len(t.columns))}
	err := row.Members(func(name string, v exec.Input) error {
		i := t.byName[name]
		cell, err := t.columns[i].codec.Cell(m.r, v)
		c.cells[i], c.given[i] = cell, true
		return err
	})
	if err != nil {
		return c, err
	}
	s := &writer{modification: m, change: &c}
	s.shape = append(append(s.shape, t.def.Name...), 0, byte(m.p.kind))
	switch m.p.kind {
	case updates:
		err = s.update()
	case deletes:
		err = s.delete()
	default:
		err = s.insert()
	}
	if err != nil {
		return c, err
	}
	prepared, err := m.k.runner.Prepare(m.r, s.shape, func() cql.Statement { return s.stmt })
	c.entry = backend.BatchEntry{Prepared: prepared, Values: s.values}
	return c, err
}

// writer makes a statement: its tree, its shape and its values.
type writer struct {
	*modification
	*change
	stmt   cql.Statement
	shape  []byte
	values []backend.Value
	next   int
}

func (s *writer) bind(cell []byte) *cql.BindMarker {
	s.values = append(s.values, backend.Value{Bytes: cell})
	return statement.Marker(&s.next)
}

// flag reads a boolean argument and describes it.
func (s *writer) flag(name string) bool {
	set := s.f.Arg(s.r, name).IsTrue()
	if set {
		s.shape = append(s.shape, '?')
		s.conditional = true
	}
	return set
}

// using makes USING TTL.
func (s *writer) using() (u cql.Using) {
	if s.ttl != nil {
		u.TTL = s.bind(s.ttl)
		s.shape = append(s.shape, 't')
	}
	return u
}

// describeColumn says in the shape that a column has a value.
func (s *writer) describeColumn(i int) { s.shape = append(s.shape, 'c', byte(i), byte(i>>8)) }

func (s *writer) insert() error {
	stmt := &cql.Insert{Table: s.table.name}
	for i, c := range s.table.columns {
		if s.given[i] {
			stmt.Columns = append(stmt.Columns, c.Name)
			stmt.Values = append(stmt.Values, s.bind(s.cells[i]))
			s.describeColumn(i)
		}
	}
	if len(stmt.Columns) == 0 {
		return fmt.Errorf("Insert statement must contain at least one field")
	}
	stmt.IfNotExists = s.flag("ifNotExists")
	stmt.Using = s.using()
	s.stmt = stmt
	return nil
}

func (s *writer) update() error {
	stmt := &cql.Update{Table: s.table.name, Using: s.using()}
	for i, c := range s.table.columns[s.table.keys:] {
		i += s.table.keys
		if !s.given[i] {
			continue
		}
		a := cql.Assignment{Column: c.Name, Value: s.bind(s.cells[i])}
		if c.Type.Kind == cqltype.Counter {
			a.Kind = cql.AddValue
		}
		stmt.Assignments = append(stmt.Assignments, a)
		s.describeColumn(i)
	}
	stmt.Where = s.key()
	switch {
	case len(stmt.Where) == 0:
		return cql.NoWhere()
	case len(stmt.Assignments) == 0:
		return cql.EmptyUpdate(s.table.name)
	}
	stmt.IfExists = s.flag("ifExists")
	var err error
	stmt.If, err = s.conditions()
	s.stmt = stmt
	return err
}

func (s *writer) delete() error {
	stmt := &cql.Delete{Table: s.table.name, Where: s.key(), IfExists: s.flag("ifExists")}
	if len(stmt.Where) == 0 { // the back end says which columns it wants
		stmt.Where = []cql.Relation{}
	}
	var err error
	stmt.If, err = s.conditions()
	s.stmt = stmt
	return err
}

// key makes the WHERE of the primary key columns that are given.
func (s *writer) key() (where []cql.Relation) {
	s.shape = append(s.shape, 'k')
	for i, c := range s.table.columns[:s.table.keys] {
		if s.given[i] {
			where = append(where, cql.Relation{Columns: []string{c.Name}, Op: cql.Eq, Value: s.bind(s.cells[i])})
			s.describeColumn(i)
		}
	}
	return where
}

// conditions reads ifCondition.
func (s *writer) conditions() (conditions []cql.Condition, err error) {
	t := s.table
	err = s.f.Arg(s.r, "ifCondition").Members(func(name string, comparisons exec.Input) error {
		c := t.columns[t.byName[name]]
		return comparisons.Members(func(op string, v exec.Input) error {
			m, err := c.comparison(s.r, op, v, &s.next)
			s.values = append(s.values, m.values...)
			s.shape = append(append(append(s.shape, 'i'), c.Name+" "+op...), 0)
			s.conditional = true
			conditions = append(conditions, cql.Condition{Column: c.Name, Op: m.op, Element: m.element, Value: m.value})
			return err
		})
	})
	return conditions, err
}
