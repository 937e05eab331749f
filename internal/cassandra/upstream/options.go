package upstream

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The defaults of Options.
const (
	DefaultConnections       = 2
	DefaultConnectTimeout    = 5 * time.Second
	DefaultRequestTimeout    = 15 * time.Second
	DefaultHeartbeatInterval = 10 * time.Second
	DefaultHeartbeatTimeout  = 5 * time.Second
	DefaultReconnectMin      = 100 * time.Millisecond
	DefaultReconnectMax      = 10 * time.Second
	DefaultMaxInFlight       = 4096
	DefaultMaxAnswer         = 256 << 20
	DefaultMaxAnswerBytes    = 512 << 20
)

// Options are what New needs. All fields have defaults.
type Options struct {
	// Username and Password for nodes that ask for them (SASL PLAIN).
	Username, Password string
	// TLS, when not nil, is how to speak TLS to the nodes.
	TLS *tls.Config
	// Datacenter whose nodes are preferred; "" prefers none.
	Datacenter string
	// Compress asks the nodes for LZ4.
	Compress bool
	// Connections to each node, for each protocol version in use.
	Connections int
	// ConnectTimeout bounds opening a connection, and the wait of a request for
	// the first one.
	ConnectTimeout time.Duration
	// RequestTimeout is how long a node may take for an answer. Cassandra gives up
	// earlier, with errors of its own (native_transport_timeout, 12 s).
	RequestTimeout time.Duration
	// HeartbeatInterval is after which silence a node is asked for a sign of life,
	// HeartbeatTimeout how long it may take; then the connection is closed.
	HeartbeatInterval, HeartbeatTimeout time.Duration
	// ReconnectMin and ReconnectMax are the first and the longest pause between
	// attempts to connect.
	ReconnectMin, ReconnectMax time.Duration
	// MaxInFlight bounds the requests in flight on a connection, at most 32767.
	MaxInFlight int
	// MaxAnswer is the largest answer in bytes, MaxAnswerBytes what all large
	// answers that are being received may hold together.
	MaxAnswer, MaxAnswerBytes int64
	// Schema is the current catalog, for the replication of keyspaces; without it
	// requests are not routed by token.
	Schema func() *schema.Snapshot
	Log    *slog.Logger
	// Registerer takes the metrics; nil keeps them to the cluster.
	Registerer prometheus.Registerer
}

func (o Options) withDefaults() Options {
	o.Connections = cmp.Or(o.Connections, DefaultConnections)
	o.ConnectTimeout = cmp.Or(o.ConnectTimeout, DefaultConnectTimeout)
	o.RequestTimeout = cmp.Or(o.RequestTimeout, DefaultRequestTimeout)
	o.HeartbeatInterval = cmp.Or(o.HeartbeatInterval, DefaultHeartbeatInterval)
	o.HeartbeatTimeout = cmp.Or(o.HeartbeatTimeout, DefaultHeartbeatTimeout)
	o.ReconnectMin = cmp.Or(o.ReconnectMin, DefaultReconnectMin)
	o.ReconnectMax = cmp.Or(o.ReconnectMax, DefaultReconnectMax)
	o.MaxInFlight = cmp.Or(o.MaxInFlight, DefaultMaxInFlight)
	o.MaxAnswer = cmp.Or(o.MaxAnswer, DefaultMaxAnswer)
	o.MaxAnswerBytes = cmp.Or(o.MaxAnswerBytes, DefaultMaxAnswerBytes)
	o.MaxInFlight = min(o.MaxInFlight, 1<<15-1)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Registerer == nil {
		o.Registerer = prometheus.NewRegistry()
	}
	return o
}
