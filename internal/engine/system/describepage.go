package system

import (
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// describeColumns returns text columns of the table that DESCRIBE says its
// rows are of.
func describeColumns(names ...string) []backend.Column {
	columns := make([]backend.Column, len(names))
	for i, name := range names {
		columns[i] = backend.Column{Keyspace: schema.SystemKeyspace, Table: "describe", Name: name, Type: cqltype.TypeText}
	}
	return columns
}

// describePage answers the elements from where the paging state stands.
func describePage(elements []element, list, internals bool, version uuid.UUID, q *backend.Query) (*backend.Result, error) {
	offset, err := describeOffset(q.PagingState, version)
	if err != nil {
		return nil, err
	}
	elements = elements[min(offset, len(elements)):]
	r := &backend.Result{Kind: backend.Rows, Columns: describeColumns("keyspace_name", "type", "name")}
	if !list {
		r.Columns = describeColumns("keyspace_name", "type", "name", "create_statement")
	}
	if q.PageSize > 0 && len(elements) >= q.PageSize {
		elements = elements[:q.PageSize]
		r.PagingState = describeState(offset+q.PageSize, version)
	}
	r.RowCount = len(elements)
	for _, e := range elements {
		r.Data = backend.AppendCell(r.Data, schema.Text(cqltype.QuoteIdentifier(e.keyspace)))
		r.Data = backend.AppendCell(r.Data, schema.Text(e.kind))
		r.Data = backend.AppendCell(r.Data, schema.Text(cqltype.QuoteIdentifier(e.name)))
		if !list {
			r.Data = backend.AppendCell(r.Data, schema.Text(e.create(internals)))
		}
	}
	return r, nil
}

// stateMagic starts a paging state of DESCRIBE; the schema's version (16
// bytes) and the number of rows answered (8) follow.
const stateMagic = "DESC\x01"

func describeState(offset int, version uuid.UUID) []byte {
	state := append([]byte(stateMagic), version[:]...)
	return binary.BigEndian.AppendUint64(state, uint64(offset))
}

// describeOffset reads a paging state, which comes from outside.
func describeOffset(state []byte, version uuid.UUID) (int, error) {
	if state == nil {
		return 0, nil
	}
	n := len(stateMagic)
	if len(state) != n+24 || string(state[:n]) != stateMagic {
		return 0, cqlerr.Newf(cqlerr.Protocol, "Invalid value for the paging state")
	}
	if string(state[n:n+16]) != string(version[:]) {
		return 0, cqlerr.Invalidf("The schema has changed since the previous page of the DESCRIBE statement result. Please retry the DESCRIBE statement.")
	}
	offset := binary.BigEndian.Uint64(state[n+16:])
	if offset > 1<<31 {
		return 0, cqlerr.Newf(cqlerr.Protocol, "Invalid value for the paging state")
	}
	return int(offset), nil
}

// describeCluster is DESCRIBE CLUSTER: with the ring of the session's
// keyspace, if it is in one that is not the server's own.
func (s *Tables) describeCluster(snapshot *schema.Snapshot, keyspace string) *backend.Result {
	r := &backend.Result{Kind: backend.Rows, RowCount: 1, Columns: describeColumns("cluster", "partitioner", "snitch")}
	for _, text := range []string{s.options.ClusterName, "Murmur3Partitioner", "DynamicEndpointSnitch"} {
		r.Data = backend.AppendCell(r.Data, schema.Text(text))
	}
	if keyspace == "" || schema.IsSystem(keyspace) || snapshot.Keyspaces[keyspace] == nil {
		return r
	}
	column := describeColumns("range_ownership")[0]
	column.Type = cqltype.NewMap(cqltype.TypeText, cqltype.NewList(cqltype.TypeText, false), false)
	r.Columns = append(r.Columns, column)
	ring := cqltype.AppendCount(nil, 1)
	ring = cqltype.AppendElement(ring, schema.Text(Token))
	ring = cqltype.AppendElement(ring, schema.TextList("/"+s.options.Address().String()))
	r.Data = backend.AppendCell(r.Data, ring)
	return r
}
