package cassandra

import "github.com/astrolabe-db/astrolabe/internal/backend"

var _ backend.Topology = (*Cluster)(nil)

// Datacenter implements backend.Topology; "" before the cluster is connected.
func (c *Cluster) Datacenter() string {
	if l := c.live.Load(); l != nil {
		return l.datacenter
	}
	return ""
}

// Nodes implements backend.Topology; 0 before the cluster is connected.
func (c *Cluster) Nodes() int {
	l := c.live.Load()
	if l == nil {
		return 0
	}
	n := 0
	for _, host := range l.session.GetHosts() {
		if host.DataCenter() == l.datacenter {
			n++
		}
	}
	return n
}

// Protocol is the version of the native protocol that is spoken to the nodes; 0
// before the cluster is connected.
func (c *Cluster) Protocol() int {
	if l := c.live.Load(); l != nil {
		return l.protocol
	}
	return 0
}
