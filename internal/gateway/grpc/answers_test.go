package grpc

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/outbound/outboundtest"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// counted counts what a back end executes.
type counted struct {
	backend.Backend
	runs atomic.Int64
}

func (c *counted) Unwrap() backend.Backend { return c.Backend }

func (c *counted) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	c.runs.Add(1)
	return c.Backend.Execute(ctx, p, q)
}

const largeValue = 1 << 20

// onLargeRow is a door with room for two answers of the row that ks.t has.
func onLargeRow(t *testing.T) (*site, *counted, *outbound.Room) {
	t.Helper()
	c := &counted{Backend: openEngine(t)}
	s := serve(t, c)
	for _, cql := range []string{
		"CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE ks.t (k int PRIMARY KEY, v text)",
		"INSERT INTO ks.t (k, v) VALUES (1, '" + strings.Repeat("x", largeValue) + "')",
	} {
		if _, err := s.client.ExecuteQuery(as(t.Context(), "admin"), &proto.Query{Cql: cql}); err != nil {
			t.Fatal(err)
		}
	}
	room := outbound.New(inflight.New(5*largeValue/2), outbound.Patience{Alone: time.Hour, Crowded: 10 * time.Millisecond, Period: time.Millisecond})
	s.server.answers = room
	return s, c, room
}

// another is a client of the same door with a connection of its own.
func (s *site) another(t *testing.T) *rpc.ClientConn {
	t.Helper()
	conn, err := rpc.NewClient(s.conn.Target(), rpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// askSilently asks for the large row, by a method with one answer or many, and reads
// nothing.
func askSilently(ctx context.Context, t *testing.T, conn *rpc.ClientConn, method string) rpc.ClientStream {
	t.Helper()
	stream, err := conn.NewStream(as(ctx, "admin"), &rpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/stargate.Stargate/"+method)
	if err == nil {
		err = stream.SendMsg(&proto.Query{Cql: "SELECT * FROM ks.t"})
	}
	if err == nil && method == "ExecuteQuery" {
		err = stream.CloseSend()
	}
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// TestSilentClients: what clients that read nothing hold together stays within its
// bound; they are cut off when others want it, who are then served.
func TestSilentClients(t *testing.T) {
	for _, method := range []string{"ExecuteQuery", "ExecuteQueryStream"} {
		t.Run(method, func(t *testing.T) {
			s, _, room := onLargeRow(t)
			const silent = 6
			var conns []*rpc.ClientConn
			for range silent {
				conns = append(conns, s.another(t))
				askSilently(t.Context(), t, conns[len(conns)-1], method)
			}
			steady.Until(t, "all but those that there is room for are cut off", func() bool {
				if used := room.Used(); used > room.Size() {
					t.Fatalf("%d bytes are held of %d", used, room.Size())
				}
				cut := 0
				for _, conn := range conns {
					if conn.GetState() != connectivity.Ready {
						cut++
					}
				}
				return cut >= silent-2
			})
			for range 3 {
				res, err := s.client.ExecuteQuery(as(t.Context(), "admin"), &proto.Query{Cql: "SELECT * FROM ks.t"})
				if err != nil || len(res.GetResultSet().GetRows()[0].GetValues()[1].GetString_()) != largeValue {
					t.Error(err)
				}
			}
			for _, conn := range conns {
				_ = conn.Close()
			}
			steady.Until(t, "the room is given back", func() bool { return room.Used() == 0 })
		})
	}
}

// TestRoomGivenBack: an answer holds its room until the client has read it, has
// cancelled the call or has gone.
func TestRoomGivenBack(t *testing.T) {
	for name, end := range map[string]func(stream rpc.ClientStream, conn *rpc.ClientConn, cancel func()) error{
		"read": func(stream rpc.ClientStream, _ *rpc.ClientConn, _ func()) error {
			return stream.RecvMsg(new(proto.Response))
		},
		"cancelled": func(_ rpc.ClientStream, _ *rpc.ClientConn, cancel func()) error { cancel(); return nil },
		"gone":      func(_ rpc.ClientStream, conn *rpc.ClientConn, _ func()) error { return conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			s, _, room := onLargeRow(t)
			conn := s.another(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stream := askSilently(ctx, t, conn, "ExecuteQuery")
			steady.Until(t, "the answer waits", func() bool { return room.Used() > largeValue })
			if err := end(stream, conn, cancel); err != nil {
				t.Fatal(err)
			}
			steady.Until(t, "the room is given back", func() bool { return room.Used() == 0 })
		})
	}
}

// TestNoRoom: a read that finds no room waits for it, and is refused when it has
// waited for as long as its client does; a write is run once and answered.
func TestNoRoom(t *testing.T) {
	s, c, room := onLargeRow(t)
	room.Force(outboundtest.Another{}, room.Size())
	ctx, cancel := context.WithCancel(as(t.Context(), "admin"))
	refused := make(chan error)
	ask := func(ctx context.Context, cql string) {
		res, err := s.client.ExecuteQuery(ctx, &proto.Query{Cql: cql})
		if err == nil && len(res.String()) < largeValue {
			t.Errorf("%.200s", res)
		}
		refused <- err
	}
	go ask(ctx, "SELECT * FROM ks.t")
	steady.Until(t, "it waits", func() bool { return room.Waiting() == 1 })
	if n := len(s.server.running); n != 0 {
		t.Errorf("%d places are taken by who waits", n)
	}
	cancel()
	if err := <-refused; status.Code(err) != codes.Canceled {
		t.Error(err)
	}
	steady.Until(t, "it waits no longer", func() bool { return room.Waiting() == 0 })

	for _, cql := range []string{"SELECT * FROM ks.t", "INSERT INTO ks.t (k, v) VALUES (1, 'y') IF NOT EXISTS"} {
		before := c.runs.Load()
		go ask(as(t.Context(), "admin"), cql)
		steady.Until(t, "it waits", func() bool { return room.Waiting() == 1 })
		room.Give(outboundtest.Another{}, room.Size())
		if err := <-refused; err != nil {
			t.Error(err)
		}
		if runs := c.runs.Load() - before; runs != 1 && strings.HasPrefix(cql, "INSERT") || runs > 2 {
			t.Errorf("%s: run %d times", cql, runs)
		}
		steady.Until(t, "the room is given back", func() bool { return room.Used() == 0 })
		room.Force(outboundtest.Another{}, room.Size())
	}
}
