package guardrail

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// rows notes what is to be checked of a statement on rows. The server's own
// tables are free.
func (c *checks) rows(stmt cql.Statement, now *schema.Snapshot, keyspace string) {
	switch s := stmt.(type) {
	case *cql.Batch: // its own USING TIMESTAMP is free
		for _, inner := range s.Statements {
			c.rows(inner, now, keyspace)
		}
		return
	case *cql.Select:
		if t := now.Table(in(s.Table, keyspace), s.Table.Name); t != nil {
			c.choose(s, t, c.userTable(now, s.Table, keyspace) != nil)
		}
		return
	}
	var t *schema.Table
	switch s := stmt.(type) {
	case *cql.Insert:
		if t = c.userTable(now, s.Table, keyspace); t != nil {
			c.insert(s, t)
		}
	case *cql.Update:
		if t = c.userTable(now, s.Table, keyspace); t != nil {
			c.update(s, t)
		}
	case *cql.Delete:
		if t = c.userTable(now, s.Table, keyspace); t != nil {
			c.delete(s, t)
		}
	}
	if t != nil {
		c.write, c.levels = true, c.guard.write
		c.conditional = c.conditional || cql.Conditional(stmt)
	}
}

// userTable is the table of a name, nil when there is none or it is the
// server's own.
func (c *checks) userTable(now *schema.Snapshot, name cql.QualifiedName, keyspace string) *schema.Table {
	ks := now.Keyspaces[in(name, keyspace)]
	if !c.ofUsers(ks) {
		return nil
	}
	return ks.Tables[name.Name]
}

func (c *checks) insert(s *cql.Insert, t *schema.Table) {
	c.timestamp(s.Using)
	if s.JSON != nil {
		c.json(t, s.JSON)
	}
	for i, x := range s.Values {
		if i < len(s.Columns) {
			c.value(t.Columns[s.Columns[i]], x)
		}
	}
}

func (c *checks) update(s *cql.Update, t *schema.Table) {
	c.timestamp(s.Using)
	for i := range s.Assignments {
		a := &s.Assignments[i]
		column := t.Columns[a.Column]
		switch a.Kind {
		case cql.SetElement:
			c.element(column, a.Index, a.Value)
		case cql.SetField:
			c.part(column, nil, a.Value)
		case cql.SubtractValue:
			c.discard(column, a.Value)
		default:
			c.value(column, a.Value)
		}
		if column == nil || column.Type.Kind != cqltype.List || column.Type.Frozen {
			continue
		}
		switch a.Kind {
		case cql.SetElement:
			c.readsList("Setting of list items by index requiring read before write")
		case cql.SubtractValue:
			c.readsList("Removal of list items requiring read before write")
		}
	}
	c.keys(s.Where, t, false)
}

// element notes the checks of an element of a collection, which a map's key or a
// list's index names. The key is the path of its cell.
func (c *checks) element(column *schema.Column, index, value cql.Expr) {
	if column == nil || len(column.Type.Elems) == 0 {
		return
	}
	last := len(column.Type.Elems) - 1
	c.part(column, column.Type.Elems[last], value)
	if column.Type.Kind != cqltype.List {
		c.part(column, column.Type.Elems[0], index)
	}
}

func (c *checks) delete(s *cql.Delete, t *schema.Table) {
	c.timestamp(s.Using)
	for i := range s.Columns {
		column := t.Columns[s.Columns[i].Column]
		switch {
		case s.Columns[i].Index == nil || column == nil:
		case column.Type.Kind == cqltype.List:
			c.readsList("Removal of list items by index requiring read before write")
		default:
			c.element(column, s.Columns[i].Index, nil) // the tombstone holds it
		}
	}
	c.keys(s.Where, t, false)
}

// choose notes the checks of a SELECT. Those on its form and size hold for the
// server's own tables, too.
func (c *checks) choose(s *cql.Select, t *schema.Table, ofUsers bool) {
	l := c.guard.limits
	c.table, c.pageSize = t.Name, l.PageSize
	if ofUsers {
		c.levels, c.pageBytes = c.guard.read, int(max(0, l.PageBytes.Fail))
	}
	if len(s.GroupBy) > 0 && !l.GroupBy {
		c.grouping = refusal{groupBy, "GROUP BY functionality is not allowed"}
	}
	if s.AllowFiltering && !l.AllowFiltering && ofUsers {
		c.refuse(allowFiltering, "Querying with ALLOW FILTERING is not allowed. "+
			"ALLOW FILTERING can potentially visit all the data in the table and have unpredictable performance.")
	}
	c.keys(s.Where, t, true)
}

func (c *checks) refuse(name, message string) {
	if c.refusal.name == "" {
		c.refusal = refusal{name, message}
	}
}

func (c *checks) timestamp(u cql.Using) {
	if u.Timestamp != nil && !c.guard.limits.UserTimestamps {
		c.refuse(userTimestamps, "User provided timestamps (USING TIMESTAMP) is not allowed")
	}
}

func (c *checks) readsList(what string) {
	if c.guard.limits.ListReads {
		return
	}
	if c.guard.limits.Astra {
		what = "List operation requiring read before write"
	}
	if c.reads.name == "" {
		c.reads = refusal{listReads, what + " is not allowed"}
	}
}

// keys notes the checks of a WHERE clause: how many keys IN names.
func (c *checks) keys(where []cql.Relation, t *schema.Table, reads bool) {
	l := c.guard.limits
	partition := product{what: "partition key", fixed: 1, keys: reads}
	clustering := product{what: "clustering key", fixed: 1}
	hasIn := [2]bool{}
	for i := range where {
		r := &where[i]
		if len(r.Columns) == 0 || r.Kind != cql.SingleColumn && r.Kind != cql.MultiColumn {
			continue
		}
		column := t.Columns[r.Columns[0]]
		if column == nil || column.Kind != schema.PartitionKey && column.Kind != schema.Clustering {
			continue
		}
		if r.Op != cql.In {
			continue
		}
		p, which := &partition, 0
		if column.Kind == schema.Clustering {
			p, which = &clustering, 1
		}
		hasIn[which] = true
		if marker, ok := r.Value.(*cql.BindMarker); ok {
			p.markers = append(p.markers, marker.Index)
		} else {
			p.fixed = min(p.fixed*int64(len(r.Values)), mostCombinations)
		}
	}
	if hasIn[0] && (l.InSelectProduct.set() || reads && l.PartitionKeysInSelect.set()) {
		c.in = append(c.in, partition)
	}
	if hasIn[1] && l.InSelectProduct.set() {
		c.in = append(c.in, clustering)
	}
}
