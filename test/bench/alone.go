package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// measureAlone prints what the chosen operations cost Astrolabe, with no peer: the
// figures to change it by. Operations over gRPC have "gRPC" before their names, those
// over REST, which are compared with the bare handler, "REST".
func measureAlone(length time.Duration, chosen *regexp.Regexp, durability string) error {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	server, err := harness.Launch("serve", filepath.Join(dir, "data"), "--durability", durability)
	if err != nil {
		return err
	}
	defer server.Kill()
	mine, err := newCQLLoad(server.CQL, server.Token)
	if err != nil {
		return err
	}
	defer mine.close()
	alone := func(name string, operate operate) error {
		for _, inFlight := range []int{1, 16, 64} {
			var best figures
			for range rounds {
				best = better(best, run(server.PID(), inFlight, length, operate))
			}
			if best.failed != nil {
				return fmt.Errorf("%s at %d in flight: %w", name, inFlight, best.failed)
			}
			fmt.Printf("%-26s %2d in flight: %8.0f/s, CPU %7.1f us each\n", name, inFlight, best.rate(), best.cpuPerOperation())
		}
		return nil
	}
	for _, o := range operations() {
		if !chosen.MatchString(o.name) {
			continue
		}
		operate, err := mine.begin(&o)
		if err != nil {
			return err
		}
		if err := alone(o.name, operate); err != nil {
			return err
		}
	}
	if err := aloneREST(server, mine, chosen, length); err != nil {
		return err
	}
	return aloneGRPC(server, chosen, alone)
}

// aloneREST compares the chosen operations of REST with the bare handler.
func aloneREST(server *harness.Server, mine *cqlLoad, chosen *regexp.Regexp, length time.Duration) error {
	if !strings.Contains(chosen.String(), "REST") {
		return nil
	}
	row := selectRow() // fills the table
	if _, err := mine.begin(&row); err != nil {
		return err
	}
	_, err := measureREST(server, length, chosen)
	return err
}

// aloneGRPC measures the unary calls, and gocql.
func aloneGRPC(server *harness.Server, chosen *regexp.Regexp, alone func(string, operate) error) error {
	if !strings.Contains(chosen.String(), "gRPC") {
		return nil
	}
	l, err := newGRPCLoad(server.GRPC, server.Token)
	if err != nil {
		return err
	}
	defer l.close()
	g, err := newGocqlLoad(server.CQL, server.Token)
	if err != nil {
		return err
	}
	defer g.session.Close()
	for _, o := range []struct {
		name    string
		operate operate
	}{{"gRPC SELECT by key", l.read}, {"gRPC INSERT", l.write}, {"gRPC peer: gocql SELECT", g.read}, {"gRPC peer: gocql INSERT", g.write}} {
		if chosen.MatchString(o.name) {
			if err := alone(o.name, o.operate); err != nil {
				return err
			}
		}
	}
	return nil
}
