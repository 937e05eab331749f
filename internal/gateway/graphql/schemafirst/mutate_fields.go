package schemafirst

import (
	"fmt"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
)

// changeByFields makes the update or delete whose arguments are fields.
func (x *resolver) changeByFields(r *exec.Run, f *exec.Field, c *mutation) (change, error) {
	e := c.entity
	w := &writer{r: r}
	w.describe(c.kind + " " + e.cqlName)
	given := present(r, f, c.where)
	problem := restricted(e, given, false)
	if c.kind == "UPDATE" {
		problem = wholeKey(e, given)
	}
	if problem != "" {
		return change{}, fmt.Errorf("Invalid arguments: %s", problem)
	}
	cells := make([][]byte, len(e.fields))
	var stmt cql.Statement
	var err error
	if c.kind == "DELETE" {
		s := &cql.Delete{Table: e.table, IfExists: c.conditional}
		if s.Where, err = w.where(f, given); err == nil {
			s.If, err = w.conditions(f, c.ifs)
		}
		stmt = s
	} else {
		stmt, err = c.updateFields(w, f, given, cells)
	}
	if err != nil {
		return change{}, err
	}
	for _, condition := range given {
		if condition.op == "EQ" {
			if cells[condition.field.at], err = condition.field.codec.Cell(r, f.Arg(r, condition.argument)); err != nil {
				return change{}, err
			}
		}
	}
	w.flag(c.conditional)
	return x.prepared(w, e, stmt, e.keys(cells))
}

func (c *mutation) updateFields(w *writer, f *exec.Field, given []condition, cells [][]byte) (cql.Statement, error) {
	s := &cql.Update{Table: c.entity.table, IfExists: c.conditional, Using: c.using(w)}
	for _, set := range c.sets {
		in := f.Arg(w.r, set.argument)
		if in.Kind() == exec.Absent {
			continue
		}
		cell, err := set.field.codec.Cell(w.r, in)
		if err != nil {
			return nil, err
		}
		cells[set.field.at] = cell
		s.Assignments = append(s.Assignments, cql.Assignment{Column: set.field.cqlName, Value: w.bind(cell)})
		w.describe("set " + set.field.cqlName)
	}
	for _, add := range c.increments {
		in := f.Arg(w.r, add.argument)
		if !in.Given() {
			continue
		}
		cell, err := add.field.codec.Cell(w.r, in)
		if err != nil {
			return nil, err
		}
		a := cql.Assignment{Kind: cql.AddValue, Column: add.field.cqlName, Value: w.bind(cell)}
		if add.prepend {
			a.Kind = cql.PrependValue
		}
		s.Assignments = append(s.Assignments, a)
		w.describe("add " + add.field.cqlName + strconv.FormatBool(add.prepend))
	}
	if len(s.Assignments) == 0 {
		return nil, fmt.Errorf("Input object must have at least one non-PK field set for an update")
	}
	var err error
	if s.Where, err = w.where(f, given); err == nil {
		s.If, err = w.conditions(f, c.ifs)
	}
	return s, err
}
