package cassandra

import gocql "github.com/apache/cassandra-gocql-driver/v2"

// routing picks nodes as the policy in it does, but for batches that begin with
// a statement without bind variables: to find its partition key gocql would
// prepare a text that comes but once.
type routing struct{ gocql.HostSelectionPolicy }

// Pick implements gocql.HostSelectionPolicy.
func (r routing) Pick(stmt gocql.ExecutableStatement) gocql.NextHost {
	if stmt != nil {
		if b, ok := stmt.Statement().(*gocql.Batch); ok && (len(b.Entries) == 0 || len(b.Entries[0].Args) == 0) {
			stmt = unrouted{stmt}
		}
	}
	return r.HostSelectionPolicy.Pick(stmt)
}

// unrouted is a statement of which nobody knows the partition key.
type unrouted struct{ gocql.ExecutableStatement }

// GetRoutingKey implements gocql.ExecutableStatement.
func (unrouted) GetRoutingKey() ([]byte, error) { return nil, nil }
