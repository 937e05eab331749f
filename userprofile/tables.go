package userprofile

import (
	"context"
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// KeyspaceStatement makes the app's keyspace, by the post's own statement.
const KeyspaceStatement = `CREATE KEYSPACE IF NOT EXISTS user_profile
WITH replication = {'class': 'SimpleStrategy',
'replication_factor': 1}`

// tables of the app: the first two are the post's.
var tables = []string{
	`CREATE TABLE IF NOT EXISTS users (userid uuid, firstname text, lastname text, email text, created_date timestamp, PRIMARY KEY (userid))`,
	`CREATE TABLE IF NOT EXISTS user_credentials (email text, password text, userid uuid, PRIMARY KEY (email))`,
	// A session is found by the hash of its cookie; the cookie itself is nowhere.
	`CREATE TABLE IF NOT EXISTS sessions (id blob PRIMARY KEY, userid uuid)`,
	// All sessions of a person, so that they can be ended together.
	`CREATE TABLE IF NOT EXISTS user_sessions (userid uuid, id blob, PRIMARY KEY (userid, id))`,
	// Who changes an account at the moment: rows live for seconds.
	`CREATE TABLE IF NOT EXISTS user_locks (userid uuid PRIMARY KEY, holder uuid)`,
}

func makeTables(ctx context.Context, session *gocql.Session) error {
	for _, text := range tables {
		if err := session.Query(text).ExecContext(ctx); err != nil {
			return fmt.Errorf("making tables: %w", err)
		}
	}
	return nil
}
