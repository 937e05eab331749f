package cassandra

import (
	"context"
	"errors"
	"fmt"
	"strings"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

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
		return cqlerr.Newf(cqlerr.Overloaded, "No node of the cluster can be reached")
	case errors.Is(err, gocql.ErrTimeoutNoResponse):
		return cqlerr.Newf(cqlerr.Overloaded, "A node of the cluster did not answer in time; whether the statement was run is not known")
	case errors.Is(err, gocql.ErrConnectionClosed), errors.Is(err, gocql.ErrNoStreams), errors.Is(err, gocql.ErrSessionClosed):
		return cqlerr.Newf(cqlerr.Overloaded, "The connection to a node of the cluster was lost: %s", strings.TrimPrefix(err.Error(), "gocql: "))
	}
	return cqlerr.Newf(cqlerr.ServerError, "The cluster: %s", strings.TrimPrefix(err.Error(), "gocql: "))
}

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
		e.Failures = x.ErrorMap
	case *gocql.RequestErrWriteFailure:
		e.Consistency, e.Received, e.BlockFor, e.WriteType = uint16(x.Consistency), int32(x.Received), int32(x.BlockFor), x.WriteType
		e.Failures = x.ErrorMap
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

// notConnected is the error of a statement before the first connection.
func (c *Cluster) notConnected() error {
	reason := "not connected yet"
	if err := c.unreachable.Load(); err != nil {
		reason = (*err).Error()
	}
	return cqlerr.New(cqlerr.Overloaded, fmt.Sprintf("The cluster can't be reached: %s", reason))
}

// ping asks a node for an answer.
func (l *live) ping(ctx context.Context) error {
	err := l.session.Query("SELECT key FROM system.local WHERE key = 'local'").Consistency(gocql.One).ExecContext(ctx)
	return failure(err)
}
