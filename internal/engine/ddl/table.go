package ddl

import (
	"slices"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

const errMasking = "Cannot mask columns because dynamic data masking is not enabled. " +
	"You can enable it with the dynamic_data_masking_enabled property on cassandra.yaml"

const errStaticAlone = "Static columns are only useful (and thus allowed) if the table has at least one clustering column"

// createTable is CREATE TABLE (CreateTableStatement).
func (e *edit) createTable(s *cql.CreateTable) error {
	keyspace, err := e.keyspaceOf(s.Table)
	if err != nil {
		return err
	}
	properties, err := prepareTable(s)
	if err != nil {
		return err
	}
	if err := authorize(create, keyspace, tablesResource(keyspace)); err != nil {
		return err
	}
	if _, err := schema.NewOptions(properties); err != nil {
		return err
	}
	if slices.ContainsFunc(s.Columns, func(c cql.ColumnDef) bool { return c.Mask != nil }) {
		return cqlerr.Invalidf(errMasking)
	}
	if err := checkName(keyspace); err != nil {
		return err
	}
	k, err := e.keyspace(keyspace)
	if err != nil {
		return err
	}
	if k.Tables[s.Table.Name] != nil {
		if s.IfNotExists {
			return nil
		}
		return cqlerr.TableExists(keyspace, s.Table.Name)
	}
	t, err := e.newTable(s, keyspace, properties)
	if err != nil {
		return err
	}
	if t.ID == uuid.Nil {
		if t.ID, err = newTableID(); err != nil {
			return err
		}
	}
	if other := tableWithID(e.before, t.ID); other != nil {
		return cqlerr.Configf("Table id %s is in use by %s", t.ID, other)
	}
	t.Storage = e.newStorage()
	e.done(k.WithTable(t), schema.Created, "TABLE", t.Name)
	return nil
}

// tableWithID returns the table with that id, nil for none.
func tableWithID(s *schema.Snapshot, id uuid.UUID) *schema.Table {
	for _, k := range s.Keyspaces {
		for _, t := range k.Tables {
			if t.ID == id {
				return t
			}
		}
	}
	return nil
}

// prepareTable checks what needs no schema (CreateTableStatement.Raw).
func prepareTable(s *cql.CreateTable) (schema.Properties, error) {
	properties, err := schema.NewProperties(s.Properties)
	if err != nil {
		return nil, err
	}
	name := s.Table.Name // as written
	if s.Table.Keyspace != "" {
		name = s.Table.Keyspace + "." + name
	}
	seen := map[string]bool{}
	for _, c := range s.Columns {
		if seen[c.Name] {
			return nil, cqlerr.Invalidf("Duplicate column '%s' declaration for table '%s'", c.Name, name)
		}
		seen[c.Name] = true
	}
	clear(seen)
	for _, o := range s.ClusteringOrder {
		if seen[o.Column] {
			return nil, cqlerr.Invalidf("Duplicate column '%s' in CLUSTERING ORDER BY clause for table '%s'", o.Column, name)
		}
		seen[o.Column] = true
	}
	switch {
	case s.PrimaryKeys > 1:
		return nil, cqlerr.Invalidf("Multiple PRIMARY KEY specified for table '%s' (exactly one required)", name)
	case s.PrimaryKeys == 0:
		return nil, cqlerr.Invalidf("No PRIMARY KEY specifed for table '%s' (exactly one required)", name)
	}
	return properties, nil
}

// newTable builds the table (CreateTableStatement.builder).
func (e *edit) newTable(s *cql.CreateTable, keyspace string, properties schema.Properties) (*schema.Table, error) {
	if err := schema.ValidateTableOptions(properties); err != nil {
		return nil, err
	}
	options, err := schema.NewOptions(properties)
	if err != nil {
		return nil, err
	}
	id, err := schema.TableID(properties)
	if err != nil {
		return nil, err
	}
	columns, err := e.newColumns(s, keyspace)
	if err != nil {
		return nil, err
	}
	if err := checkKey(s, columns); err != nil {
		return nil, err
	}
	if s.CompactStorage {
		if err := checkCompact(s, columns); err != nil {
			return nil, err
		}
	}
	if err := setClusteringOrder(s, columns); err != nil {
		return nil, err
	}
	counter, err := checkCounters(s, columns, options)
	if err != nil {
		return nil, err
	}
	t := &schema.Table{
		Keyspace: keyspace, Name: s.Table.Name, ID: id, Options: options, Counter: counter, NextColumn: 1,
		Indexes: map[string]*schema.Index{}, Dropped: map[string]*schema.DroppedColumn{},
	}
	for _, d := range s.Columns {
		if c := columns[d.Name]; c.Kind == schema.Static || c.Kind == schema.Regular {
			c.Storage = t.NextColumn
			t.NextColumn++
		}
	}
	list := make([]*schema.Column, 0, len(columns))
	for _, c := range columns {
		list = append(list, c)
	}
	t = t.WithColumns(list)
	if s.CompactStorage {
		t.Compact = schema.NewCompact(t.Columns, len(t.Clustering) > 0, len(t.Regular) > 0)
	}
	return t, t.Validate()
}

// newColumns makes the columns, their types resolved; those of the key get
// their place and kind.
func (e *edit) newColumns(s *cql.CreateTable, keyspace string) (map[string]*schema.Column, error) {
	columns := make(map[string]*schema.Column, len(s.Columns))
	for _, d := range s.Columns {
		t, err := e.typeOf(d.Type, keyspace)
		if err != nil {
			return nil, err
		}
		c := &schema.Column{Keyspace: keyspace, Table: s.Table.Name, Name: d.Name, Kind: schema.Regular, Type: t}
		if d.Static {
			c.Kind = schema.Static
		}
		columns[d.Name] = c
	}
	for _, c := range columns {
		if hasMultiCellField(c.Type) {
			return nil, cqlerr.Invalidf("Non-frozen UDTs with nested non-frozen collections are not supported")
		}
	}
	return columns, nil
}

// hasMultiCellField reports whether t is a non-frozen user type with a field
// that is a non-frozen collection.
func hasMultiCellField(t *cqltype.Type) bool {
	return t.Kind == cqltype.UDT && t.IsMultiCell() && slices.ContainsFunc(t.Elems, (*cqltype.Type).IsMultiCell)
}

// newTableID returns a time-based id as TableId.generate does, with a random
// node, so that it tells nothing of the machine.
func newTableID() (uuid.UUID, error) {
	id, err := uuid.NewUUID()
	if err != nil {
		return id, err
	}
	node, err := uuid.NewRandom()
	if err != nil {
		return id, err
	}
	copy(id[10:], node[10:])
	id[10] |= 1 // the multicast bit: no network card has this address
	return id, nil
}

// dropTable is DROP TABLE (DropTableStatement).
func (e *edit) dropTable(s *cql.DropTable) error {
	keyspace, err := e.keyspaceOf(s.Table)
	if err != nil {
		return err
	}
	if err := admit(drop, keyspace, tableResource(keyspace, s.Table.Name)); err != nil {
		return err
	}
	if e.before.Table(keyspace, s.Table.Name) == nil {
		if s.IfExists {
			return nil
		}
		return cqlerr.Invalidf("Table '%s.%s' doesn't exist", keyspace, s.Table.Name)
	}
	e.done(e.before.Keyspaces[keyspace].WithoutTable(s.Table.Name), schema.Dropped, "TABLE", s.Table.Name)
	return nil
}
