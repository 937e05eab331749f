package exec

import (
	"fmt"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// What Cassandra counts for a batch beside the values (PartitionUpdate.dataSize
// and what it adds up), in bytes.
const (
	partitionOverhead = 29 // deletion 8, empty static row 21
	rowOverhead       = 21 // liveness 8, deletion 13
	ttlOverhead       = 12 // of a liveness with a TTL
	rangeOverhead     = 16
)

// batchSize adds up how large Cassandra would find a batch, which is warned of,
// or refused, for its size when it has several partitions. What is written is
// only noted; the sum is made when it may matter.
type batchSize struct {
	// most is the size if all writes were of different partitions.
	most int
	// several: not all writes are to one partition.
	several bool
	rows    []sizedWrite
	names   []byte
	// touched are the partitions that are written to.
	touched partitionCount
}

// sizedWrite is one write: names[start:partition] is its partition key,
// names[partition:end] its row. bytes are those of the cells or the range, row
// those of the row itself, which count once.
type sizedWrite struct {
	table                 *schema.Table
	start, partition, end int
	bytes, row            int
}

func (s *batchSize) reset() {
	s.most, s.several, s.rows, s.names, s.touched = 0, false, s.rows[:0], s.names[:0], s.touched[:0]
}

// add notes a write to one row, or of a range when clustering is nil.
func (s *batchSize) add(t *schema.Table, partition []byte, clustering [][]byte, bytes, row int) {
	w := sizedWrite{table: t, start: len(s.names), bytes: bytes, row: row}
	s.names = append(s.names, partition...)
	w.partition = len(s.names)
	for _, c := range clustering {
		s.names = append(append(s.names, c...), 0)
		w.row += len(c)
	}
	w.end = len(s.names)
	if n := len(s.rows); n > 0 {
		last := &s.rows[n-1]
		s.several = s.several || last.table.Keyspace != t.Keyspace || string(s.names[last.start:last.partition]) != string(partition)
	}
	s.most += partitionOverhead + w.bytes + w.row
	s.rows = append(s.rows, w)
}

// check returns the warnings or the error of the batch
// (BatchStatement.verifyBatchSize).
func (s *batchSize) check(g *guardrail.Guard) (warnings []string, err error) {
	if s.most <= g.BatchFloor() || !s.several {
		return nil, nil
	}
	size := 0
	mutations, updates, rows := map[string]bool{}, map[string]bool{}, map[string]bool{}
	var tables []string
	for _, w := range s.rows {
		partition, row := string(s.names[w.start:w.partition]), string(s.names[w.partition:w.end])
		table := w.table.Keyspace + "." + w.table.Name
		mutations[w.table.Keyspace+"\x00"+partition] = true
		if update := table + "\x00" + partition; !updates[update] {
			updates[update] = true
			size += partitionOverhead
		}
		size += w.bytes
		if key := fmt.Sprintf("%s\x00%d\x00%s%s", table, len(partition), partition, row); !rows[key] && w.row > 0 {
			rows[key] = true
			size += w.row
		}
		if !slices.Contains(tables, table) {
			tables = append(tables, table)
		}
	}
	if len(mutations) < 2 {
		return nil, nil
	}
	return g.Batch(tables, size)
}

// columnType is the type of a column that the statement writes.
func (w *writer) columnType(storage uint32) *cqltype.Type {
	for _, ops := range [...][]plan.Operation{w.m.Regular, w.m.Static} {
		for i := range ops {
			if c := ops[i].Column; c.Storage == storage {
				return c.Type
			}
		}
	}
	return nil
}

// sized notes the row that was written, when the batch is to know its size.
func (w *writer) sized() {
	switch {
	case w.size == nil:
	case w.static:
		w.size.add(w.m.Table, w.partition, nil, w.row.DataSize(w.columnType), 0)
	default:
		row := rowOverhead
		if w.row.Expires() {
			row += ttlOverhead
		}
		w.size.add(w.m.Table, w.partition, w.clustering, w.row.DataSize(w.columnType), row)
	}
}

// sizedDeletion notes the deletion of a partition, or of a range of its rows.
func (w *writer) sizedDeletion(partition []byte, s *store.Slice) {
	if w.size == nil {
		return
	}
	bytes := 0
	if s != nil {
		bytes = rangeOverhead
		for _, v := range slices.Concat(s.Start, s.End) {
			bytes += len(v)
		}
	}
	w.size.add(w.m.Table, partition, nil, bytes, 0)
}
