package ddl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// alterTable is ALTER TABLE (AlterTableStatement).
func (e *edit) alterTable(s *cql.AlterTable) error {
	keyspace, err := e.keyspaceOf(s.Table)
	if err != nil {
		return err
	}
	properties, err := schema.NewProperties(s.Properties)
	if err != nil {
		return err
	}
	if err := authorize(alter, keyspace, tableResource(keyspace, s.Table.Name)); err != nil {
		return err
	}
	if s.Kind == cql.AlterWith {
		if _, err := schema.NewOptions(properties); err != nil {
			return err
		}
	}
	if s.Mask != nil { // ADD with a mask is not looked at
		return cqlerr.Invalidf(errMasking)
	}
	if err := checkName(keyspace); err != nil {
		return err
	}
	t := e.before.Table(keyspace, s.Table.Name)
	if t == nil {
		if s.IfExists {
			return nil
		}
		return cqlerr.Invalidf("Table '%s.%s' doesn't exist", keyspace, s.Table.Name)
	}
	altered, err := e.alteredTable(t, s, properties)
	if err != nil || altered == t {
		return err
	}
	if s.Kind == cql.AlterAdd {
		e.warnings = append(e.warnings, vectorWarnings(altered)...)
	}
	e.done(e.before.Keyspaces[keyspace].WithTable(altered), schema.Updated, "TABLE", t.Name)
	return nil
}

// alteredTable returns t as s makes it, t itself when s leaves it as it is.
func (e *edit) alteredTable(t *schema.Table, s *cql.AlterTable, properties schema.Properties) (*schema.Table, error) {
	switch s.Kind {
	case cql.AlterAdd:
		return e.addColumns(t, s)
	case cql.AlterDrop:
		return e.dropColumns(t, s)
	case cql.AlterRename:
		return renameColumns(t, s)
	case cql.AlterWith:
		return alterOptions(t, properties)
	case cql.AlterMask:
		return dropMask(t, s)
	case cql.AlterDropCompact:
		return nil, cqlerr.Invalidf("DROP COMPACT STORAGE is disabled. Enable in cassandra.yaml to use.")
	}
	return nil, cqlerr.Invalidf("Altering column types is no longer supported")
}

// dropMask is ALTER column DROP MASKED.
func dropMask(t *schema.Table, s *cql.AlterTable) (*schema.Table, error) {
	columns := t.InOrder()
	i := slices.IndexFunc(columns, func(c *schema.Column) bool { return c.Name == s.Column })
	switch {
	case i < 0 && !s.IfColumn:
		return nil, cqlerr.Invalidf("Column with name '%s' doesn't exist on table '%s'", s.Column, t.Name)
	case i < 0 || columns[i].Mask == nil:
		return t, nil
	}
	unmasked := *columns[i]
	unmasked.Mask, columns[i] = nil, &unmasked
	return t.WithColumns(columns), nil
}

func (e *edit) addColumns(t *schema.Table, s *cql.AlterTable) (*schema.Table, error) {
	columns, next := t.InOrder(), t.NextColumn
	for _, d := range s.Add {
		typ, err := e.typeOf(d.Type, t.Keyspace)
		if err != nil {
			return nil, err
		}
		if t.Hidden(d.Name) || slices.ContainsFunc(columns, func(c *schema.Column) bool { return c.Name == d.Name }) {
			if s.IfColumn {
				continue
			}
			return nil, cqlerr.Invalidf("Column with name '%s' already exists", d.Name)
		}
		c := &schema.Column{Keyspace: t.Keyspace, Table: t.Name, Name: d.Name, Kind: schema.Regular, Type: typ, Storage: next}
		if d.Static {
			c.Kind = schema.Static
		}
		if d.Mask != nil {
			if c.Mask, err = (&plan.Context{Schema: e.before}).Mask(c, d.Mask); err != nil {
				return nil, err
			}
		}
		if err := checkNewColumn(t, c); err != nil {
			return nil, err
		}
		if dropped := t.Dropped[c.Name]; dropped != nil && dropped.Storage != 0 {
			c.Storage = dropped.Storage
		} else {
			next++
		}
		columns = append(columns, c)
	}
	if len(columns) == len(t.Columns) {
		return t, nil
	}
	altered := t.WithColumns(columns)
	altered.NextColumn = next
	return altered, altered.Validate()
}

// checkNewColumn checks a column to be added by itself, and against one of its
// name that was dropped before.
func checkNewColumn(t *schema.Table, c *schema.Column) error {
	if t.Compact != nil {
		return cqlerr.Invalidf("Cannot add new column to a COMPACT STORAGE table")
	}
	if c.Kind == schema.Static && len(t.Clustering) == 0 {
		return cqlerr.Invalidf(errStaticAlone)
	}
	if hasMultiCellField(c.Type) {
		return cqlerr.Invalidf("Non-frozen UDTs with nested non-frozen collections are not supported for column %s", c.Name)
	}
	dropped := t.Dropped[c.Name]
	if dropped == nil {
		return nil
	}
	if !schema.CanReplace(c.Type, dropped.Type) {
		return cqlerr.Invalidf("Cannot add a column '%s' of type %s, incompatible with previously dropped column '%s' of type %s",
			c.Name, c.Type, c.Name, dropped.Type)
	}
	if c.Kind != dropped.Kind {
		return cqlerr.Invalidf("Cannot re-add previously dropped column '%s' of kind %s, incompatible with previous kind %s",
			c.Name, strings.ToUpper(c.Kind.String()), strings.ToUpper(dropped.Kind.String()))
	}
	if t.Counter {
		return cqlerr.Invalidf("Cannot re-add previously dropped counter column %s", c.Name)
	}
	return nil
}

func (e *edit) dropColumns(t *schema.Table, s *cql.AlterTable) (*schema.Table, error) {
	altered := t
	for _, name := range s.Drop {
		if err := checkCompactDrop(t, name); err != nil {
			return nil, err
		}
		c := t.Columns[name]
		if c == nil {
			if s.IfColumn {
				continue
			}
			return nil, cqlerr.Invalidf("Column %s was not found in table '%s'", name, t)
		}
		if err := checkDrop(t, c); err != nil {
			return nil, err
		}
		when, err := e.dropTime(s.DropTimestamp)
		if err != nil {
			return nil, err
		}
		altered = altered.WithColumns(slices.DeleteFunc(altered.InOrder(), func(o *schema.Column) bool { return o == c }))
		altered = altered.WithDropped(&schema.DroppedColumn{Name: c.Name, Kind: c.Kind, Type: schema.ExpandTypes(c.Type), DroppedTime: when, Storage: c.Storage})
	}
	return altered, nil
}

func checkDrop(t *schema.Table, c *schema.Column) error {
	if c.Kind == schema.PartitionKey || c.Kind == schema.Clustering {
		return cqlerr.Invalidf("Cannot drop PRIMARY KEY column %s", c.Name)
	}
	if c.Type.Kind == cqltype.UDT && c.Type.IsMultiCell() {
		return cqlerr.Invalidf("Cannot drop non-frozen column %s of user type %s", c.Name, c.Type)
	}
	if names := indexesOn(t, c); names != "" {
		return cqlerr.Invalidf("Cannot drop column %s because it has dependent secondary indexes (%s)", c.Name, names)
	}
	return nil
}

// indexesOn returns the names of the indexes on a column, "" for none.
func indexesOn(t *schema.Table, c *schema.Column) string {
	var names []string
	for _, ix := range t.IndexesInOrder() {
		if ix.Column == c.Name {
			names = append(names, ix.Name)
		}
	}
	return strings.Join(names, ", ")
}

// dropTime is when a column is dropped, in microseconds: as the statement
// says, or now.
func (e *edit) dropTime(given *cql.Literal) (int64, error) {
	if given == nil {
		return e.now(), nil
	}
	n, err := strconv.ParseInt(given.Text, 10, 64)
	if err != nil {
		return 0, cqlerr.Syntaxf("Invalid timestamp %s", given.Text)
	}
	return n, nil
}

func renameColumns(t *schema.Table, s *cql.AlterTable) (*schema.Table, error) {
	columns := t.InOrder()
	for _, r := range s.Rename {
		c := t.Columns[r.From]
		if c == nil { // IF EXISTS does not help here
			return nil, cqlerr.Invalidf("Undefined column name %s in table %s", cqltype.QuoteIdentifier(r.From), t)
		}
		if c.Kind != schema.PartitionKey && c.Kind != schema.Clustering {
			return nil, cqlerr.Invalidf("Cannot rename non PRIMARY KEY column %s", r.From)
		}
		if t.Hidden(r.To) || slices.ContainsFunc(columns, func(o *schema.Column) bool { return o.Name == r.To }) {
			return nil, cqlerr.Invalidf("Cannot rename column %s to %s in table '%s'; another column with that name already exists", r.From, r.To, t)
		}
		if names := indexesOn(t, c); names != "" {
			return nil, cqlerr.Invalidf("Can't rename column %s because it has dependent secondary indexes (%s)", r.From, names)
		}
		i := slices.Index(columns, c)
		if i < 0 {
			return nil, cqlerr.Invalidf("Cannot rename column %s twice", r.From)
		}
		renamed := *c
		renamed.Name = r.To
		columns[i] = &renamed
	}
	return t.WithColumns(columns), nil
}

func alterOptions(t *schema.Table, properties schema.Properties) (*schema.Table, error) {
	if err := schema.ValidateTableOptions(properties); err != nil {
		return nil, err
	}
	options, err := t.Options.AlterOptions(properties)
	if err != nil {
		return nil, err
	}
	if t.Counter && options.DefaultTimeToLive > 0 {
		return nil, cqlerr.Invalidf("Cannot set default_time_to_live on a table with counters")
	}
	if options.Equal(&t.Options) {
		return t, nil
	}
	return t.WithOptions(options), nil
}
