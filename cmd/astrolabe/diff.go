package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/diff"
)

// diffFlags are the flags of serve --mode diff.
type diffFlags struct {
	Mode   string `help:"diff: send each statement to the embedded engine and to the cluster of --cassandra, and log where their answers differ." enum:"serve,diff" default:"serve" env:"ASTROLABE_MODE"`
	Answer string `name:"diff-answer" help:"Whose answers clients get: engine or cluster." enum:"engine,cluster" default:"engine" env:"ASTROLABE_DIFF_ANSWER"`
	File   string `name:"diff-file" help:"File that each difference is added to as a conformance case." type:"path" env:"ASTROLABE_DIFF_FILE"`
}

// errNoCluster: there is nothing to compare with.
var errNoCluster = errors.New("--mode: diff compares with a cluster, and --cassandra names none")

// openDiff opens both back ends as one.
func (n *node) openDiff(ctx context.Context, c *serveFlags, address netip.AddrPort, registry prometheus.Registerer) (backend.Backend, error) {
	if len(c.Cassandra.Hosts) == 0 {
		return nil, errNoCluster
	}
	o := diff.Options{Log: n.log}
	if c.Diff.File != "" {
		cases, err := diff.OpenCases(c.Diff.File, c.Diff.Answer == "cluster")
		if err != nil {
			return nil, fmt.Errorf("--diff-file: %w", err)
		}
		o.Cases = cases
	}
	here, err := n.openEngine(c, address)
	if err != nil {
		return nil, errors.Join(err, o.Cases.Close())
	}
	cluster, err := openCluster(ctx, &c.Cassandra, address, n.virtual(), n.log, registry)
	if err != nil {
		return nil, errors.Join(err, here.Close(), o.Cases.Close())
	}
	if err := cluster.Connected(ctx); err != nil {
		return nil, errors.Join(flagged(err), cluster.Close(), here.Close(), o.Cases.Close())
	}
	o.NoClock = cluster.Protocol() < 5
	o.Answering, o.Other = diff.Side{Name: "engine", Backend: here}, diff.Side{Name: "cluster", Backend: cluster}
	if c.Diff.Answer == "cluster" {
		o.Answering, o.Other = o.Other, o.Answering
	}
	return diff.New(o), nil
}
