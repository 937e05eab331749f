package schema

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// minTargetSSTableSize is the least target_sstable_size, in bytes
// (Controller.MIN_TARGET_SSTABLE_SIZE).
const minTargetSSTableSize = 1 << 20

// defaultTargetSSTableSize is target_sstable_size when it is not given
// (Controller.DEFAULT_TARGET_SSTABLE_SIZE).
const defaultTargetSSTableSize = 1 << 30

// unifiedOptions are those of UnifiedCompactionStrategy (Controller.validateOptions).
var unifiedOptions = []subOption{
	{"scaling_parameters", checkScalingParameters},
	{"base_shard_count", integer(32, 1, mustBePositive)},
	{"target_sstable_size", checkTargetSize},
	{"flush_size_override", checkTargetSize},
	{"max_sstables_to_compact", integer(32, math.MinInt32, nil)},
	{"expired_sstable_check_frequency_seconds", checkExpiredFrequency},
	{"unsafe_aggressive_sstable_expiration", boolean("%s should either be 'true' or 'false', not %s")},
	{"overlap_inclusion_method", checkOverlapMethod},
	{"min_sstable_size", checkMinSize},
	{"sstable_growth", checkGrowth},
}

var (
	scalingParameter = regexp.MustCompile(`^(?:N|L([0-9]+)|T([0-9]+)|[+-]?[0-9]+)$`)
	humanSize        = regexp.MustCompile(`^([+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)\s*([qryzafpnumKMGTPEZYRQ]?)(i?)$`)
)

// checkUnified checks the sizes against each other (Controller.validateOptions).
func checkUnified(options map[string]string) error {
	least, reason := parseSize(options["min_sstable_size"])
	if reason != "" {
		return nil // not given
	}
	target, reason := parseSize(options["target_sstable_size"])
	if reason != "" {
		target = defaultTargetSSTableSize
	}
	if least <= target*math.Sqrt(0.5) {
		return nil
	}
	return cqlerr.Configf("Invalid configuration, min_sstable_size (%s) should be less than 70%% of the targetSSTableSize (%s)",
		prettySize(least), prettySize(target))
}

// prettySize is a size in bytes as FBUtilities.prettyPrintMemory writes it.
func prettySize(size float64) string {
	for i, unit := range []string{"PiB", "TiB", "GiB", "MiB", "KiB"} {
		if n := math.Ldexp(size, -10*(5-i)); n >= 1 {
			return strconv.FormatFloat(n, 'f', 3, 64) + unit
		}
	}
	return strconv.FormatFloat(size, 'f', 0, 64) + "B"
}

func mustBePositive(name string, n int64) error {
	return cqlerr.Configf("Invalid configuration, %s should be positive: %d", name, n)
}

func checkScalingParameters(_, value string) error {
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimSpace(part)
		m := scalingParameter.FindStringSubmatch(part)
		if m == nil {
			return cqlerr.Configf("Scaling parameter %s must match N|L[0-9]+|T[0-9]+|[+-]?[0-9]+", part)
		}
		if fan := m[1] + m[2]; fan != "" {
			if n, err := strconv.Atoi(fan); err != nil || n < 2 {
				return cqlerr.Configf("Fan factor cannot be lower than 2 in %s", part)
			}
		}
	}
	return nil
}

func checkExpiredFrequency(name, value string) error {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return cqlerr.Configf("%s is not a parsable long (base10) for %s", value, name)
	}
	if n <= 0 {
		return mustBePositive(name, n)
	}
	return nil
}

func checkOverlapMethod(_, value string) error {
	switch strings.ToUpper(value) {
	case "NONE", "SINGLE", "TRANSITIVE":
		return nil
	}
	return cqlerr.Configf("Invalid overlap inclusion method %s. The valid options are [NONE, SINGLE, TRANSITIVE].", value)
}

func checkTargetSize(name, value string) error {
	size, reason := parseSize(value)
	if reason != "" {
		return cqlerr.Configf("%s %s is not a valid size in bytes: %s", name, value, reason)
	}
	if size >= math.MaxInt64 {
		return cqlerr.Configf("%s %s is out of range of Long.", name, value)
	}
	if size < minTargetSSTableSize {
		return cqlerr.Configf("%s %s is not acceptable, size must be at least 1.000MiB", name, value)
	}
	return nil
}

func checkMinSize(name, value string) error {
	size, reason := parseSize(value)
	if reason != "" {
		return cqlerr.Configf("%s is not a valid size in bytes for %s", value, name)
	}
	if size < 0 {
		return cqlerr.Configf("Invalid configuration, %s should be greater than or equal to 0 (zero)", name)
	}
	return nil
}

func checkGrowth(name, value string) error {
	text, percent := strings.CutSuffix(strings.TrimSpace(value), "%")
	d, err := parseDouble(text)
	if err != nil {
		return cqlerr.Configf("%s is not a valid number between 0 and 1: For input string: \"%s\"", name, text)
	}
	if percent {
		d /= 100
	}
	if d < 0 || d > 1 {
		return cqlerr.Configf("%s %s must be between 0 and 1", name, value)
	}
	return nil
}

// parseSize reads a size like 1GiB or 500 MB, in bytes
// (FBUtilities.parseHumanReadable); reason says what is wrong.
func parseSize(value string) (size float64, reason string) {
	text, ok := strings.CutSuffix(value, "B")
	if !ok {
		return 0, value + " does not end in unit B"
	}
	m := humanSize.FindStringSubmatch(text)
	if m == nil {
		return 0, "null"
	}
	size, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0, "null"
	}
	power := strings.Index("qryzafpnum.KMGTPEZYRQ", m[2]) - 10
	if m[2] == "" {
		power = 0
	}
	if m[3] != "" {
		return math.Ldexp(size, power*10), ""
	}
	return size * math.Pow(1000, float64(power)), ""
}
