package cassandra

import (
	"context"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// ExecuteBatch implements backend.Backend.
func (c *Cluster) ExecuteBatch(ctx context.Context, b *backend.Batch) (*backend.Result, error) {
	l, err := c.alive()
	if err != nil {
		return nil, err
	}
	batch := l.session.Batch(batchTypes[b.Kind])
	for i := range b.Entries {
		if err := l.addEntry(batch, b, i); err != nil {
			return nil, err
		}
	}
	q := &b.Query
	if err := l.checkClock(q); err != nil {
		return nil, err
	}
	batch.Consistency(gocql.Consistency(q.Consistency))
	if q.SerialConsistency == backend.Serial || q.SerialConsistency == backend.LocalSerial {
		batch.SerialConsistency(gocql.Consistency(q.SerialConsistency))
	}
	if q.HasTimestamp {
		batch.WithTimestamp(q.Timestamp)
	}
	if q.HasNowInSeconds {
		batch.WithNowInSeconds(int(q.NowInSeconds))
	}
	batch.CustomPayload = q.CustomPayload
	trace := &tracer{}
	if q.Tracing {
		batch.Trace(trace)
	}
	ctx, done := l.within(ctx, nil)
	r, err := resultOf(batch.IterContext(ctx), nil)
	if err = done(err); err != nil {
		return nil, writeFailure(err, batchStatement(b), q.Consistency)
	}
	r.TracingID = trace.id
	return r, nil
}

var batchTypes = map[cql.BatchKind]gocql.BatchType{
	cql.Logged: gocql.LoggedBatch, cql.Unlogged: gocql.UnloggedBatch, cql.CounterBatch: gocql.CounterBatch,
}

// addEntry adds the i-th statement of b.
func (l *live) addEntry(batch *gocql.Batch, b *backend.Batch, i int) error {
	entry := &b.Entries[i]
	s, ok := entry.Prepared.Plan.(*statement)
	if !ok {
		return cqlerr.Newf(cqlerr.ServerError, "a statement prepared elsewhere (%T)", entry.Prepared.Plan)
	}
	if len(entry.Values) != len(entry.Prepared.Bind) {
		return cqlerr.Invalidf("there were %d markers(?) in CQL but %d bound variables", len(entry.Prepared.Bind), len(entry.Values))
	}
	if i == 0 && s.keyspace != "" {
		batch.SetKeyspace(s.keyspace)
	}
	if err := writable(entry.Prepared.Statement, entry.Prepared.Keyspace); err != nil {
		return err
	}
	batch.Entries = append(batch.Entries, gocql.BatchEntry{Stmt: s.text, Args: arguments(entry.Values), Idempotent: s.idempotent})
	return nil
}

// batchStatement is b as the statement that it could have been.
func batchStatement(b *backend.Batch) cql.Statement {
	s := &cql.Batch{Kind: b.Kind}
	for _, entry := range b.Entries {
		s.Statements = append(s.Statements, entry.Prepared.Statement)
	}
	return s
}
