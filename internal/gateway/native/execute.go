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
	r.bind(params, st.prepared.Bind)
	if err := checkPageSize(params); err != nil {
		return nil, err
	}
	if len(r.values) != len(st.prepared.Bind) {
		return nil, cqlerr.Invalidf("there were %d markers(?) in CQL but %d bound variables", len(st.prepared.Bind), len(r.values))
	}
	r.traceValues(st.prepared.Bind)
	if st.pace != nil {
		began := time.Now()
		defer func() { st.pace.note(time.Since(began)) }()
	}
	result, err := r.runStatement(st.prepared, params)
	if err != nil {
		return nil, err
	}
	return r.result(result, st, params.SkipMetadata)
}

// unprepared is the error of an id that the cache does not have; drivers
// prepare the statement again.
func unprepared(id []byte) error {
	err := cqlerr.Newf(cqlerr.Unprepared, "Prepared query with ID %x not found (either the query was not prepared on this host "+
		"(maybe the host has been restarted?) or you have prepared too many queries and it has been evicted from the internal cache)", id)
	err.ID = append([]byte(nil), id...)
	return err
}
