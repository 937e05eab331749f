package exec

import (
	"bytes"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// rowCondition is what is asked of one row, or of the static row
// (CQL3CasRequest.RowCondition).
type rowCondition struct {
	clustering        [][]byte
	exists, notExists bool
	columns           []boundCondition
	// row is the row that was read, nil if there is none.
	row *store.Row
}

// addConditions takes m's conditions on the row into the request; a row of no
// columns in a table with clustering columns is the static row.
func (r *request) addConditions(m *plan.Modify, row [][]byte) error {
	if !m.Conditional() {
		return nil
	}
	onStatic := m.OnlyStatic && !m.HasClustering()
	if wholeRow(m) {
		c := r.conditionOf(row, onStatic)
		switch {
		case len(c.columns) > 0 && m.IfNotExists:
			return cqlerr.Invalidf("Cannot mix IF conditions and IF NOT EXISTS for the same row")
		case len(c.columns) > 0:
			return cqlerr.Invalidf("Cannot mix IF conditions and IF EXISTS for the same row")
		case c.exists && m.IfNotExists || c.notExists && m.IfExists:
			return cqlerr.Invalidf("Cannot mix IF EXISTS and IF NOT EXISTS conditions for the same row")
		}
		c.exists, c.notExists = m.IfExists, m.IfNotExists
		return nil
	}
	regular := len(m.Conditions) - m.StaticConditions
	if err := r.addColumns(m.Conditions[:regular], row, false); err != nil {
		return err
	}
	return r.addColumns(m.Conditions[regular:], nil, true)
}

func (r *request) addColumns(conditions []plan.Condition, row [][]byte, static bool) error {
	if len(conditions) == 0 {
		return nil
	}
	c := r.conditionOf(row, static)
	if c.exists || c.notExists {
		return cqlerr.Invalidf("Cannot mix IF conditions and IF NOT EXISTS for the same row")
	}
	for i := range conditions {
		b, err := bindCondition(&conditions[i], &r.w.env)
		if err != nil {
			return err
		}
		c.columns = append(c.columns, b)
	}
	return nil
}

// conditionOf returns the condition of a row, a new one if it has none yet.
func (r *request) conditionOf(row [][]byte, static bool) *rowCondition {
	if static {
		if r.static == nil {
			r.static = &rowCondition{}
		}
		return r.static
	}
	columns := r.w.m.Table.Clustering
	i, ok := slices.BinarySearchFunc(r.rows, row, func(c *rowCondition, row [][]byte) int {
		return compareClustering(columns, c.clustering, row)
	})
	if !ok {
		c := &rowCondition{clustering: make([][]byte, len(row))}
		for j, v := range row {
			c.clustering[j] = bytes.Clone(v)
		}
		r.rows = slices.Insert(r.rows, i, c)
	}
	return r.rows[i]
}

// compareClustering orders clustering keys as the table does.
func compareClustering(columns []*schema.Column, a, b [][]byte) int {
	for i, col := range columns {
		if i >= len(a) || i >= len(b) {
			return len(a) - len(b)
		}
		d := col.Type.Compare(a[i], b[i])
		if col.Desc {
			d = -d
		}
		if d != 0 {
			return d
		}
	}
	return 0
}

// applies reports whether all conditions hold.
func (r *request) applies() (bool, error) {
	if r.static != nil {
		if ok, err := r.static.holds(); !ok || err != nil {
			return false, err
		}
	}
	for _, c := range r.rows {
		if ok, err := c.holds(); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (c *rowCondition) holds() (bool, error) {
	if c.exists && c.row == nil || c.notExists && c.row != nil {
		return false, nil
	}
	for i := range c.columns {
		if ok, err := c.columns[i].holds(c.row); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}
