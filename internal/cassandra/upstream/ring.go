package upstream

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// ring is the tokens of all nodes in order.
type ring []ringToken

type ringToken struct {
	token      int64
	node       *node
	datacenter string
	rack       string
}

func newRing(members []Node, nodes []*node) ring {
	var r ring
	for i, m := range members {
		for _, token := range m.Tokens {
			r = append(r, ringToken{token, nodes[i], m.Datacenter, m.Rack})
		}
	}
	slices.SortFunc(r, func(a, b ringToken) int { return cmp.Compare(a.token, b.token) })
	return r
}

// index returns where the walk to a token's replicas begins: at the first token
// that is not smaller (TokenMetadata.firstTokenIndex).
func (r ring) index(token int64) int {
	i, _ := slices.BinarySearchFunc(r, token, func(t ringToken, v int64) int { return cmp.Compare(t.token, v) })
	if i == len(r) {
		return 0
	}
	return i
}

// placement holds, for each place in the ring, the replicas in the preferred
// datacenter.
type placement [][]*node

// at returns the replicas of the place i, nil when they are not known.
func (p *placement) at(i int) []*node {
	if i >= len(*p) {
		return nil
	}
	return (*p)[i]
}

// newPlacement walks the ring as Cassandra's strategies do. Those that are not
// known (LocalStrategy among them) have no replicas.
func newPlacement(r ring, replication map[string]string, local []*node) *placement {
	var replicas func(i int) []*node
	switch class := replication["class"]; class {
	case schema.SimpleStrategy:
		n := factor(replication["replication_factor"])
		replicas = func(i int) []*node { return r.simple(i, n) }
	case schema.NetworkTopologyStrategy:
		racks := r.racks()
		replicas = func(i int) []*node { return r.networkTopology(i, replication, racks) }
	default:
		return &placement{}
	}
	p := make(placement, len(r))
	for i := range r {
		p[i] = slices.DeleteFunc(replicas(i), func(n *node) bool { return !slices.Contains(local, n) })
	}
	return &p
}

// factor is a replication factor, without its transient replicas ("3/1").
func factor(text string) int {
	all, transient, _ := strings.Cut(text, "/")
	n, _ := strconv.Atoi(all) // 0: no replicas are known
	m, _ := strconv.Atoi(transient)
	return max(0, n-m)
}

// simple are the next n nodes (SimpleStrategy.calculateNaturalReplicas).
func (r ring) simple(i, n int) (replicas []*node) {
	for step := 0; step < len(r) && len(replicas) < n; step++ {
		if t := r[(i+step)%len(r)]; !slices.Contains(replicas, t.node) {
			replicas = append(replicas, t.node)
		}
	}
	return replicas
}

// racks counts the racks of each datacenter.
func (r ring) racks() map[string]int {
	seen := map[[2]string]bool{}
	racks := map[string]int{}
	for _, t := range r {
		if key := [2]string{t.datacenter, t.rack}; !seen[key] {
			seen[key] = true
			racks[t.datacenter]++
		}
	}
	return racks
}

// networkTopology are, in each datacenter, the next nodes on different racks as
// far as there are so many (NetworkTopologyStrategy.calculateNaturalReplicas).
func (r ring) networkTopology(i int, replication map[string]string, racks map[string]int) (replicas []*node) {
	type left struct {
		replicas, repeats int
		racks             map[string]bool
	}
	datacenters := map[string]*left{}
	for dc, n := range racks {
		if rf := factor(replication[dc]); rf > 0 {
			datacenters[dc] = &left{replicas: rf, repeats: rf - n, racks: map[string]bool{}}
		}
	}
	for step := 0; step < len(r); step++ {
		t := r[(i+step)%len(r)]
		d := datacenters[t.datacenter]
		if d == nil || d.replicas == 0 || slices.Contains(replicas, t.node) {
			continue
		}
		if d.racks[t.rack] {
			if d.repeats <= 0 {
				continue
			}
			d.repeats--
		}
		d.racks[t.rack] = true
		d.replicas--
		replicas = append(replicas, t.node)
	}
	return replicas
}

// replicationKey is the same for the same replication.
func replicationKey(replication map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(replication)) {
		b.WriteString(name + "\x00" + replication[name] + "\x00")
	}
	return b.String()
}
