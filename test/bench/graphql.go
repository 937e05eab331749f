package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// The documents are what a client sends that keeps its queries apart from its
// values.
const (
	graphqlQuery  = `query($id: Int) { users(value: {id: $id}) { values { id firstname lastname email created } } }`
	graphqlInsert = `mutation($v: usersInput!) { insertusers(value: $v) { applied } }`
)

func (l *restLoad) graphql(slot int, query, variables string) ([]byte, error) {
	body := fmt.Sprintf(`{"query":%q,"variables":{%s}}`, query, variables)
	return l.conns[slot].do(httpRequest(http.MethodPost, "/graphql/bench", l.addr, l.token, body), http.StatusOK)
}

func (l *restLoad) query(slot int, rng *rand.Rand) error {
	body, err := l.graphql(slot, graphqlQuery, fmt.Sprintf(`"id":%d`, rng.Uint32N(keys)))
	if err == nil && !bytes.Contains(body, []byte("John")) {
		err = fmt.Errorf("the row is missing: %s", body)
	}
	return err
}

func (l *restLoad) insert(slot int, rng *rand.Rand) error {
	key := rng.Uint32N(keys)
	body, err := l.graphql(slot, graphqlInsert,
		fmt.Sprintf(`"v":{"id":%d,"firstname":"John","lastname":"Smith","email":"john.smith.%d@example.com","created":"%d"}`, key, key, key))
	if err == nil && !bytes.Contains(body, []byte(`"applied":true`)) {
		err = fmt.Errorf("not inserted: %s", body)
	}
	return err
}

// measureGraphQL compares a query and an insert of one row with GET and POST of
// REST, on one server.
func measureGraphQL(addr, token string, pid int, length time.Duration) ([]pair, error) {
	var pairs []pair
	for _, inFlight := range []int{1, 16, 64} {
		l, err := newRESTLoad(&restUsers, addr, token, inFlight)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs,
			measure("GraphQL query by key", inFlight, func() figures { return run(pid, inFlight, length, l.query) },
				func() figures { return run(pid, inFlight, length, l.get) }),
			measure("GraphQL insert", inFlight, func() figures { return run(pid, inFlight, length, l.insert) },
				func() figures { return run(pid, inFlight, length, l.post) }))
		l.close()
	}
	return pairs, nil
}

// graphqlAlone measures GraphQL against REST on a server of its own.
func graphqlAlone(length time.Duration) error {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	server, err := harness.Launch("serve", filepath.Join(dir, "data"), "--durability", "sync")
	if err != nil {
		return err
	}
	defer server.Kill()
	users, err := newCQLLoad(server.CQL, server.Token)
	if err != nil {
		return err
	}
	defer users.close()
	row := selectRow()
	if _, err := users.begin(&row); err != nil {
		return err
	}
	_, err = measureGraphQL(server.HTTP, server.Token, server.PID(), length)
	return err
}
