package schemafirst

import (
	"encoding/binary"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/value"
)

// Plan implements exec.Resolver: operations are mapped already.
func (x *resolver) Plan(f *exec.Field) error {
	if f.Parent.Name == "Mutation" {
		f.Plan = x.changes[f.Name]
	} else {
		f.Plan = x.queries[f.Name]
	}
	return nil
}

// Resolve implements exec.Resolver.
func (x *resolver) Resolve(r *exec.Run, f *exec.Field, dst []byte) ([]byte, error) {
	switch plan := f.Plan.(type) {
	case *query:
		if plan != nil {
			return x.query(r, f, plan, dst)
		}
	case *mutation:
		if plan != nil {
			return x.mutate(r, f, plan, dst)
		}
	}
	if f.Name == "_service" {
		return r.Object(dst, f.Fields, "_Service", func(dst []byte, _ *exec.Field) ([]byte, error) { return cell.AppendString(dst, x.sdl), nil })
	}
	return x.findEntities(r, f, dst)
}

// writer makes a statement: its shape and its values.
type writer struct {
	r      *exec.Run
	shape  []byte
	values []backend.Value
	next   int
}

func (w *writer) bind(cell []byte) *cql.BindMarker {
	w.values = append(w.values, backend.Value{Bytes: cell})
	return statement.Marker(&w.next)
}

func (w *writer) describe(text string) { w.shape = append(append(w.shape, text...), 0) }

var operators = map[string]cql.Operator{
	"EQ": cql.Eq, "NEQ": cql.Neq, "IN": cql.In, "LT": cql.Lt, "LTE": cql.Lte, "GT": cql.Gt, "GTE": cql.Gte, "CONTAINS": cql.Contains,
}

// operand returns the cell that a condition compares with.
func (w *writer) operand(c condition, in exec.Input) ([]byte, error) {
	codec := c.field.codec
	switch c.op {
	case "CONTAINS":
		codec = codec.Elems[0]
	case "IN":
		codec = &value.Codec{Type: cqltype.NewList(codec.Type, true), Elems: []*value.Codec{codec}}
	}
	return codec.Cell(w.r, in)
}

// where makes the WHERE of conditions.
func (w *writer) where(f *exec.Field, conditions []condition) (relations []cql.Relation, err error) {
	for _, c := range conditions {
		cell, err := w.operand(c, f.Arg(w.r, c.argument))
		if err != nil {
			return nil, err
		}
		relations = append(relations, cql.Relation{Columns: []string{c.field.cqlName}, Op: operators[c.op], Value: w.bind(cell)})
		w.describe(c.field.cqlName + " " + c.op)
	}
	return relations, nil
}

// present are the conditions whose arguments are given.
func present(r *exec.Run, f *exec.Field, conditions []condition) (given []condition) {
	for _, c := range conditions {
		if f.Arg(r, c.argument).Given() {
			given = append(given, c)
		}
	}
	return given
}

// query runs a SELECT.
func (x *resolver) query(r *exec.Run, f *exec.Field, q *query, dst []byte) ([]byte, error) {
	e := q.returns.entity
	given := present(r, f, q.conditions)
	if problem := restricted(e, given, true); problem != "" && len(q.conditions) > 0 {
		return dst, fmt.Errorf("Invalid arguments: %s", problem)
	}
	w := &writer{r: r}
	w.describe("select " + e.cqlName)
	stmt := &cql.Select{Table: e.table, Selectors: e.selectors()}
	var err error
	if stmt.Where, err = w.where(f, given); err != nil {
		return dst, err
	}
	if q.limit > 0 {
		stmt.Limit = w.bind(binary.BigEndian.AppendUint32(nil, uint32(q.limit)))
		w.describe("limit")
	}
	options := q.options
	if q.pageArg != "" {
		if options.PagingState, err = statement.PageState(f.Arg(r, q.pageArg)); err != nil {
			return dst, err
		}
	}
	rows, state, err := x.rows(r, e, w, stmt, options)
	if err != nil {
		return dst, err
	}
	if q.returns.payload == "" {
		return e.writeRows(r, f.Fields, rows, q.returns.list, dst)
	}
	return r.Object(dst, f.Fields, q.returns.payload, func(dst []byte, f *exec.Field) ([]byte, error) {
		switch f.Name {
		case q.returns.entityField:
			return e.writeRows(r, f.Fields, rows, q.returns.entityList, dst)
		case q.returns.pageField:
			return statement.AppendPageState(dst, state), nil
		}
		return append(dst, "null"...), nil
	})
}

// selectors are all columns, in the order of the fields.
func (e *entity) selectors() []cql.Selector {
	list := make([]cql.Selector, len(e.fields))
	for i, f := range e.fields {
		list[i].X = &cql.Column{Name: f.cqlName}
	}
	return list
}

// rows runs a SELECT of all columns and returns a page of rows, each its cells by
// field.
func (x *resolver) rows(r *exec.Run, e *entity, w *writer, stmt *cql.Select, o statement.Options) (rows [][][]byte, state []byte, err error) {
	prepared, err := x.runner.Prepare(r, w.shape, func() cql.Statement { return stmt })
	if err != nil {
		return nil, nil, err
	}
	result, err := x.runner.Execute(r.Context, r, prepared, w.values, o)
	if err != nil {
		return nil, nil, err
	}
	cursor := result.Cursor()
	cells := make([][]byte, result.RowCount*len(e.fields))
	for i := range cells {
		cells[i] = cursor.Next()
	}
	for i := range result.RowCount {
		rows = append(rows, cells[i*len(e.fields):(i+1)*len(e.fields)])
	}
	return rows, result.PagingState, nil
}

// writeRows writes a list of entities, or the first of them or null.
func (e *entity) writeRows(r *exec.Run, fields []*exec.Field, rows [][][]byte, list bool, dst []byte) ([]byte, error) {
	if list {
		return r.List(dst, len(rows), func(dst []byte, i int) ([]byte, error) { return e.write(r, fields, rows[i], dst) })
	}
	if len(rows) == 0 {
		return append(dst, "null"...), nil
	}
	return e.write(r, fields, rows[0], dst)
}

// write writes an entity from its cells by field.
func (e *entity) write(r *exec.Run, fields []*exec.Field, cells [][]byte, dst []byte) ([]byte, error) {
	return r.Object(dst, fields, e.name, func(dst []byte, f *exec.Field) ([]byte, error) {
		field := e.byName[f.Name]
		return field.codec.Write(r, f, dst, cells[field.at])
	})
}

// findEntities is _entities: entities by their primary keys.
func (x *resolver) findEntities(r *exec.Run, f *exec.Field, dst []byte) ([]byte, error) {
	var found []*entity
	var rows [][][]byte
	err := f.Arg(r, "representations").Elements(func(i int, in exec.Input) error {
		if i >= maxRepresentations {
			return fmt.Errorf("at most %d representations can be asked for at once", maxRepresentations)
		}
		name := in.Member("__typename")
		if name.Kind() != exec.String {
			return fmt.Errorf("Entity representations must contain a '__typename' string field")
		}
		e := x.entities[name.Str()]
		if e == nil || !e.isKey {
			return fmt.Errorf("Unknown entity type %s", name.Str())
		}
		w := &writer{r: r}
		w.describe("entity " + e.cqlName)
		stmt := &cql.Select{Table: e.table, Selectors: e.selectors()}
		for _, key := range e.primary() {
			cell, err := key.codec.Cell(r, in.Member(key.name))
			if err != nil {
				return err
			}
			stmt.Where = append(stmt.Where, cql.Relation{Columns: []string{key.cqlName}, Op: cql.Eq, Value: w.bind(cell)})
		}
		page, _, err := x.rows(r, e, w, stmt, defaults())
		var row [][]byte
		if len(page) > 0 {
			row = page[0]
		}
		found, rows = append(found, e), append(rows, row)
		return err
	})
	if err != nil {
		return dst, err
	}
	return r.List(dst, len(found), func(dst []byte, i int) ([]byte, error) {
		if rows[i] == nil {
			return append(dst, "null"...), nil
		}
		return found[i].write(r, f.Of[found[i].name], rows[i], dst)
	})
}

// maxRepresentations bounds the entities of one _entities.
const maxRepresentations = 1_000
