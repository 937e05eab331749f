package schemafirst

import (
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/value"
)

// change is one statement of a mutation, ready to run.
type change struct {
	entity  *entity
	entry   backend.BatchEntry
	options statement.Options
	// cells are those that are told when it is applied, by field: of an insert all
	// that were given, else those of the primary key.
	cells [][]byte
}

// outcome is what became of a change: the entity's cells by field, nil for none.
type outcome struct {
	applied bool
	cells   [][]byte
}

// mutate runs the changes of one root field.
func (x *resolver) mutate(r *exec.Run, f *exec.Field, c *mutation, dst []byte) ([]byte, error) {
	if r.HasDirective("atomic") {
		outcomes, err := x.atomic(r, f)
		if err != nil {
			return dst, err
		}
		return c.write(r, f, outcomes, dst)
	}
	changes, err := x.changesOf(r, f, c)
	if err != nil {
		return dst, err
	}
	outcomes := make([]outcome, len(changes))
	for i := range changes {
		one := &changes[i]
		result, err := x.runner.Execute(r.Context, r, one.entry.Prepared, one.entry.Values, one.options)
		if err != nil {
			return dst, err
		}
		outcomes[i] = one.outcome(result)
	}
	return c.write(r, f, outcomes, dst)
}

func (c *change) outcome(result *backend.Result) outcome {
	applied, row := statement.Applied(result)
	if applied {
		return outcome{true, c.cells}
	}
	o := outcome{cells: make([][]byte, len(c.entity.fields))}
	for _, f := range c.entity.fields {
		o.cells[f.at] = row[f.cqlName]
	}
	return o
}

// write writes the outcomes of a mutation as its type says.
func (c *mutation) write(r *exec.Run, f *exec.Field, outcomes []outcome, dst []byte) ([]byte, error) {
	if c.returns.list {
		return r.List(dst, len(outcomes), func(dst []byte, i int) ([]byte, error) { return c.writeOne(r, f, outcomes[i], dst) })
	}
	return c.writeOne(r, f, outcomes[0], dst)
}

func (c *mutation) writeOne(r *exec.Run, f *exec.Field, o outcome, dst []byte) ([]byte, error) {
	switch {
	case c.returns.boolean:
		return strconv.AppendBool(dst, o.applied), nil
	case c.returns.payload == "" && o.cells == nil:
		return append(dst, "null"...), nil
	case c.returns.payload == "":
		return c.entity.write(r, f.Fields, o.cells, dst)
	}
	return r.Object(dst, f.Fields, c.returns.payload, func(dst []byte, f *exec.Field) ([]byte, error) {
		switch {
		case f.Name == c.returns.appliedField:
			return strconv.AppendBool(dst, o.applied), nil
		case f.Name == c.returns.entityField && o.cells != nil:
			return c.entity.write(r, f.Fields, o.cells, dst)
		}
		return append(dst, "null"...), nil
	})
}

// changesOf makes the statements of a mutation.
func (x *resolver) changesOf(r *exec.Run, f *exec.Field, c *mutation) (changes []change, err error) {
	options := c.options
	if c.timestampArg != "" {
		if in := f.Arg(r, c.timestampArg); in.Given() {
			if options.Timestamp, err = timestamp(in); err != nil {
				return nil, err
			}
			options.HasTimestamp = true
		}
	}
	if c.entityArg == "" {
		one, err := x.changeByFields(r, f, c)
		one.options = options
		return []change{one}, err
	}
	in := f.Arg(r, c.entityArg)
	if !in.Given() {
		return nil, fmt.Errorf("Invalid arguments: %s must be given", c.entityArg)
	}
	add := func(in exec.Input) error {
		one, err := x.changeByEntity(r, f, c, in)
		one.options = options
		changes = append(changes, one)
		return err
	}
	if !c.list {
		return changes, errors.Join(add(in))
	}
	err = in.Elements(func(i int, e exec.Input) error {
		if i >= maxBulk {
			return fmt.Errorf("at most %d entities can be inserted at once", maxBulk)
		}
		return add(e)
	})
	return changes, err
}

// maxBulk is how many entities a bulk insert may have.
const maxBulk = 10_000

// iso is the form of a write time that is a date: with a zone, whose name may
// follow in brackets.
var iso = regexp.MustCompile(`^([^\[]+)(\[[^\]]+\])?$`)

// timestamp reads a write time in microseconds.
func timestamp(in exec.Input) (int64, error) {
	text := in.Str()
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	if match := iso.FindStringSubmatch(text); match != nil {
		if t, err := time.Parse(time.RFC3339Nano, match[1]); err == nil {
			return t.UnixMicro(), nil
		}
	}
	return 0, fmt.Errorf("Can't parse Timeout '%s' (expected an ISO 8601 zoned date time string)", text)
}

// changeByEntity makes the statement of a whole entity.
func (x *resolver) changeByEntity(r *exec.Run, f *exec.Field, c *mutation, in exec.Input) (change, error) {
	e := c.entity
	w := &writer{r: r}
	w.describe(c.kind + " " + e.cqlName)
	cells, given := make([][]byte, len(e.fields)), make([]bool, len(e.fields))
	for _, field := range e.fields {
		v := in.Member(field.name)
		switch {
		case c.kind == "INSERT" && field.generated && !v.Given():
			cells[field.at] = value.AppendGenerated(nil, field.codec.Type.Kind)
		case v.Kind() == exec.Absent:
			continue
		default:
			cell, err := field.codec.Cell(r, v)
			if err != nil {
				return change{}, err
			}
			cells[field.at] = cell
		}
		given[field.at] = true
	}
	var stmt cql.Statement
	var err error
	switch c.kind {
	case "INSERT":
		stmt = c.insert(w, cells, given)
	case "UPDATE":
		stmt, err = c.updateEntity(w, f, cells, given)
	default:
		stmt, err = c.deleteEntity(w, f, cells, given)
	}
	if err != nil {
		return change{}, err
	}
	if c.kind != "INSERT" {
		cells = e.keys(cells)
	}
	return x.prepared(w, e, stmt, cells)
}

func (x *resolver) prepared(w *writer, e *entity, stmt cql.Statement, cells [][]byte) (change, error) {
	prepared, err := x.runner.Prepare(w.r, w.shape, func() cql.Statement { return stmt })
	return change{entity: e, entry: backend.BatchEntry{Prepared: prepared, Values: w.values}, cells: cells}, err
}

// keys are the cells of the primary key alone.
func (e *entity) keys(cells [][]byte) [][]byte {
	kept := make([][]byte, len(cells))
	for _, f := range e.primary() {
		kept[f.at] = cells[f.at]
	}
	return kept
}

func (c *mutation) insert(w *writer, cells [][]byte, given []bool) cql.Statement {
	s := &cql.Insert{Table: c.entity.table, IfNotExists: c.conditional}
	for _, f := range c.entity.fields {
		if given[f.at] {
			s.Columns = append(s.Columns, f.cqlName)
			s.Values = append(s.Values, w.bind(cells[f.at]))
			w.describe(f.cqlName)
		}
	}
	s.Using = c.using(w)
	w.flag(c.conditional)
	return s
}

func (w *writer) flag(conditional bool) {
	if conditional {
		w.shape = append(w.shape, '?')
	}
}

func (c *mutation) using(w *writer) (u cql.Using) {
	if c.hasTTL {
		u.TTL = w.bind(binary.BigEndian.AppendUint32(nil, uint32(c.ttl)))
		w.describe("ttl")
	}
	return u
}

// keyOf makes the WHERE of the key fields that are given.
func (c *mutation) keyOf(w *writer, cells [][]byte, given []bool) (where []cql.Relation, conditions []condition) {
	for _, f := range c.entity.primary() {
		if given[f.at] && cells[f.at] != nil {
			where = append(where, cql.Relation{Columns: []string{f.cqlName}, Op: cql.Eq, Value: w.bind(cells[f.at])})
			conditions = append(conditions, condition{field: f, op: "EQ"})
			w.describe(f.cqlName + " EQ")
		}
	}
	return where, conditions
}

func (c *mutation) updateEntity(w *writer, f *exec.Field, cells [][]byte, given []bool) (cql.Statement, error) {
	s := &cql.Update{Table: c.entity.table, IfExists: c.conditional, Using: c.using(w)}
	for _, field := range c.entity.fields {
		if given[field.at] && !field.isKey() {
			s.Assignments = append(s.Assignments, cql.Assignment{Column: field.cqlName, Value: w.bind(cells[field.at])})
			w.describe("set " + field.cqlName)
		}
	}
	var conditions []condition
	s.Where, conditions = c.keyOf(w, cells, given)
	if problem := wholeKey(c.entity, conditions); problem != "" {
		return nil, fmt.Errorf("Invalid arguments: %s", problem)
	}
	if len(s.Assignments) == 0 {
		return nil, fmt.Errorf("Input object must have at least one non-PK field set for an update")
	}
	w.flag(c.conditional)
	var err error
	s.If, err = w.conditions(f, c.ifs)
	return s, err
}

func (c *mutation) deleteEntity(w *writer, f *exec.Field, cells [][]byte, given []bool) (cql.Statement, error) {
	s := &cql.Delete{Table: c.entity.table, IfExists: c.conditional}
	var conditions []condition
	s.Where, conditions = c.keyOf(w, cells, given)
	if problem := restricted(c.entity, conditions, false); problem != "" {
		return nil, fmt.Errorf("Invalid arguments: %s", problem)
	}
	w.flag(c.conditional)
	var err error
	s.If, err = w.conditions(f, c.ifs)
	return s, err
}

// conditions makes an IF.
func (w *writer) conditions(f *exec.Field, ifs []condition) (list []cql.Condition, err error) {
	for _, c := range present(w.r, f, ifs) {
		cell, err := w.operand(c, f.Arg(w.r, c.argument))
		if err != nil {
			return nil, err
		}
		list = append(list, cql.Condition{Column: c.field.cqlName, Op: operators[c.op], Value: w.bind(cell)})
		w.describe("if " + c.field.cqlName + " " + c.op)
	}
	return list, nil
}
