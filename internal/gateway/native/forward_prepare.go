package native

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// preparation is a PREPARE whose answer is awaited.
type preparation struct {
	text, keyspace string
	statement      cql.Statement
	markers        []string
	route          *backend.Route
}

// forwardPrepare forwards a PREPARE, if its statement is forwarded: true then,
// with errForward. The servers are always asked, so that what a client learns of
// a statement is never older than its question. st is what the cache has.
func (r *request) forwardPrepare(st *statement, text, keyspace string) (forward bool, err error) {
	f := r.c.s.forwarder
	if f == nil || st != nil && st.route == nil {
		return false, nil
	}
	p := &preparation{text: text, keyspace: keyspace}
	if st != nil {
		p.statement, p.markers, p.route = st.prepared.Statement, st.prepared.Markers, st.route
	} else {
		parsed, err := cql.Parse(text)
		if err != nil {
			return false, err
		}
		p.statement, p.markers = parsed.Statement, parsed.Markers
		if err := r.sees(p.statement, keyspace); err != nil {
			return false, err
		}
		if p.route = f.Route(p.statement, text, keyspace); p.route == nil {
			return false, nil
		}
	}
	body := r.body
	if p.route.Text != text || r.prepare.HasKeyspace {
		m := wire.Prepare{Text: p.route.Text}
		r.encoded = m.AppendBody(r.encoded[:0], r.header.Version)
		body = r.encoded
	}
	r.preparing = p
	r.forwardAs(body, nil, p.route)
	r.forward.Idempotent, r.forward.WriteType = true, ""
	return true, errForward
}

// prepared keeps the statement that a server has prepared. The id in the answer
// becomes ours.
func (r *request) prepared(message []byte) *cqlerr.Error {
	m, err := wire.DecodeResult(message, r.header.Version)
	if err != nil {
		return err
	}
	if m.Kind != wire.ResultPrepared {
		return cqlerr.Newf(cqlerr.ServerError, "PREPARE was answered by a RESULT of kind %d", m.Kind)
	}
	p := r.preparing
	if string(m.Prepared.ID) != string(p.route.ID[:]) {
		return cqlerr.Newf(cqlerr.ServerError, "The cluster prepared the statement under the id %x, not %x", m.Prepared.ID, p.route.ID)
	}
	st := newStatement(p.text, p.keyspace, &backend.Prepared{
		Statement: p.statement, Markers: p.markers, Keyspace: p.keyspace,
		Bind: backendColumns(m.Prepared.Bind.Columns), PartitionKeyBind: m.Prepared.PartitionKey,
		Result: backendColumns(m.Prepared.Result.Columns),
	}, r.c.s.backend.Schema())
	st.pointRead, st.route = false, p.route
	if !r.c.s.prepared.put(st) {
		return tooLarge(st, r.c.s.prepared.Limit())
	}
	copy(m.Prepared.ID, st.id[:])
	switch {
	case st.qualified:
	case r.prepare.HasKeyspace: // a request with a keyspace of its own has a state of its own, in which nobody was warned
		r.warnKeyspace(p.keyspace, p.keyspace, st)
	default:
		r.warnUse(p.keyspace, p.keyspace, st)
	}
	return nil
}

// backendColumns converts columns of a message.
func backendColumns(columns []wire.Column) []backend.Column {
	converted := make([]backend.Column, 0, len(columns))
	for _, c := range columns {
		converted = append(converted, backend.Column(c))
	}
	return converted
}
