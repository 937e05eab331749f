package native

import (
	"errors"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// errForward is what serving a request ends with that is to be forwarded;
// r.forward says what and how.
var errForward = errors.New("to be forwarded")

// forwards reports whether requests of the session may be forwarded: the servers
// don't know whose rows are whose (backend.Caller.Rows).
func (c *conn) forwards() bool {
	return c.s.forwarder != nil && (*c.session.Load()).Caller().Rows == nil
}

// errOtherSession refuses a request during which the connection has logged in anew,
// as somebody whose requests are not forwarded.
var errOtherSession = cqlerr.New(cqlerr.Unauthorized, "The connection has logged in again meanwhile")

// forwardExecute authorizes an EXECUTE and forwards it, in the goroutine that
// reads: what it collects for the servers leaves when all that was read is
// handled.
func (c *conn) forwardExecute(r *request) {
	c.awaitRoom()
	if !c.begin(r) {
		return
	}
	st := r.st
	session := *c.session.Load()
	if err := session.Authorize(st.prepared.Statement, st.prepared.Keyspace); err != nil {
		r.fail(r.hide(err, session, st))
		c.finished(r)
		c.workers.Done()
		return
	}
	if !st.qualified && st.tables != nil && st.prepared.Keyspace != c.currentKeyspace() {
		r.warnUse(c.currentKeyspace(), st.prepared.Keyspace, st)
	}
	body := r.body
	if st.route.ID != st.id {
		id := wire.ExecuteID(body) // of the client, replaced in our copy of the body
		copy(id, st.route.ID[:])
	}
	r.forwardAs(body, &r.execute.Params, st.route)
	r.forward.Key = r.partitionKey(st, r.execute.Params.Values, r.execute.Params.Names)
	c.addFlusher(c.s.forwarder.Forward(&r.forward))
}

// addFlusher notes what has to be flushed.
func (c *conn) addFlusher(f backend.Flusher) {
	if f != nil {
		c.forwarded = append(c.forwarded, f)
	}
}

// flushForwarded sends the requests that the reader has collected.
func (c *conn) flushForwarded() {
	for i, f := range c.forwarded {
		f.Flush()
		c.forwarded[i] = nil
	}
	c.forwarded = c.forwarded[:0]
}

// send forwards a request that a worker has served so far. Behind it r belongs
// to the back end.
func (r *request) send() {
	if f := r.c.s.forwarder.Forward(&r.forward); f != nil {
		f.Flush()
	}
}

// forwardAs fills in what all requests have in common. body is the message; the
// custom payload goes in front of it again.
func (r *request) forwardAs(body []byte, params *wire.QueryParams, routes ...*backend.Route) {
	f := &r.forward
	f.Version, f.Opcode = r.header.Version, r.header.Opcode
	f.Flags = r.header.Flags & (wire.FlagTracing | wire.FlagCustomPayload)
	f.Body, f.To = body, r
	if r.payload != nil {
		f.Body = append(wire.AppendBytesMap(nil, r.payload), body...)
	}
	f.Routes = append(f.Routes, routes...)
	f.Idempotent = true
	for _, route := range f.Routes {
		f.Idempotent = f.Idempotent && route.Idempotent
		f.WriteType = route.WriteType
	}
	if params != nil {
		f.Consistency = params.Consistency
		f.Idempotent = f.Idempotent && (f.WriteType == "" || params.HasTimestamp)
	}
}

// resetForward forgets what was forwarded, and keeps memory.
func (r *request) resetForward() {
	routes := r.forward.Routes
	clear(routes)
	r.forward = backend.Forward{Routes: kept(routes)}
	if cap(r.encoded) > keptBody {
		r.encoded = nil
	}
	if cap(r.key) > keptBody {
		r.key = nil
	}
	r.ids, r.preparing = kept(r.ids), nil
}

// forwardQuery forwards a QUERY: as it came, or with the text in which all
// names are qualified.
func (r *request) forwardQuery(p *backend.Prepared, route *backend.Route) error {
	session := *r.c.session.Load()
	if err := session.Authorize(p.Statement, p.Keyspace); err != nil {
		return err
	}
	if session.Caller().Rows != nil {
		return errOtherSession
	}
	body := r.body
	if route.Text != r.query.Text {
		r.query.Text = route.Text
		r.encoded = r.query.AppendBody(r.encoded[:0], r.header.Version)
		body = r.encoded
	}
	r.forwardAs(body, &r.query.Params, route)
	return errForward
}

// forwardBatch forwards a BATCH whose statements were authorized: as it came, or
// with ids and texts as the servers know them.
func (r *request) forwardBatch() error {
	m := &r.batch
	body, changed := r.body, false
	for i := range m.Entries {
		e, route := &m.Entries[i], r.forward.Routes[i]
		switch {
		case e.ID == nil && e.Text != route.Text:
			e.Text, changed = route.Text, true
		case e.ID != nil && string(e.ID) != string(route.ID[:]):
			e.ID, changed = route.ID[:], true
		}
	}
	if changed {
		r.encoded = m.AppendBody(r.encoded[:0], r.header.Version)
		body = r.encoded
	}
	r.forwardAs(body, &m.Params)
	r.forward.WriteType = [...]string{cql.Logged: "BATCH", cql.Unlogged: "UNLOGGED_BATCH", cql.CounterBatch: "COUNTER"}[m.Kind]
	r.forward.Idempotent = r.forward.Idempotent && cql.BatchKind(m.Kind) != cql.CounterBatch
	if st := r.firstPrepared(); st != nil {
		r.forward.Key = r.partitionKey(st, m.Values(0), nil)
	}
	return errForward
}

// firstPrepared is the statement of a batch's first entry, if it is prepared.
func (r *request) firstPrepared() *statement {
	if e := r.batch.Entries[0]; e.ID != nil && r.forward.Routes[0].ID == wire.StatementID(e.ID) {
		return r.c.s.prepared.get(e.ID)
	}
	return nil
}

// partitionKey returns the raw partition key that values give the statement, as
// the partitioner takes it (CompositeType for several columns), or nil.
func (r *request) partitionKey(st *statement, values []wire.Value, names [][]byte) []byte {
	columns := st.prepared.PartitionKeyBind
	if len(columns) == 0 || len(names) > 0 || len(values) != len(st.prepared.Bind) {
		return nil
	}
	if len(columns) == 1 {
		return values[columns[0]].Bytes
	}
	r.key = r.key[:0]
	for _, i := range columns {
		v := values[i].Bytes
		if v == nil || len(v) > wire.MaxStringLength {
			return nil
		}
		r.key = append(wire.AppendShortBytes(r.key, v), 0)
	}
	return r.key
}
