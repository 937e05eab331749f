package exec

import (
	"context"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// writer turns modifications into one store batch. It is pooled: a plain
// INSERT works in the memory of earlier ones.
type writer struct {
	db    *DB
	batch *store.Batch
	env   plan.Env
	trace *backend.Trace // nil unless asked for

	// consistency of the request, for errors.
	consistency backend.Consistency
	// now is the write time of the request, from its client or, when clocked, the
	// clock; local its second, which tombstones and TTLs count from.
	now, local int64
	clocked    bool
	// ts is the statement's write time in microseconds. Deletions of rows and
	// columns have it too, those of partitions and ranges rangeTS.
	ts, rangeTS int64
	ttl         int32
	expires     int64

	// The row being written: clustering is nil for a static row.
	m          *plan.Modify
	partition  []byte
	clustering [][]byte
	static     bool
	row        store.RowBuilder
	// found is the row as stored, when the statement must know it.
	found image

	unlock func()
	reader *store.Reader
	// touched are the partitions written to, when they are counted.
	touched map[string]struct{}
	// batchType is the WriteType of a batch, "" for a single statement.
	batchType string
	// size is counted of batches.
	size *batchSize
	// terms are those longer than termFloor, which role may not be allowed.
	terms     longTerms
	termFloor int
	role      string
	// before is what the statement has read, warnings what was said so far. cas: it
	// was read for a condition.
	before   readBefore
	warnings []string
	cas      bool

	keyBuf  []byte
	rowBuf  [][]byte
	pathBuf []byte   // paths that row refers to
	elems   [][]byte // elements of a list to prepend
	form    []byte   // form of an index entry
	id      [16]byte // path of a list's element
	json    []backend.Value
}

var batchSizes = sync.Pool{New: func() any { return new(batchSize) }}

var writers = sync.Pool{New: func() any { return new(writer) }}

// newWriter starts a request's writes.
func (db *DB) newWriter(q *backend.Query) *writer {
	w := writers.Get().(*writer)
	clock := db.Store.Now()
	w.db, w.batch, w.now, w.clocked, w.consistency = db, db.Store.NewBatch(), clock, true, q.Consistency
	w.trace, w.role, w.termFloor = q.Trace, q.Caller.Name, db.guard().TermFloor()
	if q.HasTimestamp {
		w.now, w.clocked = q.Timestamp, false
	}
	w.env.NowMicros, w.env.NowSeconds = clock, clock/1_000_000
	if q.HasNowInSeconds {
		w.env.NowSeconds = q.Seconds()
	}
	// A tombstone made at second 0 would be none: see store.Deletion.
	w.local = max(w.env.NowSeconds, 1)
	return w
}

// maxKept bounds the scratch memory in bytes that a writer keeps in the pool.
const maxKept = 64 << 10

// release ends the request: what was not committed is dropped.
func (w *writer) release() {
	if w.batch != nil {
		w.batch.Discard()
	}
	if w.reader != nil {
		_ = w.reader.Close() // nothing was written through it
	}
	if w.unlock != nil {
		w.unlock()
	}
	clear(w.rowBuf[:cap(w.rowBuf)])
	clear(w.elems[:cap(w.elems)])
	if cap(w.keyBuf)+cap(w.pathBuf)+cap(w.form) > maxKept {
		w.keyBuf, w.pathBuf, w.form = nil, nil, nil
	}
	w.row.Reset()
	if w.size != nil {
		w.size.reset()
		batchSizes.Put(w.size)
	}
	*w = writer{row: w.row, keyBuf: w.keyBuf, rowBuf: w.rowBuf[:0], pathBuf: w.pathBuf[:0], elems: w.elems[:0], form: w.form[:0]}
	writers.Put(w)
}

// commit makes the batch durable.
func (w *writer) commit() error {
	b := w.batch
	w.batch = nil
	if b.Len() == 0 {
		b.Discard()
		return nil
	}
	w.trace.Event(backend.TraceWrite, "Appending to commitlog")
	return b.Commit()
}

// lock takes the locks of all partitions of the parts that must read what they
// change, and opens the state they read.
func (w *writer) lock(parts []part) error {
	var keys [][]byte
	for _, p := range parts {
		if !p.m.RequiresRead {
			continue
		}
		if err := w.bind(p); err != nil {
			return err
		}
		partitions, err := p.m.Partitions(&w.env)
		if err != nil {
			return err
		}
		keys = append(keys, partitions...)
	}
	w.hold(keys...)
	return nil
}

// hold takes the locks of partitions until release, and opens a reader of the
// state behind them.
func (w *writer) hold(partitions ...[]byte) {
	w.unlock = w.db.Store.Lock(partitions...)
	w.reader = w.db.Store.NewReader()
	if w.clocked {
		w.now = w.db.Store.Now() // so that who comes later writes later
	}
}

// bind makes the part's values those that terms see.
func (w *writer) bind(p part) error {
	w.m, w.env.Values, w.env.JSON = p.m, p.values, nil
	if p.m.JSON == nil {
		return nil
	}
	var err error
	w.json, err = p.m.JSON.Values(w.json[:0], &w.env)
	w.env.JSON = w.json
	return err
}

// times works out the statement's write time and TTL.
func (w *writer) times(base int64) (err error) {
	if w.ts, err = w.m.Attributes.Timestamp(&w.env, base); err != nil {
		return err
	}
	w.rangeTS = w.ts
	return w.expiry()
}

// expiry works out the statement's TTL.
func (w *writer) expiry() (err error) {
	w.expires = 0
	if w.ttl, err = w.m.Attributes.TTL(&w.env, w.m.Table); err == nil && w.ttl != 0 {
		w.expires = plan.Expiration(w.env.NowSeconds, w.ttl)
	}
	return err
}

// statement writes an unconditional part (ModificationStatement.addUpdates).
func (w *writer) statement(ctx context.Context, p part) error {
	if err := w.bind(p); err != nil {
		return err
	}
	if p.m.RequiresRead {
		defer w.tellRead()
	}
	m := p.m
	if !m.OneKey() {
		return w.manyKeys(ctx)
	}
	partition, err := m.AppendPartition(w.keyBuf[:0], &w.env)
	if err != nil {
		return err
	}
	if len(m.Table.PartitionKey) > 1 {
		w.keyBuf = partition // else it is the bind value itself
	}
	if w.rowBuf, err = m.Clustering(w.rowBuf[:0], &w.env); err != nil {
		return err
	}
	if err := w.times(w.now); err != nil {
		return err
	}
	return w.write(partition, w.rowBuf)
}

// manyKeys writes a statement whose keys are an IN or a range.
func (w *writer) manyKeys(ctx context.Context) error {
	partitions, err := w.m.Partitions(&w.env)
	if err != nil {
		return err
	}
	if w.m.IsRange() {
		return w.ranges(partitions)
	}
	rows, err := w.m.Rows(&w.env)
	if err != nil {
		return err
	}
	if len(rows) == 0 || len(partitions) == 0 {
		return nil
	}
	if err := checkKeys(len(partitions), len(rows)); err != nil {
		return err
	}
	if err := w.times(w.now); err != nil {
		return err
	}
	for _, partition := range partitions {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, row := range rows {
			if err := w.write(partition, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkKeys bounds the rows that one statement writes. Cassandra has no such
// bound.
func checkKeys(partitions, rows int) error {
	if rows > plan.MaxKeyProduct/partitions {
		return cqlerr.Invalidf("The IN restrictions of the statement name more than %d rows", plan.MaxKeyProduct)
	}
	return nil
}

// ranges deletes ranges of rows.
func (w *writer) ranges(partitions [][]byte) error {
	slices, err := w.m.Slices(&w.env)
	if err != nil || len(slices) == 0 || len(partitions) == 0 {
		return err
	}
	if err := checkKeys(len(partitions), len(slices)); err != nil {
		return err
	}
	if err := w.times(w.now); err != nil {
		return err
	}
	return w.deleteRanges(partitions, slices)
}

func (w *writer) deleteRanges(partitions [][]byte, slices []store.Slice) error {
	if !w.m.Deletes() {
		return errRangeOfColumns()
	}
	for _, partition := range partitions {
		for _, s := range slices {
			w.touch(partition)
			w.sizedDeletion(partition, &s)
			w.batch.DeleteRange(w.m.Layout, partition, s, store.Deletion{Timestamp: w.rangeTS, LocalTime: w.local})
		}
	}
	return nil
}

// touch counts a partition that is written to.
func (w *writer) touch(partition []byte) {
	if w.size != nil {
		w.size.touched.add(w.m.Table.Keyspace, partition)
	}
	if w.touched == nil {
		return
	}
	if _, ok := w.touched[string(partition)]; !ok { // asking does not allocate
		w.touched[string(partition)] = struct{}{}
	}
}

func errRangeOfColumns() error {
	return cqlerr.Invalidf("Range deletions are not supported for specific columns")
}
