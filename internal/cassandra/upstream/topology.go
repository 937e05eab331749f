package upstream

import (
	"slices"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// topology is the cluster at one moment, immutable but for what it remembers.
type topology struct {
	// local are the nodes of the preferred datacenter, all if there is no
	// preference or no such node.
	local, remote []*node
	ring          ring
	// placements by *schema.Keyspace, and by replication: many keyspaces have the
	// same.
	byKeyspace sync.Map
	mu         sync.Mutex
	byOptions  map[string]*placement
	known      int // entries of byKeyspace
}

// maxPlacements bounds byKeyspace; keyspaces get a new *schema.Keyspace with
// each change.
const maxPlacements = 4 << 10

// newTopology arranges nodes; nodes[i] has the connections to members[i].
func newTopology(members []Node, nodes []*node, datacenter string) *topology {
	t := &topology{byOptions: map[string]*placement{}}
	for i, m := range members {
		if datacenter == "" || m.Datacenter == datacenter {
			t.local = append(t.local, nodes[i])
		} else {
			t.remote = append(t.remote, nodes[i])
		}
	}
	if len(t.local) == 0 {
		t.local, t.remote = t.remote, nil
	}
	t.ring = newRing(members, nodes)
	return t
}

// replicas returns the nodes of the preferred datacenter that hold the request's
// partition, the first replica first; nil when they are not known.
func (t *topology) replicas(f *backend.Forward, r *backend.Route, catalog func() *schema.Snapshot) []*node {
	if f.Key == nil || r == nil || catalog == nil || len(t.local)+len(t.remote) == 1 || len(t.ring) == 0 {
		return nil
	}
	k := catalog().Keyspaces[r.Keyspace]
	if k == nil {
		return nil
	}
	return t.placement(k).at(t.ring.index(cqltype.Token(f.Key)))
}

// placement returns where the partitions of k are.
func (t *topology) placement(k *schema.Keyspace) *placement {
	if p, ok := t.byKeyspace.Load(k); ok {
		return p.(*placement)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := replicationKey(k.Replication)
	p := t.byOptions[key]
	if p == nil {
		p = newPlacement(t.ring, k.Replication, t.local)
		t.byOptions[key] = p
	}
	if t.known++; t.known > maxPlacements {
		t.byKeyspace.Clear()
		t.known = 1
	}
	t.byKeyspace.Store(k, p)
	return p
}

// nodes returns all nodes.
func (t *topology) nodes() []*node { return slices.Concat(t.local, t.remote) }
