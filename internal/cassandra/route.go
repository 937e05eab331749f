package cassandra

import gocql "github.com/apache/cassandra-gocql-driver/v2"

// routing picks nodes as the policy in it does, but for statements, and batches
// that begin with one, without bind variables: to find their partition key gocql
// would prepare a text that comes but once.
type routing struct{ gocql.HostSelectionPolicy }

// Pick implements gocql.HostSelectionPolicy.
func (r routing) Pick(stmt gocql.ExecutableStatement) gocql.NextHost {
	if stmt == nil || bindsNothing(stmt.Statement()) {
		stmt = unrouted{stmt}
	}
	return r.HostSelectionPolicy.Pick(stmt)
}

func bindsNothing(stmt gocql.Statement) bool {
	switch s := stmt.(type) {
	case *gocql.Query:
		return len(s.Values()) == 0
	case *gocql.Batch:
		return len(s.Entries) == 0 || len(s.Entries[0].Args) == 0
	}
	return false
}

// unrouted is a statement of which nobody knows the partition key.
type unrouted struct{ gocql.ExecutableStatement }

// GetRoutingKey implements gocql.ExecutableStatement.
func (unrouted) GetRoutingKey() ([]byte, error) { return nil, nil }
