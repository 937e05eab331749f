// Command bench compares Astrolabe with a real Apache Cassandra 5.0 on this
// machine, in one run, and REST with a bare net/http handler. It prints ratios
// and writes docs/benchmarks.md.
//
// Both servers are driven by the same small client; throughput, latency and the
// CPU time that the server's process used are measured over the same seconds.
// The two take turns, so that a machine that slows down slows both.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

func main() {
	if answer, ok := os.LookupEnv(bareEnv); ok {
		exit(serveBare(answer))
	}
	// The collector would run hundreds of times a second in a process as small as
	// this, and take the processors that it shares with the servers.
	debug.SetGCPercent(gcPercent)
	length := flag.Duration("length", 5*time.Second, "length of each measurement")
	chosen := flag.String("operations", "", "regular expression of the operations to measure: of CQL, and with -alone of REST and gRPC, as \"REST GET\"")
	output := flag.String("output", filepath.Join(harness.Root(), "docs", "benchmarks.md"), "report to write")
	gateway := flag.Bool("gateway", false, "measure the gateway in front of a cluster alone, and write no report")
	search := flag.Int("documents", 0, "measure documents against REST, and searches among so many of them, alone, and write no report")
	graphql := flag.Bool("graphql", false, "measure GraphQL against REST alone, and write no report")
	alone := flag.Bool("alone", false, "measure the chosen operations on Astrolabe alone, and write no report")
	durability := flag.String("durability", "sync", "with -alone: when a write is answered, sync or periodic")
	flag.Parse()
	if *graphql {
		exit(graphqlAlone(*length))
		return
	}
	if *search > 0 {
		exit(searchDocuments(*search, *length))
		return
	}
	if *gateway {
		_, err := compareGateway(context.Background(), *length)
		exit(err)
		return
	}
	expression, err := regexp.Compile(*chosen)
	if err != nil {
		exit(err)
	}
	if *alone {
		exit(measureAlone(*length, expression, *durability))
		return
	}
	exit(bench(context.Background(), *length, *output, expression))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// gcPercent is how much the clients' heap may grow, in percent, before it is
// collected.
const gcPercent = 1000

// pair is one measurement of ours and of the peer's.
type pair struct {
	name        string
	inFlight    int
	ours, peers figures
}

// rounds each measurement is done; the better of each side counts, for noise
// only ever makes a run slower.
const rounds = 2

func measure(name string, inFlight int, ours, peers func() figures) pair {
	p := pair{name: name, inFlight: inFlight}
	for range rounds {
		p.ours, p.peers = better(p.ours, ours()), better(p.peers, peers())
	}
	fmt.Printf("  %-26s %2d in flight: %8.0f/s against %8.0f/s = %.2fx, CPU %.1f against %.1f us each = 1/%.2f\n", name, inFlight,
		p.ours.rate(), p.peers.rate(), p.ours.rate()/p.peers.rate(), p.ours.cpuPerOperation(), p.peers.cpuPerOperation(),
		p.peers.cpuPerOperation()/p.ours.cpuPerOperation())
	return p
}

func better(a, b figures) figures {
	if a.failed != nil {
		return a
	}
	if b.failed != nil || a.operations == 0 || b.rate() > a.rate() {
		return b
	}
	return a
}

// insertAndSelect are the operations that fsync is compared with.
var insertAndSelect = regexp.MustCompile(`^(INSERT|SELECT)$`)

func bench(ctx context.Context, length time.Duration, output string, chosen *regexp.Regexp) error {
	r := &report{length: length}
	fmt.Println(gatewayTitle)
	var err error
	if r.gateway, err = compareGateway(ctx, length); err != nil {
		return err
	}
	for _, durability := range []struct {
		ours, theirs, title string
		chosen              *regexp.Regexp
	}{
		{"sync", "batch", "Durable per write (Cassandra: commitlog_sync batch)", chosen},
		{"periodic", "periodic", "Periodic fsync (Cassandra's default)", insertAndSelect},
	} {
		fmt.Println(durability.title)
		if err := compare(ctx, r, durability.ours, durability.theirs, durability.title, length, durability.chosen); err != nil {
			return err
		}
	}
	return r.write(output)
}

// compare runs one durability on both servers.
func compare(ctx context.Context, r *report, ours, theirs, title string, length time.Duration, chosen *regexp.Regexp) error {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	server, err := harness.Launch("serve", filepath.Join(dir, "data"), "--durability", ours)
	if err != nil {
		return err
	}
	defer server.Kill()
	if err := firstAnswer(server.CQL, server.Token); err != nil {
		return err
	}
	ourStart := time.Since(began)
	began = time.Now()
	node, err := cassandra.Start(ctx, cassandra.Options{Sync: theirs, Heap: "1g"})
	if err != nil {
		return err
	}
	defer node.Stop()
	if err := firstAnswer(node.Addr, ""); err != nil {
		return err
	}
	s := section{title: title, starts: [2]time.Duration{ourStart, time.Since(began)}}
	if s.idle, err = memory(server.PID(), node.PID()); err != nil {
		return err
	}
	if s.pairs, err = compareCQL(server, node, length, chosen); err != nil {
		return err
	}
	if err := compareDoors(r, server, ours == "sync", length); err != nil {
		return err
	}
	if s.loaded, err = memory(server.PID(), node.PID()); err != nil {
		return err
	}
	r.sections = append(r.sections, s)
	return nil
}

// compareDoors measures what is compared with another way to the same server, or with
// a handler that has no database; REST at either durability.
func compareDoors(r *report, server *harness.Server, durable bool, length time.Duration) error {
	fmt.Println("REST against a bare net/http handler")
	pairs, err := measureREST(server, length, everything)
	if err != nil {
		return err
	}
	if !durable {
		r.restPeriodic = pairs
		return nil
	}
	r.rest = pairs
	fmt.Println("GraphQL against REST")
	if r.graphql, err = measureGraphQL(server.HTTP, server.Token, server.PID(), length); err != nil {
		return err
	}
	fmt.Println("Documents against REST")
	if r.documents, err = measureDocuments(server.HTTP, server.Token, server.PID(), length); err != nil {
		return err
	}
	fmt.Println("gRPC against the native protocol")
	r.grpc, err = measureGRPC(server.GRPC, server.CQL, server.Token, server.PID(), length)
	return err
}

// firstAnswer waits for the first answer to a query.
func firstAnswer(addr, token string) error {
	c, err := dial(addr, token, 1)
	if err != nil {
		return err
	}
	defer c.close()
	return c.query("SELECT release_version FROM system.local")
}

func memory(ours, theirs int) (mb [2]float64, err error) {
	time.Sleep(time.Second) // let both settle
	if mb[0], err = residentMB(ours); err != nil {
		return mb, err
	}
	mb[1], err = residentMB(theirs)
	return mb, err
}

func compareCQL(server *harness.Server, node *cassandra.Node, length time.Duration, chosen *regexp.Regexp) ([]pair, error) {
	mine, err := newCQLLoad(server.CQL, server.Token)
	if err != nil {
		return nil, err
	}
	defer mine.close()
	other, err := newCQLLoad(node.Addr, "")
	if err != nil {
		return nil, err
	}
	defer other.close()
	var pairs []pair
	for _, o := range operations() {
		if !chosen.MatchString(o.name) {
			continue
		}
		more, err := compareOperation(&o, mine, other, server.PID(), node.PID(), length)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, more...)
	}
	return pairs, nil
}

// compareOperation measures one operation on both servers.
func compareOperation(o *operation, mine, other *cqlLoad, pid, peer int, length time.Duration) ([]pair, error) {
	ours, err := mine.begin(o)
	if err != nil {
		return nil, err
	}
	theirs, err := other.begin(o)
	if err != nil {
		return nil, err
	}
	run(peer, 16, 2*length, theirs) // let the JVM compile what is measured
	var pairs []pair
	for _, inFlight := range []int{1, 16, 64} {
		p := measure(o.name, inFlight, func() figures { return run(pid, inFlight, length, ours) },
			func() figures { return run(peer, inFlight, length, theirs) })
		if p.ours.failed != nil || p.peers.failed != nil {
			return nil, fmt.Errorf("%s at %d in flight: %v, %v", p.name, p.inFlight, p.ours.failed, p.peers.failed)
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}
