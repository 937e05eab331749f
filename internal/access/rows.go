package access

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Who comes with a JSON Web Token may be kept to rows that have certain values
// (Principal.rows): in each table with a text column of such a name, all that
// it reads and writes must have the value there. This is the one place that decides
// it, for all doors. What is not proved is refused:
//
//   - by the statement, which compares the column with the value, or writes it
//     (rowproof.go), or
//   - by the rows of the answer, which show the column (shownColumn).
//
// A statement must not tell of other rows by whether it is refused, either: of a
// row that is looked up by anything but its key the answer is not enough.

// rowGuard keeps one request to the rows of its caller.
type rowGuard struct {
	who     *Principal
	rows    map[string]string // the values, by column
	catalog *schema.Snapshot
	// of the statement that is looked at: it, the keyspace that unqualified names
	// belong to, and the values of its bind markers.
	stmt     cql.Statement
	keyspace string
	values   []backend.Value
	// shown are the columns of the answer that are to be looked at.
	shown []shownColumn
}

// shownColumn is a column of an answer whose cells must all have one value.
type shownColumn struct {
	// at is its place, -1 for that of the column with the name.
	at          int
	name, value string
	// optional: the answer need not have the column; nullable: a cell may be null.
	optional, nullable bool
}

// ownColumn is a column of a table in which the caller's rows have a value.
type ownColumn struct {
	*schema.Column
	table *schema.Table
	value string
}

// newRowGuard returns the guard of a request of a caller who is kept to some rows.
func newRowGuard(c *backend.Caller, catalog *schema.Snapshot) (*rowGuard, error) {
	who, ok := c.Rows.(*Principal)
	if !ok {
		return nil, errNotThisRow // it does not come from here
	}
	return &rowGuard{who: who, rows: who.rows(), catalog: catalog}, nil
}

// check is statement for p with its values, with the audit log told of a refusal.
func (g *rowGuard) check(p *backend.Prepared, values []backend.Value) error {
	g.stmt, g.keyspace, g.values = p.Statement, p.Keyspace, values
	err := g.statement(p.Statement)
	if err != nil {
		g.refused(err)
	}
	return err
}

// refused tells the audit log, to which the statement was allowed before.
func (g *rowGuard) refused(err error) {
	if a := g.who.store.audit.Load(); a != nil {
		a.statement(g.who, g.stmt, g.keyspace, err)
	}
}

// statement returns an error unless stmt reads and writes rows of the caller alone,
// as far as can be said before it is run; answer says the rest.
func (g *rowGuard) statement(stmt cql.Statement) error {
	switch s := stmt.(type) {
	case *cql.Select:
		return g.selection(s)
	case *cql.Insert:
		return g.each(s.Table, func(c *ownColumn) bool { return g.inserts(s, c) })
	case *cql.Update:
		return g.each(s.Table, func(c *ownColumn) bool { return g.updates(s, c) })
	case *cql.Delete:
		return g.each(s.Table, func(c *ownColumn) bool { return g.deletes(s, c) })
	case *cql.Batch:
		for _, part := range s.Statements {
			if err := g.statement(part); err != nil {
				return err
			}
		}
	case *cql.Truncate:
		return g.each(s.Table, func(*ownColumn) bool { return false })
	}
	return nil // about no rows: the grants decide
}

// each is an error unless f is true of each column of a table that decides whose a
// row is.
func (g *rowGuard) each(name cql.QualifiedName, f func(*ownColumn) bool) error {
	own, err := g.columns(name)
	for i := 0; i < len(own) && err == nil; i++ {
		if !f(&own[i]) {
			err = errNotThisRow
		}
	}
	return err
}

// columns returns the columns of a table that decide whose a row is.
func (g *rowGuard) columns(name cql.QualifiedName) ([]ownColumn, error) {
	if name.Keyspace == "" {
		name.Keyspace = g.keyspace
	}
	t := g.catalog.Table(name.Keyspace, name.Name)
	if t == nil || schema.IsSystem(name.Keyspace) {
		return nil, errNotThisRow
	}
	var base *schema.Table
	if t.Base != "" {
		if base = g.catalog.Table(name.Keyspace, t.Base); base == nil {
			return nil, errNotThisRow
		}
	}
	var own []ownColumn
	for column, value := range g.rows {
		c := t.Columns[column]
		switch {
		case c == nil && base != nil && base.Columns[column] != nil:
			return nil, errNotThisRow // a view that does not show whose its rows are
		case c == nil:
			continue
		case c.Type.Kind != cqltype.Text:
			return nil, errNotText
		}
		own = append(own, ownColumn{c, t, value})
	}
	return own, nil
}

// selection is statement for a SELECT.
func (g *rowGuard) selection(s *cql.Select) error {
	keyspace := s.Table.Keyspace
	if keyspace == "" {
		keyspace = g.keyspace
	}
	if schema.IsSystem(keyspace) {
		// What every login may read tells of no rows; traces do, of everybody's.
		if keyspace != schema.TracesKeyspace && readable(object{kind: cql.TableResource, keyspace: keyspace, name: s.Table.Name}) {
			return nil
		}
		return errNotThisRow
	}
	return g.each(s.Table, func(c *ownColumn) bool {
		at, shows := showsColumn(s, c.Name)
		proved := c.exact() && g.restricts(s.Where, c)
		if shows {
			g.shown = append(g.shown, shownColumn{at: at, name: c.Name, value: c.value})
		}
		return proved || shows && byKey(s, c.table)
	})
}

// showsColumn reports whether each row of the answer to s is a row of the table
// that shows a column as it is, and in which place, -1 for the one of its name.
func showsColumn(s *cql.Select, name string) (at int, ok bool) {
	if s.Distinct || s.JSON || len(s.GroupBy) > 0 {
		return 0, false
	}
	if len(s.Selectors) == 0 {
		return -1, true
	}
	for i := range s.Selectors {
		c, plain := s.Selectors[i].X.(*cql.Column)
		if !plain {
			return 0, false // it may be an aggregate
		}
		if c.Name == name && !ok {
			at, ok = i, true
		}
	}
	return at, ok
}

// byKey reports whether s looks for rows of t by columns of the primary key alone.
func byKey(s *cql.Select, t *schema.Table) bool {
	for i := range s.Where {
		r := &s.Where[i]
		if r.Kind == cql.CustomIndex {
			return false
		}
		for _, name := range r.Columns {
			if c := t.Columns[name]; c == nil || !c.Kind.InPrimaryKey() {
				return false
			}
		}
	}
	for i := range s.OrderBy {
		if c := t.Columns[s.OrderBy[i].Column]; s.OrderBy[i].ANN != nil || c == nil || !c.Kind.InPrimaryKey() {
			return false
		}
	}
	return true
}

// checked is the answer of the back end, if all its rows are the caller's.
func (g *rowGuard) checked(r *backend.Result, err error) (*backend.Result, error) {
	if err != nil {
		return nil, err
	}
	if err = g.answer(r); err != nil {
		g.refused(err)
		return nil, err
	}
	return r, nil
}

// answer returns an error unless all rows of r are the caller's.
func (g *rowGuard) answer(r *backend.Result) error {
	if r.Kind != backend.Rows || len(g.shown) == 0 {
		return nil
	}
	wanted := make([]*shownColumn, len(r.Columns))
	for i := range g.shown {
		c := &g.shown[i]
		at := c.at
		if at < 0 {
			at = columnNamed(r, c.name)
		}
		switch {
		case at >= 0 && at < len(r.Columns):
			wanted[at] = c
		case !c.optional:
			return errNotThisRow
		}
	}
	cells := r.Cursor()
	for range r.RowCount {
		for _, c := range wanted {
			cell := cells.Next()
			if c != nil && !c.accepts(cell) {
				return errNotThisRow
			}
		}
	}
	return nil
}

func (c *shownColumn) accepts(cell []byte) bool {
	if cell == nil {
		return c.nullable
	}
	return string(cell) == c.value
}

func columnNamed(r *backend.Result, name string) int {
	for i := range r.Columns {
		if r.Columns[i].Name == name {
			return i
		}
	}
	return -1
}
