package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

const gatewayTitle = "A gateway in front of a Cassandra node"

// What the gateway is to reach: the first two are judged by the driver.
const (
	targetThroughput = 0.8
	targetAdded      = 500 * time.Microsecond
	targetIdleMB     = 150
)

// idleConnections are what the gateway's memory is measured with.
const idleConnections = 1000

// gatewayRounds alternate between the two sides; more than elsewhere, for the
// differences are small.
const gatewayRounds = 4

// gatewaySection compares a Cassandra node with the same node behind a gateway.
type gatewaySection struct {
	// driver is gocql, light the benchmark's own client; ours is through the
	// gateway, peers directly. CPU is that of the gateway, and of the node.
	driver, light []pair
	// idle is the gateway's resident memory in MiB with idleConnections.
	idle float64
}

// step is an operation of a client.
type step = func(slot int, rng *rand.Rand) error

// compareGateway runs the same clients on a node directly and through a gateway
// in front of it, in turns.
func compareGateway(ctx context.Context, length time.Duration) (*gatewaySection, error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	node, err := cassandra.Start(ctx, cassandra.Options{Sync: "periodic", Heap: "1g"})
	if err != nil {
		return nil, err
	}
	defer node.Stop()
	gateway, err := harness.Launch("serve", filepath.Join(dir, "data"), "--cassandra", node.Addr)
	if err != nil {
		return nil, err
	}
	defer gateway.Kill()
	s := &gatewaySection{}
	if s.light, err = compareLight(gateway, node, length); err != nil {
		return nil, err
	}
	if s.driver, err = compareDriver(gateway, node, length); err != nil {
		return nil, err
	}
	s.idle, err = idleMemory(gateway)
	fmt.Printf("  resident memory with %d idle connections: %.0f MiB\n", idleConnections, s.idle)
	return s, err
}

// compareLight measures with the benchmark's own client.
func compareLight(gateway *harness.Server, node *cassandra.Node, length time.Duration) ([]pair, error) {
	through, err := newCQLLoad(gateway.CQL, gateway.Token)
	if err != nil {
		return nil, err
	}
	defer through.close()
	direct, err := newCQLLoad(node.Addr, "")
	if err != nil {
		return nil, err
	}
	defer direct.close()
	var steps [4]step
	insert, choose := insertRow(), selectRow()
	for i, begin := range []func() (step, error){
		func() (step, error) { return through.begin(&insert) }, func() (step, error) { return through.begin(&choose) },
		func() (step, error) { return direct.begin(&insert) }, func() (step, error) { return direct.begin(&choose) },
	} {
		if steps[i], err = begin(); err != nil {
			return nil, err
		}
	}
	return compareSteps("light", gateway.PID(), node.PID(), length, [2]step(steps[:2]), [2]step(steps[2:]))
}

// compareDriver measures with gocql.
func compareDriver(gateway *harness.Server, node *cassandra.Node, length time.Duration) ([]pair, error) {
	through, err := newDriverLoad(gateway.CQL, gateway.Token)
	if err != nil {
		return nil, err
	}
	defer through.close()
	direct, err := newDriverLoad(node.Addr, "")
	if err != nil {
		return nil, err
	}
	defer direct.close()
	return compareSteps("gocql", gateway.PID(), node.PID(), length, [2]step{through.insertOne, through.selectOne}, [2]step{direct.insertOne, direct.selectOne})
}

// compareSteps measures INSERT and SELECT at 16 and 64 in flight.
func compareSteps(client string, pid, peer int, length time.Duration, through, direct [2]step) ([]pair, error) {
	for _, warm := range []step{direct[0], through[0], direct[1], through[1]} { // let the JVM compile what is measured
		run(peer, 16, length, warm)
	}
	var pairs []pair
	for _, inFlight := range []int{16, 64} {
		for i, name := range []string{"INSERT", "SELECT"} {
			p := pair{name: name, inFlight: inFlight}
			for range gatewayRounds {
				p.ours = better(p.ours, run(pid, inFlight, length, through[i]))
				p.peers = better(p.peers, run(peer, inFlight, length, direct[i]))
			}
			if p.ours.failed != nil || p.peers.failed != nil {
				return nil, fmt.Errorf("%s at %d in flight: %v, %v", p.name, p.inFlight, p.ours.failed, p.peers.failed)
			}
			fmt.Printf("  %s %s %2d in flight: %.0f/s through the gateway, %.0f/s directly = %.2f, median %+.2f ms, %.1f us of the gateway's CPU each\n",
				client, name, inFlight, p.ours.rate(), p.peers.rate(), p.ours.rate()/p.peers.rate(), ms(p.ours.p50-p.peers.p50), p.ours.cpuPerOperation())
			pairs = append(pairs, p)
		}
	}
	return pairs, nil
}

// idleMemory is the gateway's resident memory with many connections that have
// nothing to do.
func idleMemory(gateway *harness.Server) (float64, error) {
	for range idleConnections {
		c, err := dial(gateway.CQL, gateway.Token, 1)
		if err != nil {
			return 0, err
		}
		defer c.close()
	}
	time.Sleep(time.Second) // let it settle
	return residentMB(gateway.PID())
}

func (s *gatewaySection) write(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\nThe same client on the same node in the same run, directly and through the gateway: prepared INSERT and SELECT by key.\n"+
		"Client, gateway and node share the machine's processors; the better of %d rounds counts. The target – %.0f%% of the\n"+
		"throughput, at most %.1f ms more at the median – is judged by gocql, a real driver; the benchmark's own client costs so little\n"+
		"itself that nearly all of the machine is the node's when it is asked directly.\n\n", gatewayTitle, gatewayRounds, 100*targetThroughput, ms(targetAdded))
	b.WriteString("| client | operation | in flight | through the gateway /s | directly /s | throughput | p50 ms | p50 directly | added | CPU µs of the gateway | target |\n" +
		"|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---|\n")
	for _, client := range []struct {
		name  string
		pairs []pair
	}{{"gocql", s.driver}, {"light", s.light}} {
		for _, p := range client.pairs {
			ratio, added := p.ours.rate()/p.peers.rate(), p.ours.p50-p.peers.p50
			fmt.Fprintf(b, "| %s | %s | %d | %.0f | %.0f | %.2f× | %.2f | %.2f | %+.2f | %.1f | %s |\n", client.name, p.name, p.inFlight,
				p.ours.rate(), p.peers.rate(), ratio, ms(p.ours.p50), ms(p.peers.p50), ms(added), p.ours.cpuPerOperation(),
				reached(ratio >= targetThroughput && added <= targetAdded))
		}
	}
	fmt.Fprintf(b, "\nResident memory of the gateway with %d idle connections: %.0f MiB (target: below %d, %s).\n\n", idleConnections, s.idle, targetIdleMB, reached(s.idle < targetIdleMB))
}

func reached(ok bool) string {
	if ok {
		return "reached"
	}
	return "missed"
}
