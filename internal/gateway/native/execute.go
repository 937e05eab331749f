package native

import (
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// serveExecute serves EXECUTE.
func (r *request) serveExecute() (wire.Body, error) {
	st, params := r.st, &r.execute.Params
	if st == nil {
		return nil, unprepared(r.execute.ID)
	}
	r.traceQuery(st.text, params)
	if !st.qualified && st.tables != nil && st.prepared.Keyspace != r.c.currentKeyspace() {
		r.warnUse(r.c.currentKeyspace(), st.prepared.Keyspace, st)
	}
	session := *r.c.session.Load()
	if err := r.checkExecute(session, st, params); err != nil {
		return nil, r.hide(err, session, st)
	}
	r.traceValues(st.prepared.Bind)
	if st.pace != nil {
		began := time.Now()
		defer func() { st.pace.note(time.Since(began)) }()
	}
	p := st.prepared
	if st.route != nil { // of a session that does not forward
		var err error
		if p, err = r.unforwarded(st); err != nil {
			return nil, err
		}
	}
	result, err := r.runAuthorized(p, params, session)
	if err != nil {
		return nil, err
	}
	return r.result(result, st, params.SkipMetadata)
}

// checkExecute binds the values of an EXECUTE, and refuses what does not fit the
// statement or is not the session's to run.
func (r *request) checkExecute(session Session, st *statement, params *wire.QueryParams) error {
	r.bind(params, st.prepared.Bind)
	if err := checkPageSize(params); err != nil {
		return err
	}
	if len(r.values) != len(st.prepared.Bind) {
		return cqlerr.Invalidf("there were %d markers(?) in CQL but %d bound variables", len(st.prepared.Bind), len(r.values))
	}
	return session.Authorize(st.prepared.Statement, st.prepared.Keyspace)
}

// hide is err, or for who may not know of what st is about what is told of a
// statement that nobody has prepared: ids follow from texts, so anybody can ask
// for one.
func (r *request) hide(err error, session Session, st *statement) error {
	if !session.Hides(st.prepared.Statement, st.prepared.Keyspace) {
		return err
	}
	r.warnings = r.warnings[:0]
	return unprepared(st.id[:])
}

// unprepared is the error of an id that the cache does not have; drivers
// prepare the statement again.
func unprepared(id []byte) error {
	err := cqlerr.Newf(cqlerr.Unprepared, "Prepared query with ID %x not found (either the query was not prepared on this host "+
		"(maybe the host has been restarted?) or you have prepared too many queries and it has been evicted from the internal cache)", id)
	err.ID = append([]byte(nil), id...)
	return err
}
