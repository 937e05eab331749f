package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
)

// guardrailFlags are the flags about limits.
type guardrailFlags struct {
	Preset string            `name:"guardrails" help:"Limits to begin with: cassandra (the defaults of Cassandra 5.0), astra (those of Astra, in its words) or none." enum:"cassandra,astra,none" default:"cassandra" env:"ASTROLABE_GUARDRAILS"`
	Limits map[string]string `name:"guardrail" help:"Change one limit, by its name in cassandra.yaml; may be given several times." placeholder:"NAME=VALUE;..." env:"ASTROLABE_GUARDRAIL"`
}

// astraProduct is how Astra names itself to drivers, which then read and write at
// LOCAL_QUORUM by default: Astra refuses writes at LOCAL_ONE.
const astraProduct = "DATASTAX_APOLLO"

// limits are those of the preset with the changes.
func (f *guardrailFlags) limits() (*guardrail.Limits, error) {
	l := guardrail.Preset(f.Preset)
	for _, name := range slices.Sorted(maps.Keys(f.Limits)) {
		if err := l.Set(name, f.Limits[name]); err != nil {
			return nil, fmt.Errorf("--guardrail: %w", err)
		}
	}
	return l, nil
}

// watchDisk has the guard look at the disk of the back end, if that has one, and
// returns what ends it.
func watchDisk(g *guardrail.Guard, back backend.Backend, log *slog.Logger) (stop func()) {
	disk, ok := backend.As[interface{ DiskUsed() (int64, error) }](back)
	if !ok {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() { g.WatchDisk(ctx, disk.DiskUsed, log) })
	return func() {
		cancel()
		watching.Wait()
	}
}
