package grpc

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// executeQuery runs a Query.
func (c *call) executeQuery(m []byte) error {
	r := &c.request
	if err := r.decodeQuery(m); err != nil {
		return err
	}
	c.beginTrace("Execute CQL3 query", r.cql)
	st, err := c.statement(r.cql)
	if err != nil {
		return err
	}
	if err := c.bind(&r.bound, st.prepared.Bind); err != nil {
		return err
	}
	if err := c.who.Authorize(st.prepared.Statement, st.prepared.Keyspace); err != nil {
		return err
	}
	c.repeatable = outbound.Repeatable(st.prepared.Statement)
	c.fillQuery()
	c.query.Values, c.query.PageSize, c.query.PagingState = c.values, max(r.pageSize, 0), r.pagingState
	result, err := c.door.backend.Execute(c.ctx, st.prepared, &c.query)
	if err != nil {
		return badPagingState(err, r.pagingState)
	}
	return c.respond(result, st)
}

// fillQuery sets what the parameters say.
func (c *call) fillQuery() {
	p := &c.request.parameters
	c.query = backend.Query{
		Consistency:       p.consistency,
		SerialConsistency: p.serialConsistency,
		Timestamp:         p.timestamp,
		HasTimestamp:      p.hasTimestamp,
		NowInSeconds:      p.nowInSeconds,
		HasNowInSeconds:   p.hasNowInSeconds,
		Tracing:           p.tracing,
		Trace:             c.trace,
		Caller:            c.who.Caller(),
	}
}

// badPagingState makes the error of a paging state that can't be read the
// client's. (A protocol error is INTERNAL otherwise, as this one is in the
// reference.)
func badPagingState(err error, state []byte) error {
	if e := cqlerr.From(err); e.Code == cqlerr.Protocol && state != nil {
		return cqlerr.Invalidf("%s", e.Message)
	}
	return err
}
