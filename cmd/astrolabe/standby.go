package main

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/cassandra"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/server"
)

// connectPatience is how long a start waits for the cluster before the doors
// say so; standbyPause is the pause between two tries behind them.
const (
	connectPatience = 2 * time.Second
	standbyPause    = time.Second
)

// openAccess opens access control on the back end. In front of a cluster that
// can't be reached, or has lost its quorum, it tries until ctx ends; meanwhile
// the doors answer with the reason.
func (n *node) openAccess(ctx context.Context, c *serveFlags, httpListener, cqlListener net.Listener) error {
	cluster, ok := n.backend.(*cassandra.Cluster)
	if !ok {
		return n.loadAccess(ctx, c)
	}
	err := n.joinCluster(ctx, c, cluster)
	if !passing(err) {
		return err
	}
	var reason atomic.Pointer[error]
	reason.Store(&err)
	httpListeners := append(slices.Collect(maps.Values(n.stargate)), httpListener)
	options := server.StandbyOptions{
		Backend: n.backend, HTTP: httpListeners, CQL: cqlListener,
		Reason: func() error { return *reason.Load() }, Log: n.log,
	}
	if n.tls != nil {
		options.TLS, options.CQLTLS = n.tls.http, n.tls.cql
	}
	standby, startErr := server.StartStandby(options)
	if startErr != nil {
		return startErr
	}
	n.log.Warn("standing by for the cluster", "reason", err)
	for passing(err) {
		reason.Store(&err)
		select {
		case <-time.After(standbyPause):
			err = n.joinCluster(ctx, c, cluster)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	return errors.Join(err, standby.Close(drain))
}

// joinCluster waits a moment for the cluster, opens access control in it and
// makes this gateway known to the others.
func (n *node) joinCluster(ctx context.Context, c *serveFlags, cluster *cassandra.Cluster) error {
	patience, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	err := cluster.Connected(patience)
	if errors.Is(err, context.DeadlineExceeded) {
		return cluster.Ready(ctx) // says why not
	}
	if err != nil {
		return flagged(err)
	}
	if err := n.loadAccess(ctx, c); err != nil {
		return err
	}
	return cluster.Join(ctx, access.Keyspace)
}

// loadAccess opens access control; the first start makes its first entries. Of
// several servers that start together one does, and keeps the token.
func (n *node) loadAccess(ctx context.Context, c *serveFlags) error {
	store, err := access.Open(ctx, n.backend)
	if err != nil {
		return err
	}
	n.first, err = store.Bootstrap(ctx, c.Database, c.Region, tokenPlace(c.Data), func(secret access.Secret) error {
		return writeFile(tokenPath(c.Data), secret.Token+"\n", 0o600)
	})
	if err != nil {
		return err
	}
	if n.first == nil {
		n.tokenPlace = store.TokenPlace(ctx)
	}
	store.Follow(n.log)
	n.access = store
	return nil
}

// passing reports whether err is of a kind that passes: the cluster can't be
// reached, or not enough of it.
func passing(err error) bool {
	var e *cqlerr.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case cqlerr.Overloaded, cqlerr.Bootstrapping, cqlerr.Unavailable, cqlerr.ReadTimeout, cqlerr.WriteTimeout,
		cqlerr.ReadFailure, cqlerr.WriteFailure, cqlerr.CASWriteUnknown:
		return true
	}
	return false
}
