package gateway

import (
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// connect opens a session to the node or to a server.
func connect(t *testing.T, address, user, password string) *gocql.Session {
	t.Helper()
	config := gocql.NewCluster(address)
	config.Consistency = gocql.LocalQuorum
	config.Timeout, config.ConnectTimeout = requestTimeout, requestTimeout
	config.NumConns = 1
	config.DisableInitialHostLookup = true
	config.Logger = gocql.NewLogger(gocql.LogLevelNone)
	config.Authenticator = gocql.PasswordAuthenticator{Username: user, Password: password}
	session, err := config.CreateSession()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(session.Close)
	return session
}
