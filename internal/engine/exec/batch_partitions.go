package exec

import (
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// partitionCount counts the partitions that a batch writes to, as Cassandra
// counts its mutations: a key is another one in another keyspace, and the same
// in all tables of one. It has hashes of them, so that counting copies no keys
// and, in memory of earlier batches, allocates nothing.
type partitionCount []uint64

var partitionSeed = maphash.MakeSeed()

// add notes a partition. Statements one after another often have the same.
func (p *partitionCount) add(keyspace string, partition []byte) {
	h := maphash.Bytes(partitionSeed, partition) ^ bits.RotateLeft64(maphash.String(partitionSeed, keyspace), 1)
	if n := len(*p); n == 0 || (*p)[n-1] != h {
		*p = append(*p, h)
	}
}

// distinct is how many different ones were noted.
func (p *partitionCount) distinct() int {
	slices.Sort(*p)
	*p = slices.Compact(*p)
	return len(*p)
}

// measurePartitions counts the partitions of a batch that is about to be
// written, if it writes to any (BatchStatement.updatePartitionsPerBatchMetrics).
func (db *DB) measurePartitions(kind cql.BatchKind, touched *partitionCount) {
	if db.Measures == nil || len(*touched) == 0 {
		return
	}
	n := int64(touched.distinct())
	switch b := &db.Measures.Batches; kind {
	case cql.Logged:
		b.Logged.Add(n)
	case cql.CounterBatch:
		b.Counter.Add(n)
	default:
		b.Unlogged.Add(n)
	}
}
