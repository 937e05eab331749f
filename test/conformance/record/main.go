// Record writes the answers of a real Apache Cassandra into the files of cases
// of the directory above: all of them, or those named on the command line. It
// starts a Cassandra of its own unless -address names one that runs. With -auth
// these are the files in the directory access, and the Cassandra has logins.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/test/cassandra"
	driver "github.com/astrolabe-db/astrolabe/test/conformance"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

func main() {
	address := flag.String("address", "", "host:port of a running Cassandra")
	auth := flag.Bool("auth", false, "record the files about roles and permissions")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := record(ctx, *address, *auth, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func record(ctx context.Context, address string, auth bool, files []string) (err error) {
	if len(files) == 0 {
		dir := filepath.Join(harness.Root(), "test", "conformance")
		if auth {
			dir = filepath.Join(dir, "access")
		}
		if files, err = filepath.Glob(filepath.Join(dir, "*.cql")); err != nil {
			return err
		}
	}
	if address == "" {
		node, err := cassandra.Start(ctx, cassandra.Options{FastSchema: true, Auth: auth})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, node.Stop()) }()
		address = node.Addr
	}
	session, err := connect(address, auth)
	if err != nil {
		return err
	}
	defer session.Close()
	if err := isCassandra(ctx, session); err != nil {
		return err
	}
	for _, path := range files {
		if err := recordFile(ctx, session, path); err != nil {
			return err
		}
	}
	return nil
}

func connect(address string, auth bool) (*driver.Session, error) {
	if auth {
		return driver.ConnectAs(address, "cassandra", "cassandra")
	}
	return driver.Connect(address, "")
}

// isCassandra keeps us from recording our own answers.
func isCassandra(ctx context.Context, session *driver.Session) error {
	a, err := session.Run(ctx, conformance.Request{Statement: "SELECT release_version, cluster_name FROM system.local"})
	if err != nil {
		return err
	}
	version, cluster := string(a.Rows[0][0]), string(a.Rows[0][1])
	if version != cassandra.Version || cluster == "Astrolabe" {
		return fmt.Errorf("that is %s, release %s; answers are recorded from Apache Cassandra %s", cluster, version, cassandra.Version)
	}
	return nil
}

func recordFile(ctx context.Context, session *driver.Session, path string) error {
	file, err := conformance.ReadFile(path)
	if err != nil {
		return err
	}
	for _, c := range file.Cases {
		if c.User != "" { // a role that may not, or a value that does no harm
			continue
		}
		if err := harmless(c.Statement); err != nil {
			return fmt.Errorf("%s:%d: %w", path, c.Line, err)
		}
	}
	changed := 0
	err = file.Play(ctx, session, func(r conformance.Result) {
		if r.Case.Answer != r.Got {
			r.Case.Answer = r.Got
			changed++
		}
	})
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d cases, %d changed\n", filepath.Base(path), len(file.Cases), changed)
	return file.Write(path)
}

// harmless refuses statements that write to the server's own tables: Cassandra
// lets everybody do that when it runs without authorization, and does not
// survive it well.
func harmless(statement string) error {
	parsed, err := cql.Parse(statement)
	if err != nil {
		return nil // and so the server won't run it either
	}
	var table cql.QualifiedName
	switch s := parsed.Statement.(type) {
	case *cql.Insert:
		table = s.Table
	case *cql.Update:
		table = s.Table
	case *cql.Delete:
		table = s.Table
	case *cql.Truncate:
		table = s.Table
	case *cql.Batch:
		for _, part := range s.Statements {
			if err := harmless(cql.Print(part)); err != nil {
				return err
			}
		}
	}
	if strings.HasPrefix(table.Keyspace, "system") {
		return fmt.Errorf("%s would write to the server's own tables", statement)
	}
	return nil
}
