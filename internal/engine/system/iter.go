package system

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/exec"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// iter walks the partitions and rows that a scan asks for.
type iter struct {
	table      *schema.Table
	scan       *store.Scan
	cells      []place
	partitions []partition // to come
	remote     *remote     // has those to come behind them, or nil
	key        []byte      // of the current partition
	rows       []schema.Row
	after      [][]byte // clustering that the first partition goes on behind, or nil
	row        store.Row
	// timestamp, ttl and expires of the current partition's cells.
	timestamp, expires int64
	ttl                int32
}

var _ exec.RowIter = (*iter)(nil)

// place says where in a schema.Row a cell is, and its number in a store.Row.
type place struct {
	index   int
	storage uint32
}

func newIter(t *schema.Table, scan *store.Scan, all []partition) *iter {
	it := &iter{table: t, scan: scan}
	for i, c := range t.InOrder() {
		if c.Kind == schema.Regular || c.Kind == schema.Static {
			it.cells = append(it.cells, place{i, c.Storage})
		}
	}
	slices.SortFunc(it.cells, func(a, b place) int { return cmp.Compare(a.storage, b.storage) })
	if scan.Partitions != nil {
		it.partitions = pick(all, scan.Partitions)
	} else {
		it.partitions = slices.DeleteFunc(all, func(p partition) bool { return !inTokens(p.key, &scan.Tokens) })
		slices.SortFunc(it.partitions, func(a, b partition) int { return comparePartitions(t, a.key, b.key) })
	}
	it.resume()
	return it
}

// pick returns the partitions with these keys, in their order.
func pick(all []partition, keys [][]byte) []partition {
	var picked []partition
	for _, key := range keys {
		for _, p := range all {
			if bytes.Equal(p.key, key) {
				picked = append(picked, p)
			}
		}
	}
	return picked
}

// comparePartitions orders partitions by token, those of virtual tables by
// their key, as Cassandra has them.
func comparePartitions(t *schema.Table, a, b []byte) int {
	if t.Virtual {
		return bytes.Compare(a, b)
	}
	return cmp.Or(cmp.Compare(cqltype.Token(a), cqltype.Token(b)), bytes.Compare(a, b))
}

// inTokens reports whether a key's token is within r.
func inTokens(key []byte, r *store.TokenRange) bool {
	token := cqltype.Token(key)
	if r.Start != nil && (token < *r.Start || token == *r.Start && !r.StartInclusive) {
		return false
	}
	return r.End == nil || token < *r.End || token == *r.End && r.EndInclusive
}

// resume drops the partitions that a scan was done with, and notes the row
// that it goes on behind. A partition that is gone since is skipped alike.
func (it *iter) resume() {
	r := it.scan.Resume
	if r == nil {
		return
	}
	done := func(p partition) bool {
		if it.scan.Partitions != nil {
			return slices.IndexFunc(it.scan.Partitions, func(k []byte) bool { return bytes.Equal(k, p.key) }) <
				slices.IndexFunc(it.scan.Partitions, func(k []byte) bool { return bytes.Equal(k, r.Partition) })
		}
		return comparePartitions(it.table, p.key, r.Partition) < 0
	}
	for len(it.partitions) > 0 && done(it.partitions[0]) {
		it.partitions = it.partitions[1:]
	}
	if len(it.partitions) == 0 || !bytes.Equal(it.partitions[0].key, r.Partition) {
		return
	}
	if r.PartitionDone || len(it.table.Clustering) == 0 {
		it.partitions = it.partitions[1:]
		return
	}
	it.after = r.Clustering
}

// NextPartition is exec.RowIter's.
func (it *iter) NextPartition() bool {
	for p, ok := it.next(); ok; p, ok = it.next() {
		rows := slices.Clone(p.rows())
		it.timestamp, it.ttl, it.expires = it.scan.Now*1e6, 0, 0
		if p.ttl > 0 {
			it.timestamp, it.ttl = p.written.UnixMicro(), int32(p.ttl/time.Second)
			it.expires = p.written.Add(p.ttl).Unix()
		}
		if it.scan.Reverse {
			slices.Reverse(rows)
		}
		it.key, it.rows = p.key, slices.DeleteFunc(rows, func(r schema.Row) bool { return !it.wanted(r) })
		it.after = nil
		if len(it.rows) > 0 {
			return true
		}
	}
	it.rows = nil
	return false
}

// next takes the next partition.
func (it *iter) next() (partition, bool) {
	if it.remote == nil {
		if len(it.partitions) == 0 {
			return partition{}, false
		}
		p := it.partitions[0]
		it.partitions = it.partitions[1:]
		return p, true
	}
	p, ok := it.remote.next()
	if r := it.scan.Resume; ok && r != nil && bytes.Equal(p.key, r.Partition) {
		it.after = r.Clustering
	}
	return p, ok
}

// wanted reports whether a row is within the slices, and behind the row that
// the scan goes on after.
func (it *iter) wanted(row schema.Row) bool {
	clustering := it.clustering(row)
	if it.after != nil {
		c := it.compare(clustering, it.after)
		if it.scan.Reverse {
			c = -c
		}
		if c <= 0 {
			return false
		}
	}
	if it.scan.Slices == nil {
		return true
	}
	return slices.ContainsFunc(it.scan.Slices, func(s store.Slice) bool {
		start, end := it.compare(clustering, s.Start), it.compare(clustering, s.End)
		return (len(s.Start) == 0 || start > 0 || start == 0 && s.StartInclusive) &&
			(len(s.End) == 0 || end < 0 || end == 0 && s.EndInclusive)
	})
}

func (it *iter) clustering(row schema.Row) [][]byte {
	n := len(it.table.PartitionKey)
	return row[n : n+len(it.table.Clustering)]
}

// compare orders two clustering prefixes by the columns that both have.
func (it *iter) compare(a, b [][]byte) int {
	for i := range min(len(a), len(b)) {
		column := it.table.Clustering[i]
		c := column.Type.Compare(a[i], b[i])
		if column.Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// Partition is exec.RowIter's.
func (it *iter) Partition() []byte { return it.key }

// Static is exec.RowIter's; no table here has static columns.
func (it *iter) Static() *store.Row { return nil }

// NextRow is exec.RowIter's.
func (it *iter) NextRow() bool {
	if len(it.rows) == 0 {
		return false
	}
	row := it.rows[0]
	it.rows = it.rows[1:]
	it.row = store.Row{Liveness: store.Liveness{Present: true, Timestamp: it.timestamp, TTL: it.ttl, Expires: it.expires}, Cells: it.row.Cells[:0]}
	if len(it.table.Clustering) > 0 {
		it.row.Clustering = it.clustering(row)
	}
	for _, p := range it.cells {
		if value := row[p.index]; value != nil {
			it.row.Cells = append(it.row.Cells, store.Cell{Column: p.storage, Value: value, Timestamp: it.timestamp, TTL: it.ttl, Expires: it.expires})
		}
	}
	return true
}

// Row is exec.RowIter's.
func (it *iter) Row() *store.Row { return &it.row }

// SkipPartition is exec.RowIter's.
func (it *iter) SkipPartition() { it.rows = nil }

// Err is exec.RowIter's; memory does not fail.
func (it *iter) Err() error {
	if it.remote == nil {
		return nil
	}
	return it.remote.err
}

// Close is exec.RowIter's.
func (it *iter) Close() error { return nil }
