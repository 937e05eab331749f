package native

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/outbound/outboundtest"
	"github.com/astrolabe-db/astrolabe/internal/steady"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
)

// largeRow is more than the buffers between the server and a client that does not
// read take.
const largeRow = 12 << 20

// largeRows answers every SELECT of ks.t with a row of n bytes, and every
// conditional INSERT with one, as one that was not applied. runs counts both.
func largeRows(f *fakeBackend, n int) (runs *atomic.Int64) {
	runs = new(atomic.Int64)
	data := backend.AppendCell(backend.AppendCell(nil, nil), make([]byte, n))
	f.execute = func(_ context.Context, p *backend.Prepared, _ *backend.Query) (*backend.Result, error) {
		columns := []backend.Column{{Keyspace: "ks", Table: "t", Name: "k"}, {Keyspace: "ks", Table: "t", Name: "v"}}
		for i, c := range tableT().InOrder() {
			columns[i].Type = c.Type
		}
		switch s := p.Statement.(type) {
		case *cql.Select:
			if s.Table.Name != "t" {
				return nil, nil
			}
		case *cql.Insert:
			if !s.IfNotExists {
				return nil, nil
			}
		default:
			return nil, nil
		}
		runs.Add(1)
		return &backend.Result{Kind: backend.Rows, Columns: columns, RowCount: 1, Data: data}, nil
	}
	return runs
}

// TestSilentClients: however many clients ask for large rows and do not read, what
// they hold together stays within its bound; they are cut off when others want
// it, who are then served.
func TestSilentClients(t *testing.T) {
	f := newFake()
	largeRows(f, largeRow)
	room := outbound.New(inflight.New(2*largeRow+1<<20), outbound.Patience{Crowded: 10 * time.Millisecond, Period: time.Millisecond})
	s := startServer(t, Options{Backend: f, Answers: room, WriteTimeout: time.Hour, OverloadTimeout: testTimeout})
	const silent = 8
	for i := range silent {
		c := connect(t, s, []wire.Version{wire.V4, wire.V5}[i%2], nil)
		op, m := wire.OpQuery, wire.Body(query("SELECT * FROM ks.t"))
		if i < silent/2 { // the reader runs it
			op, m = wire.OpExecute, execute(prepare(t, c, selectT), text("k"))
		}
		if err := c.Send(op, 1, m); err != nil {
			t.Fatal(err)
		}
	}
	steady.Until(t, "all but those that there is room for are cut off", func() bool {
		if used := room.Used(); used > room.Size() {
			t.Fatalf("%d bytes are held of %d", used, room.Size())
		}
		return testutil.ToFloat64(s.metrics.slow) >= silent-2
	})
	good := connect(t, s, wire.V4, nil)
	for range 3 {
		if res, _ := mustResult(t, good, wire.OpQuery, query("SELECT * FROM ks.t")); len(res.Rows.Rows[0][1]) != largeRow {
			t.Errorf("%d bytes", len(res.Rows.Rows[0][1]))
		}
	}
	for _, c := range s.connections() {
		c.abort()
	}
	waitReleased(t, room)
	waitReleased(t, s.inFlight)
}

// TestNoRoom: an answer that finds no room is waited for, beside what else its
// client has asked for; a client that wants no waiting is told, and so is one that
// has waited for too long.
func TestNoRoom(t *testing.T) {
	for _, inline := range []bool{true, false} {
		t.Run(fmt.Sprintf("inline=%v", inline), func(t *testing.T) {
			f := newFake()
			runs := largeRows(f, 1<<20)
			room := outbound.New(inflight.New(2<<20), outbound.Patience{})
			s := startServer(t, Options{Backend: f, Answers: room, MaxInFlightTotal: 1, OverloadTimeout: testTimeout})
			room.Force(outboundtest.Another{}, 2<<20)
			c, throws := connect(t, s, wire.V5, nil), connect(t, s, wire.V5, map[string]string{wire.OptionThrowOnOverload: "1"})
			request := func(c *wiretest.Client) (wire.Opcode, wire.Body) {
				if inline {
					return wire.OpExecute, execute(prepare(t, c, selectT), text("k"))
				}
				return wire.OpQuery, query("SELECT * FROM ks.t")
			}
			op, m := request(throws)
			mustFail(t, throws, op, m, cqlerr.Overloaded)
			op, m = request(c)
			before := runs.Load()
			if err := c.Send(op, 7, m); err != nil {
				t.Fatal(err)
			}
			steady.Until(t, "it waits", func() bool { return room.Waiting() == 1 })
			if n := runs.Load() - before; n < 1 || n > 2 {
				t.Errorf("run %d times before it waits", n)
			}
			// There is one place for all, which who waits has left.
			mustResult(t, c, wire.OpQuery, query(selectLocal))
			mustResult(t, throws, wire.OpQuery, query(insertT))
			room.Give(outboundtest.Another{}, 2<<20)
			r, err := c.Receive()
			if err != nil || r.Stream != 7 || r.Err() != nil || len(r.Body) < 1<<20 {
				t.Errorf("%v, %+v", err, r)
			}
			waitReleased(t, room)
			waitReleased(t, s.inFlight)
		})
	}
}

// TestNoRoomInTime: a request does not wait for room for ever, nor for a client that
// has gone.
func TestNoRoomInTime(t *testing.T) {
	f := newFake()
	largeRows(f, 1<<20)
	room := outbound.New(inflight.New(2<<20), outbound.Patience{})
	room.Force(outboundtest.Another{}, 2<<20)
	s := startServer(t, Options{Backend: f, Answers: room, OverloadTimeout: 10 * time.Millisecond})
	e := mustFail(t, connect(t, s, wire.V4, nil), wire.OpQuery, query("SELECT * FROM ks.t"), cqlerr.Overloaded)
	if want := "Request breached limit on bytes in flight. (Global: 2097152/2097152 bytes.) Server is currently in an overloaded state and cannot accept more requests."; e.Message != want {
		t.Errorf("%s", e.Message)
	}
	patient := startServer(t, Options{Backend: f, Answers: room, OverloadTimeout: time.Hour})
	c := connect(t, patient, wire.V4, nil)
	if err := c.Send(wire.OpQuery, 1, query("SELECT * FROM ks.t")); err != nil {
		t.Fatal(err)
	}
	steady.Until(t, "it waits", func() bool { return room.Waiting() == 1 })
	_ = c.Close()
	steady.Until(t, "it waits no longer", func() bool { return room.Waiting() == 0 })
	waitReleased(t, patient.inFlight)
	if room.Used() != 2<<20 {
		t.Errorf("%d bytes are held", room.Used())
	}
}

// TestWritesRunOnce: what writes is never run again, and its answer comes, be there
// room or not.
func TestWritesRunOnce(t *testing.T) {
	f := newFake()
	runs := largeRows(f, 1<<20)
	f.batch = func(*backend.Batch) (*backend.Result, error) {
		return f.execute(context.Background(), &backend.Prepared{Statement: &cql.Insert{IfNotExists: true}}, nil)
	}
	room := outbound.New(inflight.New(2<<20), outbound.Patience{})
	room.Force(outboundtest.Another{}, 2<<20)
	s := startServer(t, Options{Backend: f, Answers: room, OverloadTimeout: 10 * time.Millisecond})
	const insert = "INSERT INTO ks.t (k, v) VALUES ('k', 'v') IF NOT EXISTS"
	for _, throw := range []string{"0", "1"} {
		c := connect(t, s, wire.V4, map[string]string{wire.OptionThrowOnOverload: throw})
		prepared := prepare(t, c, insert)
		for i, send := range []func() (wire.Result, *wiretest.Response){
			func() (wire.Result, *wiretest.Response) { return mustResult(t, c, wire.OpQuery, query(insert)) },
			func() (wire.Result, *wiretest.Response) { return mustResult(t, c, wire.OpExecute, execute(prepared)) },
			func() (wire.Result, *wiretest.Response) {
				return mustResult(t, c, wire.OpBatch, &wire.Batch{Entries: []wire.BatchEntry{{Text: insert}}, Params: wire.QueryParams{Consistency: 1, SerialConsistency: 8}})
			},
		} {
			before := runs.Load()
			if res, _ := send(); len(res.Rows.Rows[0][1]) != 1<<20 || runs.Load() != before+1 {
				t.Errorf("write %d: %d bytes, run %d times", i, len(res.Rows.Rows[0][1]), runs.Load()-before)
			}
		}
	}
	steady.Until(t, "the room is given back", func() bool { return room.Used() == 2<<20 })
}

// TestRoomOfFailures: what ends a request after its rows were read gives back their
// room.
func TestRoomOfFailures(t *testing.T) {
	f := newFake()
	rows := largeRows(f, 1<<20)
	answer := f.execute
	f.execute = func(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
		res, err := answer(ctx, p, q)
		if res != nil {
			res.Columns = append(res.Columns, backend.Column{Name: "of no type"}) // laying it out panics
		}
		return res, err
	}
	room := outbound.New(inflight.New(4<<20), outbound.Patience{})
	s := startServer(t, Options{Backend: f, Answers: room})
	c := connect(t, s, wire.V4, nil)
	mustFail(t, c, wire.OpQuery, query("SELECT * FROM ks.t"), cqlerr.ServerError)
	mustFail(t, c, wire.OpExecute, execute(prepare(t, c, selectT), text("k")), cqlerr.ServerError)
	if rows.Load() != 2 {
		t.Errorf("%d rows were read", rows.Load())
	}
	waitReleased(t, room)
}

// TestForwardNoRoom: a forwarded answer for which there is no room becomes an error,
// unless something was written; the client is kept.
func TestForwardNoRoom(t *testing.T) {
	f := newForwardFake()
	room := outbound.New(inflight.New(1<<20), outbound.Patience{})
	room.Force(outboundtest.Another{}, 1<<20)
	s := startServer(t, Options{Backend: f, Answers: room})
	c := connect(t, s, wire.V4, nil)
	id := prepare(t, c, selectT)
	f.answer(func(*backend.Forward) backend.Answer {
		return backend.Answer{Opcode: wire.OpResult, Body: append([]byte{0, 0, 0, 1}, make([]byte, 1<<20)...)}
	})
	mustFail(t, c, wire.OpExecute, execute(id, text("k")), cqlerr.Overloaded)
	if r := do(t, c, wire.OpQuery, query("UPDATE ks.t SET v = 'v' WHERE k = 'k' IF EXISTS")); r.Opcode != wire.OpResult {
		t.Errorf("a write: %v", r.Err())
	}
	steady.Until(t, "its room is given back", func() bool { return room.Used() == 1<<20 })
	room.Give(outboundtest.Another{}, 1<<20)
	if r := do(t, c, wire.OpExecute, execute(id, text("k"))); r.Opcode != wire.OpResult {
		t.Errorf("with room: %v", r.Err())
	}
	waitReleased(t, room)
}

// TestNoRoomWarns: a request that the reader hands to a worker, for there was no room,
// has its warning still.
func TestNoRoomWarns(t *testing.T) {
	f := newFake()
	largeRows(f, 1<<20)
	room := outbound.New(inflight.New(2<<20), outbound.Patience{})
	s := startServer(t, Options{Backend: f, Answers: room, OverloadTimeout: testTimeout})
	in := connect(t, s, wire.V4, nil)
	mustResult(t, in, wire.OpQuery, query("USE ks"))
	prepared := prepare(t, in, "SELECT * FROM t WHERE k = ?")
	c := connect(t, s, wire.V4, nil)
	room.Force(outboundtest.Another{}, 2<<20)
	if err := c.Send(wire.OpExecute, 1, execute(prepared, text("k"))); err != nil {
		t.Fatal(err)
	}
	steady.Until(t, "it waits", func() bool { return room.Waiting() == 1 })
	room.Give(outboundtest.Another{}, 2<<20)
	if r, err := c.Receive(); err != nil || len(r.Warnings) != 1 {
		t.Errorf("%v, warnings %q", err, r.Warnings)
	}
}
