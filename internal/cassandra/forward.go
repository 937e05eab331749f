package cassandra

import (
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cassandra/upstream"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

var _ backend.Forwarder = (*Cluster)(nil)

// Newest implements backend.Forwarder. Before the first connection it is the
// newest of all.
func (c *Cluster) Newest() wire.Version {
	if l := c.live.Load(); l != nil {
		return wire.Version(l.protocol)
	}
	return wire.Current
}

// truncateTimeout is longer than truncate_request_timeout, 60 s.
const truncateTimeout = 65 * time.Second

// Route implements backend.Forwarder: what reads and writes tables goes to the
// nodes as it came. Everything else is executed here, and so are reads that may
// have to go to a second node as well (Options.Speculative).
func (c *Cluster) Route(stmt cql.Statement, text, keyspace string) *backend.Route {
	if writable(stmt, keyspace) != nil { // Prepare says why
		return nil
	}
	r := &backend.Route{Text: text, Keyspace: tableKeyspace(stmt, keyspace), Conditional: cql.Conditional(stmt), Idempotent: idempotent(stmt)}
	timeout := c.options.Timeout
	switch stmt.(type) {
	case *cql.Select:
		if c.isLocal(stmt, keyspace) || c.options.Speculative > 0 {
			return nil
		}
	case *cql.Insert, *cql.Update, *cql.Delete, *cql.Batch:
		r.WriteType = writeType(stmt)
	case *cql.Truncate:
		timeout = max(truncateTimeout, timeout)
	default:
		return nil
	}
	if !fullyQualified(stmt) && keyspace != "" {
		r.Text = cql.Print(qualified(stmt, keyspace))
	}
	r.ID = wire.NewStatementID("", r.Text)
	r.Plan = upstream.NewPlan(timeout)
	return r
}

// Forward implements backend.Forwarder.
func (c *Cluster) Forward(f *backend.Forward) backend.Flusher { return c.upstream.Forward(f) }

// fullyQualified reports whether stmt names its tables with their keyspaces.
func fullyQualified(stmt cql.Statement) bool {
	switch s := stmt.(type) {
	case *cql.Select:
		return s.Table.Keyspace != ""
	case *cql.Insert:
		return s.Table.Keyspace != ""
	case *cql.Update:
		return s.Table.Keyspace != ""
	case *cql.Delete:
		return s.Table.Keyspace != ""
	case *cql.Truncate:
		return s.Table.Keyspace != ""
	case *cql.Batch:
		for _, inner := range s.Statements {
			if !fullyQualified(inner) {
				return false
			}
		}
	}
	return true
}
