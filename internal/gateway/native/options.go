package native

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/prometheus/client_golang/prometheus"
)

// The defaults of Options.
const (
	DefaultMaxConnections = 4096
	// DefaultMaxInFlight requests of one connection, and of all, run at a time.
	DefaultMaxInFlight       = 1024
	DefaultMaxInFlightTotal  = 8192
	DefaultMaxRequestBytes   = 256 << 20
	DefaultPreparedBytes     = 32 << 20
	DefaultHandshakeTimeout  = 15 * time.Second
	DefaultWriteTimeout      = 30 * time.Second
	DefaultLargeTimeout      = 2 * time.Minute
	DefaultOverloadTimeout   = 12 * time.Second // native_transport_timeout
	DefaultCQLVersion        = "3.4.7"
	defaultMaxLogins         = 4 // native_transport_max_auth_threads
	keepAlivePeriod          = 30 * time.Second
	reapPeriod               = time.Second
	passwordAuthenticatorFQN = "org.apache.cassandra.auth.PasswordAuthenticator"
)

// Options are what New needs; zero fields but the first three take defaults.
type Options struct {
	// Addr to listen on, host:port, unless Listener is given.
	Addr     string
	Listener net.Listener
	// TLS, when not nil, is spoken on every connection.
	TLS     *tls.Config
	Backend backend.Backend
	// ConnContext, if not nil, adds to the context of a connection: of its login and
	// its requests.
	ConnContext func(context.Context, net.Conn) context.Context
	// Auth checks credentials; nil lets everybody in.
	Auth   Authenticator
	Logger *slog.Logger
	// Registerer takes the metrics; nil keeps them to the server.
	Registerer prometheus.Registerer

	// CQLVersion that SUPPORTED names.
	CQLVersion string
	// ProductType that SUPPORTED names, "" for none.
	ProductType string
	// MaxConnections; one more is closed at once.
	MaxConnections int
	// MaxInFlight bounds the requests of a connection that run at a time,
	// MaxInFlightTotal those of all connections. A connection that reaches one of
	// them is not read from until there is room; a request that waited
	// OverloadTimeout, or any of a client that set THROW_ON_OVERLOAD, is answered
	// with Overloaded.
	MaxInFlight      int
	MaxInFlightTotal int
	OverloadTimeout  time.Duration
	// Bytes bounds the memory held by large request bodies, in bytes; other doors
	// may share it. nil is a bound of the server's own. A connection with such a
	// body to come is not read from until there is room, as with MaxInFlight.
	Bytes *inflight.Limit
	// Guard, if not nil, is in front of Backend: values that it refuses for their size
	// are shortened while they are read.
	Guard *guardrail.Guard
	// Answers bounds the memory of large answers that clients have not read; other
	// doors may share it. nil is a bound of the server's own.
	Answers *outbound.Room
	// PreparedBytes bounds the prepared statement cache.
	PreparedBytes int64
	// LargeTimeout is how long a request that Bytes are held for may take to arrive.
	LargeTimeout time.Duration
	// HandshakeTimeout is how long a connection may take to be ready.
	HandshakeTimeout time.Duration
	// WriteTimeout is how long a client may leave an answer in its socket before
	// it is cut off.
	WriteTimeout time.Duration
}

func (o Options) withDefaults() Options {
	o.CQLVersion = cmp.Or(o.CQLVersion, DefaultCQLVersion)
	o.MaxConnections = cmp.Or(o.MaxConnections, DefaultMaxConnections)
	o.MaxInFlight = cmp.Or(o.MaxInFlight, DefaultMaxInFlight)
	o.MaxInFlightTotal = cmp.Or(o.MaxInFlightTotal, DefaultMaxInFlightTotal)
	o.OverloadTimeout = cmp.Or(o.OverloadTimeout, DefaultOverloadTimeout)
	o.PreparedBytes = cmp.Or(o.PreparedBytes, DefaultPreparedBytes)
	o.LargeTimeout = cmp.Or(o.LargeTimeout, DefaultLargeTimeout)
	o.HandshakeTimeout = cmp.Or(o.HandshakeTimeout, DefaultHandshakeTimeout)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, DefaultWriteTimeout)
	if o.Bytes == nil {
		o.Bytes = inflight.New(DefaultMaxRequestBytes)
	}
	o.Answers = outbound.OrNew(o.Answers)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Registerer == nil {
		o.Registerer = prometheus.NewRegistry()
	}
	return o
}
