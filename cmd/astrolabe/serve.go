package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/schema"
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
	Cluster    string `help:"Cluster name that drivers see." default:"Astrolabe" env:"ASTROLABE_CLUSTER"`
	Database   string `help:"Name of the database, used at the first start." default:"astrolabe" env:"ASTROLABE_DATABASE"`
	Region     string `help:"Region of the database, used at the first start." default:"local" env:"ASTROLABE_REGION"`
	Durability string `help:"When a write is answered: sync (after fsync) or periodic (fsync within 10 s, as a default Cassandra)." enum:"sync,periodic" default:"sync" env:"ASTROLABE_DURABILITY"`
	LogLevel   string `name:"log-level" help:"debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"ASTROLABE_LOG_LEVEL"`
	LogFormat  string `name:"log-format" help:"auto (text on a terminal, else json), text or json." enum:"auto,text,json" default:"auto" env:"ASTROLABE_LOG_FORMAT"`

	APIs apiFlags `embed:"" group:"HTTP APIs:"`

	Cassandra clusterFlags `embed:"" group:"In front of a Cassandra cluster:"`
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
	access    *access.Store
	backend   backend.Backend
	log       *slog.Logger
	stargate  map[int]net.Listener // by Stargate's port
	data      string
	endpoints endpoints
	first     *access.First
	started   time.Time
}

// start opens everything; the listeners come first, because the system tables
// tell drivers the port, and because a port that is taken must not cost a data
// directory its lock.
func (c *serveFlags) start(ctx context.Context, s *streams) (*node, error) {
	n := &node{log: newLogger(s.err, c.LogLevel, c.LogFormat), data: c.Data, started: time.Now()}
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
	if err = n.open(ctx, c, httpListener, cqlListener); err != nil {
		if n.Server != nil {
			return nil, errors.Join(err, n.stop(ctx))
		}
		httpListener.Close()
		cqlListener.Close()
		closeAll(n.stargate)
		if n.backend != nil {
			err = errors.Join(err, n.backend.Close())
		}
		return nil, err
	}
	return n, nil
}

func (n *node) open(ctx context.Context, c *serveFlags, httpListener, cqlListener net.Listener) error {
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
	n.endpoints = endpoints{HTTP: httpAddress.String(), CQL: address.String()}
	back, err := n.openBackend(ctx, c, address)
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
	n.Server, err = server.Start(server.Options{
		Backend: n.access.Backend(), Access: n.access, HTTP: httpListener, CQL: cqlListener, Stargate: n.stargate, API: c.APIs.options(),
		Log: n.log, Registry: registry,
	})
	if err != nil {
		return err
	}
	return n.writeEndpoints()
}

// errDataInUse: a data directory serves one process at a time.
var errDataInUse = errors.New("is in use by another process")

// openBackend opens the back end that the flags ask for: the only place that
// names one.
func (n *node) openBackend(ctx context.Context, c *serveFlags, address netip.AddrPort) (backend.Backend, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	if len(c.Cassandra.Hosts) > 0 {
		back, err := openCluster(ctx, &c.Cassandra, address, n.authRows, n.log)
		if err != nil {
			return nil, err // and no *Cluster that is nil
		}
		return back, nil
	}
	return n.openEngine(c, address)
}

// openEngine opens the embedded back end.
func (n *node) openEngine(c *serveFlags, address netip.AddrPort) (backend.Backend, error) {
	back, err := engine.Open(engine.Options{
		Dir: storePath(c.Data), Periodic: c.Durability == "periodic", ClusterName: c.Cluster,
		Address: address, Log: n.log, AuthRows: n.authRows,
	})
	if errors.Is(err, engine.ErrLocked) {
		return nil, fmt.Errorf("--data: %s %w", c.Data, errDataInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	return back, nil
}

// authRows are the rows of system_auth, which the engine serves and the access
// store has; that one opens after the engine, for it is kept in it.
func (n *node) authRows(table string) []schema.Row {
	if n.access == nil {
		return nil
	}
	return n.access.SystemAuthRows(table)
}

// stop drains the doors and closes everything, although ctx has ended. The file
// of the addresses goes first: what follows frees the directory for another
// process, which writes its own.
func (n *node) stop(ctx context.Context) error {
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	n.log.Info("stopping")
	err := errors.Join(removeFile(endpointsPath(n.data)), n.Close(drain), n.backend.Close())
	n.log.Info("stopped")
	return err
}

// listen opens one port; the error names the flag and what is wrong.
func listen(flag, host string, port int) (net.Listener, error) {
	if port < 0 || port > 65535 {
		return nil, fmt.Errorf("%s: %d is not a port", flag, port)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s: port %d of %s is taken by another process", flag, port, host)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return l, nil
}

// reachable is the listener's address as drivers can reach it: a wildcard
// address would break them, so loopback stands in for it.
func reachable(l net.Listener) (netip.AddrPort, error) {
	address, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return address, fmt.Errorf("--listen: %w", err)
	}
	if address.Addr().IsUnspecified() {
		address = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), address.Port())
	}
	return address, nil
}
