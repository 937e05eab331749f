package cassandra

import (
	"crypto/md5"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// newTable adds an empty table to its keyspace.
func (r *reader) newTable(keyspace, name string) *schema.Table {
	k := r.snapshot.Keyspaces[keyspace]
	if k == nil {
		return nil // its keyspace came after keyspaces were read; the next reload has both
	}
	t := &schema.Table{Keyspace: keyspace, Name: name, Virtual: k.Virtual,
		Indexes: map[string]*schema.Index{}, Dropped: map[string]*schema.DroppedColumn{}}
	k.Tables[name] = t
	return t
}

// table takes a row of system_schema.tables. Columns that the release does not
// have read as null, and leave the default.
func (r *reader) table(row row) error {
	t := r.newTable(row.text("keyspace_name"), row.text("table_name"))
	if t == nil {
		return nil
	}
	t.ID = row.uuid("id")
	t.Counter = slices.Contains(row.textList("flags"), "counter")
	t.Options = optionsOf(row)
	return nil
}

func (r *reader) virtualTable(row row) error {
	if t := r.newTable(row.text("keyspace_name"), row.text("table_name")); t != nil {
		t.ID = virtualID(t.Keyspace, t.Name)
		t.Options.Comment = row.text("comment")
	}
	return nil
}

// virtualID is the id of a virtual table, which is made of its name and written
// down nowhere (TableId.forSystemTable, Java's UUID.nameUUIDFromBytes).
func virtualID(keyspace, table string) uuid.UUID {
	id := uuid.UUID(md5.Sum([]byte(keyspace + table)))
	id[6] = id[6]&0x0f | 0x30 // version 3
	id[8] = id[8]&0x3f | 0x80
	return id
}

// optionsOf reads the options that tables and views have.
func optionsOf(row row) schema.Options {
	o := schema.DefaultOptions()
	row.setText("additional_write_policy", &o.AdditionalWritePolicy)
	row.setBoolean("allow_auto_snapshot", &o.AllowAutoSnapshot)
	row.setDouble("bloom_filter_fp_chance", &o.BloomFilterFPChance)
	row.setBoolean("cdc", &o.CDC)
	row.setText("comment", &o.Comment)
	row.setDouble("crc_check_chance", &o.CRCCheckChance)
	row.setInt("default_time_to_live", &o.DefaultTimeToLive)
	row.setInt("gc_grace_seconds", &o.GCGraceSeconds)
	row.setBoolean("incremental_backups", &o.IncrementalBackups)
	row.setInt("max_index_interval", &o.MaxIndexInterval)
	row.setText("memtable", &o.Memtable)
	row.setInt("memtable_flush_period_in_ms", &o.MemtableFlushPeriodInMs)
	row.setInt("min_index_interval", &o.MinIndexInterval)
	row.setText("read_repair", &o.ReadRepair)
	row.setText("speculative_retry", &o.SpeculativeRetry)
	o.Caching = row.textMap("caching")
	o.Compaction = row.textMap("compaction")
	o.Compression = row.textMap("compression")
	o.Extensions = row.blobMap("extensions")
	return o
}

// column takes a row of columns in system_schema or system_virtual_schema.
func (r *reader) column(row row) error {
	k := r.snapshot.Keyspaces[row.text("keyspace_name")]
	if k == nil {
		return nil
	}
	t := k.Tables[row.text("table_name")]
	if t == nil {
		return nil // made since the tables were read
	}
	c, err := columnOf(k, t, row)
	if err != nil {
		return err
	}
	if r.columns == nil {
		r.columns = map[*schema.Table][]*schema.Column{}
	}
	r.columns[t] = append(r.columns[t], c)
	return nil
}

func columnOf(k *schema.Keyspace, t *schema.Table, row row) (*schema.Column, error) {
	c := &schema.Column{Keyspace: t.Keyspace, Table: t.Name, Name: row.text("column_name"), Desc: row.text("clustering_order") == "desc"}
	kind, ok := columnKinds[row.text("kind")]
	if !ok {
		return nil, fmt.Errorf("column %s.%s.%s: kind %q", t.Keyspace, t.Name, c.Name, row.text("kind"))
	}
	c.Kind = kind
	if kind == schema.PartitionKey || kind == schema.Clustering {
		c.Position = int(row.integer("position"))
	}
	var err error
	if c.Type, err = parseType(k, row.text("type")); err != nil {
		return nil, fmt.Errorf("column %s.%s.%s: %w", t.Keyspace, t.Name, c.Name, err)
	}
	return c, nil
}

var columnKinds = map[string]schema.ColumnKind{
	"partition_key": schema.PartitionKey, "clustering": schema.Clustering, "static": schema.Static, "regular": schema.Regular,
}

func (r *reader) dropped(row row) error {
	k := r.snapshot.Keyspaces[row.text("keyspace_name")]
	if k == nil {
		return nil
	}
	t := k.Tables[row.text("table_name")]
	if t == nil {
		return nil
	}
	d := &schema.DroppedColumn{Name: row.text("column_name"), Kind: schema.Regular, DroppedTime: row.bigint("dropped_time") * 1000}
	if kind, ok := columnKinds[row.text("kind")]; ok { // 3.11 does not say
		d.Kind = kind
	}
	var err error
	if d.Type, err = parseType(k, row.text("type")); err != nil {
		return fmt.Errorf("dropped column %s.%s.%s: %w", t.Keyspace, t.Name, d.Name, err)
	}
	t.Dropped[d.Name] = d
	return nil
}

func (r *reader) index(row row) error {
	k := r.snapshot.Keyspaces[row.text("keyspace_name")]
	if k == nil || k.Tables[row.text("table_name")] == nil {
		return nil
	}
	ix := &schema.Index{Name: row.text("index_name"), Kind: row.text("kind"), Options: row.textMap("options")}
	ix.Target, ix.Column = schema.ParseTarget(ix.Options[schema.IndexTargetOption])
	k.Tables[row.text("table_name")].Indexes[ix.Name] = ix
	return nil
}

// finish gives the tables their columns. A table whose columns were not there
// yet is left out: it is being made, and the next reload has it.
func (r *reader) finish() {
	for _, k := range r.snapshot.Keyspaces {
		for name, t := range k.Tables {
			if len(r.columns[t]) == 0 {
				delete(k.Tables, name)
				continue
			}
			k.Tables[name] = t.WithColumns(r.columns[t])
		}
	}
}

// view takes a row of system_schema.views: to who reads, a materialized view is
// a table.
func (r *reader) view(row row) error {
	t := r.newTable(row.text("keyspace_name"), row.text("view_name"))
	if t == nil {
		return nil
	}
	t.ID = row.uuid("id")
	t.Options = optionsOf(row)
	t.Base = row.text("base_table_name")
	return nil
}
