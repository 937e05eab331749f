package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Delete plans a DELETE (DeleteStatement.Parsed).
func (c *Context) Delete(s *cql.Delete) (*Modify, error) {
	m, err := c.begin(DeleteRow, s.Table, s.Using, s.If)
	if err != nil {
		return nil, err
	}
	m.IfExists = s.IfExists
	for i := range s.Columns {
		col, err := c.Column(m.Table, s.Columns[i].Column)
		if err != nil {
			return nil, err
		}
		if col.Kind == schema.PartitionKey || col.Kind == schema.Clustering {
			return nil, cqlerr.Invalidf("Invalid identifier %s for deletion (should not be a PRIMARY KEY part)", col.Name)
		}
		o, err := c.deletion(col, &s.Columns[i])
		if err != nil {
			return nil, err
		}
		m.add(o)
	}
	if err := c.whereKeys(m, s.Where, DeleteStatement); err != nil {
		return nil, err
	}
	if err := c.finish(m); err != nil {
		return nil, err
	}
	return m, m.checkConditionalDelete()
}

// checkConditionalDelete: a condition needs the whole primary key, unless it
// and what is deleted are static.
func (m *Modify) checkConditionalDelete() error {
	if !m.Conditional() || m.keys.where.IsRowKey() && !(m.Table.StaticCompact() && m.Deletes()) {
		return nil
	}
	if len(m.Regular) > 0 || m.Deletes() {
		return cqlerr.Invalidf("DELETE statements must restrict all PRIMARY KEY columns with equality relations in order to delete non static columns")
	}
	if len(m.Conditions) > m.StaticConditions {
		return cqlerr.Invalidf("DELETE statements must restrict all PRIMARY KEY columns with equality relations" +
			" in order to use IF condition on non static columns")
	}
	return nil
}

// deletion prepares one item of DELETE's column list.
func (c *Context) deletion(col *schema.Column, d *cql.Deletion) (o Operation, err error) {
	switch {
	case d.Index != nil:
		return c.deleteElement(col, d.Index)
	case d.Field != "":
		return deleteField(col, d.Field)
	}
	return Operation{Kind: OpDelete, Column: col}, nil
}

func (c *Context) deleteElement(col *schema.Column, index cql.Expr) (o Operation, err error) {
	o = Operation{Kind: OpDeleteElement, Column: col}
	switch {
	case !col.Type.IsCollection():
		return o, cqlerr.Invalidf("Invalid deletion operation for non collection column %s", col.Name)
	case !col.Type.IsMultiCell():
		return o, cqlerr.Invalidf("Invalid deletion operation for frozen collection column %s", col.Name)
	case col.Type.Kind == cqltype.List:
		o.Kind = OpDeleteIndex
	}
	o.Index, err = c.Term(index, ElementReceiver(ReceiverOf(col)))
	return o, err
}

func deleteField(col *schema.Column, field string) (Operation, error) {
	o := Operation{Kind: OpDeleteField, Column: col}
	switch {
	case col.Type.Kind != cqltype.UDT:
		return o, cqlerr.Invalidf("Invalid field deletion operation for non-UDT column %s", col.Name)
	case !col.Type.IsMultiCell():
		return o, cqlerr.Invalidf("Frozen UDT column %s does not support field deletions", col.Name)
	}
	if o.Field = fieldIndex(col.Type, field); o.Field < 0 {
		return o, cqlerr.Invalidf("UDT column %s does not have a field named %s", col.Name, field)
	}
	return o, nil
}
