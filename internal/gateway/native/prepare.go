package native

import (
	"math"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// prepareAttempts bounds how often a PREPARE that runs into schema changes is
// repeated.
const prepareAttempts = 3

// servePrepare serves PREPARE. The answer to a text that is in the cache comes
// from there.
func (r *request) servePrepare() (wire.Body, error) {
	text := r.prepare.Text
	r.traceQuery(text, nil)
	keyspace, err := r.c.keyspaceFor(r.prepare.HasKeyspace, r.prepare.Keyspace)
	if err != nil {
		return nil, err
	}
	st := r.c.s.cached(text, keyspace)
	if st != nil {
		if err := r.sees(st.prepared.Statement, keyspace); err != nil {
			return nil, err
		}
	}
	if forward, err := r.forwardPrepare(st, text, keyspace); forward || err != nil {
		return nil, err
	}
	if st == nil {
		if st, err = r.prepareNew(text, keyspace); err != nil {
			return nil, err
		}
		if !st.qualified {
			r.warnUse(keyspace, keyspace, st)
		}
	}
	return &wire.Prepared{
		ID: st.id, ResultMetadataID: st.metadataID, Bind: st.bind, PartitionKey: st.prepared.PartitionKeyBind, Result: st.result,
	}, nil
}

// cached returns the statement that text means in keyspace, or nil.
func (s *Server) cached(text, keyspace string) *statement {
	id := wire.NewStatementID("", text)
	if st := s.prepared.get(id[:]); st != nil && st.qualified {
		return st
	}
	id = wire.NewStatementID(keyspace, text)
	if st := s.prepared.get(id[:]); st != nil && !st.qualified && st.keyspace == keyspace {
		return st
	}
	return nil
}

// prepareNew prepares text and keeps it. A schema change in between could leave
// a statement in the cache that was checked against the old schema, for which
// the change's invalidation came too early: then it is done again.
func (r *request) prepareNew(text, keyspace string) (*statement, error) {
	if r.trace != nil {
		r.trace.Event(backend.TraceDoor, "Parsing %s", backend.HidePassword(text))
	}
	parsed, err := cql.Parse(text)
	if err != nil {
		return nil, err
	}
	if n := len(parsed.Markers); n > math.MaxUint16 {
		return nil, cqlerr.Invalidf("Too many markers(?). %d markers exceed the allowed maximum of %d", n, math.MaxUint16)
	}
	if err := r.sees(parsed.Statement, keyspace); err != nil {
		return nil, err
	}
	r.trace.Event(backend.TraceDoor, "Preparing statement")
	s := r.c.s
	var st *statement
	for range prepareAttempts {
		catalog := s.backend.Schema()
		p, err := s.backend.Prepare(r.context(), parsed.Statement, parsed.Markers, keyspace)
		if err != nil {
			return nil, err
		}
		if r.warnings, err = backend.Validate(p, catalog, (*r.c.session.Load()).Caller().Name); err != nil {
			return nil, err
		}
		st = newStatement(text, keyspace, p, catalog)
		if !s.prepared.put(st) {
			return nil, tooLarge(st, s.prepared.Limit())
		}
		if s.backend.Schema() == catalog {
			break
		}
	}
	return st, nil
}

// unforwarded returns a statement that others have forwarded in the form in which
// the back end executes it itself.
func (r *request) unforwarded(st *statement) (*backend.Prepared, error) {
	p, err := r.c.s.backend.Prepare(r.c.ctx, st.prepared.Statement, st.prepared.Markers, st.prepared.Keyspace)
	if err == nil && len(p.Bind) != len(st.prepared.Bind) {
		return nil, unprepared(st.id[:]) // the table has changed
	}
	return p, err
}

// tooLarge is the error of a statement that is larger than the whole cache.
func tooLarge(st *statement, limit int64) *cqlerr.Error {
	return cqlerr.Invalidf("Prepared statement of size %d bytes is larger than allowed maximum of %d MB: %s...",
		st.size(), limit>>20, st.text[:min(len(st.text), 200)])
}
