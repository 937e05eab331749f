package schema

import (
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// SchemaTables are the tables of system_schema. A keyspace is a partition of
// each.
var SchemaTables = []string{
	"aggregates", "column_masks", "columns", "dropped_columns", "functions", "indexes", "keyspaces", "tables",
	"triggers", "types", "views",
}

// SchemaRows returns the rows that the keyspace has in a table of
// system_schema, in clustering order (SchemaKeyspace.makeCreateKeyspaceMutation).
// Virtual keyspaces have none there.
func (k *Keyspace) SchemaRows(table string) []Row {
	if k.Virtual {
		return nil
	}
	switch table {
	case "keyspaces":
		return []Row{{Text(k.Name), Boolean(k.DurableWrites), TextMap(k.Replication)}}
	case "tables":
		return k.eachTable((*Table).tableRows)
	case "columns":
		return k.eachTable((*Table).columnRows)
	case "column_masks":
		return k.eachTable((*Table).maskRows)
	case "dropped_columns":
		return k.eachTable((*Table).droppedRows)
	case "indexes":
		return k.eachTable((*Table).indexRows)
	case "types":
		return k.typeRows()
	}
	return nil // views, functions, aggregates, triggers: the product has none
}

// VirtualSchemaRows is SchemaRows for system_virtual_schema, which shows the
// virtual keyspaces alone (org.apache.cassandra.db.virtual.VirtualSchemaKeyspace).
func (k *Keyspace) VirtualSchemaRows(table string) []Row {
	if !k.Virtual {
		return nil
	}
	switch table {
	case "keyspaces":
		return []Row{{Text(k.Name)}}
	case "tables":
		return k.eachTable(func(t *Table) []Row {
			return []Row{{Text(t.Keyspace), Text(t.Name), Text(t.Options.Comment)}}
		})
	case "columns":
		return k.eachTable((*Table).columnRows)
	}
	return nil
}

func (k *Keyspace) eachTable(rows func(*Table) []Row) []Row {
	var all []Row
	for _, t := range sorted(k.Tables) {
		all = append(all, rows(t)...)
	}
	return all
}

// tableRows is the row of system_schema.tables. What Cassandra writes only
// when it is not the default is null here too; cdc is never written without
// cdc_enabled.
func (t *Table) tableRows() []Row {
	o := &t.Options
	return []Row{{
		Text(t.Keyspace), Text(t.Name),
		Text(o.AdditionalWritePolicy),
		orNull(!o.AllowAutoSnapshot, Boolean(false)),
		Double(o.BloomFilterFPChance),
		TextMap(o.Caching),
		nil, // cdc
		Text(o.Comment),
		TextMap(o.Compaction),
		TextMap(o.Compression),
		Double(o.CRCCheckChance),
		Double(0), // dclocal_read_repair_chance, kept for old drivers
		Int(o.DefaultTimeToLive),
		blobMap(o.Extensions),
		TextList(t.flags()...),
		Int(o.GCGraceSeconds),
		UUID(t.ID),
		orNull(!o.IncrementalBackups, Boolean(false)),
		Int(o.MaxIndexInterval),
		orNull(o.Memtable != "default", Text(o.Memtable)),
		Int(o.MemtableFlushPeriodInMs),
		Int(o.MinIndexInterval),
		Text(o.ReadRepair),
		Double(0), // read_repair_chance, kept for old drivers
		Text(o.SpeculativeRetry),
	}}
}

// columnRows are the rows of columns in system_schema and system_virtual_schema.
func (t *Table) columnRows() []Row {
	var rows []Row
	for _, c := range sorted(t.stored()) {
		order, position := "none", int32(-1)
		switch c.Kind {
		case PartitionKey:
			position = int32(c.Position)
		case Clustering:
			position = int32(c.Position)
			if order = "asc"; c.Desc {
				order = "desc"
			}
		}
		rows = append(rows, Row{
			Text(t.Keyspace), Text(t.Name), Text(c.Name),
			Text(order), Text(c.Name), Text(c.Kind.String()), Int(position), Text(c.Type.String()),
		})
	}
	return rows
}

func (t *Table) droppedRows() []Row {
	var rows []Row
	for _, d := range sorted(t.Dropped) {
		rows = append(rows, Row{
			Text(t.Keyspace), Text(t.Name), Text(d.Name),
			Bigint(d.DroppedTime / 1000), Text(t.storedKind(d.Kind).String()), Text(d.Type.String()),
		})
	}
	return rows
}

func (t *Table) indexRows() []Row {
	var rows []Row
	for _, ix := range sorted(t.Indexes) {
		rows = append(rows, Row{Text(t.Keyspace), Text(t.Name), Text(ix.Name), Text(ix.Kind), TextMap(ix.Options)})
	}
	return rows
}

func (k *Keyspace) typeRows() []Row {
	var rows []Row
	for _, t := range sorted(k.Types) {
		types := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			types[i] = e.String()
		}
		rows = append(rows, Row{Text(k.Name), Text(t.Name), TextList(t.FieldNames...), TextList(types...)})
	}
	return rows
}

// TypesInOrder returns the user types of k by name, but each behind those it
// uses: the order in which they can be made (Types.sortedStream).
func (k *Keyspace) TypesInOrder() []*cqltype.Type {
	var ordered []*cqltype.Type
	placed := make(map[string]bool, len(k.Types))
	var place func(t *cqltype.Type)
	place = func(t *cqltype.Type) {
		if t.Kind == cqltype.UDT {
			if placed[t.Name] || k.Types[t.Name] == nil {
				return
			}
			placed[t.Name] = true
			t = k.Types[t.Name]
		}
		for _, e := range t.Elems {
			place(e)
		}
		if t.Kind == cqltype.UDT {
			ordered = append(ordered, t)
		}
	}
	for _, t := range sorted(k.Types) {
		place(t)
	}
	return ordered
}

// TablesInOrder returns the tables of k by name.
func (k *Keyspace) TablesInOrder() []*Table { return sorted(k.Tables) }

// IndexesInOrder returns the indexes of t by name.
func (t *Table) IndexesInOrder() []*Index { return sorted(t.Indexes) }

// InOrder returns the keyspaces of s by name.
func (s *Snapshot) InOrder() []*Keyspace { return sorted(s.Keyspaces) }
