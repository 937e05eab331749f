package native

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
)

// TestLargeMessages: requests and answers of many sizes, in every framing.
func TestLargeMessages(t *testing.T) {
	f := newFake()
	f.execute = func(_ context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
		if len(q.Values) == 0 {
			return nil, nil
		}
		data := backend.AppendCell(nil, q.Values[0].Bytes) // the value comes back as a row
		return &backend.Result{Kind: backend.Rows, Columns: p.Result, RowCount: 1, Data: data}, nil
	}
	s := startServer(t, Options{Backend: f})
	for _, framing := range framings {
		c := connect(t, s, framing.version, options(framing.comp))
		for _, size := range []int{0, 1, 600, 60_000, 131_000, 131_071, 131_072, 300_000, 5_000_000} {
			for _, noisy := range []bool{false, true} {
				value := bytes.Repeat([]byte("value"), size/5+1)[:size]
				if noisy {
					for i := range value {
						value[i] = byte(i * i >> 3 * (i | 7))
					}
				}
				q := query("SELECT key FROM system.local WHERE key = ?")
				q.Params.Values = []wire.Value{{Bytes: value}}
				res, _ := mustResult(t, c, wire.OpQuery, q)
				if got := res.Rows.Rows[0][0]; !bytes.Equal(got, value) {
					t.Fatalf("v%d %s: %d bytes came back as %d", framing.version, framing.comp, size, len(got))
				}
			}
		}
	}
	waitReleased(t, s.bytes)
}

// TestPipelining: many requests at a time, each is answered on its stream.
func TestPipelining(t *testing.T) {
	f := newFake()
	f.execute = func(_ context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
		return &backend.Result{Kind: backend.Rows, Columns: p.Result, RowCount: 1, Data: backend.AppendCell(nil, q.Values[0].Bytes)}, nil
	}
	s := startServer(t, Options{Backend: f, MaxInFlight: 8, MaxInFlightTotal: 16}) // far fewer than are sent
	var wg sync.WaitGroup
	for _, framing := range framings {
		c := connect(t, s, framing.version, options(framing.comp))
		prepared := prepare(t, c, "SELECT key FROM system.local WHERE key = ?")
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := pipeline(c, prepared, 2000); err != nil {
				t.Errorf("v%d %s: %v", framing.version, framing.comp, err)
			}
		}()
	}
	wg.Wait()
}

// pipeline sends n requests, half QUERY and half EXECUTE, each with its number as
// value, and checks the answers.
func pipeline(c *wiretest.Client, prepared wire.PreparedResult, n int) error {
	sent := make(chan error, 1)
	go func() {
		for i := range n {
			value := []wire.Value{{Bytes: fmt.Appendf(nil, "%d", i)}}
			if i%2 == 0 {
				q := query("SELECT key FROM system.local WHERE key = ?")
				q.Params.Values = value
				c.Put(wire.OpQuery, int16(i), q)
			} else {
				c.Put(wire.OpExecute, int16(i), execute(prepared, value...))
			}
			if i%50 == 49 {
				if err := c.Flush(); err != nil {
					sent <- err
					return
				}
			}
		}
		sent <- c.Flush()
	}()
	answered := make([]bool, n)
	for range n {
		r, err := c.Receive()
		if err != nil {
			return err
		}
		res, err := r.Result()
		if err != nil {
			return err
		}
		if got, want := string(res.Rows.Rows[0][0]), fmt.Sprint(r.Stream); got != want || answered[r.Stream] {
			return fmt.Errorf("stream %d: %q (answered before: %v)", r.Stream, got, answered[r.Stream])
		}
		answered[r.Stream] = true
	}
	return <-sent
}

// TestOutOfOrder: a request that waits does not hold up those behind it.
func TestOutOfOrder(t *testing.T) {
	f := newFake()
	started, release := blocking(f)
	defer release()
	s := startServer(t, Options{Backend: f})
	c := connect(t, s, wire.V4, nil)
	if err := c.Send(wire.OpQuery, 1, query(insertT)); err != nil {
		t.Fatal(err)
	}
	<-started
	if err := c.Send(wire.OpQuery, 2, query(selectLocal)); err != nil {
		t.Fatal(err)
	}
	if r, err := c.Receive(); err != nil || r.Stream != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	release()
	if r, err := c.Receive(); err != nil || r.Stream != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
}
