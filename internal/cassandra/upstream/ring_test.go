package upstream

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// members parses "name dc rack token,token" lines.
func members(text string) (list []Node, nodes []*node) {
	for line := range strings.Lines(text) {
		var m Node
		var tokens string
		if n, _ := fmt.Sscan(line, &m.Addr, &m.Datacenter, &m.Rack, &tokens); n < 4 {
			continue
		}
		for _, t := range strings.Split(tokens, ",") {
			var token int64
			_, _ = fmt.Sscan(t, &token)
			m.Tokens = append(m.Tokens, token)
		}
		m.ID = m.Addr
		list, nodes = append(list, m), append(nodes, &node{addr: m.Addr})
	}
	return list, nodes
}

const twoDatacenters = `
	a dc1 r1 0,100
	b dc1 r1 10,110
	c dc1 r2 20,120
	d dc1 r2 30,130
	x dc2 r1 5,105
	y dc2 r1 15,115
`

// TestPlacement checks the replicas in dc1 of some tokens. They follow from the
// rules of the strategies (AbstractReplicationStrategy and its heirs).
func TestPlacement(t *testing.T) {
	list, nodes := members(twoDatacenters)
	simple := func(n string) map[string]string {
		return map[string]string{"class": schema.SimpleStrategy, "replication_factor": n}
	}
	network := func(one, two string) map[string]string {
		return map[string]string{"class": schema.NetworkTopologyStrategy, "dc1": one, "dc2": two}
	}
	for _, c := range []struct {
		replication map[string]string
		token       int64
		want        string
	}{
		{simple("1"), -50, "a"},
		{simple("1"), 0, "a"}, // a token belongs to its own range
		{simple("2"), 1, "b"}, // x is first, in the other datacenter
		{simple("3"), 20, "c d a"},
		{simple("9"), 20, "c d a b"},
		{simple("3"), 131, "a b"}, // around the end; x between them
		{network("1", "1"), 1, "b"},
		{network("2", "0"), 0, "a c"},   // b is in the same rack
		{network("3", "0"), 0, "a b c"}, // one rack may repeat
		{network("4", "2"), 15, "c d a b"},
		{network("3/1", "0"), 0, "a c"}, // a transient replica has no data for sure
		{network("0", "1"), 0, ""},
		{map[string]string{"class": schema.LocalStrategy}, 0, ""},
	} {
		topology := newTopology(list, nodes, "dc1")
		k := &schema.Keyspace{Replication: c.replication}
		var got []string
		for _, n := range topology.placement(k).at(topology.ring.index(c.token)) {
			got = append(got, n.addr)
		}
		want := strings.Fields(c.want)
		if len(got) != len(want) || !sameSet(got, want) || len(want) > 0 && strings.Contains(c.replication["class"], "Simple") && !slices.Equal(got, want) {
			t.Errorf("%v, token %d: %v, want %v", c.replication, c.token, got, want)
		}
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// TestRoutedByToken checks that requests with a key go to a replica, and to the
// next node when it is gone.
func TestRoutedByToken(t *testing.T) {
	k := &schema.Keyspace{Name: "ks", Replication: map[string]string{"class": schema.SimpleStrategy, "replication_factor": "1"}}
	snapshot := &schema.Snapshot{Keyspaces: map[string]*schema.Keyspace{"ks": k}}
	nodes := []*fakeNode{startNode(t, nil), startNode(t, nil), startNode(t, nil)}
	c := startCluster(t, Options{Schema: func() *schema.Snapshot { return snapshot }})
	var list []Node
	for i, n := range nodes {
		list = append(list, Node{ID: n.addr(), Addr: n.addr(), Tokens: []int64{int64(i-1) * 6e18}})
	}
	c.SetNodes(list)
	connected(t, c, wire.V5, 3)
	ring := c.topology.Load().ring
	for i := range 30 {
		key := fmt.Appendf(nil, "key %d", i)
		owner := ring[ring.index(cqltype.Token(key))].node.addr
		var before []int32
		for _, n := range nodes {
			before = append(before, n.requests.Load())
		}
		f := query(wire.V5, "SELECT")
		f.Key, f.Routes = key, []*backend.Route{{Keyspace: "ks"}}
		await(t, ask(c, f))
		for j, n := range nodes {
			if got := n.requests.Load() - before[j]; (got == 1) != (n.addr() == owner) {
				t.Fatalf("key %d: node %d had %d requests, the owner is %s", i, j, got, owner)
			}
		}
	}
	nodes[1].stop()
	for i := range 30 {
		f := query(wire.V5, "SELECT")
		f.Key, f.Routes = fmt.Appendf(nil, "key %d", i), []*backend.Route{{Keyspace: "ks"}}
		if r := await(t, ask(c, f)); r.op != wire.OpResult {
			t.Errorf("key %d without its replica: %+v", i, r)
		}
	}
}

// TestDatacenters checks that the preferred datacenter is used as long as it has
// nodes.
func TestDatacenters(t *testing.T) {
	near, far := startNode(t, nil), startNode(t, nil)
	c := startCluster(t, Options{Datacenter: "near"})
	c.SetNodes([]Node{{ID: "1", Addr: far.addr(), Datacenter: "far"}, {ID: "2", Addr: near.addr(), Datacenter: "near"}})
	connected(t, c, wire.V5, 2)
	for range 4 {
		await(t, ask(c, query(wire.V5, "SELECT")))
	}
	if near.requests.Load() != 4 || far.requests.Load() != 0 {
		t.Errorf("near had %d, far %d", near.requests.Load(), far.requests.Load())
	}
	near.stop()
	if r := await(t, ask(c, query(wire.V5, "SELECT"))); r.op != wire.OpResult {
		t.Errorf("with the near one gone: %+v", r)
	}
}
