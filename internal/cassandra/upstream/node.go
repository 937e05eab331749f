package upstream

import (
	"sync/atomic"

	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// Node is a node of the cluster as its topology names it.
type Node struct {
	// ID is the node's host_id.
	ID string
	// Addr is host:port of its native protocol.
	Addr             string
	Datacenter, Rack string
	// Tokens of the node in the ring (Murmur3Partitioner), none when unknown.
	Tokens []int64
}

// node is a Node with the connections to it. It lives as long as the topology
// names its id and address.
type node struct {
	cluster *Cluster
	addr    string
	pools   [wire.V5 - wire.V3 + 1]pool
	removed atomic.Bool
}

func newNode(c *Cluster, addr string) *node {
	n := &node{cluster: c, addr: addr}
	for i := range n.pools {
		n.pools[i].node, n.pools[i].version = n, wire.V3+wire.Version(i)
		n.pools[i].wake = make(chan struct{}, 1)
	}
	return n
}

// pool returns the connections of a version.
func (n *node) pool(v wire.Version) *pool { return &n.pools[v-wire.V3] }

// remove lets go of the node: connections close when nothing is in flight.
func (n *node) remove() {
	n.removed.Store(true)
	for i := range n.pools {
		n.pools[i].poke()
	}
}

// up makes attempts to connect come at once: the cluster says that the node is
// back.
func (n *node) up() {
	for i := range n.pools {
		n.pools[i].poke()
	}
}
