package schema

import (
	"strings"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// MaxTTL is the greatest time to live, in seconds: 20 years
// (org.apache.cassandra.cql3.Attributes.MAX_TTL).
const MaxTTL = 20 * 365 * 24 * 60 * 60

// minBloomFilterFPChance is the best false positive rate that Cassandra's
// filters reach (BloomCalculations.minSupportedBloomFilterFpChance).
const minBloomFilterFPChance = 6.71e-5

// tableOptionNames are the properties that a table may have
// (TableAttributes.validKeywords).
var tableOptionNames = []string{
	"additional_write_policy", "allow_auto_snapshot", "auto_repair", "bloom_filter_fp_chance", "caching", "cdc",
	"comment", "compaction", "compression", "crc_check_chance", "default_time_to_live", "extensions",
	"gc_grace_seconds", "id", "incremental_backups", "max_index_interval", "memtable",
	"memtable_flush_period_in_ms", "min_index_interval", "read_repair", "speculative_retry",
}

// NewOptions returns the options of a new table with these properties. It
// checks each value by itself; ValidateTableOptions does the rest, which
// Cassandra does later in a statement's life (TableAttributes.asNewTableParams).
func NewOptions(p Properties) (Options, error) {
	o := DefaultOptions()
	if err := o.set(p); err != nil {
		return o, err
	}
	if p["bloom_filter_fp_chance"] == nil {
		o.BloomFilterFPChance = defaultFPChance
	}
	o.setDefaultFPChance()
	return o, nil
}

// defaultFPChance as bloom_filter_fp_chance asks for what suits the
// compaction strategy (BloomFilter's default in TableParams.Builder).
const defaultFPChance = -1

func (o *Options) setDefaultFPChance() {
	if o.BloomFilterFPChance != defaultFPChance {
		return
	}
	o.BloomFilterFPChance = 0.01
	if strings.HasSuffix(o.Compaction["class"], ".LeveledCompactionStrategy") {
		o.BloomFilterFPChance = 0.1
	}
}

// AlterOptions returns o with these properties changed
// (TableAttributes.asAlteredTableParams).
func (o Options) AlterOptions(p Properties) (Options, error) {
	if id, err := TableID(p); err != nil {
		return o, err
	} else if id != uuid.Nil {
		return o, cqlerr.Configf("Cannot alter table id.")
	}
	err := o.set(p)
	o.setDefaultFPChance()
	return o, err
}

// TableID returns the id that a table's properties give it, uuid.Nil for none.
func TableID(p Properties) (uuid.UUID, error) {
	text, ok, err := p.Text("id")
	if err != nil || !ok {
		return uuid.Nil, err
	}
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return uuid.Nil, cqlerr.Configf("Invalid table id")
	}
	return id, nil
}

// ValidateTableOptions checks the names of the properties, and their values
// together with the defaults of what they leave out (TableAttributes.validate).
func ValidateTableOptions(p Properties) error {
	if err := p.ValidateNames(tableOptionNames...); err != nil {
		return err
	}
	if p["auto_repair"] != nil {
		return cqlerr.Configf("auto_repair option is not supported unless auto-repair is enabled with -Dcassandra.autorepair.enable=true")
	}
	o, err := NewOptions(p)
	if err != nil {
		return err
	}
	return o.Validate()
}

// set changes the options that p names. The maps of o are replaced, not
// altered. extensions can't be set by CQL: Cassandra takes the property and
// ignores it.
func (o *Options) set(p Properties) error {
	for _, set := range []func(Properties) error{o.setScalars, o.setMaps, o.setPolicies} {
		if err := set(p); err != nil {
			return err
		}
	}
	return nil
}

func (o *Options) setScalars(p Properties) error {
	for _, f := range []struct {
		name string
		dst  *bool
	}{{"allow_auto_snapshot", &o.AllowAutoSnapshot}, {"cdc", &o.CDC}, {"incremental_backups", &o.IncrementalBackups}} {
		if err := p.Bool(f.name, f.dst); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		name string
		dst  *int32
	}{
		{"default_time_to_live", &o.DefaultTimeToLive}, {"gc_grace_seconds", &o.GCGraceSeconds},
		{"max_index_interval", &o.MaxIndexInterval}, {"min_index_interval", &o.MinIndexInterval},
		{"memtable_flush_period_in_ms", &o.MemtableFlushPeriodInMs},
	} {
		if err := p.Int(f.name, f.dst); err != nil {
			return err
		}
	}
	if err := p.Double("bloom_filter_fp_chance", &o.BloomFilterFPChance); err != nil {
		return err
	}
	if err := p.Double("crc_check_chance", &o.CRCCheckChance); err != nil {
		return err
	}
	text, ok, err := p.Text("comment")
	if ok {
		o.Comment = text
	}
	return err
}

func (o *Options) setMaps(p Properties) error {
	for _, f := range []struct {
		name  string
		dst   *map[string]string
		parse func(map[string]string) (map[string]string, error)
	}{
		{"caching", &o.Caching, parseCaching},
		{"compaction", &o.Compaction, parseCompaction},
		{"compression", &o.Compression, parseCompression},
	} {
		given, err := p.Map(f.name)
		if err != nil {
			return err
		}
		if given == nil {
			continue
		}
		if *f.dst, err = f.parse(given); err != nil {
			return err
		}
	}
	return nil
}

func (o *Options) setPolicies(p Properties) error {
	for _, f := range []struct {
		name  string
		dst   *string
		parse func(string) (string, error)
	}{
		{"memtable", &o.Memtable, parseMemtable},
		{"speculative_retry", &o.SpeculativeRetry, parseSpeculativeRetry},
		{"additional_write_policy", &o.AdditionalWritePolicy, parseSpeculativeRetry},
		{"read_repair", &o.ReadRepair, parseReadRepair},
	} {
		text, ok, err := p.Text(f.name)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if *f.dst, err = f.parse(text); err != nil {
			return err
		}
	}
	return nil
}

// Validate checks that the options make sense together (TableParams.validate).
func (o *Options) Validate() error {
	if err := validateCompaction(o.Compaction); err != nil {
		return err
	}
	switch {
	case !(o.BloomFilterFPChance > minBloomFilterFPChance && o.BloomFilterFPChance <= 1):
		return cqlerr.Configf("bloom_filter_fp_chance must be larger than %s and less than or equal to 1.0 (got %s)",
			formatDouble(minBloomFilterFPChance), formatDouble(o.BloomFilterFPChance))
	case !(o.CRCCheckChance >= 0 && o.CRCCheckChance <= 1):
		return cqlerr.Configf("crc_check_chance must be larger than or equal to 0 and smaller than or equal to 1.0 (got %s)",
			formatDouble(o.CRCCheckChance))
	case o.DefaultTimeToLive < 0:
		return cqlerr.Configf("default_time_to_live must be greater than or equal to 0 (got %d)", o.DefaultTimeToLive)
	case o.DefaultTimeToLive > MaxTTL:
		return cqlerr.Configf("default_time_to_live must be less than or equal to %d (got %d)", MaxTTL, o.DefaultTimeToLive)
	case o.GCGraceSeconds < 0:
		return cqlerr.Configf("gc_grace_seconds must be greater than or equal to 0 (got %d)", o.GCGraceSeconds)
	case o.MinIndexInterval < 1:
		return cqlerr.Configf("min_index_interval must be greater than or equal to 1 (got %d)", o.MinIndexInterval)
	case o.MaxIndexInterval < o.MinIndexInterval:
		return cqlerr.Configf("max_index_interval must be greater than or equal to min_index_interval (%d) (got %d)", o.MinIndexInterval, o.MaxIndexInterval)
	case o.MemtableFlushPeriodInMs < 0:
		return cqlerr.Configf("memtable_flush_period_in_ms must be greater than or equal to 0 (got %d)", o.MemtableFlushPeriodInMs)
	}
	return nil
}
