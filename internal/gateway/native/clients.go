package native

import (
	"crypto/tls"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// Client describes a connection, for system_views.clients.
type Client struct {
	Address netip.AddrPort
	// Stage is "established", "authenticating" or "ready".
	Stage string
	// Options are those of STARTUP.
	Options map[string]string
	Version uint8
	// Requests is the number of envelopes received.
	Requests int64
	// Keyspace of USE, "" before.
	Keyspace string
	// User is the name that the client logged in as, "" before.
	User string
	// TLSProtocol and TLSCipher as Java names them, "" without TLS.
	TLSProtocol, TLSCipher string
}

// Clients returns the open connections in no particular order.
func (s *Server) Clients() []Client {
	conns := s.connections()
	clients := make([]Client, 0, len(conns))
	for _, c := range conns {
		client := Client{
			Address: c.addressPort(), Stage: [...]string{"established", "authenticating", "ready"}[c.stage.Load()],
			Requests: c.requests.Load(), Keyspace: c.currentKeyspace(),
		}
		if started := c.started.Load(); started != nil {
			client.Options, client.Version = started.options, started.version
		}
		if secure, ok := c.nc.(*tls.Conn); ok && client.Version != 0 { // the handshake is over
			state := secure.ConnectionState()
			client.TLSProtocol = strings.Replace(tls.VersionName(state.Version), "TLS 1", "TLSv1", 1)
			client.TLSCipher = tls.CipherSuiteName(state.CipherSuite)
		}
		if session := c.session.Load(); session != nil {
			client.User = (*session).Caller().Name
		}
		clients = append(clients, client)
	}
	return clients
}

// started is what STARTUP said. It is not changed.
type started struct {
	options map[string]string
	version uint8
}

// The bounds of the options that a connection remembers.
const (
	keptOptions     = 32
	keptOptionBytes = 4 << 10
)

// newStarted remembers the options of STARTUP as far as they are of a usual size.
func newStarted(options map[string]string, version uint8) *started {
	kept := map[string]string{}
	room := keptOptionBytes
	for _, name := range slices.Sorted(maps.Keys(options)) {
		room -= len(name) + len(options[name])
		if room < 0 || len(kept) == keptOptions {
			break
		}
		kept[name] = options[name]
	}
	return &started{kept, version}
}

// enter notes the stage of the handshake, for Clients.
func (c *conn) enter(s connState) {
	c.state = s
	c.stage.Store(uint32(s))
}
