package gateway

import (
	"errors"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// requestTimeout is longer than a node on a busy machine takes for a schema change.
const requestTimeout = 2 * time.Minute

// connectNode logs in to the node itself.
func connectNode(t *testing.T, v wire.Version) *wiretest.Client {
	t.Helper()
	return login(t, node.Addr, v, user, password)
}

// connectGateway logs in to a gateway.
func connectGateway(t *testing.T, s *harness.Server, v wire.Version) *wiretest.Client {
	t.Helper()
	return login(t, s.CQL, v, "token", s.Token)
}

func login(t *testing.T, address string, v wire.Version, user, password string) *wiretest.Client {
	t.Helper()
	c, err := wiretest.Dial(address, v)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(user, password, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// do sends one request and waits for its answer, past events.
func do(t *testing.T, c *wiretest.Client, op wire.Opcode, m wire.Body) *wiretest.Response {
	t.Helper()
	if err := c.Conn.SetDeadline(time.Now().Add(requestTimeout)); err != nil {
		t.Fatal(err)
	}
	if err := c.Send(op, 0, m); err != nil {
		t.Fatal(err)
	}
	for {
		r, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if r.Opcode != wire.OpEvent {
			return r
		}
	}
}

// params are the parameters that all requests have in common.
func params() wire.QueryParams {
	return wire.QueryParams{Consistency: 6, SerialConsistency: 8, PageSize: 100}
}

func query(text string) *wire.Query { return &wire.Query{Text: text, Params: params()} }

// must runs a statement that has to succeed.
func must(t *testing.T, c *wiretest.Client, text string) *wiretest.Response {
	t.Helper()
	r := do(t, c, wire.OpQuery, query(text))
	if err := r.Err(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

// prepare prepares a statement.
func prepare(t *testing.T, c *wiretest.Client, text string) wire.PreparedResult {
	t.Helper()
	res, err := do(t, c, wire.OpPrepare, &wire.Prepare{Text: text}).Result()
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return res.Prepared
}

func execute(p wire.PreparedResult, values ...wire.Value) *wire.Execute {
	m := &wire.Execute{ID: p.ID, ResultMetadataID: p.ResultMetadataID, Params: params()}
	m.Params.Values = values
	return m
}

// code is the code of the error that r is, or -1.
func code(r *wiretest.Response) cqlerr.Code {
	var e *cqlerr.Error
	if errors.As(r.Err(), &e) {
		return e.Code
	}
	return -1
}

// wait tries until it succeeds, or the time is over.
func wait(t *testing.T, what string, limit time.Duration, try func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !try() {
		if time.Since(began) > limit {
			t.Fatalf("%s: not within %s", what, limit)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(began)
}
