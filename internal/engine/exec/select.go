package exec

import (
	"bytes"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

const (
	// MaxResult bounds the bytes of one answer. Cassandra has no such bound;
	// here a query that passes it is refused and must be paged.
	MaxResult = 256 << 20
	// MaxPage is the size at which a page of a paged query ends, whatever its
	// number of rows: the page size is an upper bound.
	MaxPage = 32 << 20
	// checkEvery is how many rows and partitions are read between looks at the
	// context.
	checkEvery = 1024
)

// selectRun is one execution of a SELECT. Runs are pooled: their buffers are
// used again.
type selectRun struct {
	db   *DB
	p    *plan.SelectPlan
	env  plan.Env
	scan store.Scan
	// consistency of the query, for errors.
	consistency backend.Consistency
	// predicates that each partition, and each row, must meet.
	partitionPredicates, rowPredicates []plan.Predicate

	// remaining rows of LIMIT, of PER PARTITION LIMIT in this partition, of the page.
	// wanted is how many rows may be read when the reading begins.
	remaining, inPartition, page int
	wanted                       int
	perPartition                 int
	pageBytes                    int
	resume                       *pagingState

	// trace is nil unless asked for.
	trace *backend.Trace
	// live rows and tombstones that were read; warned are those that the last
	// partition began behind.
	live, tombstones int
	warned           struct{ live, tombstones int }

	view rowView
	sink rowSink
	out  []byte
	rows int
	seen int
	// full: no more rows are wanted; paging is where the next page starts, nil
	// when there is none.
	full   bool
	paging []byte
	// vector that the closest rows are looked for, in a query with an ANN ordering.
	vector   []byte
	warnings []string

	keyBuf       []byte
	keys         [1][]byte
	clustering   [][]byte
	slices       [1]store.Slice
	values       [][]byte
	filterBuffer []byte
}

var runPool = sync.Pool{New: func() any { return new(selectRun) }}

// maxKeptBuffer is the largest buffer that a pooled run keeps.
const maxKeptBuffer = 1 << 20

func (x *selectRun) release() {
	out, keyBuf, filterBuffer := x.out[:0], x.keyBuf[:0], x.filterBuffer[:0]
	if cap(out) > maxKeptBuffer {
		out = nil
	}
	if cap(filterBuffer) > maxKeptBuffer {
		filterBuffer = nil
	}
	clear(x.clustering)
	clear(x.values)
	clear(x.view.key[:cap(x.view.key)])
	*x = selectRun{
		out: out, keyBuf: keyBuf, filterBuffer: filterBuffer,
		clustering: x.clustering[:0], values: x.values[:0], view: rowView{key: x.view.key[:0]},
	}
	runPool.Put(x)
}

// Select runs a SELECT: one page of it when q has a page size.
func (db *DB) Select(ctx context.Context, p *plan.SelectPlan, q *backend.Query) (*backend.Result, error) {
	if q.Consistency == backend.Any {
		return nil, cqlerr.Invalidf("ANY ConsistencyLevel is only supported for writes")
	}
	x := runPool.Get().(*selectRun)
	defer x.release()
	x.db, x.p, x.consistency, x.trace = db, p, q.Consistency, q.Trace
	now := time.Now()
	x.env = plan.Env{Values: q.Values, NowMicros: now.UnixMicro(), NowSeconds: now.Unix()}
	if q.HasNowInSeconds {
		x.env.NowSeconds = q.Seconds()
	}
	nothing, err := x.prepare(q)
	if err != nil {
		return nil, err
	}
	if !nothing {
		if x.trace != nil {
			x.traceStart()
		}
		x.wanted = min(x.remaining, x.page)
		err := x.read(ctx)
		if x.trace != nil {
			x.traceEnd()
		}
		if err != nil {
			return nil, err
		}
		if p.Layout != nil {
			db.Measures.Read(p.Table.Storage, !p.Where.IsKeyRange(), now, x.live, x.tombstones)
		}
	}
	return x.result()
}

// prepare evaluates everything the reading depends on; nothing is set when
// the clause contradicts itself or the previous page was the last.
func (x *selectRun) prepare(q *backend.Query) (nothing bool, err error) {
	p := x.p
	if x.remaining, x.perPartition, err = p.Limits(&x.env); err != nil {
		return false, err
	}
	if s := p.Where.Index(); s != nil {
		if err := x.checkIndexes(s); err != nil {
			return false, err
		}
	}
	if p.ANN != nil {
		if err := x.topK(q); err != nil {
			return false, err
		}
	}
	// Then all is read before anything is answered. DISTINCT with GROUP BY need not, but Cassandra does.
	whole := p.Aggregating() || len(p.Sort) > 0 || p.ANN != nil || p.Distinct && p.Group != nil
	x.page = math.MaxInt
	if q.PageSize > 0 && !whole {
		x.page = q.PageSize
	}
	x.scan = store.Scan{Reverse: p.Reversed, Now: x.env.NowSeconds, NoStatic: !p.NeedStatic}
	x.pageBytes = MaxPage
	if q.PageBytes > 0 {
		x.pageBytes = min(q.PageBytes, MaxPage)
	}
	if !p.Aggregating() { // which Cassandra reads page by page
		x.scan.TombstoneLimit = x.db.guard().TombstoneLimit()
	}
	x.view.whole = p.Layout == nil
	x.sink = newSink(x)
	if err := x.predicates(); err != nil {
		return false, err
	}
	empty, err := x.target()
	if err == nil {
		err = x.checkPaging(q, empty)
	}
	if empty || err != nil {
		return empty, err
	}
	if s := p.Where.Index(); s != nil && !x.indexable(s) {
		if err := s.CheckSize(&x.env); err != nil {
			return false, err
		}
	}
	if q.PagingState != nil && !whole {
		return x.goOn(q.PagingState)
	}
	return false, nil
}

// checkPaging refuses pages of an answer that is sorted as a whole. An empty
// answer is not paged, but aggregates always are.
func (x *selectRun) checkPaging(q *backend.Query, empty bool) error {
	paged := q.PageSize > 0 && (!empty || x.p.Group != nil || len(x.p.Aggregates) > 0)
	if len(x.p.Sort) > 0 && paged {
		return cqlerr.Invalidf("Cannot page queries with both ORDER BY and a IN restriction on the partition key;" +
			" you must either remove the ORDER BY or the IN and sort client side, or disable paging for this query")
	}
	return nil
}

// target says what partitions and slices to read.
func (x *selectRun) target() (empty bool, err error) {
	w := x.p.Where
	if w.OnePartition() {
		if x.keyBuf, err = w.AppendPartitionKey(x.keyBuf[:0], &x.env); err != nil {
			return false, err
		}
		x.keys[0] = x.keyBuf
		x.scan.Partitions = x.keys[:]
	} else if !w.IsKeyRange() {
		if x.scan.Partitions, err = w.PartitionKeys(&x.env); err != nil || len(x.scan.Partitions) == 0 {
			return true, err
		}
	} else if x.scan.Tokens, empty, err = w.Tokens(&x.env); empty || err != nil {
		return empty, err
	}
	if empty, err = x.rowsTarget(); empty || err != nil {
		return empty, err
	}
	return false, plan.CheckKeys(x.scan.Partitions)
}

// readsStatic reports whether Cassandra would read static columns: those that are
// asked for, or all when none but the key's are.
func (x *selectRun) readsStatic() bool {
	key := true
	for _, c := range x.p.Columns {
		if c.Kind == schema.Static {
			return true
		}
		key = key && c.Kind != schema.Regular
	}
	return key && len(x.p.Table.Static) > 0
}

// rowsTarget says what slices of the partitions to read.
func (x *selectRun) rowsTarget() (empty bool, err error) {
	w := x.p.Where
	if x.p.Distinct || !w.HasClustering() {
		return false, nil
	}
	if n := len(x.p.Table.Clustering); w.OneRow() {
		for len(x.clustering) < n {
			x.clustering = append(x.clustering, nil)
		}
		if err := w.ClusteringKey(x.clustering[:n], &x.env); err != nil {
			return false, err
		}
		key := x.clustering[:n]
		x.slices[0] = store.Slice{Start: key, End: key, StartInclusive: true, EndInclusive: true}
		x.scan.Slices = x.slices[:]
		return false, nil
	}
	x.scan.Slices, x.clustering, err = w.OneSlice(x.slices[:0], x.clustering, &x.env)
	if x.scan.Slices == nil && err == nil {
		x.scan.Slices, err = w.Slices(&x.env)
	}
	// Where rows are named, static columns are looked at even if there are none.
	static := w.IsRowKey() && x.readsStatic()
	return x.scan.Slices != nil && len(x.scan.Slices) == 0 && !static, err
}

// goOn continues behind the page that ended in state.
func (x *selectRun) goOn(state []byte) (nothing bool, err error) {
	s, err := decodePagingState(state, digestOf(x.p, x.env.Values), x.p.Table)
	if err != nil {
		return false, err
	}
	x.resume, x.remaining = s, min(x.remaining, s.remaining)
	x.scan.Resume = &s.position
	if x.scan.Partitions == nil {
		return x.remaining == 0, nil
	}
	for i, key := range x.scan.Partitions {
		if bytes.Equal(key, s.position.Partition) {
			x.scan.Partitions = x.scan.Partitions[i:]
			return x.remaining == 0, nil
		}
	}
	return false, errPagingState()
}

// pageFull reports whether the page ends here.
func (x *selectRun) pageFull() bool {
	return x.rows >= x.page || len(x.out) >= x.pageBytes && x.page != math.MaxInt
}

// endPage ends the page behind the position; nothing follows when the LIMIT is
// reached.
func (x *selectRun) endPage(inPartition int, position store.Position) {
	x.full = true
	if n := len(x.scan.Partitions); n > 0 && position.PartitionDone && bytes.Equal(position.Partition, x.scan.Partitions[n-1]) {
		return // that was the last partition
	}
	if x.remaining > 0 {
		s := pagingState{digest: digestOf(x.p, x.env.Values), remaining: x.remaining, inPartition: inPartition, position: position}
		x.paging = s.encode()
	}
}

// here is the position behind the current row.
func (x *selectRun) here() store.Position {
	p := store.Position{Partition: x.view.partition, PartitionDone: true}
	if x.view.row != nil && len(x.view.row.Clustering) > 0 {
		p.Clustering, p.PartitionDone = x.view.row.Clustering, x.inPartition == 0
	}
	return p
}

// result makes the answer of what was collected.
func (x *selectRun) result() (*backend.Result, error) {
	if err := x.sink.finish(x); err != nil {
		return nil, err
	}
	r := &backend.Result{
		Kind: backend.Rows, Columns: x.p.ResultColumns, RowCount: x.rows,
		PagingState: x.paging, Warnings: slices.Concat(x.p.Warnings, x.warnings),
	}
	x.handOver(r)
	return r, nil
}
