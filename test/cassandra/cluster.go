package cassandra

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Cluster is several nodes on the loopback addresses 127.0.0.1, 127.0.0.2 and so
// on, with the same ports and evenly spread tokens.
type Cluster struct {
	// Nodes in the order in which they joined.
	Nodes   []*Node
	options Options
	size    int
	ports   [2]int
	// datacenters of the nodes, in turn; none: they are all in Cassandra's default.
	datacenters []string
}

// NewCluster starts the first of size nodes; Join starts the others. They are in
// datacenters, in turn, if some are named.
func NewCluster(ctx context.Context, size int, o Options, datacenters ...string) (*Cluster, error) {
	c := &Cluster{options: o, size: size, datacenters: datacenters}
	addresses := make([]string, size)
	for i := range addresses {
		addresses[i] = c.address(i)
	}
	var err error
	if c.ports, err = freePorts(addresses...); err != nil {
		return nil, err
	}
	return c, c.Join(ctx)
}

func (c *Cluster) address(i int) string { return fmt.Sprintf("127.0.0.%d", i+1) }

// clusterRingDelay is generous, and a node is started again when it did not hear
// of the others in that time: machines that run tests are busy.
const (
	clusterRingDelay = 8 * time.Second
	joinTries        = 3
)

// seeds are the first n nodes. A node that joins must not be one of them, or it
// would not fetch its data.
func (c *Cluster) seeds(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%s:%d", c.address(i), c.ports[1]))
	}
	return strings.Join(all, ",")
}

// Join starts the next node and waits until it accepts connections, as a full
// member of the ring.
func (c *Cluster) Join(ctx context.Context) error {
	i := len(c.Nodes)
	token := int64(math.MinInt64) + int64(i+1)*(math.MaxInt64/int64(c.size+1)*2)
	at := place{
		Address: c.address(i), Seeds: c.seeds(1), Native: c.ports[0], Storage: c.ports[1], Token: strconv.FormatInt(token, 10),
		RingDelay: clusterRingDelay,
	}
	if len(c.datacenters) > 0 {
		at.Datacenter = c.datacenters[i%len(c.datacenters)]
	}
	n, err := start(ctx, c.options, at)
	for tries := 1; err != nil && tries < joinTries; tries++ {
		n, err = start(ctx, c.options, at)
	}
	if err != nil {
		return err
	}
	n.place.Seeds = c.seeds(c.size) // it may start again while any other is up
	c.Nodes = append(c.Nodes, n)
	return nil
}

// Stop ends all nodes and deletes their directories.
func (c *Cluster) Stop() error {
	var err error
	for _, n := range c.Nodes {
		err = errors.Join(err, n.Stop())
	}
	return err
}
