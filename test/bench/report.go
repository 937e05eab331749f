package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// report is everything one run measured.
type report struct {
	length   time.Duration
	sections []section
	// rest and restPeriodic are compared with the bare handler.
	rest, restPeriodic []pair
	// graphql and documents are compared with REST.
	graphql, documents []pair
	grpc               []pair
	gateway            *gatewaySection
}

// section compares one durability; arrays hold ours, then Cassandra's.
type section struct {
	title        string
	starts       [2]time.Duration
	idle, loaded [2]float64
	pairs        []pair
}

func (r *report) write(path string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\nWritten by `make bench`: Astrolabe and a real Apache Cassandra %s in one run on one machine, driven by the same small\nclient on the same machine. Ratios are what counts; single figures depend on the machine and its load.\n\n", cassandra.Version)
	fmt.Fprintf(&b, "- commit: %s\n- date: %s\n- machine: %s, %d cores, %s\n- each measurement: the better of %d rounds of %s; %d rows of about 60 bytes, %d connections\n\n",
		commit(), time.Now().UTC().Format(time.DateOnly), machine(), runtime.NumCPU(), runtime.Version(), rounds, r.length, keys, connections)
	for _, s := range r.sections {
		s.write(&b)
	}
	b.WriteString("## REST against a bare `net/http` handler that answers the same bytes\n\n")
	b.WriteString("The handler has no database: it answers GET from memory and keeps nothing of what is POSTed. GET is what the two can be compared by – the\n" +
		"target is half of the handler's throughput. A durable POST is bound by the disk: each waits for one fsync, which those in flight at the\n" +
		"same time share.\n\n")
	writePairs(&b, r.rest, "handler")
	b.WriteString("### With periodic fsync\n\nA POST is answered once it is in the log, as Cassandra does by default: what is left is what the protocol and the write itself cost.\n\n")
	writePairs(&b, r.restPeriodic, "handler")
	b.WriteString("## GraphQL against REST, rows of five columns, on one server\n\n")
	writePairs(&b, r.graphql, "REST")
	b.WriteString("## Documents of five leaves against REST rows of five columns, on one server\n\n")
	writePairs(&b, r.documents, "REST")
	b.WriteString("## gRPC with Go stubs against the native protocol with gocql, on the same server\n\n")
	b.WriteString("One channel and the generated stubs, without the columns' description (`skip_metadata`), against gocql at its defaults, " +
		"which does\nwithout it, too. Clients and server share the machine's processors; a call costs the Go gRPC client as much as the server.\n\n")
	writePairs(&b, r.grpc, "gocql")
	r.gateway.write(&b)
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

func (s section) write(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n| | Astrolabe | Cassandra | ratio |\n|---|---:|---:|---:|\n", s.title)
	fmt.Fprintf(b, "| start on an empty directory to first answers | %.0f ms | %.0f ms | 1/%.0f |\n", ms(s.starts[0]), ms(s.starts[1]), ms(s.starts[1])/ms(s.starts[0]))
	fmt.Fprintf(b, "| resident memory, idle | %.0f MiB | %.0f MiB | 1/%.1f |\n", s.idle[0], s.idle[1], s.idle[1]/s.idle[0])
	fmt.Fprintf(b, "| resident memory, after load | %.0f MiB | %.0f MiB | 1/%.1f |\n\n", s.loaded[0], s.loaded[1], s.loaded[1]/s.loaded[0])
	writePairs(b, s.pairs, "Cassandra")
}

func writePairs(b *strings.Builder, pairs []pair, peer string) {
	fmt.Fprintf(b, "| operation | in flight | Astrolabe /s | %s /s | throughput | CPU µs each | %s CPU µs | CPU | p50, p99 ms | %s p50, p99 ms |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n", peer, peer, peer)
	for _, p := range pairs {
		fmt.Fprintf(b, "| %s | %d | %.0f | %.0f | %.2f× | %.1f | %.1f | 1/%.1f | %.2f, %.2f | %.2f, %.2f |\n", p.name, p.inFlight,
			p.ours.rate(), p.peers.rate(), p.ours.rate()/p.peers.rate(), p.ours.cpuPerOperation(), p.peers.cpuPerOperation(),
			p.peers.cpuPerOperation()/p.ours.cpuPerOperation(), ms(p.ours.p50), ms(p.ours.p99), ms(p.peers.p50), ms(p.peers.p99))
	}
	b.WriteString("\n")
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// commit names what was measured; "+" marks uncommitted changes.
func commit() string {
	git := func(args ...string) string {
		out, err := exec.Command("git", append([]string{"-C", harness.Root()}, args...)...).Output()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	id := git("rev-parse", "--short", "HEAD")
	if git("status", "--porcelain") != "" {
		id += "+"
	}
	return id
}
