package native

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// serveQuery serves QUERY: parse, check, authorize, execute.
func (r *request) serveQuery() (wire.Body, error) {
	params := &r.query.Params
	r.traceQuery(r.query.Text, params)
	if err := checkPageSize(params); err != nil {
		return nil, err
	}
	p, route, err := r.parse(r.query.Text, params.HasKeyspace, params.Keyspace)
	if err != nil {
		return nil, err
	}
	if route != nil {
		return nil, r.forwardQuery(p, route)
	}
	r.bind(params, p.Bind)
	if len(r.values) != len(p.Bind) {
		return nil, cqlerr.Invalidf("Invalid amount of bind variables")
	}
	r.traceValues(p.Bind)
	result, err := r.runStatement(p, params)
	if err != nil {
		return nil, err
	}
	return r.result(result, nil, params.SkipMetadata)
}

// parse parses and checks a statement's text. One that is forwarded is not
// checked, that is left to the servers: it comes without a plan, with its route.
func (r *request) parse(text string, hasKeyspace bool, keyspace string) (*backend.Prepared, *backend.Route, error) {
	keyspace, err := r.c.keyspaceFor(hasKeyspace, keyspace)
	if err != nil {
		return nil, nil, err
	}
	if r.trace != nil {
		r.trace.Event(backend.TraceDoor, "Parsing %s", backend.HidePassword(text))
	}
	parsed, err := cql.Parse(text)
	if err != nil {
		return nil, nil, err
	}
	if err := r.sees(parsed.Statement, keyspace); err != nil {
		return nil, nil, err
	}
	if r.c.forwards() {
		if route := r.c.s.forwarder.Route(parsed.Statement, text, keyspace); route != nil {
			return &backend.Prepared{Statement: parsed.Statement, Markers: parsed.Markers, Keyspace: keyspace}, route, nil
		}
	}
	r.trace.Event(backend.TraceDoor, "Preparing statement")
	p, err := backend.PrepareOnce(r.context(), r.c.s.backend, parsed.Statement, parsed.Markers, keyspace)
	return p, nil, err
}

// sees is an error unless the client may be told how stmt fits the schema.
func (r *request) sees(stmt cql.Statement, keyspace string) error {
	return (*r.c.session.Load()).Sees(stmt, keyspace)
}

// runStatement authorizes and executes p with the values that were bound.
func (r *request) runStatement(p *backend.Prepared, params *wire.QueryParams) (*backend.Result, error) {
	session := *r.c.session.Load()
	if err := session.Authorize(p.Statement, p.Keyspace); err != nil {
		return nil, err
	}
	return r.runAuthorized(p, params, session)
}

// runAuthorized executes p, which session may run, with the values that were
// bound.
func (r *request) runAuthorized(p *backend.Prepared, params *wire.QueryParams, session Session) (*backend.Result, error) {
	if err := r.fillQuery(params, session); err != nil {
		return nil, err
	}
	r.q.Values = r.values
	return r.hold.Execute(r.context(), r.c.s.backend, p, &r.q, r)
}

const consistencyNodeLocal = 0x000B

// fillQuery sets what a request says beside its values.
func (r *request) fillQuery(params *wire.QueryParams, session Session) error {
	if params.Consistency == consistencyNodeLocal {
		return cqlerr.Invalidf("NODE_LOCAL consistency level is highly dangerous and should be used only for debugging purposes")
	}
	r.q = backend.Query{
		Consistency:       backend.Consistency(params.Consistency),
		SerialConsistency: backend.Consistency(params.SerialConsistency),
		PageSize:          int(max(params.PageSize, 0)),
		PagingState:       params.PagingState,
		Timestamp:         params.Timestamp,
		HasTimestamp:      params.HasTimestamp,
		NowInSeconds:      params.NowInSeconds,
		HasNowInSeconds:   params.HasNowInSeconds,
		Tracing:           r.header.Flags&wire.FlagTracing != 0,
		Trace:             r.trace,
		CustomPayload:     r.payload,
		Caller:            session.Caller(),
	}
	return nil
}

func checkPageSize(params *wire.QueryParams) error {
	if params.PageSize == 0 {
		return cqlerr.New(cqlerr.Protocol, "The page size cannot be 0")
	}
	return nil
}
