// Package diff is a back end made of two: each statement goes to both, one
// answers the client, and where the answers differ is told.
//
//	statement --> answering back end --> client
//	          └-> the other one ----> compared --> Difference --> log, file of cases
//
// Both get the same write time, the same time for times to live, and the same
// values for now(), uuid() and their like, so that what differs does so for a
// reason. Reads that differ are made again before they are told, for they may
// have met a write that one side had and the other had not yet. The server's own
// keyspaces, and that of access control, are left to the answering back end.
package diff

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Side is one of the two back ends.
type Side struct {
	Name    string
	Backend backend.Backend
}

// Options of New. Answering, Other and Log are required.
type Options struct {
	// Answering is the side whose answers clients get. Other is the one that is
	// compared with it.
	Answering, Other Side
	// NoClock: one of them can't be told the time (backend.Query.NowInSeconds).
	NoClock bool
	// Cases, when not nil, gets each difference as a case.
	Cases *Cases
	Log   *slog.Logger
}

// Backend is the pair. It implements backend.Backend.
type Backend struct {
	Options
	reporter reporter
	compared atomic.Int64
	// last is the last write time given, in microseconds.
	last atomic.Int64
}

var _ backend.Backend = (*Backend)(nil)

// otherTimeout bounds how long a client waits for the other side beyond the
// answering one.
const otherTimeout = 15 * time.Second

// confirmPause is how long after a difference a read is made again.
const confirmPause = 100 * time.Millisecond

// New makes one back end of two, which it owns from then on. Of what the
// answering one can do beyond the interface it has backend.Topology alone: the
// rest would go past the other.
func New(o Options) backend.Backend {
	b := newBackend(o)
	if topology, ok := backend.As[backend.Topology](o.Answering.Backend); ok {
		return struct {
			backend.Backend
			backend.Topology
		}{b, topology}
	}
	return b
}

func newBackend(o Options) *Backend {
	return &Backend{Options: o, reporter: reporter{log: o.Log, answering: o.Answering.Name, other: o.Other.Name, cases: o.Cases}}
}

// Schema implements backend.Backend.
func (b *Backend) Schema() *schema.Snapshot { return b.Answering.Backend.Schema() }

// Subscribe implements backend.Backend.
func (b *Backend) Subscribe(f func(schema.Change)) (cancel func()) {
	return b.Answering.Backend.Subscribe(f)
}

// Ready implements backend.Backend: both must be.
func (b *Backend) Ready(ctx context.Context) error {
	for _, s := range []Side{b.Answering, b.Other} {
		if err := s.Backend.Ready(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return nil
}

// Close implements backend.Backend.
func (b *Backend) Close() error {
	b.Log.Info("compared statements", "statements", b.compared.Load(), "differing", b.reporter.total.Load())
	err := b.reporter.cases.Close()
	return errors.Join(b.Answering.Backend.Close(), b.Other.Backend.Close(), err)
}

// pair is the Plan of a statement that goes to both sides.
type pair struct {
	statement        cql.Statement
	markers          []string
	keyspace         string
	answering, other *backend.Prepared
	otherErr         error
	// volatile: it has calls like now() that are replaced at each execution.
	volatile bool
	loose    []bool // columns of the result whose values are not compared
}

// Prepare implements backend.Backend.
func (b *Backend) Prepare(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	if own(stmt, keyspace) {
		return b.Answering.Backend.Prepare(ctx, stmt, markers, keyspace)
	}
	p := &pair{statement: stmt, markers: markers, keyspace: keyspace, volatile: volatile(stmt)}
	var err error
	p.answering, err = b.Answering.Backend.Prepare(ctx, stmt, markers, keyspace)
	p.other, p.otherErr = b.prepareOther(ctx, stmt, markers, keyspace)
	if d := comparePrepared(p, err); len(d.What) > 0 {
		b.tell(p, nil, d)
	}
	if err != nil {
		return nil, err
	}
	p.loose = looseColumns(stmt, len(p.answering.Result))
	out := *p.answering
	out.Plan = p
	return &out, nil
}

// prepareOther prepares on the other side, which may be a moment behind a
// schema change made through it.
func (b *Backend) prepareOther(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	ctx, cancel := context.WithTimeout(ctx, otherTimeout)
	defer cancel()
	return b.Other.Backend.Prepare(ctx, stmt, markers, keyspace)
}

// Execute implements backend.Backend.
func (b *Backend) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	both, ok := p.Plan.(*pair)
	if !ok {
		return b.Answering.Backend.Execute(ctx, p, q)
	}
	states, ok := splitState(q.PagingState)
	if !ok {
		return nil, cqlerr.New(cqlerr.Protocol, "Invalid value for the paging state")
	}
	same := b.same(q)
	ran := both
	if both.volatile {
		var err error
		if ran, err = b.fix(ctx, both); err != nil {
			return nil, err
		}
	}
	a, o := b.run(ctx, ran, same, states)
	b.compared.Add(1)
	if o.skipped {
		return a.paged(o)
	}
	d := compare(ran, &a, &o)
	if _, read := both.statement.(*cql.Select); read && len(d.What) > 0 && ctx.Err() == nil {
		time.Sleep(confirmPause)
		a, o = b.run(ctx, ran, same, states)
		d = compare(ran, &a, &o)
	}
	if len(d.What) > 0 {
		b.tell(ran, same.Values, d)
	}
	b.remember(ran, same.Values, &a)
	return a.paged(o)
}

// run executes on both sides at once.
func (b *Backend) run(ctx context.Context, p *pair, q *backend.Query, states states) (a, o answer) {
	qa, qo := *q, *q
	qa.PagingState, qo.PagingState = states.answering, states.other
	qo.Tracing, qo.CustomPayload = false, nil
	done := make(chan answer, 1)
	if states.detached || p.other == nil {
		done <- answer{err: p.otherErr, skipped: true} // it was told at Prepare
	} else {
		go func() { done <- b.execute(ctx, b.Other, p.other, &qo) }()
	}
	a = b.execute(ctx, b.Answering, p.answering, &qa)
	return a, <-done
}

func (b *Backend) execute(ctx context.Context, s Side, p *backend.Prepared, q *backend.Query) answer {
	if s.Backend == b.Other.Backend {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, otherTimeout)
		defer cancel()
	}
	r, err := s.Backend.Execute(ctx, p, q)
	return answer{result: r, err: err}
}

// ExecuteBatch implements backend.Backend.
func (b *Backend) ExecuteBatch(ctx context.Context, batch *backend.Batch) (*backend.Result, error) {
	q := b.same(&batch.Query)
	one := &backend.Batch{Kind: batch.Kind, Query: *q}
	two := &backend.Batch{Kind: batch.Kind, Query: *q}
	two.Query.Tracing, two.Query.CustomPayload = false, nil
	whole := &pair{}
	list := &cql.Batch{Kind: batch.Kind}
	skip := false
	for _, e := range batch.Entries {
		p, ok := e.Prepared.Plan.(*pair)
		if !ok {
			one.Entries, skip = append(one.Entries, e), true
			continue
		}
		entry := p
		if p.volatile {
			var err error
			if entry, err = b.fix(ctx, p); err != nil {
				return nil, err
			}
		}
		list.Statements = append(list.Statements, entry.statement)
		one.Entries = append(one.Entries, backend.BatchEntry{Prepared: entry.answering, Values: e.Values})
		two.Entries = append(two.Entries, backend.BatchEntry{Prepared: entry.other, Values: e.Values})
		q.Values = append(q.Values, e.Values...)
		skip = skip || entry.other == nil
	}
	if skip {
		return b.Answering.Backend.ExecuteBatch(ctx, one)
	}
	whole.statement = list
	done := make(chan answer, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, otherTimeout)
		defer cancel()
		r, err := b.Other.Backend.ExecuteBatch(ctx, two)
		done <- answer{result: r, err: err}
	}()
	var a answer
	a.result, a.err = b.Answering.Backend.ExecuteBatch(ctx, one)
	o := <-done
	b.compared.Add(1)
	if d := compare(whole, &a, &o); len(d.What) > 0 {
		b.tell(whole, q.Values, d)
	}
	b.remember(whole, q.Values, &a)
	return a.result, a.err
}

// fix returns a statement with its volatile calls replaced by the values they
// have now, the same on both sides.
func (b *Backend) fix(ctx context.Context, p *pair) (*pair, error) {
	stmt, err := fixed(p.statement)
	if err != nil {
		return nil, err
	}
	once := &pair{statement: stmt, keyspace: p.keyspace, loose: p.loose}
	if once.answering, err = b.Answering.Backend.Prepare(ctx, stmt, p.markers, p.keyspace); err != nil {
		return nil, err
	}
	once.other, once.otherErr = b.prepareOther(ctx, stmt, p.markers, p.keyspace)
	return once, nil
}

// same is q with the times filled in, so that both sides write the same.
func (b *Backend) same(q *backend.Query) *backend.Query {
	out := *q
	now := time.Now()
	if !out.HasTimestamp {
		out.Timestamp, out.HasTimestamp = b.tick(now.UnixMicro()), true
	}
	if !out.HasNowInSeconds && !b.NoClock {
		out.NowInSeconds, out.HasNowInSeconds = int32(now.Unix()), true
	}
	return &out
}

// tick gives write times that strictly increase.
func (b *Backend) tick(now int64) int64 {
	for {
		last := b.last.Load()
		next := max(now, last+1)
		if b.last.CompareAndSwap(last, next) {
			return next
		}
	}
}
