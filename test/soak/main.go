// Command soak runs the real binary under mixed load for a while – drivers, all
// APIs, clients that are slow and clients that are broken – and checks that memory and
// goroutines stay flat and that nothing unexpected is answered. It prints what
// it saw; exit code 1 means that something did not hold.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// What the connections are; together they are connections.
const (
	connections   = 256
	nativeShare   = 96
	restShare     = 48
	graphQLShare  = 32
	documentShare = 32
	httpShare     = restShare + graphQLShare + documentShare
	grpcShare     = 16
	brokenShare   = 16
	slowShare     = connections - nativeShare - httpShare - grpcShare - brokenShare
)

func main() {
	length := flag.Duration("time", 10*time.Minute, "how long")
	pace := flag.Duration("pace", 20*time.Millisecond, "pause of a client between two requests")
	flag.Parse()
	if err := run(*length, *pace); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(length, pace time.Duration) error {
	dir, err := os.MkdirTemp("", "soak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := harness.Launch("serve", dir, "--durability", "periodic")
	if err != nil {
		return err
	}
	defer func() { _ = s.Stop() }()
	l := &load{server: s, pace: pace, counts: map[string]int{}, faults: map[string]int{}}
	if err := l.prepare(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background()) // without a deadline, which gRPC would tell the server
	defer cancel()
	time.AfterFunc(length, cancel)
	var clients sync.WaitGroup
	l.start(ctx, &clients)
	seen, err := watch(ctx, s)
	cancel()
	clients.Wait()
	l.close()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, s.Output())
	}
	after, err := settled(s, seen[0])
	if err != nil {
		return err
	}
	l.print()
	return verdict(seen, after, l)
}
