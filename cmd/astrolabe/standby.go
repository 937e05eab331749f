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
// say so; joinPatience is how long one try waits for a connection, standbyPause the
// pause between two tries.
const (
	connectPatience = 2 * time.Second
	joinPatience    = time.Second
	standbyPause    = time.Second
)

// errMaking is what a gateway does between its first connection and service.
var errMaking = errors.New("Opening access control in the cluster; the first start makes its tables there, which may take a while")

// openAccess opens access control on the back end. In front of a cluster that
// can't be reached, or has lost its quorum, it tries until ctx ends; meanwhile
// the doors answer with the reason, as they do while the first tables are made.
func (n *node) openAccess(ctx context.Context, c *serveFlags, httpListener, cqlListener net.Listener) error {
	cluster, ok := n.backend.(*cassandra.Cluster)
	if !ok {
		return n.loadAccess(ctx, c)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var stage atomic.Pointer[error]
	joined := make(chan error, 1)
	go func() { joined <- n.keepJoining(ctx, c, cluster, func(err error) { stage.Store(&err) }) }()
	select {
	case err := <-joined:
		return err
	case <-time.After(connectPatience):
	}
	reason := func() error { return whyNot(ctx, cluster, stage.Load()) }
	httpListeners := append(slices.Collect(maps.Values(n.stargate)), httpListener)
	options := server.StandbyOptions{Backend: n.backend, HTTP: httpListeners, CQL: cqlListener, Reason: reason, Log: n.log}
	if n.tls != nil {
		options.TLS, options.CQLTLS = n.tls.http, n.tls.cql
	}
	standby, err := server.StartStandby(options)
	if err != nil {
		stop()
		<-joined
		return err
	}
	n.log.Warn("standing by for the cluster", "reason", reason())
	err = <-joined
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	return errors.Join(err, standby.Close(drain))
}

// whyNot is why there is no service: what joining has come to, if it says so.
func whyNot(ctx context.Context, cluster *cassandra.Cluster, stage *error) error {
	if stage != nil {
		return *stage
	}
	if err := cluster.Ready(ctx); err != nil {
		return err
	}
	return errMaking
}

// keepJoining joins the cluster, and tries again as long as what is in the way may
// pass. It tells what it has come to.
func (n *node) keepJoining(ctx context.Context, c *serveFlags, cluster *cassandra.Cluster, tell func(error)) error {
	for {
		err := n.joinCluster(ctx, c, cluster, tell)
		if !passing(err) {
			return err
		}
		tell(err)
		select {
		case <-time.After(standbyPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// joinCluster waits a moment for the cluster, opens access control in it and
// makes this gateway known to the others.
func (n *node) joinCluster(ctx context.Context, c *serveFlags, cluster *cassandra.Cluster, tell func(error)) error {
	patience, cancel := context.WithTimeout(ctx, joinPatience)
	defer cancel()
	err := cluster.Connected(patience)
	if errors.Is(err, context.DeadlineExceeded) {
		err = cluster.Ready(ctx) // says why not
	}
	if err != nil {
		return flagged(err)
	}
	tell(errMaking)
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
