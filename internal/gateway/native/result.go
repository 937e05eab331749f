package native

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// result turns a back end's result into the answer. st is nil for a statement
// that was not prepared.
func (r *request) result(res *backend.Result, st *statement, skipMetadata bool) (wire.Body, error) {
	r.extras.TracingID = (*[16]byte)(res.TracingID)
	r.extras.Warnings = res.Warnings
	switch res.Kind {
	case backend.Rows:
		r.fillRows(res, st, skipMetadata)
		return &r.rows, nil
	case backend.SetKeyspace:
		keyspace := res.Keyspace
		r.c.keyspace.Store(&keyspace)
		return &wire.SetKeyspace{Keyspace: keyspace}, nil
	case backend.SchemaChange:
		return &wire.SchemaChangeResult{SchemaChange: schemaChange(res.Change)}, nil
	default:
		return wire.Void{}, nil
	}
}

// fillRows sets r.rows. The metadata is left out when the client asked for that
// and knows it (ExecuteMessage.execute); if what it knows is outdated, v5 tells
// it the new id.
func (r *request) fillRows(res *backend.Result, st *statement, skip bool) {
	r.rows = wire.Rows{PagingState: res.PagingState, Count: res.RowCount, Data: res.Data}
	r.recycle = res.Recycle
	if st == nil {
		r.rows.Columns, r.rows.NoMetadata = r.ownColumns(res.Columns), skip
		return
	}
	id := st.metadataID
	if same(res.Columns, st.prepared.Result) {
		r.rows.Columns = st.result
	} else {
		r.rows.Columns = r.ownColumns(res.Columns)
		id = wire.NewMetadataID(r.rows.Columns)
	}
	switch {
	case r.header.Version < wire.V5:
		r.rows.NoMetadata = skip && id == st.metadataID
	case st.conditional: // always with metadata, which the client is not to keep
	case string(r.execute.ResultMetadataID) != string(id[:]):
		r.changed = id
		r.rows.ChangedID = &r.changed
	default:
		r.rows.NoMetadata = skip
	}
}

// ownColumns converts columns into the request's own memory.
func (r *request) ownColumns(columns []backend.Column) []wire.Column {
	r.columns = wireColumns(r.columns[:0], columns)
	return r.columns
}

// same reports whether a and b are the same columns; they are the same slice
// unless the statement was prepared anew.
func same(a, b []backend.Column) bool {
	if len(a) != len(b) {
		return false
	}
	if len(a) == 0 || &a[0] == &b[0] {
		return true
	}
	return slices.EqualFunc(a, b, func(x, y backend.Column) bool {
		return x.Name == y.Name && x.Table == y.Table && x.Keyspace == y.Keyspace && x.Type.Equal(y.Type)
	})
}

// schemaChange converts a schema change.
func schemaChange(c *schema.Change) wire.SchemaChange {
	return wire.SchemaChange{Change: string(c.Kind), Target: c.Target, Keyspace: c.Keyspace, Name: c.Name, Args: c.Args}
}
