package exec

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// tooManyTombstones is the answer to a read that passed the limit of one page
// (TombstoneOverwhelmingException, as its coordinator reports it).
func (x *selectRun) tooManyTombstones() error {
	var key []byte
	if len(x.scan.Partitions) == 1 {
		key = x.scan.Partitions[0]
	}
	return x.db.tombstoneFailure(x.consistency, x.commandText(key), x.warnings)
}

// tombstoneFailure is the answer to a request whose read, text, met too many.
func (db *DB) tombstoneFailure(c backend.Consistency, text string, warnings []string) error {
	g := db.guard()
	if err := g.TombstonesRefused(g.TombstoneLimit()+1, shortened(text, maxCommandText)); err != nil {
		return err
	}
	const replica, port = "127.0.0.1", ":7000"
	return &cqlerr.Error{
		Code:        cqlerr.ReadFailure,
		Message:     "Operation failed - received 0 responses and 1 failures: READ_TOO_MANY_TOMBSTONES from /" + replica + port,
		Consistency: uint16(c), BlockFor: 1, Failures: map[string]uint16{replica: readTooManyTombstones}, Warnings: warnings,
	}
}

// readTooManyTombstones is a reason code (RequestFailureReason).
const readTooManyTombstones = 1

// tombstonesOf is how many tombstones an iterator has passed over.
func tombstonesOf(it RowIter) int {
	if counted, ok := it.(interface{ Tombstones() int }); ok {
		return counted.Tombstones()
	}
	return 0
}

// countTombstones adds up what an iterator has passed over.
func (x *selectRun) countTombstones(it RowIter) { x.tombstones += tombstonesOf(it) }

// maxCommandText is how much of a read a warning shows, in characters.
const maxCommandText = 512

// warnTombstones warns if too many tombstones were passed since the last time:
// for each of several partitions that are named, or for all of a range
// (ReadCommand.withoutTombstones's MetricRecording).
func (x *selectRun) warnTombstones(it RowIter) {
	if x.p.Layout == nil {
		return
	}
	all := tombstonesOf(it)
	tombstones, live := all-x.warned.tombstones, x.live-x.warned.live
	x.warned.tombstones, x.warned.live = all, x.live
	x.tellTombstones(it.Partition(), live, tombstones)
}

// tellTombstones warns of the tombstones of a read that ended in a partition.
func (x *selectRun) tellTombstones(key []byte, live, tombstones int) {
	if len(x.scan.Partitions) == 1 {
		key = x.scan.Partitions[0]
	}
	x.warnings = x.db.warnOfTombstones(x.warnings, key, live, tombstones, func() string { return x.commandText(key) })
}

// warnOfTombstones appends the warning of a read that met so many, if they are
// too many: text is the read.
func (db *DB) warnOfTombstones(warnings []string, key []byte, live, tombstones int, text func() string) []string {
	g := db.guard()
	if limit := g.TombstoneLimit(); limit > 0 {
		tombstones = min(tombstones, limit+1) // where Cassandra stops counting
	}
	if !g.TellsOfTombstones(tombstones) {
		return warnings
	}
	return append(warnings, g.Tombstones(live, tombstones, shortened(text(), maxCommandText), cqltype.Token(key)))
}

// shortened is the first n characters of s.
func shortened(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// commandText is the read in the words of Cassandra's replicas, which see values
// where the statement has markers (ReadCommand.toCQLString).
func (x *selectRun) commandText(key []byte) string {
	var b strings.Builder
	t := x.p.Table
	b.WriteString("SELECT " + x.fetchedText() + " FROM " + t.String())
	conditions := x.partitionText(key)
	conditions = append(conditions, x.clusteringText()...)
	for _, list := range [][]plan.Predicate{x.partitionPredicates, x.rowPredicates} {
		for i := range list {
			conditions = append(conditions, list[i].String())
		}
	}
	if len(conditions) > 0 {
		b.WriteString(" WHERE " + strings.Join(conditions, " AND "))
	}
	if x.p.Reversed {
		b.WriteString(" ORDER BY ")
		for i, c := range t.Clustering {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(cqltype.QuoteIdentifier(c.Name))
			if !c.Desc {
				b.WriteString(" DESC")
			} else {
				b.WriteString(" ASC")
			}
		}
	}
	b.WriteString(x.limitText())
	b.WriteString(" ALLOW FILTERING")
	return b.String()
}

// fetchedText are the columns that are read, without those of the key.
func (x *selectRun) fetchedText() string {
	var names []string
	for _, list := range [][]*schema.Column{x.p.Table.Static, x.p.Table.Regular} {
		for _, c := range list {
			for _, read := range x.p.Columns {
				if read == c {
					names = append(names, cqltype.QuoteIdentifier(c.Name))
				}
			}
		}
	}
	if x.p.Wildcard || len(names) == 0 {
		return "*"
	}
	return strings.Join(names, ", ")
}

// keyText are the conditions that name a partition.
func keyText(t *schema.Table, key []byte) (conditions []string) {
	values, _ := cqltype.SplitPartitionKey(nil, key, len(t.PartitionKey))
	for i, v := range values {
		conditions = append(conditions, comparison(t.PartitionKey[i], "=", v))
	}
	return conditions
}

// rowsText is the condition that names rows (ClusteringIndexNamesFilter.toCQLString).
func rowsText(t *schema.Table, rows [][][]byte) string {
	tuple := func(parts []string) string {
		if len(parts) == 1 {
			return parts[0]
		}
		return "(" + strings.Join(parts, ", ") + ")"
	}
	names := make([]string, len(t.Clustering))
	for i, c := range t.Clustering {
		names[i] = cqltype.QuoteIdentifier(c.Name)
	}
	list := make([]string, len(rows))
	for i, row := range rows {
		values := make([]string, len(row))
		for j, v := range row {
			values[j] = string(t.Clustering[j].Type.AppendLiteral(nil, v))
		}
		list[i] = tuple(values)
	}
	if len(rows) == 1 {
		return tuple(names) + " = " + list[0]
	}
	return tuple(names) + " IN (" + strings.Join(list, ", ") + ")"
}

// partitionText is the condition on the partition key: the key, or the tokens.
func (x *selectRun) partitionText(key []byte) []string {
	columns := x.p.Table.PartitionKey
	var conditions []string
	if x.scan.Partitions != nil && key == nil { // one of several
		return nil
	}
	if x.scan.Partitions != nil {
		return keyText(x.p.Table, key)
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = cqltype.QuoteIdentifier(c.Name)
	}
	token := "token(" + strings.Join(names, ", ") + ") "
	r := &x.scan.Tokens
	if r.Start != nil {
		conditions = append(conditions, token+operator(">", r.StartInclusive)+" "+strconv.FormatInt(*r.Start, 10))
	}
	if r.End != nil {
		conditions = append(conditions, token+operator("<", r.EndInclusive)+" "+strconv.FormatInt(*r.End, 10))
	}
	return conditions
}

// clusteringText are the conditions on the clustering key, if one slice says them.
func (x *selectRun) clusteringText() []string {
	if t := x.p.Table; len(t.Clustering) > 0 && len(x.scan.Slices) > 0 && x.p.Where.IsRowKey() {
		rows := make([][][]byte, len(x.scan.Slices))
		for i := range rows {
			rows[i] = x.scan.Slices[i].Start
		}
		return []string{rowsText(t, rows)}
	}
	if len(x.scan.Slices) != 1 {
		return nil
	}
	s := &x.scan.Slices[0]
	var conditions []string
	for i, c := range x.p.Table.Clustering {
		hasStart, hasEnd := i < len(s.Start), i < len(s.End)
		if hasStart && hasEnd && c.Type.Compare(s.Start[i], s.End[i]) == 0 {
			conditions = append(conditions, comparison(c, "=", s.Start[i]))
			continue
		}
		up, down := ">", "<"
		if c.Desc {
			up, down = down, up
		}
		if hasStart {
			conditions = append(conditions, comparison(c, operator(up, s.StartInclusive), s.Start[i]))
		}
		if hasEnd {
			conditions = append(conditions, comparison(c, operator(down, s.EndInclusive), s.End[i]))
		}
	}
	return conditions
}

func comparison(c *schema.Column, op string, value []byte) string {
	return cqltype.QuoteIdentifier(c.Name) + " " + op + " " + string(c.Type.AppendLiteral(nil, value))
}

func operator(op string, inclusive bool) string {
	if inclusive {
		return op + "="
	}
	return op
}

// groupPage is how many rows Cassandra reads at a time for a GROUP BY.
const groupPage = 10_000

// limitText are the limits (DataLimits.toString), with a space in front.
func (x *selectRun) limitText() string {
	limit := x.wanted
	if x.p.Group != nil {
		limit = min(limit, groupPage)
	}
	perPartition := x.perPartition
	if x.p.Distinct {
		perPartition = 1
	}
	var parts []string
	if limit < plan.NoLimit {
		parts = append(parts, "LIMIT "+strconv.Itoa(limit))
	}
	if perPartition < plan.NoLimit {
		parts = append(parts, "PER PARTITION LIMIT "+strconv.Itoa(perPartition))
	}
	if parts == nil && !x.p.Aggregating() {
		return ""
	}
	return " " + strings.Join(parts, " ")
}
