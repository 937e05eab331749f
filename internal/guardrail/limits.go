package guardrail

import "github.com/astrolabe-db/astrolabe/internal/backend"

// Off is a threshold that is not set.
const Off = -1

// Threshold is the two thresholds of a limit: values above Warn are warned of,
// above Fail refused. Each may be Off.
type Threshold struct{ Warn, Fail int64 }

var unlimited = Threshold{Off, Off}

func (t Threshold) set() bool { return t.Warn >= 0 || t.Fail >= 0 }

// lowest is the value up to which nothing is said.
func (t Threshold) lowest() int64 {
	switch {
	case t.Warn < 0:
		return t.Fail
	case t.Fail < 0:
		return t.Warn
	}
	return min(t.Warn, t.Fail)
}

// Levels are consistency levels that are warned of or refused.
type Levels struct{ Warned, Disallowed []backend.Consistency }

// Properties are table properties that are warned of, ignored or refused.
type Properties struct{ Warned, Ignored, Disallowed []string }

// Limits are all limits of a database. Sizes are in bytes.
type Limits struct {
	// Preset is the name of the preset that they began as.
	Preset string
	// Astra: messages have Astra's words.
	Astra bool

	Keyspaces, Tables, ColumnsPerTable, FieldsPerUDT Threshold
	// SecondaryIndexes of one table; where SAI is set they are told apart.
	SecondaryIndexes, SAIPerTable, SAITotal        Threshold
	SASIPerTable                                   Threshold
	SAIStringTerm, SAIFrozenTerm, SAIVectorTerm    Threshold
	ColumnValueSize, CollectionSize                Threshold
	ItemsPerCollection                             Threshold
	PartitionKeysInSelect, InSelectProduct         Threshold
	PageSize                                       Threshold // rows
	PageBytes                                      Threshold // a page ends there (Fail)
	BatchSize, UnloggedBatchPartitions, Tombstones Threshold
	DiskUsage                                      Threshold // percent

	ListReads, UserTimestamps, AllowFiltering, GroupBy, DropTruncate bool
	TableProperties                                                  Properties
	WriteLevels, ReadLevels                                          Levels
}

// None are no limits at all.
func None() *Limits {
	return &Limits{
		Preset: "none", Keyspaces: unlimited, Tables: unlimited, ColumnsPerTable: unlimited, FieldsPerUDT: unlimited,
		SecondaryIndexes: unlimited, SAIPerTable: unlimited, SAITotal: unlimited, SASIPerTable: unlimited,
		SAIStringTerm: unlimited, SAIFrozenTerm: unlimited, SAIVectorTerm: unlimited, ColumnValueSize: unlimited,
		CollectionSize: unlimited, ItemsPerCollection: unlimited, PartitionKeysInSelect: unlimited, InSelectProduct: unlimited,
		PageSize: unlimited, PageBytes: unlimited, BatchSize: unlimited, UnloggedBatchPartitions: unlimited, Tombstones: unlimited,
		DiskUsage: unlimited, ListReads: true, UserTimestamps: true, AllowFiltering: true, GroupBy: true, DropTruncate: true,
	}
}

// Cassandra are the defaults of Cassandra 5.0 (cassandra.yaml).
func Cassandra() *Limits {
	l := None()
	l.Preset = "cassandra"
	l.BatchSize = Threshold{5 << 10, 50 << 10}
	l.UnloggedBatchPartitions.Warn = 10
	l.Tombstones = Threshold{1000, 100_000}
	l.SAIStringTerm, l.SAIFrozenTerm, l.SAIVectorTerm = Threshold{1 << 10, 8 << 10}, Threshold{1 << 10, 8 << 10}, Threshold{16 << 10, 32 << 10}
	return l
}

// Astra are Astra's limits as of the time of its REST, GraphQL and Document
// APIs (GuardrailsConfig of DataStax's Cassandra, the defaults as a service).
func Astra() *Limits {
	l := None()
	l.Preset, l.Astra = "astra", true
	l.Tables = Threshold{100, 200}
	l.ColumnsPerTable.Fail = 50
	l.FieldsPerUDT.Fail = 10
	l.SecondaryIndexes.Fail = 1
	l.SAIPerTable.Fail, l.SAITotal.Fail, l.SASIPerTable.Fail = 10, 100, 0
	l.ColumnValueSize.Fail = 5 << 20
	l.CollectionSize.Warn = 5 << 20
	l.ItemsPerCollection.Warn = 20
	l.PartitionKeysInSelect.Fail = 20
	l.InSelectProduct.Fail = 25
	l.PageBytes.Fail = 512 << 10
	l.BatchSize = Threshold{64 << 10, 640 << 10}
	l.UnloggedBatchPartitions.Warn = 10
	l.Tombstones = Threshold{1000, 100_000}
	l.DiskUsage = Threshold{70, 80}
	l.ListReads = false
	l.TableProperties.Ignored = []string{
		"additional_write_policy", "allow_auto_snapshot", "bloom_filter_fp_chance", "caching", "cdc", "compaction", "compression",
		"crc_check_chance", "dclocal_read_repair_chance", "extensions", "gc_grace_seconds", "id", "incremental_backups",
		"max_index_interval", "memtable", "memtable_flush_period_in_ms", "min_index_interval", "nodesync", "read_repair",
		"read_repair_chance", "speculative_retry",
	}
	l.WriteLevels.Disallowed = []backend.Consistency{backend.Any, backend.One, backend.LocalOne}
	return l
}

// Preset returns the limits of that name, nil for none.
func Preset(name string) *Limits {
	switch name {
	case "astra":
		return Astra()
	case "cassandra":
		return Cassandra()
	case "none":
		return None()
	}
	return nil
}
