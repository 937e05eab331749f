package system

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// What this server says it is. Drivers choose the system tables that they read
// by the release version.
const (
	ReleaseVersion  = "5.0.9"
	CQLVersion      = "3.4.7"
	ProtocolVersion = "5"
	Partitioner     = "org.apache.cassandra.dht.Murmur3Partitioner"
	// Token is the one token of the one node, which owns the whole ring.
	Token = "0"
)

// hostIDKey is the name of the node's id in the store's meta values.
var hostIDKey = []byte("system/host_id")

// HostID returns the id of the node that s belongs to, made at the first call.
func HostID(s *store.Store) (uuid.UUID, error) {
	r := s.NewReader()
	data, err := r.GetMeta(hostIDKey)
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return uuid.Nil, err
	}
	if data != nil {
		id, err := uuid.FromBytes(data)
		if err != nil {
			return uuid.Nil, fmt.Errorf("stored host id: %w", err)
		}
		return id, nil
	}
	id, err := uuid.NewRandom()
	if err != nil {
		return uuid.Nil, err
	}
	batch := s.NewBatch()
	batch.SetMeta(hostIDKey, id[:])
	return id, batch.Commit()
}

// localRow is the row of system.local. There is no port between nodes, so that
// the CQL port stands for it.
func (s *Tables) localRow() schema.Row {
	o := &s.options
	address := o.Address()
	ip, port := inet(address.Addr()), schema.Int(int32(address.Port()))
	return schema.Row{
		schema.Text("local"),
		schema.Text("COMPLETED"), // bootstrapped
		ip, port,                 // broadcast
		schema.Text(o.ClusterName),
		schema.Text(CQLVersion),
		schema.Text(schema.Datacenter),
		schema.Int(int32(o.Started.Unix())), // gossip_generation
		schema.UUID(o.HostID),
		ip, port, // listen
		schema.Text(ProtocolVersion),
		schema.Text(Partitioner),
		schema.Text(schema.Rack),
		schema.Text(ReleaseVersion),
		ip, port, // rpc
		schema.UUID(o.Snapshot().Version),
		schema.TextList(Token), // a set
		nil,                    // truncated_at
	}
}

func inet(a netip.Addr) []byte { return a.Unmap().AsSlice() }

// clientRows are the rows of system_views.clients; list may be nil.
func clientRows(list func() []Client) []schema.Row {
	if list == nil {
		return nil
	}
	clients := list()
	slices.SortFunc(clients, func(a, b Client) int {
		return cmp.Or(a.Address.Addr().Unmap().Compare(b.Address.Addr().Unmap()), cmp.Compare(a.Address.Port(), b.Address.Port()))
	})
	rows := make([]schema.Row, len(clients))
	for i, c := range clients {
		rows[i] = schema.Row{
			inet(c.Address.Addr()), schema.Int(int32(c.Address.Port())),
			schema.TextMap(c.Options),
			schema.Text(c.Stage),
			textOrNull(c.DriverName), textOrNull(c.DriverVersion),
			schema.Text(c.Address.Addr().Unmap().String()), // hostname: names are not looked up
			textOrNull(c.Keyspace),
			schema.Int(c.ProtocolVersion),
			schema.Bigint(c.Requests),
			textOrNull(c.TLSCipherSuite), schema.Boolean(c.TLSProtocol != ""), textOrNull(c.TLSProtocol),
			textOrNull(c.Username),
		}
	}
	return rows
}

// settingRows are the rows of system_views.settings.
func (s *Tables) settingRows() []schema.Row {
	if s.options.Settings == nil {
		return nil
	}
	settings := s.options.Settings()
	slices.SortFunc(settings, func(a, b Setting) int { return cmp.Compare(a.Name, b.Name) })
	rows := make([]schema.Row, len(settings))
	for i, setting := range settings {
		rows[i] = schema.Row{schema.Text(setting.Name), schema.Text(setting.Value)}
	}
	return rows
}

func textOrNull(s string) []byte {
	if s == "" {
		return nil
	}
	return schema.Text(s)
}
