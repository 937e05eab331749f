package schema

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// The values of speculative_retry and additional_write_policy
// (org.apache.cassandra.service.reads.SpeculativeRetryPolicy).
var (
	percentilePolicy = regexp.MustCompile(`(?i)^([0-9.]+)p(?:ercentile)?$`)
	fixedPolicy      = regexp.MustCompile(`(?i)^([0-9.]+)ms$`)
	hybridPolicy     = regexp.MustCompile(`(?i)^(MIN|MAX)\(([0-9.]+[a-z]+)\s*,\s*([0-9.]+[a-z]+)\)$`)
)

// parseSpeculativeRetry returns the canonical form of a policy: ALWAYS, NEVER,
// 99p, 10ms, MIN(99p,10ms). Its errors name speculative_retry for
// additional_write_policy too, as Cassandra's do.
func parseSpeculativeRetry(text string) (string, error) {
	switch strings.ToUpper(text) {
	case "ALWAYS":
		return "ALWAYS", nil
	case "NEVER", "NONE":
		return "NEVER", nil
	}
	invalid := cqlerr.Configf("Invalid value %s for option 'speculative_retry'", text)
	if m := percentilePolicy.FindStringSubmatch(text); m != nil {
		d, err := parseDouble(m[1])
		if err != nil {
			return "", invalid
		}
		if d <= 0 || d >= 100 {
			return "", cqlerr.Configf("Invalid value %s for PERCENTILE option 'speculative_retry': must be between (0.0 and 100.0)", text)
		}
		// Java's DecimalFormat "#.####".
		return strconv.FormatFloat(math.RoundToEven(d*1e4)/1e4, 'f', -1, 64) + "p", nil
	}
	if m := fixedPolicy.FindStringSubmatch(text); m != nil {
		d, err := parseDouble(m[1])
		if err != nil {
			return "", invalid
		}
		return strconv.Itoa(int(min(d, math.MaxInt32))) + "ms", nil
	}
	if m := hybridPolicy.FindStringSubmatch(text); m != nil {
		return parseHybridPolicy(text, strings.ToUpper(m[1]), m[2], m[3])
	}
	return "", invalid
}

// parseHybridPolicy is MIN or MAX of a percentile and a fixed time, whichever
// comes first.
func parseHybridPolicy(text, function, first, second string) (string, error) {
	a, errA := parseSpeculativeRetry(first)
	b, errB := parseSpeculativeRetry(second)
	if errA != nil || errB != nil {
		return "", cqlerr.Configf("Invalid value %s for option 'speculative_retry'", text)
	}
	fixedA, fixedB := strings.HasSuffix(a, "ms"), strings.HasSuffix(b, "ms")
	if fixedA == fixedB {
		kind := "PERCENTILE"
		if fixedA {
			kind = "FIXED"
		}
		return "", cqlerr.Configf("Invalid value %s for option 'speculative_retry': MIN()/MAX() arguments should be of different types, "+
			"but both are of type %s", text, kind)
	}
	if fixedA {
		a, b = b, a
	}
	return function + "(" + a + "," + b + ")", nil
}

// parseReadRepair reads read_repair (ReadRepairStrategy). Cassandra answers a
// server error to an unknown one; this is the error it meant.
func parseReadRepair(text string) (string, error) {
	switch upper := strings.ToUpper(text); upper {
	case "NONE", "BLOCKING":
		return upper, nil
	}
	return "", cqlerr.Configf("Invalid value %s for option 'read_repair'", text)
}

// parseMemtable reads memtable: the configurations of cassandra.yaml, which
// by default has but one (MemtableParams).
func parseMemtable(text string) (string, error) {
	if text != "default" {
		return "", cqlerr.Configf("Memtable configuration \"%s\" not found.", text)
	}
	return text, nil
}

// parseCaching reads caching (CachingParams.fromMap).
func parseCaching(given map[string]string) (map[string]string, error) {
	keys, rows := "NONE", "NONE"
	var unknown []string
	for _, name := range sortedKeys(given) {
		switch value := given[name]; name {
		case "keys":
			if keys = strings.ToUpper(value); keys != "ALL" && keys != "NONE" {
				return nil, cqlerr.Configf("Invalid value '%s' for caching sub-option 'keys': only 'ALL' and 'NONE' are allowed", value)
			}
		case "rows_per_partition":
			var err error
			if rows, err = parseRowsPerPartition(value); err != nil {
				return nil, err
			}
		default:
			unknown = append(unknown, name)
		}
	}
	if unknown != nil {
		return nil, cqlerr.Configf("Invalid caching sub-options [%s]: only 'keys' and 'rows_per_partition' are allowed", strings.Join(unknown, ", "))
	}
	return map[string]string{"keys": keys, "rows_per_partition": rows}, nil
}

func parseRowsPerPartition(value string) (string, error) {
	if upper := strings.ToUpper(value); upper == "ALL" || upper == "NONE" {
		return upper, nil
	}
	n, err := strconv.ParseUint(value, 10, 31)
	switch {
	case err != nil:
		return "", cqlerr.Configf("Invalid value '%s' for caching sub-option 'rows_per_partition': only 'ALL', 'NONE', and integer values are allowed", value)
	case n == 0:
		return "NONE", nil
	case n == math.MaxInt32:
		return "ALL", nil
	}
	return strconv.FormatUint(n, 10), nil
}
