package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cassandra"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/migrate"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// migrateCommand copies a data directory onto a Cassandra cluster.
type migrateCommand struct {
	From        string        `help:"Directory of the data to copy; no server may run on it. It is left as it is." default:"./data" env:"ASTROLABE_DATA" type:"path"`
	ToCassandra []string      `name:"to-cassandra" help:"First contacts of the cluster to copy to." placeholder:"HOST[:PORT],..." required:""`
	Replication string        `help:"Replication of the keyspaces: a number of replicas in the datacenter, or DC:N,..., or a map as in CREATE KEYSPACE. Without it 3, or as many as there are nodes." placeholder:"N|DC:N,...|{...}"`
	Concurrency int           `help:"Statements on their way at once." default:"64"`
	Patience    time.Duration `help:"How long a statement is tried while the cluster can't take it." default:"5m"`
	Restart     bool          `help:"Begin anew: drop the tables that an earlier run made."`
	LogLevel    string        `name:"log-level" help:"debug, info, warn or error." enum:"debug,info,warn,error" default:"warn" env:"ASTROLABE_LOG_LEVEL"`

	clusterLogin `embed:"" group:"The cluster:"`
}

// errDiffers is the end of a migration whose check found differences.
var errDiffers = errors.New("source and target differ: see above; nothing was changed at the source")

// Run copies, compares, and tells what it found.
func (c *migrateCommand) Run(ctx context.Context, s *streams) (err error) {
	source, err := openSource(c.From)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	log := newLogger(s.err, c.LogLevel, "auto")
	flags := clusterFlags{Hosts: c.ToCassandra, clusterLogin: c.clusterLogin}
	target, err := openCluster(ctx, &flags, netip.AddrPort{}, engine.VirtualOptions{}, log, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if err := target.Connected(ctx); err != nil {
		return flagged(err)
	}
	replication, err := parseReplication(c.Replication, target)
	if err != nil {
		return fmt.Errorf("--replication: %w", err)
	}
	if c.Concurrency < 1 || c.Concurrency > maxConcurrency {
		return fmt.Errorf("--concurrency: %d is not between 1 and %d", c.Concurrency, maxConcurrency)
	}
	fmt.Fprintf(s.out, "Copying %s to the cluster at %s (datacenter %s, nodes: %d), replication %s\n",
		c.From, strings.Join(c.ToCassandra, ","), target.Datacenter(), target.Nodes(), replicationText(replication))
	display := newProgressDisplay(s.out)
	var store *access.Store
	report, err := migrate.Run(ctx, migrate.Options{
		Source: source, Target: target, Replication: replication, Concurrency: c.Concurrency, Patience: c.Patience,
		Restart: c.Restart, NoClock: target.Protocol() < 5, Progress: display.show, Log: log,
		Prepare: func(ctx context.Context) (err error) {
			store, err = access.Open(ctx, target)
			return err
		},
		Finish: func(ctx context.Context) error { return store.Announce(ctx) },
	})
	display.end()
	if err != nil {
		return explainMigration(err)
	}
	return tellMigration(s, report)
}

// maxConcurrency bounds the statements on their way.
const maxConcurrency = 4096

// openSource opens the data directory for reading alone.
func openSource(dir string) (backend.Source, error) {
	source, err := engine.OpenSource(storePath(dir), nil)
	switch {
	case errors.Is(err, engine.ErrLocked):
		return nil, fmt.Errorf("--from: %s %w: stop its server first", dir, errDataInUse)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("--from: %s is not the directory of a server that has run", dir)
	case err != nil:
		return nil, fmt.Errorf("--from: %w", err)
	}
	return source, nil
}

func explainMigration(err error) error {
	if errors.Is(err, migrate.ErrSourceChanged) || errors.Is(err, migrate.ErrTableExists) {
		return err
	}
	return fmt.Errorf("%w\nThe copy is not complete; the same command goes on where it was", err)
}

// tellMigration prints the counts and checksums of all tables.
func tellMigration(s *streams, r *migrate.Report) error {
	rows := int64(0)
	for _, t := range r.Tables {
		name := (&schema.Table{Keyspace: t.Keyspace, Name: t.Table}).String()
		rows += t.SourceRows
		if t.Agrees() {
			fmt.Fprintf(s.out, "  %s: %d rows, checksum %016x on both sides\n", name, t.SourceRows, t.SourceChecksum)
			continue
		}
		fmt.Fprintf(s.out, "  %s DIFFERS: %d rows, checksum %016x at the source; %d rows, checksum %016x at the target\n",
			name, t.SourceRows, t.SourceChecksum, t.TargetRows, t.TargetChecksum)
		for _, d := range t.Differences {
			fmt.Fprintf(s.out, "    %s\n", d)
		}
	}
	if !r.Agrees() {
		return errDiffers
	}
	fmt.Fprintf(s.out, "Tables: %d, rows: %d, the same on both sides; it took %s\n", len(r.Tables), rows, r.Took.Round(100*time.Millisecond))
	fmt.Fprintln(s.out, "Roles and application tokens are copied too: the tokens go on working behind serve --cassandra.")
	return nil
}

// defaultReplicas is how many replicas a keyspace gets, nodes permitting.
const defaultReplicas = 3

// parseReplication reads --replication.
func parseReplication(text string, target *cassandra.Cluster) (map[string]string, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{") {
		return replicationMap(text)
	}
	replication := map[string]string{"class": schema.NetworkTopologyStrategy}
	if text == "" {
		replication[target.Datacenter()] = strconv.Itoa(max(1, min(defaultReplicas, target.Nodes())))
		return replication, nil
	}
	for _, part := range strings.Split(text, ",") {
		datacenter, factor, named := strings.Cut(part, ":")
		if !named {
			datacenter, factor = target.Datacenter(), part
		}
		if n, err := strconv.Atoi(factor); err != nil || n < 1 || datacenter == "" {
			return nil, fmt.Errorf("%q is not a number of replicas, nor DC:N", part)
		}
		replication[datacenter] = factor
	}
	return replication, nil
}

// replicationMap reads {'class': ..., ...} as CREATE KEYSPACE does.
func replicationMap(text string) (map[string]string, error) {
	parsed, err := cql.Parse("CREATE KEYSPACE k WITH replication = " + text)
	if err != nil {
		return nil, err
	}
	p, err := schema.NewProperties(parsed.Statement.(*cql.CreateKeyspace).Properties)
	if err != nil {
		return nil, err
	}
	given, err := schema.KeyspaceProperties(p)
	if err != nil {
		return nil, err
	}
	if given["class"] == "" {
		return nil, errors.New("it names no class")
	}
	return given, nil
}

func replicationText(replication map[string]string) string {
	statement := (&schema.Keyspace{Name: "k", Replication: replication, DurableWrites: true}).CreateStatement()
	from, to := strings.IndexByte(statement, '{'), strings.IndexByte(statement, '}')
	return statement[from : to+1]
}
