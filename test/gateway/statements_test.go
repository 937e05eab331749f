package gateway

import (
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

const createKeyspace = "CREATE KEYSPACE IF NOT EXISTS gw WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"

// TestAlteredTable checks that no client misreads rows when somebody else, who
// does not come by the gateway, adds a column: a prepared SELECT * that leaves
// out the metadata is either answered with the columns that its client knows, or
// with new metadata (v5), or by UNPREPARED, upon which the client learns of them.
func TestAlteredTable(t *testing.T) {
	node, s := connectNode(t, wire.V5), gateway(t)
	must(t, node, createKeyspace)
	for _, v := range []wire.Version{wire.V4, wire.V5} {
		must(t, node, "DROP TABLE IF EXISTS gw.altered")
		must(t, node, "CREATE TABLE gw.altered (k int PRIMARY KEY, a text)")
		must(t, node, "INSERT INTO gw.altered (k, a) VALUES (1, 'a')")
		c, other := connectGateway(t, s, v), connectGateway(t, s, v)
		p := prepare(t, c, "SELECT * FROM gw.altered")
		for i, column := range []string{"b", "c", "d"} {
			must(t, node, "ALTER TABLE gw.altered ADD "+column+" int")
			if i == 1 { // another client prepares first: the statement is known again
				prepare(t, other, "SELECT * FROM gw.altered")
			}
			m := execute(p)
			m.Params.SkipMetadata = true
			r := do(t, c, wire.OpExecute, m)
			if code(r) == cqlerr.Unprepared {
				p = prepare(t, c, "SELECT * FROM gw.altered")
				if len(p.Result.Columns) != 3+i {
					t.Errorf("%s: prepared anew: %d columns", v, len(p.Result.Columns))
				}
				continue
			}
			res, err := r.Result()
			if err != nil {
				t.Fatalf("%s: %v", v, err)
			}
			if v >= wire.V5 && res.Rows.ChangedID != nil {
				if len(res.Rows.Columns) != 3+i {
					t.Errorf("%s: the new metadata has %d columns", v, len(res.Rows.Columns))
				}
				p.ResultMetadataID, p.Result.Columns = res.Rows.ChangedID, res.Rows.Columns
				continue
			}
			// In version 4 a statement that others have prepared again is misread on a
			// plain node too: there is no way to tell the client.
			if i != 1 && res.Rows.Count != len(p.Result.Columns) {
				t.Errorf("%s: the client knows %d columns and is sent %d", v, len(p.Result.Columns), res.Rows.Count)
			}
			p = prepare(t, c, "SELECT * FROM gw.altered")
		}
	}
}

// TestCopies checks that an id given by one copy of the gateway is the id on
// every other, and the node's.
func TestCopies(t *testing.T) {
	node := connectNode(t, wire.V5)
	must(t, node, createKeyspace)
	must(t, node, "CREATE TABLE IF NOT EXISTS gw.copies (k int PRIMARY KEY, v text)")
	first, second := connectGateway(t, gateway(t), wire.V5), gateway(t)
	for _, text := range []string{"SELECT * FROM gw.copies WHERE k = ?", "SELECT v FROM copies WHERE k = ?"} {
		must(t, first, "USE gw")
		must(t, node, "USE gw")
		p := prepare(t, first, text)
		if direct := prepare(t, node, text); string(direct.ID) != string(p.ID) {
			t.Errorf("%s: the node's id is %x, the gateway's %x", text, direct.ID, p.ID)
		}
		other := connectGateway(t, second, wire.V5)
		must(t, other, "USE gw")
		key := wire.Value{Bytes: []byte{0, 0, 0, 1}}
		if got := code(do(t, other, wire.OpExecute, execute(p, key))); got != cqlerr.Unprepared {
			t.Errorf("%s: a copy that has not seen it: 0x%04X", text, int(got))
		}
		if again := prepare(t, other, text); string(again.ID) != string(p.ID) {
			t.Errorf("%s: the copy's id is %x, the first's %x", text, again.ID, p.ID)
		}
		if r := do(t, other, wire.OpExecute, execute(p, key)); r.Err() != nil {
			t.Errorf("%s: %v", text, r.Err())
		}
	}
}

// TestSchemaEvents checks that a change made on the node directly reaches the
// clients of a gateway that registered for it.
func TestSchemaEvents(t *testing.T) {
	node, c := connectNode(t, wire.V5), connectGateway(t, gateway(t), wire.V5)
	must(t, node, createKeyspace)
	if r := do(t, c, wire.OpRegister, wire.Register{Types: wire.SchemaChangeEvent}); r.Err() != nil {
		t.Fatal(r.Err())
	}
	must(t, node, "CREATE TABLE gw.events (k int PRIMARY KEY)")
	began := time.Now()
	_ = c.Conn.SetDeadline(began.Add(requestTimeout))
	for {
		r, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		change, bad := wire.DecodeSchemaChangeEvent(r.Body, wire.V5)
		if bad != nil {
			t.Fatal(bad)
		}
		if change.Keyspace == "gw" && change.Name == "events" {
			if change.Change != "CREATED" || change.Target != wire.TargetTable {
				t.Errorf("%+v", change)
			}
			break
		}
	}
	t.Logf("the event came after %s", time.Since(began))
}

// TestTracing checks that a trace is the node's own and can be read.
func TestTracing(t *testing.T) {
	c := connectGateway(t, gateway(t), wire.V5)
	c.Flags = wire.FlagTracing
	r := must(t, c, "SELECT keyspace_name FROM system_schema.keyspaces")
	if r.TracingID == nil {
		t.Fatal("no tracing id")
	}
	c.Flags = 0
	q := query("SELECT coordinator FROM system_traces.sessions WHERE session_id = ?")
	q.Params.Values = []wire.Value{{Bytes: r.TracingID[:]}}
	q.Params.Consistency = 1 // system_traces has two replicas, of which one node is one
	wait(t, "the trace", requestTimeout, func() bool {
		res, err := do(t, c, wire.OpQuery, q).Result()
		return err == nil && len(res.Rows.Rows) == 1
	})
}
