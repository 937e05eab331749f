package guardrail

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Values that are larger than ColumnValueSize lets any be need not be read whole to
// be refused: the doors leave out what is too much (package elide), and here is
// where the values are put to their true sizes and refused.

// MostValue is the size in bytes past which a value that a role writes is refused
// whatever column it is for, Off for any size: the limit for package elide.
func (g *Guard) MostValue(role string) int64 {
	if g.limits.ColumnValueSize.Fail < 0 || g.exempts(role) {
		return Off
	}
	return g.limits.ColumnValueSize.Fail
}

// cuts are what was left out of the request that ctx is of, nil for nothing. Without
// a limit nobody leaves anything out.
func (g *Guard) cuts(ctx context.Context) *elide.Cuts {
	if g.limits.ColumnValueSize.Fail < 0 {
		return nil
	}
	return elide.Of(ctx)
}

// cutsOf are what was left out of the request in which a statement is run: cuts, or
// what was left out of the statement itself when nobody has told more.
func (c *checks) cutsOf(cuts *elide.Cuts) *elide.Cuts {
	if cuts == nil && c != nil {
		return c.cuts
	}
	return cuts
}

// refuseShortened refuses a statement or value that is not whole. Another of the
// same request passes.
func (b *guarded) refuseShortened(c *checks, p *backend.Prepared, values []backend.Value, q *backend.Query, cuts *elide.Cuts) error {
	at := 0
	for at < len(values) && !cuts.In(values[at].Bytes) {
		at++
	}
	if at == len(values) && (c == nil || !c.shortened) {
		return nil
	}
	if c != nil { // in order, and in the words of the first that it is too much for
		if err := c.check(&findings{guard: b.guard, cuts: cuts}, b.Schema(), values, q); err != nil {
			return err
		}
	}
	f := findings{guard: b.guard, cuts: cuts}
	if err := f.longKey(p.Statement, b.Schema(), values); err != nil {
		return err
	}
	limit := b.guard.limits.ColumnValueSize.Fail
	if at < len(values) && at < len(p.Bind) { // of a key or a condition
		if err := f.check(&columnValueSize, Threshold{Off, limit}, p.Bind[at].Name, f.size(values[at].Bytes)); err != nil {
			return err
		}
	}
	b.guard.failed(columnValueSize.name)
	return cqlerr.Invalidf("The request has a value that is larger than any may be (%d bytes)", max(limit, elide.Least))
}

// longKey is the back end's error about a new row whose key is longer than any may
// be, nil when it is not.
func (f *findings) longKey(stmt cql.Statement, now *schema.Snapshot, values []backend.Value) error {
	insert, ok := stmt.(*cql.Insert)
	if !ok {
		return nil
	}
	t := now.Table(insert.Table.Keyspace, insert.Table.Name)
	if t == nil {
		return nil
	}
	sizes := map[string]int64{}
	for i, x := range insert.Values {
		column := t.Columns[insert.Columns[i]]
		m, bound := x.(*cql.BindMarker)
		switch {
		case column == nil: // since the statement was prepared
		case !bound:
			c := checks{guard: f.guard, cuts: f.cuts}
			sizes[column.Name] = c.literalSize(column.Type, x)
		case m.Index < len(values):
			sizes[column.Name] = f.size(values[m.Index].Bytes)
		}
	}
	for _, part := range [][]*schema.Column{t.PartitionKey, t.Clustering} {
		size := int64(0)
		for _, column := range part {
			size += sizes[column.Name]
		}
		if size > cqltype.MaxPartitionKeyComponent {
			return cqlerr.Invalidf("Key length of %d is longer than maximum of %d", size, cqltype.MaxPartitionKeyComponent)
		}
	}
	return nil
}

// FormOf is the form of the value of a bind marker of p.
func FormOf(p *backend.Prepared, marker int) elide.Form {
	c, _ := p.Guard.(*checks)
	if c == nil {
		return elide.AnySize
	}
	for i := range c.values {
		switch v := &c.values[i]; {
		case v.marker != marker:
		case v.row != nil:
			return elide.Row
		case v.whole == nil || !v.whole.IsMultiCell():
			return elide.OneValue
		case v.whole.Kind == cqltype.UDT:
			return elide.Fields
		default:
			return elide.Elements
		}
	}
	return elide.AnySize
}
