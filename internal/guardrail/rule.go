package guardrail

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/elide"
)

// text is a message with the verbs %[1]s what, %[2]s the value, %[3]s the
// threshold.
type text struct{ warn, fail string }

// rule is one guardrail: its name, and what it says.
type rule struct {
	name string
	// cassandra are Guardrails.java's words, behind which stands the guardrail's
	// name; astra those of DataStax's Cassandra.
	cassandra, astra text
	// size: Astra writes the numbers as sizes.
	size bool
}

const (
	exceeds     = ", this exceeds the warning threshold of %[3]s."
	exceedsFail = ", this exceeds the failure threshold of %[3]s."
)

// valueTexts are those of values, and of the terms that storage-attached indexes have
// of them.
var valueTexts = text{"Value of column '%[1]s' has size %[2]s" + exceeds, "Value of column '%[1]s' has size %[2]s" + exceedsFail}

// The guardrails with thresholds.
var (
	keyspaces = rule{name: "keyspaces", cassandra: text{
		"Creating keyspace %[1]s, current number of keyspaces %[2]s exceeds warning threshold of %[3]s.",
		"Cannot have more than %[3]s keyspaces, aborting the creation of keyspace %[1]s"}}
	tables = rule{name: "tables", cassandra: text{
		"Creating table %[1]s, current number of tables %[2]s exceeds warning threshold of %[3]s.",
		"Cannot have more than %[3]s tables, aborting the creation of table %[1]s"}, astra: text{
		"Creating table %[1]s, current number of tables %[2]s exceeds warning threshold of %[3]s.",
		"Cannot have more than %[3]s tables, failed to create table %[1]s"}}
	columnsPerTable = rule{name: "columns_per_table", cassandra: text{
		"The table %[1]s has %[2]s columns" + exceeds,
		"Tables cannot have more than %[3]s columns, but %[2]s provided for table %[1]s"}}
	fieldsPerUDT = rule{name: "fields_per_udt", cassandra: text{
		"The user type %[1]s has %[2]s columns" + exceeds,
		"User types cannot have more than %[3]s columns, but %[2]s provided for user type %[1]s."}, astra: text{
		"The user type %[1]s has %[2]s columns" + exceeds,
		"User types cannot have more than %[3]s columns, but %[2]s provided for type %[1]s"}}
	secondaryIndexes = rule{name: "secondary_indexes_per_table", cassandra: text{
		"Creating secondary index %[1]s, current number of indexes %[2]s exceeds warning threshold of %[3]s.",
		"Tables cannot have more than %[3]s secondary indexes, aborting the creation of secondary index %[1]s"}, astra: text{
		"Creating secondary index %[1]s, current number of indexes %[2]s exceeds warning threshold of %[3]s.",
		"Tables cannot have more than %[3]s secondary indexes, failed to create secondary index %[1]s"}}
	saiPerTable = rule{name: "sai_indexes_per_table", cassandra: text{
		fail: "Tables cannot have more than %[3]s StorageAttachedIndex secondary indexes, failed to create secondary index %[1]s"}}
	saiTotal = rule{name: "sai_indexes_total", cassandra: text{
		fail: "Cannot have more than %[3]s StorageAttachedIndex secondary indexes across all keyspaces, failed to create secondary index %[1]s"}}
	sasiPerTable = rule{name: "sasi_indexes_per_table", cassandra: text{
		fail: "Tables cannot have more than %[3]s SASI indexes, failed to create SASI index %[1]s"}}
	saiStringTerm   = rule{name: "sai_string_term_size", cassandra: valueTexts}
	saiFrozenTerm   = rule{name: "sai_frozen_term_size", cassandra: valueTexts}
	saiVectorTerm   = rule{name: "sai_vector_term_size", cassandra: valueTexts}
	columnValueSize = rule{name: "column_value_size", size: true, cassandra: valueTexts, astra: text{
		"Value of %[1]s of size %[2]s is greater than the maximum recommended (%[3]s)",
		"Value of %[1]s of size %[2]s is greater than the maximum allowed (%[3]s)"}}
	collectionSize = rule{name: "collection_size", size: true, cassandra: text{
		"Detected collection %[1]s of size %[2]s" + exceeds, "Detected collection %[1]s of size %[2]s" + exceedsFail}, astra: text{
		"Detected collection %[1]s of size %[2]s, greater than the maximum recommended size (%[3]s)",
		"Detected collection %[1]s of size %[2]s, greater than the maximum allowed size (%[3]s)"}}
	itemsPerCollection = rule{name: "items_per_collection", cassandra: text{
		"Detected collection %[1]s with %[2]s items" + exceeds, "Detected collection %[1]s with %[2]s items" + exceedsFail}, astra: text{
		"Detected collection %[1]s with %[2]s items, greater than the maximum recommended (%[3]s)",
		"Detected collection %[1]s with %[2]s items, greater than the maximum allowed (%[3]s)"}}
	partitionKeys = rule{name: "partition_keys_in_select", cassandra: text{
		"Query with partition keys in IN clause on table %[1]s, with number of partition keys %[2]s exceeds warning threshold of %[3]s.",
		"Aborting query with partition keys in IN clause on table %[1]s, number of partition keys %[2]s exceeds fail threshold of %[3]s."}, astra: text{
		"Query with partition keys in IN clause on table %[1]s, with number of partition keys %[2]s exceeds warning threshold of %[3]s.",
		"Select query cannot be completed because it selects %[2]s partitions keys - more than the maximum allowed %[3]s"}}
	inProduct = rule{name: "in_select_cartesian_product", cassandra: text{
		"The cartesian product of the IN restrictions on %[1]s produces %[2]s values, this exceeds warning threshold of %[3]s.",
		"Aborting query because the cartesian product of the IN restrictions on %[1]s produces %[2]s values, this exceeds fail threshold of %[3]s."}, astra: text{
		"The cartesian product of the IN restrictions on %[1]s produces %[2]s values, this exceeds warning threshold of %[3]s.",
		"The query cannot be completed because cartesian product of all values in IN conditions is greater than %[3]s"}}
	pageSize = rule{name: "page_size", cassandra: text{
		"Query for table %[1]s with page size %[2]s exceeds warning threshold of %[3]s.",
		"Aborting query for table %[1]s, page size %[2]s exceeds fail threshold of %[3]s."}}
	batchSize = rule{name: "batch_size", size: true, astra: text{
		"Batch for %[1]s is of size %[2]s, exceeding specified warning threshold %[3]s",
		"Batch for %[1]s is of size %[2]s, exceeding specified failure threshold %[3]s"}}
	unloggedPartitions = rule{name: "unlogged_batch_across_partitions"}
	diskUsage          = rule{name: "replica_disk_usage", cassandra: text{
		"Replica disk usage exceeds warning threshold", "Write request failed because disk usage exceeds failure threshold"}, astra: text{
		"Replica disk usage exceeds warn threshold", "Write request failed because disk usage exceeds failure threshold"}}
)

// The guardrails of features and values.
const (
	listReads       = "read_before_write_list_operations"
	userTimestamps  = "user_timestamps"
	allowFiltering  = "allow_filtering"
	groupBy         = "group_by"
	dropTruncate    = "drop_truncate_table_enabled"
	tableProperties = "table_properties"
	writeLevels     = "write_consistency_levels"
	readLevels      = "read_consistency_levels"
	// scannedTombstones is what DataStax's Cassandra calls it.
	scannedTombstones = "scanned_tombstones"
)

// guardrails are the names of all, for the metrics.
var guardrails = []string{
	keyspaces.name, tables.name, columnsPerTable.name, fieldsPerUDT.name, secondaryIndexes.name, saiPerTable.name, saiTotal.name, sasiPerTable.name,
	saiStringTerm.name, saiFrozenTerm.name, saiVectorTerm.name,
	columnValueSize.name, collectionSize.name, itemsPerCollection.name, partitionKeys.name, inProduct.name, pageSize.name,
	batchSize.name, unloggedPartitions.name, diskUsage.name, listReads, userTimestamps, allowFiltering, groupBy, dropTruncate,
	tableProperties, writeLevels, readLevels, scannedTombstones,
}

// findings collect what is to be said of one request: nothing costs nothing.
type findings struct {
	guard    *Guard
	warnings []string
	// cuts are what was left out of the request, nil for nothing.
	cuts *elide.Cuts
}

// check compares a value with a limit; past Fail it is an error.
func (f *findings) check(r *rule, t Threshold, what string, value int64) error {
	switch {
	case t.Fail >= 0 && value > t.Fail:
		return f.fail(r.name, f.guard.format(r, false, what, value, t.Fail))
	case t.Warn >= 0 && value > t.Warn:
		f.warn(r.name, f.guard.format(r, true, what, value, t.Warn))
	}
	return nil
}

func (f *findings) warn(name, message string) {
	f.guard.warned(name)
	f.warnings = append(f.warnings, f.guard.decorate(name, message))
}

// fail refuses the request. The message is a warning, too, behind those that came
// before it (Guardrail.fail).
func (f *findings) fail(name, message string) error {
	f.guard.failed(name)
	err := cqlerr.Invalidf("%s", f.guard.decorate(name, message))
	err.Warnings = append(f.warnings, err.Message)
	return err
}

// decorate is Guardrail.decorateMessage; DataStax's Cassandra has no such thing.
func (g *Guard) decorate(name, message string) string {
	if g.limits.Astra {
		return message
	}
	return "Guardrail " + name + " violated: " + message
}

func (g *Guard) format(r *rule, warning bool, what string, value, threshold int64) string {
	t := r.cassandra
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	if g.limits.Astra {
		if r.astra != (text{}) {
			t = r.astra
		}
		if r.size {
			number = humanSize
		}
	}
	form := t.fail
	if warning {
		form = t.warn
	}
	if !strings.Contains(form, "%") {
		return form
	}
	return fmt.Sprintf(form, what, number(value), number(threshold)) // the forms name their arguments by number
}

// humanSize is Units.toString of DataStax's Cassandra, as 5.0MB.
func humanSize(n int64) string {
	for _, u := range units[:3] {
		if n >= u.bytes {
			return fmt.Sprintf("%.1f%cB", float64(n)/float64(u.bytes), u.name[0])
		}
	}
	return fmt.Sprintf("%dB", n)
}
