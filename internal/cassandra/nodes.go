package cassandra

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"sync"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/cassandra/upstream"
)

// nodeWatch is a host selection policy that tells the pool of forwarded requests
// what the driver knows of the nodes. It wraps the policy that picks.
type nodeWatch struct {
	gocql.HostSelectionPolicy
	pool *upstream.Cluster

	mu    sync.Mutex
	nodes map[string]upstream.Node // by host id
}

func watchNodes(policy gocql.HostSelectionPolicy, pool *upstream.Cluster) *nodeWatch {
	return &nodeWatch{HostSelectionPolicy: policy, pool: pool, nodes: map[string]upstream.Node{}}
}

// AddHost implements gocql.HostStateNotifier.
func (o *nodeWatch) AddHost(host *gocql.HostInfo) {
	o.HostSelectionPolicy.AddHost(host)
	o.set(func() { o.nodes[host.HostID()] = nodeOf(host) })
}

// RemoveHost implements gocql.HostStateNotifier.
func (o *nodeWatch) RemoveHost(host *gocql.HostInfo) {
	o.HostSelectionPolicy.RemoveHost(host)
	o.set(func() { delete(o.nodes, host.HostID()) })
}

// HostUp implements gocql.HostStateNotifier.
func (o *nodeWatch) HostUp(host *gocql.HostInfo) {
	o.HostSelectionPolicy.HostUp(host)
	n := nodeOf(host)
	o.set(func() { o.nodes[host.HostID()] = n })
	o.pool.Up(n.Addr)
}

// set changes the nodes and tells the pool, if it is a change.
func (o *nodeWatch) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := maps.Clone(o.nodes)
	change()
	if maps.EqualFunc(before, o.nodes, sameNode) {
		return
	}
	var all []upstream.Node
	for _, id := range slices.Sorted(maps.Keys(o.nodes)) {
		all = append(all, o.nodes[id])
	}
	o.pool.SetNodes(all)
}

func sameNode(a, b upstream.Node) bool {
	return a.ID == b.ID && a.Addr == b.Addr && a.Datacenter == b.Datacenter && a.Rack == b.Rack && slices.Equal(a.Tokens, b.Tokens)
}

// nodeOf converts what the driver knows of a node. Tokens of other partitioners
// than Murmur3's are left out: requests then go to any node.
func nodeOf(host *gocql.HostInfo) upstream.Node {
	n := upstream.Node{
		ID: host.HostID(), Addr: net.JoinHostPort(host.ConnectAddress().String(), strconv.Itoa(host.Port())),
		Datacenter: host.DataCenter(), Rack: host.Rack(),
	}
	for _, text := range host.Tokens() {
		if token, err := strconv.ParseInt(text, 10, 64); err == nil {
			n.Tokens = append(n.Tokens, token)
		}
	}
	return n
}
