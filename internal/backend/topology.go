package backend

// Topology is an optional capability of a Backend whose data lies on the nodes
// of a cluster, and which other processes may stand in front of too.
type Topology interface {
	// Datacenter is the one whose nodes are used.
	Datacenter() string
	// Nodes is how many nodes that datacenter has, those that are down included.
	Nodes() int
}
