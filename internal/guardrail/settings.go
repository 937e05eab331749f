package guardrail

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
)

// Setting is one limit by its name in cassandra.yaml, or, for what Cassandra has
// not, by that of GuardrailsConfig of DataStax's.
type Setting struct{ Name, Value string }

// field reads and writes one setting.
type field struct {
	name string
	show func() string
	set  func(text string) error
}

// fields are the settings of l, in order of their names.
func (l *Limits) fields() []field {
	var all []field
	count := func(name, warn, fail string, t *Threshold) {
		if warn != "" {
			all = append(all, number(name+warn, &t.Warn))
		}
		if fail != "" {
			all = append(all, number(name+fail, &t.Fail))
		}
	}
	both := func(name string, t *Threshold) { count(name, "_warn_threshold", "_fail_threshold", t) }
	bytes := func(name string, t *Threshold) {
		all = append(all, size(name+"_warn_threshold", &t.Warn), size(name+"_fail_threshold", &t.Fail))
	}
	both("keyspaces", &l.Keyspaces)
	both("tables", &l.Tables)
	both("columns_per_table", &l.ColumnsPerTable)
	both("fields_per_udt", &l.FieldsPerUDT)
	both("secondary_indexes_per_table", &l.SecondaryIndexes)
	count("sai_indexes_per_table", "", "_failure_threshold", &l.SAIPerTable)
	count("sai_indexes_total", "", "_failure_threshold", &l.SAITotal)
	count("sasi_indexes_per_table", "", "_failure_threshold", &l.SASIPerTable)
	bytes("sai_string_term_size", &l.SAIStringTerm)
	bytes("sai_frozen_term_size", &l.SAIFrozenTerm)
	bytes("sai_vector_term_size", &l.SAIVectorTerm)
	bytes("column_value_size", &l.ColumnValueSize)
	bytes("collection_size", &l.CollectionSize)
	both("items_per_collection", &l.ItemsPerCollection)
	both("partition_keys_in_select", &l.PartitionKeysInSelect)
	both("in_select_cartesian_product", &l.InSelectProduct)
	both("page_size", &l.PageSize)
	all = append(all, size("page_size_failure_threshold", &l.PageBytes.Fail))
	bytes("batch_size", &l.BatchSize)
	count("unlogged_batch_across_partitions", "_warn_threshold", "", &l.UnloggedBatchPartitions)
	count("tombstone", "_warn_threshold", "_failure_threshold", &l.Tombstones)
	both("data_disk_usage_percentage", &l.DiskUsage)
	for name, enabled := range map[string]*bool{
		"read_before_write_list_operations_enabled": &l.ListReads, "user_timestamps_enabled": &l.UserTimestamps,
		"allow_filtering_enabled": &l.AllowFiltering, "group_by_enabled": &l.GroupBy, "drop_truncate_table_enabled": &l.DropTruncate,
	} {
		all = append(all, flag(name, enabled))
	}
	p := &l.TableProperties
	all = append(all, names("table_properties_warned", &p.Warned), names("table_properties_ignored", &p.Ignored), names("table_properties_disallowed", &p.Disallowed))
	for kind, v := range map[string]*Levels{"write": &l.WriteLevels, "read": &l.ReadLevels} {
		all = append(all, levels(kind+"_consistency_levels_warned", &v.Warned), levels(kind+"_consistency_levels_disallowed", &v.Disallowed))
	}
	slices.SortFunc(all, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return all
}

// Settings are all limits, in order of their names, as system_views.settings
// shows them.
func (l *Limits) Settings() []Setting {
	var all []Setting
	for _, f := range l.fields() {
		all = append(all, Setting{f.name, f.show()})
	}
	return all
}

// Set changes one limit by name. Values are as in cassandra.yaml: numbers (-1 is
// off), sizes such as 5MiB, true and false, lists with commas.
func (l *Limits) Set(name, value string) error {
	for _, f := range l.fields() {
		if f.name == name {
			if err := f.set(strings.TrimSpace(value)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		}
	}
	return fmt.Errorf("there is no guardrail %q", name)
}

func number(name string, at *int64) field {
	return field{name, func() string { return strconv.FormatInt(*at, 10) }, func(text string) error {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < Off {
			return fmt.Errorf("%q is not a number", text)
		}
		*at = n
		return nil
	}}
}

// units of DataStorageSpec, the largest first.
var units = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

func size(name string, at *int64) field {
	return field{name, func() string { return showSize(*at) }, func(text string) error {
		if text == "null" || text == "-1" {
			*at = Off
			return nil
		}
		for _, u := range units {
			digits, ok := strings.CutSuffix(text, u.name)
			if !ok {
				continue
			}
			n, err := strconv.ParseInt(digits, 10, 64)
			if err != nil || n < 0 || n > 1<<62/u.bytes {
				break
			}
			*at = n * u.bytes
			return nil
		}
		return fmt.Errorf("%q is not a size such as 5MiB", text)
	}}
}

func showSize(n int64) string {
	if n < 0 {
		return "null"
	}
	for _, u := range units {
		if n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return "0B"
}

func flag(name string, at *bool) field {
	return field{name, func() string { return strconv.FormatBool(*at) }, func(text string) (err error) {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		*at = on
		return nil
	}}
}

func names(name string, at *[]string) field {
	return field{name, func() string { return list(*at) }, func(text string) error {
		*at = nil
		for _, word := range words(text) {
			*at = append(*at, strings.ToLower(word))
		}
		return nil
	}}
}

func levels(name string, at *[]backend.Consistency) field {
	return field{name, func() string { return list(*at) }, func(text string) error {
		var all []backend.Consistency
		for _, word := range words(text) {
			level, ok := levelOf(word)
			if !ok {
				return fmt.Errorf("%q is not a consistency level", word)
			}
			all = append(all, level)
		}
		*at = all
		return nil
	}}
}

func levelOf(name string) (backend.Consistency, bool) {
	for level := backend.Any; level <= backend.LocalOne; level++ {
		if strings.EqualFold(level.String(), name) {
			return level, true
		}
	}
	return 0, false
}

// words takes "[a, b]" or "a,b" apart.
func words(text string) []string {
	return strings.FieldsFunc(strings.Trim(text, "[]"), func(r rune) bool { return r == ',' || r == ' ' })
}

// list writes values as Java writes a set.
func list[T any](all []T) string {
	parts := make([]string, len(all))
	for i, v := range all {
		parts[i] = fmt.Sprint(v)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
