package cassandra

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// gateway is one server in front of the cluster: to drivers, a node.
type gateway struct {
	id         uuid.UUID
	address    netip.AddrPort // of its CQL port
	datacenter string
}

// gatewayID is made of the address, so that a gateway that starts anew is the
// same node to drivers.
func gatewayID(address netip.AddrPort) uuid.UUID {
	return uuid.NewSHA1(gatewayNamespace, []byte(address.String()))
}

var gatewayNamespace = uuid.MustParse("8c1c2d9e-64b3-4d0c-9b7a-57f5a4a4f1d3")

// ring is the gateways that drivers may talk to: this one, and the others in
// the order of their ids.
type ring struct {
	self    gateway
	started time.Time
	others  atomic.Pointer[[]gateway]

	mu          sync.Mutex
	subscribers map[int]func(backend.NodeChange)
	next        int
}

func newRing(self netip.AddrPort, peers []netip.AddrPort) *ring {
	r := &ring{self: gateway{id: gatewayID(self), address: self}, started: time.Now(), subscribers: map[int]func(backend.NodeChange){}}
	others := make([]gateway, 0, len(peers))
	for _, p := range peers {
		if p != self {
			others = append(others, gateway{id: gatewayID(p), address: p})
		}
	}
	r.others.Store(&others)
	return r
}

// subscribe calls f after each change until cancel is called.
func (r *ring) subscribe(f func(backend.NodeChange)) (cancel func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := r.next
	r.next++
	r.subscribers[id] = f
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.subscribers, id)
	}
}

// set takes the gateways that are there now, this one among them or not, and
// tells who came and who went.
func (r *ring) set(all []gateway) {
	now := make([]gateway, 0, len(all))
	for _, g := range all {
		if g.id != r.self.id {
			now = append(now, g)
		}
	}
	before := *r.others.Swap(&now)
	has := func(list []gateway, id uuid.UUID) bool {
		return slices.ContainsFunc(list, func(g gateway) bool { return g.id == id })
	}
	for _, g := range before {
		if !has(now, g.id) {
			r.notify(backend.NodeChange{Kind: backend.NodeDown, Address: g.address}, backend.NodeChange{Kind: backend.NodeRemoved, Address: g.address})
		}
	}
	for _, g := range now {
		if !has(before, g.id) {
			r.notify(backend.NodeChange{Kind: backend.NodeAdded, Address: g.address}, backend.NodeChange{Kind: backend.NodeUp, Address: g.address})
		}
	}
}

func (r *ring) notify(changes ...backend.NodeChange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range changes {
		for _, f := range r.subscribers {
			f(c)
		}
	}
}

// tokens gives each gateway its one token: evenly spread, by the order of ids,
// so that every gateway tells the same.
func (r *ring) tokens(others []gateway) map[uuid.UUID]string {
	all := append([]gateway{r.self}, others...)
	slices.SortFunc(all, func(a, b gateway) int { return cmp.Compare(string(a.id[:]), string(b.id[:])) })
	step := ^uint64(0) / uint64(len(all))
	tokens := make(map[uuid.UUID]string, len(all))
	for i, g := range all {
		tokens[g.id] = strconv.FormatInt(int64(uint64(i)*step+step/2+1<<63), 10)
	}
	return tokens
}

// What gateways say of themselves beside what the cluster says.
const (
	gatewayRack = "rack1"
	partitioner = "org.apache.cassandra.dht.Murmur3Partitioner"
	localTable  = "system.local"
	peersTable  = "system.peers"
	peers2Table = "system.peers_v2"
)

// SystemTables are the tables that tell drivers which servers there are: the
// gateways, not the nodes behind them. By the name of the table, its rows as
// they are now, each a map from column to wire value.
func (c *Cluster) SystemTables() map[string]func() []map[string][]byte {
	return map[string]func() []map[string][]byte{
		localTable: c.localRows, peersTable: c.peerRows, peers2Table: c.peer2Rows,
	}
}

func (c *Cluster) localRows() []map[string][]byte {
	r := c.ring
	l := c.live.Load()
	if l == nil {
		return nil
	}
	ip, port := inet(r.self.address), schema.Int(int32(r.self.address.Port()))
	return []map[string][]byte{{
		"key": schema.Text("local"), "bootstrapped": schema.Text("COMPLETED"),
		"broadcast_address": ip, "broadcast_port": port, "listen_address": ip, "listen_port": port, "rpc_address": ip, "rpc_port": port,
		"cluster_name": schema.Text(l.cluster), "cql_version": schema.Text(l.cqlVersion), "data_center": schema.Text(l.datacenter),
		"gossip_generation": schema.Int(int32(r.started.Unix())), "host_id": schema.UUID(r.self.id),
		"native_protocol_version": schema.Text(strconv.Itoa(newestProtocol)), "partitioner": schema.Text(partitioner),
		"rack": schema.Text(gatewayRack), "release_version": schema.Text(l.release),
		"schema_version": schema.UUID(c.Schema().Version), "tokens": schema.TextList(r.tokens(*r.others.Load())[r.self.id]),
	}}
}

// peerRows are the rows of system.peers, which has an address once: of several
// gateways at one address it can't tell.
func (c *Cluster) peerRows() []map[string][]byte {
	var rows []map[string][]byte
	seen := map[string]bool{string(inet(c.ring.self.address)): true}
	for _, row := range c.peer2Rows() {
		if seen[string(row["peer"])] {
			continue
		}
		seen[string(row["peer"])] = true
		row["rpc_address"] = row["native_address"]
		rows = append(rows, row)
	}
	return rows
}

// peer2Rows are the rows of system.peers_v2.
func (c *Cluster) peer2Rows() []map[string][]byte {
	l := c.live.Load()
	if l == nil {
		return nil
	}
	others := *c.ring.others.Load()
	tokens := c.ring.tokens(others)
	var rows []map[string][]byte
	for _, g := range others {
		datacenter := cmp.Or(g.datacenter, l.datacenter)
		ip, port := inet(g.address), schema.Int(int32(g.address.Port()))
		rows = append(rows, map[string][]byte{
			"peer": ip, "peer_port": port, "native_address": ip, "native_port": port,
			"data_center": schema.Text(datacenter), "rack": schema.Text(gatewayRack), "host_id": schema.UUID(g.id),
			"release_version": schema.Text(l.release), "schema_version": schema.UUID(c.Schema().Version),
			"tokens": schema.TextList(tokens[g.id]),
		})
	}
	return rows
}

func inet(a netip.AddrPort) []byte { return a.Addr().Unmap().AsSlice() }
