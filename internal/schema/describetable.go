package schema

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// CreateStatement returns the CQL that makes the table (TableMetadata.toCqlString).
// With internals, the text also gives the table its id and repeats the drops
// of columns. A virtual table is a comment.
func (t *Table) CreateStatement(internals bool) string {
	b := make([]byte, 0, 2048)
	if t.Virtual {
		b = append(b, "/*\nWarning: Table "+t.String()+" is a virtual table and cannot be recreated with CQL.\n"+
			"Structure, for reference:\nVIRTUAL TABLE "...)
	} else {
		if t.Compact != nil {
			b = append(b, "/*\nWarning: Table "+t.String()+" omitted because it has constructs not compatible with CQL (was created via legacy API).\n"+
				"Approximate structure, for reference:\n(this should not be used to reproduce this schema)\n\n"...)
		}
		b = append(b, "CREATE TABLE "...)
	}
	b = append(b, t.String()...)
	b = append(b, " (\n"...)
	b = t.appendColumns(b, internals)
	b = append(b, ") WITH "...)
	if t.Compact != nil {
		b = append(b, "COMPACT STORAGE\n    AND "...)
	}
	if internals {
		b = append(b, "ID = "+t.ID.String()+"\n    AND "...)
	}
	b = t.appendClusteringOrder(b)
	if t.Virtual {
		b = append(b, "comment = "...)
		b = appendQuoted(b, t.Options.Comment)
		b = append(b, ";\n*/"...)
	} else {
		b = t.Options.appendTo(b)
		b = append(b, ';')
	}
	if internals {
		b = t.appendDrops(b)
	}
	if t.Compact != nil {
		b = append(b, "\n*/"...)
	}
	return string(b)
}

// appendClusteringOrder appends CLUSTERING ORDER BY (...) AND, nothing without
// clustering columns.
func (t *Table) appendClusteringOrder(b []byte) []byte {
	columns := t.Clustering
	if t.StaticCompact() {
		columns = []*Column{{Name: t.Compact.Clustering}}
	}
	if len(columns) == 0 {
		return b
	}
	b = append(b, "CLUSTERING ORDER BY ("...)
	for i, c := range columns {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = cqltype.AppendIdentifier(b, c.Name)
		if c.Desc {
			b = append(b, " DESC"...)
		} else {
			b = append(b, " ASC"...)
		}
	}
	return append(b, ")\n    AND "...)
}

// String returns keyspace.name, quoted as CQL needs it.
func (t *Table) String() string {
	return cqltype.QuoteIdentifier(t.Keyspace) + "." + cqltype.QuoteIdentifier(t.Name)
}

// appendColumns appends the column definitions and the primary key, one a line.
// With the dropped ones, a column that came back after a drop stands there as
// it was then; appendDrops adds it again.
func (t *Table) appendColumns(b []byte, dropped bool) []byte {
	single := len(t.PartitionKey) == 1 && len(t.Clustering) == 0 && t.Compact == nil
	var lines []string
	for _, c := range t.createOrder() {
		if dropped && t.Dropped[c.Name] != nil {
			continue
		}
		line := c.definition()
		if single && c.Kind == PartitionKey {
			line += " PRIMARY KEY"
		}
		lines = append(lines, line)
	}
	if dropped {
		for _, d := range sorted(t.Dropped) {
			lines = append(lines, (&Column{Name: d.Name, Kind: t.storedKind(d.Kind), Type: d.Type}).definition())
		}
	}
	if !single {
		lines = append(lines, t.primaryKey())
	}
	return append(b, "    "+strings.Join(lines, ",\n    ")+"\n"...)
}

// createOrder returns the columns as DESCRIBE lists them: the key, then static
// and regular columns, each with the multi-cell ones behind the others.
func (t *Table) createOrder() []*Column {
	columns := t.InOrder()
	multiCellLast := func(a, b *Column) int {
		switch {
		case a.Kind != b.Kind || a.Type.IsMultiCell() == b.Type.IsMultiCell():
			return 0
		case b.Type.IsMultiCell():
			return -1
		}
		return 1
	}
	keys := len(t.PartitionKey) + len(t.Clustering)
	static := columns[keys : keys+len(t.Static)]
	slices.SortStableFunc(static, multiCellLast)
	slices.SortStableFunc(columns[keys+len(t.Static):], multiCellLast)
	return columns
}

// definition is `name type [static]`.
func (c *Column) definition() string {
	text := cqltype.QuoteIdentifier(c.Name) + " " + c.Type.String()
	if c.Kind == Static {
		text += " static"
	}
	return text + c.Mask.definition()
}

func (t *Table) primaryKey() string {
	var names []string
	for _, c := range t.PartitionKey {
		names = append(names, cqltype.QuoteIdentifier(c.Name))
	}
	if len(names) > 1 {
		names = []string{"(" + strings.Join(names, ", ") + ")"}
	}
	for _, c := range t.Clustering {
		names = append(names, cqltype.QuoteIdentifier(c.Name))
	}
	return "PRIMARY KEY (" + strings.Join(names, ", ") + ")"
}

// appendDrops appends the statements that drop again what appendColumns put
// among the columns, and add again what came back.
func (t *Table) appendDrops(b []byte) []byte {
	for _, d := range sorted(t.Dropped) {
		b = append(b, "\nALTER TABLE "+t.String()+" DROP "...)
		b = cqltype.AppendIdentifier(b, d.Name)
		b = append(b, " USING TIMESTAMP "...)
		b = strconv.AppendInt(b, d.DroppedTime, 10)
		b = append(b, ';')
		if c := t.Columns[d.Name]; c != nil {
			b = append(b, "\nALTER TABLE "+t.String()+" ADD "+c.definition()+";"...)
		}
	}
	return b
}

// appendTo appends the options as DESCRIBE lists them (TableParams.appendCqlTo).
func (o *Options) appendTo(b []byte) []byte {
	text := func(name, value string) { b = appendQuoted(append(b, name...), value) }
	plain := func(name, value string) { b = append(append(b, name...), value...) }
	pairs := func(name string, value map[string]string) { b = appendMap(append(b, name...), value) }
	number := func(name string, value int32) { plain(name, strconv.Itoa(int(value))) }
	text("additional_write_policy = ", o.AdditionalWritePolicy)
	plain("\n    AND allow_auto_snapshot = ", strconv.FormatBool(o.AllowAutoSnapshot))
	plain("\n    AND bloom_filter_fp_chance = ", formatDouble(o.BloomFilterFPChance))
	pairs("\n    AND caching = ", o.Caching)
	plain("\n    AND cdc = ", strconv.FormatBool(o.CDC))
	text("\n    AND comment = ", o.Comment)
	pairs("\n    AND compaction = ", o.Compaction)
	pairs("\n    AND compression = ", o.Compression)
	text("\n    AND memtable = ", o.Memtable)
	plain("\n    AND crc_check_chance = ", formatDouble(o.CRCCheckChance))
	number("\n    AND default_time_to_live = ", o.DefaultTimeToLive)
	plain("\n    AND extensions = ", o.extensions())
	number("\n    AND gc_grace_seconds = ", o.GCGraceSeconds)
	plain("\n    AND incremental_backups = ", strconv.FormatBool(o.IncrementalBackups))
	number("\n    AND max_index_interval = ", o.MaxIndexInterval)
	number("\n    AND memtable_flush_period_in_ms = ", o.MemtableFlushPeriodInMs)
	number("\n    AND min_index_interval = ", o.MinIndexInterval)
	text("\n    AND read_repair = ", o.ReadRepair)
	text("\n    AND speculative_retry = ", o.SpeculativeRetry)
	return b
}

func (o *Options) extensions() string {
	b := []byte{'{'}
	for i, name := range sortedKeys(o.Extensions) {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendQuoted(b, name)
		b = append(b, ": 0x"...)
		b = hex.AppendEncode(b, o.Extensions[name])
	}
	return string(append(b, '}'))
}
