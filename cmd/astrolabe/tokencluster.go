package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// tokenClusterFlags name the cluster that gateways stand in front of: their
// tokens are in it.
type tokenClusterFlags struct {
	Hosts []string `name:"cassandra" help:"The cluster that holds the tokens of its gateways: its first contacts. Without it the tokens are in the directory." placeholder:"HOST[:PORT],..." env:"ASTROLABE_CASSANDRA"`

	// In diff mode the tokens are where the answers come from.
	Mode   string `hidden:"" enum:"serve,diff" default:"serve" env:"ASTROLABE_MODE"`
	Answer string `hidden:"" name:"diff-answer" enum:"engine,cluster" default:"engine" env:"ASTROLABE_DIFF_ANSWER"`

	clusterLogin
}

// named reports whether the tokens are in a cluster.
func (f *tokenClusterFlags) named() bool {
	return len(f.Hosts) > 0 && (f.Mode != "diff" || f.Answer == "cluster")
}

// tokenPatience is how long a command waits for the cluster.
const tokenPatience = 20 * time.Second

// inCluster works on the tables of access control in the cluster, as a gateway
// does; the gateways see what changes there within a second.
func (c *administered) inCluster(ctx context.Context, f func(*administration) error) (err error) {
	flags := clusterFlags{Hosts: c.Cluster.Hosts, clusterLogin: c.Cluster.clusterLogin}
	cluster, err := openCluster(ctx, &flags, netip.AddrPort{}, engine.VirtualOptions{}, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	patience, cancel := context.WithTimeout(ctx, tokenPatience)
	defer cancel()
	err = cluster.Connected(patience)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("--cassandra: %w", cluster.Ready(ctx)) // says why not
	}
	if err != nil {
		return flagged(err)
	}
	hosts := strings.Join(c.Cluster.Hosts, ",")
	if cluster.Schema().Keyspaces[access.Keyspace] == nil { // not to be made by looking
		return fmt.Errorf("--cassandra: the cluster at %s has no tokens yet: start a gateway once", hosts)
	}
	store, err := access.Open(ctx, cluster)
	if err != nil {
		return err
	}
	if store.Database().ID == uuid.Nil {
		return fmt.Errorf("--cassandra: the cluster at %s has no database yet: start a gateway once", hosts)
	}
	return f(onStore(store))
}

// ofGateway reports whether dir is the data directory of a gateway, which holds
// no tokens but the one that it made.
func ofGateway(dir string) bool {
	for _, path := range []string{tokenPath(dir), endpointsPath(dir)} {
		if _, err := os.Stat(path); err == nil {
			return true
		}
	}
	return false
}
