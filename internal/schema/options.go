package schema

import (
	"bytes"
	"maps"
)

// The default classes of compaction and compression of a new table.
const (
	compactionPackage  = "org.apache.cassandra.db.compaction."
	compressionPackage = "org.apache.cassandra.io.compress."
)

// DefaultOptions returns the options of a new table of Cassandra 5.0
// (TableParams.Builder).
func DefaultOptions() Options {
	return Options{
		AdditionalWritePolicy: "99p",
		AllowAutoSnapshot:     true,
		BloomFilterFPChance:   0.01,
		Caching:               map[string]string{"keys": "ALL", "rows_per_partition": "NONE"},
		Compaction: map[string]string{
			"class":         compactionPackage + "SizeTieredCompactionStrategy",
			"max_threshold": "32", "min_threshold": "4",
		},
		Compression: map[string]string{
			"chunk_length_in_kb": "16",
			"class":              compressionPackage + "LZ4Compressor",
		},
		CRCCheckChance:     1,
		GCGraceSeconds:     864000, // 10 days
		IncrementalBackups: true,
		MaxIndexInterval:   2048,
		Memtable:           "default",
		MinIndexInterval:   128,
		ReadRepair:         "BLOCKING",
		SpeculativeRetry:   "99p",
	}
}

// Equal reports whether two sets of options are the same.
func (o *Options) Equal(p *Options) bool {
	a, b := *o, *p
	return maps.Equal(a.Caching, b.Caching) && maps.Equal(a.Compaction, b.Compaction) &&
		maps.Equal(a.Compression, b.Compression) && maps.EqualFunc(a.Extensions, b.Extensions, bytes.Equal) &&
		a.scalars() == b.scalars()
}

// scalars are the options that are not maps, comparable as one.
type scalars struct {
	additionalWritePolicy, comment, memtable, readRepair, speculativeRetry string
	allowAutoSnapshot, cdc, incrementalBackups                             bool
	bloomFilterFPChance, crcCheckChance                                    float64
	defaultTimeToLive, gcGraceSeconds, maxIndexInterval                    int32
	memtableFlushPeriodInMs, minIndexInterval                              int32
}

func (o *Options) scalars() scalars {
	return scalars{
		o.AdditionalWritePolicy, o.Comment, o.Memtable, o.ReadRepair, o.SpeculativeRetry,
		o.AllowAutoSnapshot, o.CDC, o.IncrementalBackups,
		o.BloomFilterFPChance, o.CRCCheckChance,
		o.DefaultTimeToLive, o.GCGraceSeconds, o.MaxIndexInterval,
		o.MemtableFlushPeriodInMs, o.MinIndexInterval,
	}
}

// sameParameters reports whether two keyspaces have the same replication and
// durable_writes.
func sameParameters(a, b *Keyspace) bool {
	return a.DurableWrites == b.DurableWrites && maps.Equal(a.Replication, b.Replication)
}
