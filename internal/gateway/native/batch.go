package native

import (
	"bytes"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// serveBatch serves BATCH, of which each statement is prepared or text.
func (r *request) serveBatch() (wire.Body, error) {
	m := &r.batch
	r.traceQuery("", &m.Params)
	if err := r.fillEntries(); err != nil {
		return nil, err
	}
	for i := range r.entries {
		if !modification(r.entries[i].Prepared.Statement) {
			return nil, cqlerr.Invalidf("Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.")
		}
	}
	if _, err := r.c.keyspaceFor(m.Params.HasKeyspace, m.Params.Keyspace); err != nil {
		return nil, err
	}
	session := *r.c.session.Load()
	for i := range r.entries {
		p := r.entries[i].Prepared
		if i > 0 && p == r.entries[i-1].Prepared {
			continue // a load: the same statement again and again
		}
		if err := session.Authorize(p.Statement, p.Keyspace); err != nil {
			return nil, err
		}
	}
	if len(r.entries) == 0 {
		return wire.Void{}, nil
	}
	if n := len(r.forward.Routes); n > 0 {
		if n < len(r.entries) || session.Caller().Rows != nil {
			return nil, errOtherSession
		}
		return nil, r.forwardBatch()
	}
	if err := r.fillQuery(&m.Params, session); err != nil {
		return nil, err
	}
	result, err := r.c.s.backend.ExecuteBatch(r.context(), &backend.Batch{Kind: cql.BatchKind(m.Kind), Entries: r.entries, Query: r.q})
	if err != nil {
		return nil, err
	}
	r.hold.Insist(r, int64(len(result.Data)))
	return r.result(result, nil, false)
}

// fillEntries prepares the statements that are text, looks up the others, and
// checks the number of values of each.
func (r *request) fillEntries() error {
	m := &r.batch
	r.entries, r.values = r.entries[:0], r.values[:0]
	var p *backend.Prepared
	var route *backend.Route
	for i := range m.Entries {
		e := &m.Entries[i]
		if i == 0 || len(e.ID) == 0 || !bytes.Equal(e.ID, m.Entries[i-1].ID) {
			var err error
			if p, route, err = r.entry(e); err != nil {
				return err
			}
		}
		if route != nil {
			r.forward.Routes = append(r.forward.Routes, route)
			r.ids = append(r.ids, clientID(e.ID))
		}
		values := m.Values(i)
		if route == nil && len(values) != len(p.Bind) {
			return cqlerr.Invalidf("There were %d markers(?) in CQL but %d bound variables", len(p.Bind), len(values))
		}
		from := len(r.values)
		for _, v := range values {
			r.values = append(r.values, backend.Value(v))
		}
		// Growing r.values leaves earlier entries with the old array, which holds
		// the same values.
		r.entries = append(r.entries, backend.BatchEntry{Prepared: p, Values: r.values[from:len(r.values):len(r.values)]})
	}
	return nil
}

// entry returns the statement of an entry, and how it is forwarded, if it is.
func (r *request) entry(e *wire.BatchEntry) (*backend.Prepared, *backend.Route, error) {
	if e.ID == nil {
		return r.parse(e.Text, r.batch.Params.HasKeyspace, r.batch.Params.Keyspace)
	}
	st := r.c.s.prepared.get(e.ID)
	if st == nil || (*r.c.session.Load()).Hides(st.prepared.Statement, st.prepared.Keyspace) {
		return nil, nil, unprepared(e.ID)
	}
	if st.route != nil && !r.c.forwards() {
		p, err := r.unforwarded(st)
		return p, nil, err
	}
	return st.prepared, st.route, nil
}

// clientID is the id that a client gave, zero if it was none.
func clientID(id []byte) (own wire.StatementID) {
	copy(own[:], id)
	return own
}
