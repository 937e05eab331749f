package main

import (
	"fmt"
	"math/rand/v2"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// driverLoad is the prepared INSERT and SELECT by key through a real driver,
// gocql, at its defaults.
type driverLoad struct{ session *gocql.Session }

func newDriverLoad(addr, token string) (*driverLoad, error) {
	config := gocql.NewCluster(addr)
	config.NumConns = connections
	config.Consistency = gocql.LocalQuorum
	config.Logger = gocql.NewLogger(gocql.LogLevelNone)
	if token != "" {
		config.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: token}
	}
	session, err := config.CreateSession()
	if err != nil {
		return nil, err
	}
	return &driverLoad{session}, nil
}

func (l *driverLoad) close() { l.session.Close() }

func (l *driverLoad) insertOne(_ int, rng *rand.Rand) error {
	n := int(rng.Uint32N(keys))
	return l.session.Query(insertUser, n, "John", "Smith", fmt.Sprintf("john.smith.%d@example.com", n), int64(n)).Exec()
}

func (l *driverLoad) selectOne(_ int, rng *rand.Rand) error {
	var id int
	var first, last, email string
	var created int64
	return l.session.Query(`SELECT id, firstname, lastname, email, created FROM bench.users WHERE id = ?`, int(rng.Uint32N(keys))).
		Scan(&id, &first, &last, &email, &created)
}
