package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/engine/system"
	"github.com/astrolabe-db/astrolabe/internal/gateway/native"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The engine serves tables about things that it does not know: who is
// connected, how the server was set up, who may do what. It asks here. The
// store of roles and the doors open behind it, for they need it.

// authRows are the rows of system_auth.
func (n *node) authRows(table string) []schema.Row {
	if n.access == nil {
		return nil
	}
	return n.access.SystemAuthRows(table)
}

// virtual is what a gateway shows of itself in front of a cluster, whose nodes
// know nothing of it: its roles, and who is connected.
func (n *node) virtual() engine.VirtualOptions {
	return engine.VirtualOptions{AuthRows: n.authRows, Clients: n.clients}
}

// clients are the rows of system_views.clients.
func (n *node) clients() []system.Client {
	s := n.doors.Load()
	if s == nil {
		return nil
	}
	var clients []system.Client
	for _, c := range s.Clients() {
		clients = append(clients, system.Client{
			Address: c.Address, Options: c.Options, Stage: c.Stage, Keyspace: c.Keyspace, Username: c.User,
			DriverName: c.Options["DRIVER_NAME"], DriverVersion: c.Options["DRIVER_VERSION"],
			ProtocolVersion: int32(c.Version), Requests: c.Requests, TLSProtocol: c.TLSProtocol, TLSCipherSuite: c.TLSCipher,
		})
	}
	return clients
}

// requests are what the CQL port has done, nothing before it is open.
func (n *node) requests() system.Requests {
	s := n.doors.Load()
	if s == nil {
		return system.Requests{}
	}
	d := s.Statistics()
	return system.Requests{
		Prepared: d.Prepared, Evicted: d.Evicted, Executed: d.Executed, Queries: d.Queries,
		All: d.Requests, Running: d.InFlight, Limit: d.Limit,
	}
}

// settings are the rows of system_views.settings: what of this server's setup
// has a name in cassandra.yaml, and nothing that it does not do.
func settings(c *serveFlags, address netip.AddrPort, limits *guardrail.Limits) []system.Setting {
	all := []system.Setting{
		{Name: "cluster_name", Value: c.Cluster},
		{Name: "rpc_address", Value: address.Addr().String()},
		{Name: "native_transport_port", Value: fmt.Sprint(address.Port())},
		{Name: "data_file_directories", Value: "[" + storePath(c.Data) + "]"},
		{Name: "native_transport_max_concurrent_connections", Value: fmt.Sprint(native.DefaultMaxConnections)},
		{Name: "native_transport_timeout", Value: native.DefaultOverloadTimeout.String()},
		{Name: "prepared_statements_cache_size", Value: fmt.Sprintf("%dMiB", native.DefaultPreparedBytes>>20)},
		{Name: "commitlog_sync", Value: "group"},
		{Name: "client_encryption_options.enabled", Value: strconv.FormatBool(c.TLS.on())},
		{Name: "client_encryption_options.optional", Value: "false"},
		{Name: "client_encryption_options.require_client_auth", Value: strconv.FormatBool(c.TLS.ClientCA != "")},
	}
	if c.Durability == "periodic" {
		all[slices.IndexFunc(all, func(s system.Setting) bool { return s.Name == "commitlog_sync" })].Value = "periodic"
		all = append(all, system.Setting{Name: "commitlog_sync_period", Value: "10000ms"})
	}
	for _, s := range limits.Settings() {
		all = append(all, system.Setting{Name: s.Name, Value: s.Value})
	}
	return append(all, system.FixedSettings()...)
}
