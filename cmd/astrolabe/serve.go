package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/jwt"
	"github.com/astrolabe-db/astrolabe/internal/memory"
	"github.com/astrolabe-db/astrolabe/internal/server"
)

// drainTimeout bounds the work left to finish after SIGTERM, appDrainTimeout
// that of the app, which stops first because it needs the server. Together they
// stay well below the 5 s in which the process is to end.
const (
	drainTimeout    = 2500 * time.Millisecond
	appDrainTimeout = 1500 * time.Millisecond
)

// serveFlags are the flags of serve and demo.
type serveFlags struct {
	Data       string `help:"Directory of the data." default:"./data" env:"ASTROLABE_DATA" type:"path"`
	Listen     string `help:"Address to listen on." default:"127.0.0.1" env:"ASTROLABE_LISTEN"`
	HTTPPort   int    `name:"http-port" help:"Port of the HTTP APIs and the console; 0 picks a free one." default:"8080" env:"ASTROLABE_HTTP_PORT"`
	CQLPort    int    `name:"cql-port" help:"Port of the CQL native protocol; 0 picks a free one." default:"9042" env:"ASTROLABE_CQL_PORT"`
	GRPCPort   int    `name:"grpc-port" help:"Port of the gRPC API, Stargate's by default; 0 picks a free one." default:"8090" env:"ASTROLABE_GRPC_PORT"`
	Cluster    string `help:"Cluster name that drivers see." default:"Astrolabe" env:"ASTROLABE_CLUSTER"`
	Database   string `help:"Name of the database, used at the first start." default:"astrolabe" env:"ASTROLABE_DATABASE"`
	Region     string `help:"Region of the database, used at the first start." default:"local" env:"ASTROLABE_REGION"`
	Durability string `help:"When a write is answered: sync (after fsync) or periodic (fsync within 10 s, as a default Cassandra)." enum:"sync,periodic" default:"sync" env:"ASTROLABE_DURABILITY"`
	LogLevel   string `name:"log-level" help:"debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"ASTROLABE_LOG_LEVEL"`
	LogFormat  string `name:"log-format" help:"auto (text on a terminal, else json), text or json." enum:"auto,text,json" default:"auto" env:"ASTROLABE_LOG_FORMAT"`
	Advertise  string `help:"Address of the CQL port that drivers are told, if it is not where the server listens." placeholder:"HOST[:PORT]" env:"ASTROLABE_ADVERTISE"`

	TLS   tlsFlags   `embed:"" group:"TLS:"`
	APIs  apiFlags   `embed:"" group:"HTTP APIs:"`
	Audit auditFlags `embed:"" group:"Audit log:"`

	WebTokens webTokenFlags `embed:"" group:"JSON Web Tokens:"`

	Guardrails guardrailFlags `embed:"" group:"Guardrails:"`

	Cassandra clusterFlags `embed:"" group:"In front of a Cassandra cluster:"`
	Diff      diffFlags    `embed:"" group:"Comparing the engine with a cluster:"`
}

type serveCommand struct {
	serveFlags
}

// Run serves until ctx ends, then drains.
func (c *serveCommand) Run(ctx context.Context, s *streams) error {
	node, err := c.start(ctx, s)
	if err != nil && ctx.Err() != nil {
		return nil // told to stop before it had begun
	}
	if err != nil {
		return err
	}
	node.announce(s)
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-node.Failed():
	}
	return errors.Join(failed, node.stop(ctx))
}

// node is a running server with its back end.
type node struct {
	*server.Server
	// doors is Server, for those who ask while it starts.
	doors     atomic.Pointer[server.Server]
	access    *access.Store
	audit     io.Closer     // nil for none
	webTokens *jwt.Verifier // nil for none
	backend   backend.Backend
	log       *slog.Logger
	stargate  map[int]net.Listener // by Stargate's port
	grpc      []net.Listener
	data      string
	tls       *doorTLS // nil without
	guard     *guardrail.Guard
	watching  func() // ends watching the disk
	endpoints endpoints
	first     *access.First
	// tokenPlace tells where another server keeps the first token.
	tokenPlace string
	started    time.Time
}

// start opens everything; the listeners come first, because the system tables
// tell drivers the port, and because a port that is taken must not cost a data
// directory its lock.
func (c *serveFlags) start(ctx context.Context, s *streams) (*node, error) {
	n := &node{log: newLogger(s.err, c.LogLevel, c.LogFormat), data: c.Data, started: time.Now()}
	var err error
	if n.tls, err = c.TLS.open(ctx, c, n.log); err != nil {
		return nil, err
	}
	httpListener, err := listen("--http-port", c.Listen, c.HTTPPort)
	if err != nil {
		return nil, err
	}
	cqlListener, err := listen("--cql-port", c.Listen, c.CQLPort)
	if err != nil {
		return nil, errors.Join(err, httpListener.Close())
	}
	n.stargate, err = c.APIs.listen(c.Listen)
	if err != nil {
		return nil, errors.Join(err, httpListener.Close(), cqlListener.Close())
	}
	n.grpc, err = c.listenGRPC()
	if err != nil {
		return nil, errors.Join(err, httpListener.Close(), cqlListener.Close(), closeAll(slices.Collect(maps.Values(n.stargate))))
	}
	if err = n.open(ctx, c, httpListener, cqlListener); err != nil {
		if n.Server != nil {
			return nil, errors.Join(err, n.stop(ctx))
		}
		httpListener.Close()
		cqlListener.Close()
		closeAll(slices.Collect(maps.Values(n.stargate)))
		closeAll(n.grpc)
		n.closeWebTokens()
		if n.access != nil {
			n.access.Close()
		}
		if n.backend != nil {
			err = errors.Join(err, n.backend.Close())
		}
		return nil, err
	}
	return n, nil
}

func (n *node) open(ctx context.Context, c *serveFlags, httpListener, cqlListener net.Listener) error {
	total := memory.Total()
	limitMemory(total)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	address, err := reachable(cqlListener)
	if err != nil {
		return err
	}
	httpAddress, err := reachable(httpListener)
	if err != nil {
		return err
	}
	grpcAddress, err := reachable(n.grpc[0])
	if err != nil {
		return err
	}
	n.endpoints = endpoints{HTTP: httpAddress.String(), CQL: address.String(), GRPC: grpcAddress.String()}
	if n.tls != nil {
		if n.endpoints.Certificate, err = filepath.Abs(n.tls.certificate); err != nil {
			return err
		}
	}
	if address, err = advertised(ctx, c.Advertise, address); err != nil {
		return err
	}
	limits, err := c.Guardrails.limits()
	if err != nil {
		return err
	}
	n.guard = guardrail.New(limits, registry, access.Keyspace)
	back, err := n.openBackend(ctx, c, address, registry)
	if err != nil {
		return err
	}
	n.backend = back
	if err := removeFile(endpointsPath(c.Data)); err != nil { // of a process that was killed
		return fmt.Errorf("--data: %w", err)
	}
	if err := n.openAccess(ctx, c, httpListener, cqlListener); err != nil {
		return err
	}
	if n.audit, err = c.Audit.open(n.access, n.log); err != nil {
		return err
	}
	if n.webTokens, err = c.WebTokens.open(ctx, n.access, n.log); err != nil {
		return err
	}
	n.guard.Exempt(n.access.SuperuserRole)
	options := server.Options{
		Backend: n.guard.Backend(n.access.Backend()), Access: n.access, HTTP: httpListener, CQL: cqlListener, GRPC: n.grpc, Stargate: n.stargate, API: c.APIs.options(),
		Log: n.log, Registry: registry, Guard: n.guard, RequestBytes: requestBytes(total),
	}
	if limits.Astra {
		options.ProductType = astraProduct
	}
	if n.tls != nil {
		options.TLS, options.CQLTLS = n.tls.http, n.tls.cql
	}
	if n.Server, err = server.Start(options); err != nil {
		return err
	}
	n.doors.Store(n.Server)
	n.watching = watchDisk(n.guard, n.backend, n.log)
	return n.writeEndpoints()
}

// stop drains the doors and closes everything, although ctx has ended. The file
// of the addresses goes first: what follows frees the directory for another
// process, which writes its own.
func (n *node) stop(ctx context.Context) error {
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	n.log.Info("stopping")
	err := errors.Join(removeFile(endpointsPath(n.data)), n.Close(drain))
	if n.watching != nil {
		n.watching()
	}
	err = errors.Join(err, n.closeAudit())
	n.closeWebTokens()
	n.access.Close()
	err = errors.Join(err, n.backend.Close())
	n.log.Info("stopped")
	return err
}
