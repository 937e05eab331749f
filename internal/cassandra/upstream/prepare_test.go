package upstream

import (
	"sync"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// memory is a node that knows prepared statements until it forgets them.
type memory struct {
	mu       sync.Mutex
	known    map[string]bool
	columns  []wire.Column
	stubborn bool // it never learns
	prepares int
}

func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known = map[string]bool{}
}

func (m *memory) serve(c *nodeConn, e wire.Envelope) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch e.Opcode {
	case wire.OpPrepare:
		m.prepares++
		id := wire.NewStatementID("", textOf(e))
		m.known[string(id[:])] = !m.stubborn
		c.answer(e.Stream, wire.OpResult, &wire.Prepared{ID: id, ResultMetadataID: wire.NewMetadataID(m.columns), Result: m.columns})
	case wire.OpExecute:
		id := wire.ExecuteID(e.Body)
		if !m.known[string(id)] {
			err := cqlerr.New(cqlerr.Unprepared, "Prepared query with ID not found")
			err.ID = id
			c.answer(e.Stream, wire.OpError, wire.Error{Err: err})
			return
		}
		c.answer(e.Stream, wire.OpResult, wire.Void{})
	}
}

func newMemory() *memory {
	return &memory{known: map[string]bool{}, columns: []wire.Column{{Keyspace: "ks", Table: "t", Name: "a", Type: cqltype.TypeInt}}}
}

func route(text string) *backend.Route {
	return &backend.Route{Text: text, ID: wire.NewStatementID("", text), Idempotent: true, Plan: NewPlan(0)}
}

func prepare(v wire.Version, r *backend.Route) *backend.Forward {
	m := wire.Prepare{Text: r.Text}
	return &backend.Forward{Version: v, Opcode: wire.OpPrepare, Body: m.AppendBody(nil, v), Routes: []*backend.Route{r}, Idempotent: true}
}

func execute(v wire.Version, r *backend.Route) *backend.Forward {
	m := wire.Execute{ID: r.ID[:], Params: wire.QueryParams{PageSize: -1, SerialConsistency: 8}}
	return &backend.Forward{Version: v, Opcode: wire.OpExecute, Body: m.AppendBody(nil, v), Routes: []*backend.Route{r}}
}

// TestForgottenStatements checks that a node that forgot a statement is told it
// and asked again; the client notices nothing.
func TestForgottenStatements(t *testing.T) {
	for v := wire.V3; v <= wire.V5; v++ {
		m := newMemory()
		c := startCluster(t, Options{}, startNode(t, m.serve))
		r := route("SELECT a FROM ks.t")
		if answer := await(t, ask(c, prepare(v, r))); answer.op != wire.OpResult {
			t.Fatalf("%s: %+v", v, answer)
		}
		m.forget()
		if answer := await(t, ask(c, execute(v, r))); answer.op != wire.OpResult {
			t.Errorf("%s: %+v", v, answer)
		}
		if m.prepares != 2 {
			t.Errorf("%s: prepared %d times", v, m.prepares)
		}
	}
}

// TestChangedStatements checks that a client hears of it when a statement that
// the node forgot has other columns now: it would misread the rows.
func TestChangedStatements(t *testing.T) {
	m := newMemory()
	c := startCluster(t, Options{}, startNode(t, m.serve))
	r := route("SELECT * FROM ks.t")
	await(t, ask(c, prepare(wire.V4, r)))
	m.forget()
	m.mu.Lock()
	m.columns = append(m.columns, wire.Column{Keyspace: "ks", Table: "t", Name: "b", Type: cqltype.TypeText})
	m.mu.Unlock()
	answer := await(t, ask(c, execute(wire.V4, r)))
	if answer.err == nil || answer.err.Code != cqlerr.Unprepared || string(answer.err.ID) != string(r.ID[:]) {
		t.Errorf("%+v", answer)
	}
	await(t, ask(c, prepare(wire.V4, r)))
	if answer := await(t, ask(c, execute(wire.V4, r))); answer.op != wire.OpResult {
		t.Errorf("prepared anew: %+v", answer)
	}
	// A version in which no client has prepared it: what its clients know is not
	// known.
	m.forget()
	if answer := await(t, ask(c, execute(wire.V3, r))); answer.err == nil || answer.err.Code != cqlerr.Unprepared {
		t.Errorf("another version: %+v", answer)
	}
}

// TestStubbornNode checks that preparing again has an end.
func TestStubbornNode(t *testing.T) {
	m := newMemory()
	m.stubborn = true
	c := startCluster(t, Options{}, startNode(t, m.serve))
	r := route("SELECT a FROM ks.t")
	await(t, ask(c, prepare(wire.V5, r)))
	if answer := await(t, ask(c, execute(wire.V5, r))); answer.code(t, wire.V5) != cqlerr.Unprepared {
		t.Errorf("%+v", answer)
	}
	if m.prepares > 5 {
		t.Errorf("prepared %d times", m.prepares)
	}
	// An id that the request does not have is passed on.
	f := execute(wire.V5, r)
	f.Routes = nil
	if answer := await(t, ask(c, f)); answer.code(t, wire.V5) != cqlerr.Unprepared || answer.err != nil {
		t.Errorf("%+v", answer)
	}
}
