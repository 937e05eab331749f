package access

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// maxReplicas is how many replicas the tables have in a datacenter, if it has
// that many nodes.
const maxReplicas = 3

// shared is what a store knows of the others that keep their access control in
// the same tables.
type shared struct {
	topology backend.Topology
	// self names this store among the others.
	self uuid.UUID
	// seen is what versions held when the tables were last loaded. Guarded by
	// Store.write.
	seen string
	// unannounced: a change was written that the others may not have been told of.
	unannounced atomic.Bool
}

func newShared(t backend.Topology) *shared { return &shared{topology: t, self: uuid.New()} }

// tableNamespace makes the ids of the tables: servers that start together make
// the same table, not one each of the same name, for which Cassandra's schema
// has no remedy.
var tableNamespace = uuid.MustParse("0b4d9f58-6f0e-4b5e-9d0a-8a1c2b7f3e61")

const lastSharedTable = "bootstrap"

// definitions are those of the tables on a cluster. versions has a row of each
// server, which is new after each change it made; bootstrap the claim of who
// makes the first database.
func (s *shared) definitions() []string {
	texts := []string{fmt.Sprintf(`CREATE KEYSPACE IF NOT EXISTS astrolabe WITH replication = {'class': 'NetworkTopologyStrategy', %s: %d}`,
		quoted(s.topology.Datacenter()), s.replicas())}
	all := append(definitions[1:len(definitions):len(definitions)],
		`CREATE TABLE IF NOT EXISTS astrolabe.versions (name text, server uuid, version uuid, PRIMARY KEY (name, server))`,
		`CREATE TABLE IF NOT EXISTS astrolabe.bootstrap (id text PRIMARY KEY, owner uuid, place text)`)
	for _, text := range all {
		if rest, ok := strings.CutPrefix(text, `CREATE TABLE IF NOT EXISTS astrolabe.`); ok {
			name, _, _ := strings.Cut(rest, " ")
			text += " WITH id = " + uuid.NewSHA1(tableNamespace, []byte(name)).String()
		}
		texts = append(texts, text)
	}
	return texts
}

func quoted(s string) string { return string(cqltype.TypeText.AppendLiteral(nil, []byte(s))) }

// replicas is how many the datacenter should have now.
func (s *shared) replicas() int { return max(1, min(maxReplicas, s.topology.Nodes())) }

// reach gives the tables a replica in this datacenter, if they have none: its
// quorums could not be reached.
func (s *Store) reach(ctx context.Context) error {
	if have, ok := s.replication(); !ok || have > 0 {
		return nil
	}
	return s.grow(ctx)
}

// replication is how many replicas the tables have in this datacenter; false
// when somebody has chosen another strategy, which then stays.
func (s *Store) replication() (int, bool) {
	k := s.back.Schema().Keyspaces[Keyspace]
	if k == nil || k.Replication["class"] != schema.NetworkTopologyStrategy {
		return 0, false
	}
	have, err := strconv.Atoi(k.Replication[s.shared.topology.Datacenter()])
	return have, err == nil || k.Replication[s.shared.topology.Datacenter()] == ""
}

// grow adds replicas, one at a time, until there are enough for the nodes that
// there are. Before and after each step all rows are read from all replicas,
// which repairs those that lack some. So the quorums of before and after a step
// always have a complete replica in common, and no server misses a token
// meanwhile. With a node down it fails, and changes nothing.
func (s *Store) grow(ctx context.Context) error {
	have, ok := s.replication()
	if !ok || have >= s.shared.replicas() {
		return nil
	}
	won, err := s.growTurn(ctx, have)
	if err != nil || !won {
		return err
	}
	for have, ok = s.replication(); ok && have < s.shared.replicas(); have++ {
		if err := s.repair(ctx); err != nil {
			return err
		}
		if err := s.alterReplication(ctx, have+1); err != nil {
			return err
		}
		if err := s.repair(ctx); err != nil {
			return err
		}
	}
	return nil
}

// growTurn claims the turn to change the replication for a while. The first
// replica of a datacenter can't be waited for: its quorums are not there yet.
func (s *Store) growTurn(ctx context.Context, have int) (bool, error) {
	if have == 0 {
		return true, nil
	}
	return s.compareAndSet(ctx, `INSERT INTO astrolabe.bootstrap (id, owner) VALUES ('replication', ?) IF NOT EXISTS USING TTL 300`, s.shared.self[:])
}

func (s *Store) alterReplication(ctx context.Context, n int) error {
	datacenter := s.shared.topology.Datacenter()
	text := `ALTER KEYSPACE astrolabe WITH replication = {'class': 'NetworkTopologyStrategy', ` + quoted(datacenter) + `: ` + strconv.Itoa(n)
	for name, value := range s.back.Schema().Keyspaces[Keyspace].Replication {
		if name != "class" && name != datacenter {
			text += ", " + quoted(name) + ": " + quoted(value)
		}
	}
	_, err := s.run(ctx, text+"}")
	return err
}

// repairPage is how many rows are read at a time.
const repairPage = 500

// repair reads all rows from all replicas, but for those that live for seconds.
func (s *Store) repair(ctx context.Context) error {
	for _, t := range s.back.Schema().Keyspaces[Keyspace].TablesInOrder() {
		if t.Name == "gateways" {
			continue
		}
		q := &backend.Query{Consistency: backend.All, PageSize: repairPage}
		for {
			page, err := s.execute(ctx, "SELECT * FROM "+t.String(), q)
			if err != nil {
				return err
			}
			if q.PagingState = page.PagingState; q.PagingState == nil {
				break
			}
		}
	}
	return nil
}
