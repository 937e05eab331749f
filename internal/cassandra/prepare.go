package cassandra

import (
	"context"
	"errors"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// statement is the Plan of a backend.Prepared: the text that the nodes get.
// gocql prepares it on each node when that node first runs it.
type statement struct {
	text string
	// keyspace of the table, for gocql to find the replicas of a partition key
	// by, or of the names that a schema statement leaves unqualified.
	keyspace string
	// once: text is not to be prepared.
	once bool
	// conditional: the columns of the answer hang on the outcome.
	conditional bool
	// idempotent: running it twice does what running it once does.
	idempotent bool
}

// Prepare implements backend.Backend. Statements that the protocol can prepare
// are prepared on a node, the others are checked when they run.
func (c *Cluster) Prepare(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	l, err := c.alive()
	if err != nil {
		return nil, err
	}
	if c.isLocal(stmt, keyspace) {
		return c.local.Prepare(ctx, stmt, markers, keyspace)
	}
	p := &backend.Prepared{Statement: stmt, Markers: markers, Keyspace: keyspace}
	s := &statement{conditional: cql.Conditional(stmt), idempotent: idempotent(stmt)}
	p.Plan = s
	c.write(l, s, stmt, keyspace)
	switch stmt.(type) {
	case *cql.Select, *cql.Insert, *cql.Update, *cql.Delete, *cql.Batch:
		if err := l.prepare(ctx, p, s); err != nil {
			return nil, failure(err)
		}
	}
	return p, nil
}

// unprepared in front of a text keeps gocql, which goes by the first word, from
// preparing it. To Cassandra it is a comment.
const unprepared = "/**/"

// PrepareOnce implements backend.Once: a statement without bind variables goes
// to a node as text, for preparing would cost a round trip and leave it in the
// caches of gocql and of the node, where statements that come again have their
// place.
func (c *Cluster) PrepareOnce(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	l, err := c.alive()
	if err != nil {
		return nil, err
	}
	if len(markers) > 0 || c.isLocal(stmt, keyspace) {
		return c.Prepare(ctx, stmt, markers, keyspace)
	}
	s := &statement{conditional: cql.Conditional(stmt), idempotent: idempotent(stmt)}
	c.write(l, s, stmt, keyspace)
	s.once = true
	return &backend.Prepared{Statement: stmt, Keyspace: keyspace, Plan: s}, nil
}

// isLocal reports whether stmt reads one of the tables that are answered here.
// A release that does not have it, as 3.11 system.peers_v2, is asked, and says so.
func (c *Cluster) isLocal(stmt cql.Statement, keyspace string) bool {
	s, ok := stmt.(*cql.Select)
	if !ok || c.local == nil {
		return false
	}
	keyspace = tableKeyspace(stmt, keyspace)
	return c.Definition(keyspace, s.Table.Name) != nil || c.local.Schema().Table(keyspace, s.Table.Name) != nil && c.Schema().Table(keyspace, s.Table.Name) != nil
}

// writable refuses writes to the cluster's own tables, which it would let this
// gateway's user do, and not survive.
func writable(stmt cql.Statement, keyspace string) error {
	switch s := stmt.(type) {
	case *cql.Insert, *cql.Update, *cql.Delete, *cql.Truncate:
		if k := tableKeyspace(stmt, keyspace); schema.IsSystem(k) && !schema.IsVirtual(k) {
			return cqlerr.Unauthorizedf("%s keyspace is not user-modifiable.", k)
		}
	case *cql.Batch:
		for _, part := range s.Statements {
			if err := writable(part, keyspace); err != nil {
				return err
			}
		}
	}
	return nil
}

// write fills in the text of s, with all names qualified: connections to the
// nodes have no keyspace of their own. From version 5 on a request can say the
// keyspace, which Cassandra warns of with prepared statements; schema statements
// do it that way, for in their errors names show as they are written.
func (c *Cluster) write(l *live, s *statement, stmt cql.Statement, keyspace string) {
	s.keyspace = tableKeyspace(stmt, keyspace)
	known := s.keyspace == "" || c.Schema().Keyspaces[s.keyspace] != nil
	if !known {
		s.keyspace = "" // naming it would be a mistake of its own
	}
	switch d := stmt.(type) {
	case *cql.Describe:
		s.text, s.keyspace = cql.Print(qualifiedDescribe(d, keyspace, c.Schema())), ""
	case *cql.Select, *cql.Insert, *cql.Update, *cql.Delete, *cql.Batch, *cql.Truncate:
		s.text = cql.Print(qualified(stmt, keyspace))
	default:
		if known && l.protocol >= 5 {
			s.text = cql.Print(stmt)
		} else {
			s.text = cql.Print(qualified(stmt, keyspace))
		}
	}
}

// errPrepared ends an execution after its preparation.
var errPrepared = errors.New("prepared")

// prepare fills in what a node says of the statement.
func (l *live) prepare(ctx context.Context, p *backend.Prepared, s *statement) error {
	query := l.session.Bind(s.text, func(info *gocql.QueryInfo) ([]any, error) {
		p.Bind = columnsOf(info.Args)
		if len(info.Rval) > 0 {
			p.Result = columnsOf(info.Rval)
		}
		if len(info.PKeyColumns) > 0 {
			p.PartitionKeyBind = make([]uint16, len(info.PKeyColumns))
			for i, index := range info.PKeyColumns {
				p.PartitionKeyBind[i] = uint16(index)
			}
		}
		return nil, errPrepared
	})
	if err := query.SetKeyspace(s.keyspace).Idempotent(true).ExecContext(ctx); !errors.Is(err, errPrepared) {
		return err
	}
	return nil
}

// tableKeyspace is the keyspace of the (first) table that stmt reads or writes,
// session for other statements.
func tableKeyspace(stmt cql.Statement, session string) string {
	if names, _ := cql.Tables(stmt); len(names) > 0 && names[0].Keyspace != "" {
		return names[0].Keyspace
	}
	return session
}
