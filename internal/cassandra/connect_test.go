package cassandra_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cassandra"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/engine/system"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// TestUnreachable: without a node to be reached statements are refused at once
// and Ready says why; the cluster is used as soon as it is there.
func TestUnreachable(t *testing.T) {
	address := steady.Address(t)
	c, err := cassandra.Open(cassandra.Options{Hosts: []string{address}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := c.Connected(soon); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("connected: %v", err)
	}
	steady.Until(t, "Ready says that the connection is refused", func() bool {
		err := c.Ready(t.Context())
		return err != nil && strings.Contains(err.Error(), "connection refused")
	})
	_, err = try(t, c, "SELECT * FROM system.local")
	var e *cqlerr.Error
	if !errors.As(err, &e) || e.Code != cqlerr.Overloaded || !e.Unreachable {
		t.Errorf("a statement: %v", err)
	}
	startNode(t, address, startEngine(t, address))
	later, cancel := context.WithTimeout(t.Context(), steady.Timeout)
	defer cancel()
	if err := c.Connected(later); err != nil {
		t.Fatalf("with a node: %v", err)
	}
	if r := run(t, c, "SELECT key FROM system.local"); r.RowCount != 1 {
		t.Errorf("%d rows", r.RowCount)
	}
}

// TestRefused: options that can't be right are told instead of tried for ever.
func TestRefused(t *testing.T) {
	address := steady.Address(t)
	startNode(t, address, startEngine(t, address))
	c, err := cassandra.Open(cassandra.Options{Hosts: []string{address}, Datacenter: "nowhere"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), steady.Timeout)
	defer cancel()
	var refused *cassandra.RefusedError
	if err := c.Connected(ctx); !errors.As(err, &refused) || refused.Setting != cassandra.DatacenterSetting ||
		refused.Reason != `the cluster has no datacenter "nowhere", but "datacenter1"` {
		t.Errorf("connected: %v", err)
	}
	if _, err := cassandra.Open(cassandra.Options{}); err == nil {
		t.Error("opened without hosts")
	}
}

// TestCatalog compares the schema read from a node with the node's own.
func TestCatalog(t *testing.T) {
	address := steady.Address(t)
	e := startEngine(t, address)
	startNode(t, address, e)
	for _, text := range []string{
		"CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1} AND durable_writes = false",
		`CREATE TYPE ks.inner ("A" int, b frozen<list<text>>)`,
		`CREATE TYPE ks.outer (a frozen<inner>, b vector<float, 3>)`,
		`CREATE TABLE ks."T" (a int, "B" text, c timeuuid, d int, s set<int> static, o frozen<outer>, t tuple<int, frozen<inner>>, x int, PRIMARY KEY ((a, "B"), c, d)) ` +
			`WITH CLUSTERING ORDER BY (c DESC, d ASC) AND comment = 'c' AND default_time_to_live = 10 AND compression = {'enabled': false}`,
		`ALTER TABLE ks."T" DROP x`,
		`CREATE TABLE ks.n (k int PRIMARY KEY, c counter)`,
		`CREATE TABLE ks.i (k int PRIMARY KEY, m map<text, int>, "Q" text, l frozen<list<int>>)`,
		`CREATE INDEX ON ks.i (keys(m))`,
		`CREATE INDEX ON ks.i (full(l))`,
		`CREATE CUSTOM INDEX sai ON ks.i ("Q") USING 'StorageAttachedIndex'`,
	} {
		run(t, e, text)
	}
	c := connect(t, cassandra.Options{Hosts: []string{address}})
	got, want := c.Schema(), e.Schema()
	if got.Version != want.Version {
		t.Errorf("version %v, want %v", got.Version, want.Version)
	}
	for name, k := range want.Keyspaces {
		g := got.Keyspaces[name]
		if g == nil {
			t.Errorf("keyspace %s is missing", name)
			continue
		}
		if !reflect.DeepEqual(g.Types, k.Types) || g.DurableWrites != k.DurableWrites || g.System != k.System || g.Virtual != k.Virtual ||
			len(g.Replication)+len(k.Replication) > 0 && !reflect.DeepEqual(g.Replication, k.Replication) {
			t.Errorf("keyspace %+v\nwant %+v", g, k)
		}
		for _, table := range k.Tables {
			compareTables(t, g.Tables[table.Name], table)
		}
		if len(g.Tables) != len(k.Tables) {
			t.Errorf("keyspace %s has %d tables, want %d", name, len(g.Tables), len(k.Tables))
		}
	}
}

// compareTables compares what DESCRIBE shows, and what it does not.
func compareTables(t *testing.T, got, want *schema.Table) {
	t.Helper()
	if got == nil {
		t.Errorf("table %s is missing", want)
		return
	}
	if g, w := got.CreateStatement(false), want.CreateStatement(false); g != w {
		t.Errorf("table\n%s\nwant\n%s", g, w)
	}
	if got.Counter != want.Counter || got.Virtual != want.Virtual || got.ID != want.ID || len(got.Dropped) != len(want.Dropped) {
		t.Errorf("table %+v\nwant %+v", got, want)
	}
	for _, d := range want.Dropped { // its time is told in milliseconds
		g := got.Dropped[d.Name]
		if g == nil || g.Kind != d.Kind || !g.Type.Equal(d.Type) || g.DroppedTime/1000 != d.DroppedTime/1000 {
			t.Errorf("dropped column %+v, want %+v", g, d)
		}
	}
	for _, ix := range want.Indexes {
		g := got.Indexes[ix.Name]
		if g == nil || g.Column != ix.Column || g.Target != ix.Target || g.CreateStatement(got) != ix.CreateStatement(want) {
			t.Errorf("index %+v, want %+v", g, ix)
		}
	}
}

// TestChangesElsewhere: what somebody else does to the schema is seen, and only
// what changed gets new memory.
func TestChangesElsewhere(t *testing.T) {
	address := steady.Address(t)
	e := startEngine(t, address)
	startNode(t, address, e)
	run(t, e, "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	run(t, e, "CREATE TABLE ks.old (k int PRIMARY KEY)")
	c := connect(t, cassandra.Options{Hosts: []string{address}})
	old := c.Schema().Table("ks", "old")
	changes := make(chan schema.Change, 100)
	defer c.Subscribe(func(change schema.Change) { changes <- change })()
	run(t, e, "CREATE TABLE ks.new (k int PRIMARY KEY)")
	select {
	case change := <-changes:
		if change.Kind != schema.Created || change.Name != "new" || change.Snapshot.Table("ks", "new") == nil {
			t.Errorf("change %+v", change)
		}
	case <-time.After(steady.Timeout):
		t.Fatal("the change is not seen")
	}
	if c.Schema().Table("ks", "old") != old {
		t.Error("the table that did not change is another")
	}
	if len(changes) > 0 {
		t.Errorf("another change: %+v", <-changes)
	}
}

// TestGateways: gateways find each other through the cluster, tell drivers of
// each other, and of it when one goes.
func TestGateways(t *testing.T) {
	address := steady.Address(t)
	e := startEngine(t, address)
	startNode(t, address, e)
	run(t, e, "CREATE KEYSPACE shared WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	open := func(self string) *cassandra.Cluster {
		c := connect(t, cassandra.Options{Hosts: []string{address}, Address: netip.MustParseAddrPort(self), OpenLocal: openLocal})
		if err := c.Join(t.Context(), "shared"); err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := open("127.0.0.1:9042")
	var mu sync.Mutex
	var events []backend.NodeChange
	defer first.SubscribeNodes(func(c backend.NodeChange) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, c)
	})()
	if r := run(t, first, "SELECT * FROM system.peers_v2"); r.RowCount != 0 {
		t.Errorf("alone, it has %d peers", r.RowCount)
	}
	second := open("127.0.0.1:9142")
	other := netip.MustParseAddrPort("127.0.0.1:9142")
	expect := func(want ...backend.NodeChange) {
		t.Helper()
		steady.Until(t, fmt.Sprint("events ", want), func() bool {
			mu.Lock()
			defer mu.Unlock()
			return slices.Equal(events, want)
		})
	}
	came := []backend.NodeChange{{Kind: backend.NodeAdded, Address: other}, {Kind: backend.NodeUp, Address: other}}
	expect(came...)
	tokens := map[string]bool{}
	for i, c := range []*cassandra.Cluster{first, second} {
		for _, text := range []string{"SELECT native_port, tokens FROM system.peers_v2", "SELECT rpc_port, tokens FROM system.local"} {
			r := run(t, c, text)
			if r.RowCount != 1 {
				t.Fatalf("%s: %d rows", text, r.RowCount)
			}
			cursor := r.Cursor()
			tokens[string(cursor.Next())+string(cursor.Next())] = true
		}
		if len(tokens) != 2 {
			t.Errorf("gateway %d tells %d pairs of port and tokens, both should tell the same two", i, len(tokens))
		}
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	expect(append(came, backend.NodeChange{Kind: backend.NodeDown, Address: other}, backend.NodeChange{Kind: backend.NodeRemoved, Address: other})...)
}

// TestClients: system_views.clients shows who is connected to the gateway, not to
// the node, which knows the gateway alone.
func TestClients(t *testing.T) {
	address := steady.Address(t)
	startNode(t, address, startEngine(t, address))
	mine := system.Client{Address: netip.MustParseAddrPort("10.0.0.7:4711"), Stage: "ready", DriverName: "a driver", ProtocolVersion: 5, Username: "token"}
	c := connect(t, cassandra.Options{Hosts: []string{address}, OpenLocal: func(tables map[string]func() []map[string][]byte, _ backend.TableReader) (backend.Backend, error) {
		return engine.OpenVirtual(engine.VirtualOptions{Tables: tables, Clients: func() []system.Client { return []system.Client{mine} }})
	}})
	r := run(t, c, "SELECT address, driver_name, username FROM system_views.clients WHERE address = '10.0.0.7'")
	cursor := r.Cursor()
	if r.RowCount != 1 || !bytes.Equal(cursor.Next(), []byte{10, 0, 0, 7}) || string(cursor.Next()) != "a driver" || string(cursor.Next()) != "token" {
		t.Errorf("%d rows, not the gateway's client", r.RowCount)
	}
	if r := run(t, c, "SELECT * FROM system_views.clients"); r.RowCount != 1 {
		t.Errorf("%d clients", r.RowCount)
	}
}

func openLocal(tables map[string]func() []map[string][]byte, reader backend.TableReader) (backend.Backend, error) {
	return engine.OpenVirtual(engine.VirtualOptions{Tables: tables, Reader: reader})
}
