package schema

import (
	"maps"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// strategy is a compaction class: its options, and a check of several of them
// together. The store compacts in its own ways; the options are checked, kept
// and described.
type strategy struct {
	options    []subOption
	check      func(options map[string]string) error
	thresholds bool // takes min_threshold and max_threshold
}

// strategies are Cassandra's compaction classes (the validateOptions of each).
var strategies = map[string]strategy{
	"SizeTieredCompactionStrategy": {check: checkBuckets, thresholds: true, options: sizeTieredOptions},
	"LeveledCompactionStrategy": {check: checkLevels, thresholds: true, options: append([]subOption{
		{"sstable_size_in_mb", integer(32, 1, mustBeLarger)},
		{"fanout_size", integer(32, 1, mustBeLarger)},
		{"single_sstable_uplevel", nil},
	}, sizeTieredOptions...)},
	"TimeWindowCompactionStrategy": {check: checkBuckets, thresholds: true, options: append([]subOption{
		{"timestamp_resolution", oneOf("SECONDS", "MILLISECONDS", "MICROSECONDS", "NANOSECONDS")},
		{"compaction_window_unit", oneOf("MINUTES", "HOURS", "DAYS")},
		{"compaction_window_size", integer(32, 1, func(name string, n int64) error {
			return cqlerr.Configf("%d must be greater than 1 for %s", n, name)
		})},
		{"expired_sstable_check_frequency_seconds", integer(64, 0, func(name string, n int64) error {
			return cqlerr.Configf("%s must not be negative, but was %d", name, n)
		})},
		{"unsafe_aggressive_sstable_expiration", checkUnsafeExpiration},
	}, sizeTieredOptions...)},
	"UnifiedCompactionStrategy": {options: unifiedOptions, check: checkUnified},
}

// commonOptions are taken by every strategy (AbstractCompactionStrategy.validateOptions).
var commonOptions = []subOption{
	{"tombstone_threshold", checkTombstoneThreshold},
	{"tombstone_compaction_interval", integer(64, 0, func(name string, n int64) error {
		return cqlerr.Configf("%s must be greater than 0, but was %d", name, n)
	})},
	{"unchecked_tombstone_compaction", boolean("'%s' should be either 'true' or 'false', not '%s'")},
	{"log_all", boolean("'%s' should either be 'true' or 'false', not %s")},
	{"enabled", boolean("%s should either be 'true' or 'false', not %s")},
	{"only_purge_repaired_tombstones", nil},
	{"provide_overlapping_tombstones", nil},
}

var sizeTieredOptions = []subOption{
	{"min_sstable_size", integer(64, 0, func(name string, n int64) error {
		return cqlerr.Configf("%s must be non negative: %d", name, n)
	})},
	{"bucket_low", checkFloat},
	{"bucket_high", checkFloat},
}

func mustBeLarger(name string, n int64) error {
	return cqlerr.Configf("%s must be larger than 0, but was %d", name, n)
}

// parseCompaction reads compaction (CompactionParams.fromMap) and returns it
// in the form system_schema shows; validateCompaction checks the rest.
func parseCompaction(given map[string]string) (map[string]string, error) {
	class, ok := given["class"]
	if !ok {
		return nil, cqlerr.Configf("Missing sub-option 'class' for the 'compaction' option")
	}
	if !strings.Contains(class, ".") {
		class = compactionPackage + class
	}
	s, known := strategies[strings.TrimPrefix(class, compactionPackage)]
	if !known {
		return nil, cqlerr.Configf("Unable to find compaction strategy class '%s'", class)
	}
	if v, ok := given["provide_overlapping_tombstones"]; ok {
		switch v = strings.ToUpper(v); v {
		case "NONE", "ROW", "CELL":
		default:
			return nil, cqlerr.Configf("Invalid value %s for 'provide_overlapping_tombstones' compaction sub-option - "+
				"must be one of the following [NONE, ROW, CELL].", v)
		}
	}
	options := maps.Clone(given)
	options["class"] = class
	if s.thresholds {
		for name, value := range map[string]string{"min_threshold": "4", "max_threshold": "32"} {
			if _, ok := options[name]; !ok {
				options[name] = value
			}
		}
	}
	return options, nil
}

// validateCompaction checks what parseCompaction returned (CompactionParams.validate).
func validateCompaction(options map[string]string) error {
	class := strings.TrimPrefix(options["class"], compactionPackage)
	s := strategies[class]
	known := append([]subOption{{"class", nil}}, commonOptions...)
	known = append(known, s.options...)
	if s.thresholds {
		known = append(known, subOption{"min_threshold", nil}, subOption{"max_threshold", nil})
	}
	unknown, err := checkSubOptions(known, options)
	if err != nil {
		return err
	}
	if s.check != nil {
		if err := s.check(options); err != nil {
			return err
		}
	}
	if len(unknown) > 0 {
		return cqlerr.Configf("Properties specified [%s] are not understood by %s", strings.Join(unknown, ", "), class)
	}
	if !s.thresholds {
		return nil
	}
	return checkThresholds(options)
}

func checkThresholds(options map[string]string) error {
	var n [2]int64
	for i, name := range [2]string{"min_threshold", "max_threshold"} {
		v, err := strconv.ParseUint(options[name], 10, 31)
		if err != nil {
			return cqlerr.Configf("Invalid value %s for '%s' compaction sub-option - must be an integer", options[name], name)
		}
		n[i] = int64(v)
	}
	switch {
	case n[0] <= 0 || n[1] <= 0:
		return cqlerr.Configf("Disabling compaction by setting compaction thresholds to 0 has been removed, " +
			"set the compaction option 'enabled' to false instead.")
	case n[0] <= 1:
		return cqlerr.Configf("Min compaction threshold cannot be less than 2 (got %d)", n[0])
	case n[0] > n[1]:
		return cqlerr.Configf("Min compaction threshold (got %d) cannot be greater than max compaction threshold (got %d)", n[0], n[1])
	}
	return nil
}

func checkTombstoneThreshold(name, value string) error {
	d, err := parseDouble(value)
	if err != nil {
		return cqlerr.Configf("%s is not a parsable int (base10) for %s", value, name)
	}
	if d < 0 {
		return cqlerr.Configf("%s must be greater than 0, but was %f", name, d)
	}
	return nil
}

func checkFloat(name, value string) error {
	if _, err := parseDouble(value); err != nil {
		return cqlerr.Configf("%s is not a parsable float for %s", value, name)
	}
	return nil
}

func checkUnsafeExpiration(name, value string) error {
	if err := boolean("%s is not 'true' or 'false' (%s)")(name, value); err != nil {
		return err
	}
	if strings.EqualFold(value, "true") {
		return cqlerr.Configf("%s is requested but not allowed, restart cassandra with "+
			"-Dcassandra.allow_unsafe_aggressive_sstable_expiration=true to allow it", name)
	}
	return nil
}

func checkBuckets(options map[string]string) error {
	low, high := floatOption(options, "bucket_low", 0.5), floatOption(options, "bucket_high", 1.5)
	if high <= low {
		return cqlerr.Configf("bucket_high value (%s) is less than or equal to the bucket_low value (%s)", formatDouble(high), formatDouble(low))
	}
	return nil
}

// levels is how many levels the leveled strategy has at most
// (LeveledGenerations.MAX_LEVEL_COUNT).
const levels = 9

// checkLevels refuses sizes whose topmost level would pass 2^63 bytes.
func checkLevels(options map[string]string) error {
	size, fanout := floatOption(options, "sstable_size_in_mb", 1), floatOption(options, "fanout_size", 10)
	most := new(big.Int).Exp(big.NewInt(int64(fanout)), big.NewInt(levels-1), nil)
	most.Mul(most, big.NewInt(int64(size)<<20))
	if !most.IsInt64() {
		return cqlerr.Configf("At most %d bytes may be in a compaction level; your maxSSTableSize must be absurdly high to compute %s", int64(math.MaxInt64), most)
	}
	return checkBuckets(options)
}

// floatOption returns a number that has been checked before.
func floatOption(options map[string]string, name string, otherwise float64) float64 {
	if d, err := parseDouble(options[name]); err == nil {
		return d
	}
	return otherwise
}
