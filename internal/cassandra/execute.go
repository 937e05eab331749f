package cassandra

import (
	"context"
	"errors"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Execute implements backend.Backend.
func (c *Cluster) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	l, err := c.alive()
	if err != nil {
		return nil, err
	}
	s, ok := p.Plan.(*statement)
	if !ok && c.local != nil {
		return c.executeLocal(ctx, p, q)
	}
	if !ok {
		return nil, cqlerr.Newf(cqlerr.ServerError, "a statement prepared elsewhere (%T)", p.Plan)
	}
	switch stmt := p.Statement.(type) {
	case *cql.Use:
		return c.use(stmt)
	case *cql.Select:
		r, err := l.execute(ctx, p, s, q)
		return r, readFailure(err, q.Consistency)
	case *cql.Insert, *cql.Update, *cql.Delete, *cql.Batch, *cql.Truncate:
		if err := writable(stmt, p.Keyspace); err != nil {
			return nil, err
		}
		r, err := l.execute(ctx, p, s, q)
		return r, writeFailure(err, stmt, q.Consistency)
	case *cql.Describe:
		return c.describe(ctx, l, p, s, q)
	case *cql.CreateKeyspace, *cql.AlterKeyspace, *cql.DropKeyspace, *cql.CreateTable, *cql.AlterTable, *cql.DropTable,
		*cql.CreateType, *cql.AlterType, *cql.DropType, *cql.CreateIndex, *cql.DropIndex, *cql.Unsupported:
		return c.alter(ctx, l, p, s, q)
	}
	return nil, cqlerr.Unsupportedf("A statement of type %T", p.Statement)
}

// traced is the key of the *tracer of a request that the local back end answers.
type traced struct{}

// executeLocal has the local back end answer. The trace of a request that asks for
// one is that of its first read on a node (ReadTable), if there is one.
func (c *Cluster) executeLocal(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	if !q.Tracing {
		return c.local.Execute(ctx, p, q)
	}
	trace := &tracer{}
	r, err := c.local.Execute(context.WithValue(ctx, traced{}, trace), p, q)
	if err == nil && trace.id != nil {
		r.TracingID = trace.id
	}
	return r, err
}

// execute runs a statement that is no schema statement.
func (l *live) execute(ctx context.Context, p *backend.Prepared, s *statement, q *backend.Query) (*backend.Result, error) {
	if len(q.Values) != len(p.Bind) {
		return nil, cqlerr.Invalidf("there were %d markers(?) in CQL but %d bound variables", len(p.Bind), len(q.Values))
	}
	if err := l.checkClock(q); err != nil {
		return nil, err
	}
	text := s.text
	if s.once {
		text = unprepared + text
	}
	query := l.session.Query(text, arguments(q.Values)...).SetKeyspace(s.keyspace).Idempotent(s.idempotent)
	if key := routingKey(p.PartitionKeyBind, q.Values); key != nil {
		query.RoutingKey(key)
	}
	if l.speculative > 0 && s.idempotent && l.severalUp() {
		query.SetSpeculativeExecutionPolicy(&gocql.SimpleSpeculativeExecution{NumAttempts: 1, TimeoutDelay: l.speculative})
	}
	trace := apply(query, q)
	if s.conditional || l.protocol < 5 {
		query.NoSkipMetadata()
	}
	ctx, done := l.within(ctx, p.Statement)
	r, err := resultOf(query.IterContext(ctx), p.Result)
	if err = done(err); err != nil {
		return nil, err
	}
	if trace != nil {
		r.TracingID = trace.id
	}
	return r, nil
}

// severalUp reports whether there is a second node to ask. gocql would end a
// statement at once that it finds none for, though the first may answer yet.
func (l *live) severalUp() bool {
	up := 0
	for _, host := range l.session.GetHosts() {
		if host.IsUp() && host.DataCenter() == l.datacenter {
			up++
		}
	}
	return up > 1
}

// within bounds the time that a statement may take. What ends by that is given to
// done, which makes gocql's error of a timeout of it.
func (l *live) within(ctx context.Context, stmt cql.Statement) (bounded context.Context, done func(error) error) {
	if _, slow := stmt.(*cql.Truncate); slow {
		return ctx, func(err error) error { return err }
	}
	bounded, cancel := context.WithTimeoutCause(ctx, l.timeout, gocql.ErrTimeoutNoResponse)
	return bounded, func(err error) error {
		defer cancel()
		if errors.Is(err, context.DeadlineExceeded) && context.Cause(bounded) == gocql.ErrTimeoutNoResponse {
			return gocql.ErrTimeoutNoResponse
		}
		return err
	}
}

// checkClock refuses a clock of the request's own when the nodes can't be told.
func (l *live) checkClock(q *backend.Query) error {
	if q.HasNowInSeconds && l.protocol < 5 {
		return cqlerr.Newf(cqlerr.Protocol, "now_in_seconds is not supported by the cluster, which speaks version %d of the native protocol", l.protocol)
	}
	return nil
}

// apply sets what a request says beside its values.
func apply(query *gocql.Query, q *backend.Query) *tracer {
	query.Consistency(gocql.Consistency(q.Consistency)).PageSize(q.PageSize).PageState(q.PagingState)
	if q.SerialConsistency == backend.Serial || q.SerialConsistency == backend.LocalSerial {
		query.SerialConsistency(gocql.Consistency(q.SerialConsistency))
	}
	if q.HasTimestamp {
		query.WithTimestamp(q.Timestamp)
	}
	if q.HasNowInSeconds {
		query.WithNowInSeconds(int(q.NowInSeconds))
	}
	if len(q.CustomPayload) > 0 {
		query.CustomPayload(q.CustomPayload)
	}
	if !q.Tracing {
		return nil
	}
	trace := &tracer{}
	query.Trace(trace)
	return trace
}

// use answers USE, which never goes to a node: their connections have no
// keyspace.
func (c *Cluster) use(s *cql.Use) (*backend.Result, error) {
	if c.Schema().Keyspaces[s.Keyspace] == nil {
		return nil, cqlerr.Invalidf("Keyspace '%s' does not exist", s.Keyspace)
	}
	return &backend.Result{Kind: backend.SetKeyspace, Keyspace: s.Keyspace}, nil
}
