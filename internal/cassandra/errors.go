package cassandra

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// failure converts what gocql returned: the errors of the nodes with all their
// fields, its own to what a client can act on. failure(nil) is nil.
func failure(err error) error {
	if err == nil {
		return nil
	}
	var own *cqlerr.Error
	if errors.As(err, &own) {
		return own
	}
	var request gocql.RequestError
	if errors.As(err, &request) {
		return nodeError(request)
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, gocql.ErrNoConnections), errors.Is(err, gocql.ErrNoConnectionsStarted), errors.Is(err, gocql.ErrUnavailable):
		return cqlerr.Unreachablef("No node of the cluster can be reached")
	case errors.Is(err, gocql.ErrTimeoutNoResponse):
		return cqlerr.New(cqlerr.Overloaded, "A node of the cluster did not answer in time")
	case lost(err):
		return cqlerr.Newf(cqlerr.Overloaded, "The connection to a node of the cluster was lost: %s", withoutPrefix(err))
	}
	return cqlerr.Newf(cqlerr.ServerError, "The cluster: %s", withoutPrefix(err))
}

// readFailure is failure for a statement that reads: it was tried on other nodes
// if there were any, and did nothing. A node that has not answered in time is a read
// timeout without any answer, as with requests that pass through undecoded.
func readFailure(err error, consistency backend.Consistency) error {
	switch {
	case err != nil && lost(err):
		return cqlerr.Unreachablef("The connection to a node of the cluster was lost: %s", withoutPrefix(err))
	case errors.Is(err, gocql.ErrTimeoutNoResponse):
		return &cqlerr.Error{Code: cqlerr.ReadTimeout, Consistency: uint16(consistency), BlockFor: 1,
			Message: "The node of the cluster that coordinated the read did not answer in time"}
	}
	return failure(err)
}

// writeFailure is failure for a statement that writes. When the answer was lost
// nobody knows whether it was run, which is what a write timeout says.
func writeFailure(err error, stmt cql.Statement, consistency backend.Consistency) error {
	if err == nil || !lost(err) && !errors.Is(err, gocql.ErrTimeoutNoResponse) {
		return failure(err)
	}
	return &cqlerr.Error{Code: cqlerr.WriteTimeout, Consistency: uint16(consistency), BlockFor: 1, WriteType: writeType(stmt),
		Message: "The node of the cluster that coordinated the write did not answer; whether it was run is not known"}
}

// writeType is the type of a write in errors (org.apache.cassandra.db.WriteType).
func writeType(stmt cql.Statement) string {
	if cql.Conditional(stmt) {
		return "CAS"
	}
	if b, ok := stmt.(*cql.Batch); ok {
		return batchWriteTypes[b.Kind]
	}
	return "SIMPLE"
}

var batchWriteTypes = map[cql.BatchKind]string{cql.Logged: "BATCH", cql.Unlogged: "UNLOGGED_BATCH", cql.CounterBatch: "COUNTER"}

// lost reports whether the connection broke under a statement.
func lost(err error) bool {
	var network net.Error
	return errors.Is(err, gocql.ErrConnectionClosed) || errors.Is(err, io.EOF) || errors.As(err, &network)
}

func withoutPrefix(err error) string { return strings.TrimPrefix(err.Error(), "gocql: ") }

// nodeError converts an ERROR message of a node (native_protocol_v5.spec §9).
func nodeError(err gocql.RequestError) *cqlerr.Error {
	e := &cqlerr.Error{Code: cqlerr.Code(err.Code()), Message: err.Message()}
	switch x := err.(type) {
	case *gocql.RequestErrUnavailable:
		e.Consistency, e.BlockFor, e.Alive = uint16(x.Consistency), int32(x.Required), int32(x.Alive)
	case *gocql.RequestErrWriteTimeout:
		e.Consistency, e.Received, e.BlockFor, e.WriteType = uint16(x.Consistency), int32(x.Received), int32(x.BlockFor), x.WriteType
	case *gocql.RequestErrReadTimeout:
		e.Consistency, e.Received, e.BlockFor, e.DataPresent = uint16(x.Consistency), int32(x.Received), int32(x.BlockFor), x.DataPresent != 0
	case *gocql.RequestErrReadFailure:
		e.Consistency, e.Received, e.BlockFor, e.DataPresent = uint16(x.Consistency), int32(x.Received), int32(x.BlockFor), x.DataPresent
		e.Failures = failures(x.ErrorMap, x.NumFailures)
	case *gocql.RequestErrWriteFailure:
		e.Consistency, e.Received, e.BlockFor, e.WriteType = uint16(x.Consistency), int32(x.Received), int32(x.BlockFor), x.WriteType
		e.Failures = failures(x.ErrorMap, x.NumFailures)
	case *gocql.RequestErrCASWriteUnknown:
		e.Consistency, e.Received, e.BlockFor = uint16(x.Consistency), int32(x.Received), int32(x.BlockFor)
	case *gocql.RequestErrFunctionFailure:
		e.Keyspace, e.Function, e.ArgTypes = x.Keyspace, x.Function, x.ArgTypes
	case *gocql.RequestErrAlreadyExists:
		e.Keyspace, e.Table = x.Keyspace, x.Table
	case *gocql.RequestErrUnprepared:
		e.ID = x.StatementId
	}
	return e
}

// failures are the replicas that failed, with the reason of each. Before
// version 5 nodes tell only how many there were: then they have no addresses.
func failures(reasons gocql.ErrorMap, count int) map[string]uint16 {
	if len(reasons) > 0 || count <= 0 {
		return reasons
	}
	all := make(map[string]uint16, count)
	for i := range min(count, 1<<8) {
		all[netip.AddrFrom4([4]byte{0, 0, 0, byte(i)}).String()] = 0
	}
	return all
}

// notConnected is the error of a statement before the first connection.
func (c *Cluster) notConnected() error {
	err := c.unreachable.Load()
	if err == nil {
		return cqlerr.Unreachablef("Connecting to the cluster; it has not answered yet")
	}
	return cqlerr.Unreachablef("The cluster can't be reached: %s", *err)
}

// ping asks a node for an answer.
func (l *live) ping(ctx context.Context) error {
	err := l.session.Query("SELECT key FROM system.local WHERE key = 'local'").Consistency(gocql.One).ExecContext(ctx)
	return failure(err)
}
