package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"google.golang.org/grpc"

	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// load is what the clients share.
type load struct {
	server  *harness.Server
	pace    time.Duration
	session *gocql.Session
	rpc     []proto.StargateClient // each has a connection of its own
	conns   []*grpc.ClientConn

	mu     sync.Mutex
	counts map[string]int // what was done, by kind
	faults map[string]int // what must not be, by text
}

// keys is how many rows there are at most: the data must not grow.
const keys = 5000

func (l *load) prepare() error {
	cluster := gocql.NewCluster(l.server.CQL)
	cluster.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: l.server.Token}
	cluster.NumConns = nativeShare
	cluster.Timeout, cluster.ConnectTimeout = time.Minute, time.Minute
	var err error
	if l.session, err = cluster.CreateSession(); err != nil {
		return err
	}
	for _, text := range []string{
		`CREATE KEYSPACE soak WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
		`CREATE TABLE soak.t (k int, c int, v text, m map<text, int>, PRIMARY KEY (k, c))`,
		`CREATE TABLE soak.large (k int PRIMARY KEY, v text)`,
	} {
		if err := l.session.Query(text).Exec(); err != nil {
			return err
		}
	}
	large := strings.Repeat("x", 1<<20)
	for k := range 8 {
		if err := l.session.Query(`INSERT INTO soak.large (k, v) VALUES (?, ?)`, k, large).Exec(); err != nil {
			return err
		}
	}
	for range grpcShare {
		client, conn, err := l.dialGRPC()
		if err != nil {
			return err
		}
		l.rpc, l.conns = append(l.rpc, client), append(l.conns, conn)
	}
	return l.prepareDocuments()
}

// prepareDocuments makes the collection, which has indexes for the searches.
func (l *load) prepareDocuments() error {
	_, err := l.call(context.Background(), http.DefaultClient, http.MethodPost, "/v2/namespaces/soak/collections", `{"name": "docs"}`, http.StatusCreated)
	return err
}

// close ends the connections that are kept.
func (l *load) close() {
	l.session.Close()
	for _, c := range l.conns {
		_ = c.Close() // the run is over
	}
}

// start starts all clients.
func (l *load) start(ctx context.Context, clients *sync.WaitGroup) {
	many := func(n int, kind string, step func(ctx context.Context) error) {
		for range n {
			clients.Go(func() { l.repeat(ctx, kind, step) })
		}
	}
	many(nativeShare, "native", l.native)
	web := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxConnsPerHost: httpShare, MaxIdleConnsPerHost: httpShare}}
	many(restShare, "REST", func(ctx context.Context) error { return l.rest(ctx, web) })
	many(graphQLShare, "GraphQL", func(ctx context.Context) error { return l.graphQL(ctx, web) })
	many(documentShare, "documents", func(ctx context.Context) error { return l.documents(ctx, web) })
	for _, client := range l.rpc {
		many(1, "gRPC", func(ctx context.Context) error { return l.grpc(ctx, client) })
	}
	many(brokenShare, "broken", l.broken)
	many(slowShare, "slow", l.slow)
}

func (l *load) repeat(ctx context.Context, kind string, step func(ctx context.Context) error) {
	for ctx.Err() == nil {
		err := step(ctx)
		if err != nil && ctx.Err() == nil {
			l.fault(kind + ": " + err.Error())
		}
		l.mu.Lock()
		l.counts[kind]++
		l.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(rand.Int64N(int64(2*l.pace) + 1))):
		}
	}
}

// maxFaults bounds the kinds of fault that are remembered.
const maxFaults = 50

func (l *load) fault(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.faults) < maxFaults || l.faults[text] > 0 {
		l.faults[text]++
	}
}

func (l *load) print() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, kind := range []string{"native", "REST", "GraphQL", "documents", "gRPC", "broken", "slow"} {
		fmt.Printf("%-10s  %d\n", kind, l.counts[kind])
	}
}

// native is one request of a driver.
func (l *load) native(ctx context.Context) error {
	k, c := rand.IntN(keys), rand.IntN(3)
	switch rand.IntN(10) {
	case 0, 1, 2, 3:
		return l.session.Query(`INSERT INTO soak.t (k, c, v, m) VALUES (?, ?, ?, ?)`, k, c, strings.Repeat("v", rand.IntN(500)), map[string]int{"a": k}).ExecContext(ctx)
	case 4:
		return l.session.Query(`DELETE FROM soak.t WHERE k = ?`, k).ExecContext(ctx)
	case 5:
		return l.session.Query(`UPDATE soak.t SET v = ? WHERE k = ? AND c = ? IF EXISTS`, "x", k, c).IterContext(ctx).Close()
	case 6:
		b := l.session.Batch(gocql.LoggedBatch)
		for i := range 3 {
			b.Query(`INSERT INTO soak.t (k, c, v) VALUES (?, ?, ?)`, k, i, "b")
		}
		return b.ExecContext(ctx)
	}
	return l.session.Query(`SELECT * FROM soak.t WHERE k = ?`, k).IterContext(ctx).Close()
}

// broken is one client that does what no client should; the server may answer
// or close as it likes.
func (l *load) broken(ctx context.Context) error {
	address := []string{l.server.CQL, l.server.HTTP, l.server.GRPC}[rand.IntN(3)]
	c, err := (&net.Dialer{Timeout: time.Minute}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Second))
	garbage := make([]byte, rand.IntN(2000))
	for i := range garbage {
		garbage[i] = byte(rand.Uint32())
	}
	for _, part := range [][]byte{
		[][]byte{nil, {5, 0, 0, 0, 1, 0, 0, 0, 0xff}, []byte("POST /v2/keyspaces/soak/t HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{"), {4, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff}}[rand.IntN(4)],
		garbage,
	} {
		if _, err := c.Write(part); err != nil {
			return nil // closed already
		}
	}
	if rand.IntN(2) == 0 {
		_, _ = io.CopyN(io.Discard, c, 100)
	}
	return nil
}

// slow is one client that asks for much, and reads little of it, slowly.
func (l *load) slow(ctx context.Context) error {
	c, err := (&net.Dialer{Timeout: time.Minute}).DialContext(ctx, "tcp", l.server.HTTP)
	if err != nil {
		return err
	}
	defer c.Close()
	for range 8 {
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := fmt.Fprintf(c, "GET /v2/keyspaces/soak/large/%d HTTP/1.1\r\nHost: x\r\nX-Cassandra-Token: %s\r\n\r\n", rand.IntN(8), l.server.Token); err != nil {
			break
		}
	}
	b := make([]byte, 512)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(200 * time.Millisecond) {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Read(b); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}
