package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/engine/system"
)

// errDataInUse: a data directory serves one process at a time.
var errDataInUse = errors.New("is in use by another process")

// openBackend opens the back end that the flags ask for: the only place that
// names one.
func (n *node) openBackend(ctx context.Context, c *serveFlags, address netip.AddrPort, registry prometheus.Registerer) (backend.Backend, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	if c.Diff.Mode == "diff" {
		return n.openDiff(ctx, c, address, registry)
	}
	if len(c.Cassandra.Hosts) > 0 {
		back, err := openCluster(ctx, &c.Cassandra, address, n.virtual(), n.log, registry)
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
		Address: address, Log: n.log, AuthRows: n.authRows, Clients: n.clients, Requests: n.requests,
		Settings: func() []system.Setting { return settings(c, address, n.guard.Limits()) },
		Guard:    n.guard,
	})
	if errors.Is(err, engine.ErrLocked) {
		return nil, fmt.Errorf("--data: %s %w", c.Data, errDataInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	return back, nil
}
