package grpc

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// respond leaves the Response in c.out. st is the statement that the result is
// of, nil for a batch.
func (c *call) respond(r *backend.Result, st *statement) error {
	if r.Kind == backend.Rows {
		c.appendResultSet(r, st)
	}
	for _, w := range r.Warnings {
		c.out = appendString(c.out, 2, w)
	}
	if c.request.tracing {
		if err := c.appendTraces(r); err != nil {
			return err
		}
	}
	if r.Kind == backend.SchemaChange && r.Change != nil {
		c.out = appendChange(c.out, r.Change)
	}
	return nil
}

// appendResultSet builds it in c.rows, where its length is known in the end.
func (c *call) appendResultSet(r *backend.Result, st *statement) {
	rows := c.rows
	switch {
	case c.request.skipMetadata:
	case st != nil && sameColumns(r.Columns, st.prepared.Result):
		rows = append(rows, st.columns...)
	default:
		rows = appendColumns(rows, r.Columns)
	}
	rows = appendRows(rows, r)
	if r.PagingState != nil {
		var at int
		rows, at = begin(rows, 3)
		rows = end(appendBytes(rows, 1, r.PagingState), at)
	}
	c.rows = rows
	c.out = protowire.AppendVarint(append(c.out, tag(1)), uint64(len(rows)))
	c.out = append(c.out, rows...)
}

// sameColumns reports whether a and b are the same slice, which they are unless
// the statement was prepared anew.
func sameColumns(a, b []backend.Column) bool {
	return len(a) == len(b) && len(a) > 0 && &a[0] == &b[0]
}

var (
	changeKinds = map[schema.ChangeKind]proto.SchemaChange_Type{
		schema.Created: proto.SchemaChange_CREATED, schema.Updated: proto.SchemaChange_UPDATED, schema.Dropped: proto.SchemaChange_DROPPED,
	}
	changeTargets = map[string]proto.SchemaChange_Target{
		wire.TargetKeyspace: proto.SchemaChange_KEYSPACE, wire.TargetTable: proto.SchemaChange_TABLE, wire.TargetType: proto.SchemaChange_TYPE,
		wire.TargetFunction: proto.SchemaChange_FUNCTION, wire.TargetAggregate: proto.SchemaChange_AGGREGATE,
	}
)

// appendChange appends a SchemaChange.
func appendChange(dst []byte, change *schema.Change) []byte {
	dst, at := begin(dst, 4)
	dst = appendNumber(dst, 1, uint64(changeKinds[change.Kind]))
	dst = appendNumber(dst, 2, uint64(changeTargets[change.Target]))
	dst = appendString(dst, 3, change.Keyspace)
	if change.Target != wire.TargetKeyspace {
		var name int
		dst, name = begin(dst, 4)
		dst = end(appendString(dst, 1, change.Name), name)
	}
	for _, arg := range change.Args {
		dst = appendString(dst, 5, arg)
	}
	return end(dst, at)
}
