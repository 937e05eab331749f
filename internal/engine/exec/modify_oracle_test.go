package exec_test

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/cockroachdb/datadriven"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// oracle is a real Cassandra that answers are recorded from.
type oracle struct {
	t        *testing.T
	session  *gocql.Session
	keyspace string
}

func newOracle(t *testing.T, address string) *oracle {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		t.Fatal(err)
	}
	config := gocql.NewCluster(host)
	config.Port, config.Consistency, config.Timeout = port, gocql.LocalOne, 30*time.Second
	config.ProtoVersion, config.NumConns, config.DisableInitialHostLookup = 5, 1, true
	config.DefaultTimestamp = false
	first, err := config.CreateSession()
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	o := &oracle{t: t, keyspace: fmt.Sprintf("modify_%d", time.Now().UnixNano())}
	create := "CREATE KEYSPACE " + o.keyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
	if err := first.Query(create).Exec(); err != nil {
		t.Fatal(err)
	}
	config.Keyspace = o.keyspace
	if o.session, err = config.CreateSession(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.session.Query("DROP KEYSPACE " + o.keyspace).Exec(); err != nil {
			t.Error(err)
		}
		o.session.Close()
	})
	return o
}

// recorder answers cases with Cassandra's answers. Our engine runs them too,
// for its schema types the bind values.
func (o *oracle) recorder(ours caseRunner) caseRunner {
	e := newMiniEngine(o.t)
	return func(t *testing.T, d *datadriven.TestData) string {
		e.t = t
		answer := o.answer(t, d, e)
		if mine := ours(t, d); mine != answer {
			t.Logf("%s: %s\nours differs:\n%sCassandra:\n%s", d.Pos, d.Input, mine, answer)
		}
		return answer
	}
}

func (o *oracle) answer(t *testing.T, d *datadriven.TestData, e *miniEngine) string {
	switch d.Cmd {
	case "cql":
		query := func() *gocql.Query {
			return o.session.Query(d.Input).Consistency(consistency(t, d, "cl", gocql.LocalOne)).
				SerialConsistency(consistency(t, d, "scl", gocql.Serial))
		}
		out := o.run(query())
		// An index answers with a read failure until it is built.
		for i := 0; i < 50 && strings.HasPrefix(out, "ERROR 1300"); i++ {
			time.Sleep(100 * time.Millisecond)
			out = o.run(query())
		}
		_, _ = e.query(d.Input, &backend.Query{Consistency: backend.LocalOne})
		return out
	case "prepared":
		statement, lines := splitPrepared(d.Input)
		bind, err := e.bind(statement)
		if err != nil {
			return o.run(o.session.Query(statement))
		}
		out := ""
		for _, line := range lines {
			values, err := bindValues(bind, line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			args := make([]any, len(values))
			for i, v := range values {
				args[i] = raw(v.Bytes)
				if v.Unset {
					args[i] = gocql.UnsetValue
				}
			}
			out += o.run(o.session.Query(statement, args...))
		}
		return out
	case "bind":
		return o.showBind(t, d.Input)
	case "batch":
		kind := map[cql.BatchKind]gocql.BatchType{
			cql.Logged: gocql.LoggedBatch, cql.Unlogged: gocql.UnloggedBatch, cql.CounterBatch: gocql.CounterBatch,
		}[batchKind(d)]
		b := o.session.Batch(kind)
		for _, text := range strings.Split(d.Input, "\n") {
			b.Query(text)
		}
		if err := b.Exec(); err != nil {
			return o.failure(err)
		}
		return "ok\n"
	}
	t.Fatalf("unknown directive %s", d.Cmd)
	return ""
}

func (o *oracle) failure(err error) string {
	var e gocql.RequestError
	if !errors.As(err, &e) {
		o.t.Fatal(err)
	}
	return fmt.Sprintf("ERROR %04x: %s\n", e.Code(), strings.ReplaceAll(e.Message(), o.keyspace, caseKeyspace))
}

func (o *oracle) run(q *gocql.Query) string {
	iter := q.Iter()
	columns := iter.Columns()
	var names []string
	var types []*cqltype.Type
	for _, c := range columns {
		names, types = append(names, c.Name), append(types, typeOf(c.TypeInfo))
	}
	var rows [][][]byte
	for {
		row := make([]raw, len(columns))
		dest := make([]any, len(columns))
		for i := range row {
			dest[i] = &row[i]
		}
		if len(columns) == 0 || !iter.Scan(dest...) {
			break
		}
		cells := make([][]byte, len(row))
		for i, v := range row {
			cells[i] = v
		}
		rows = append(rows, cells)
	}
	warnings := ""
	for _, w := range iter.Warnings() {
		warnings += "WARNING: " + strings.ReplaceAll(w, o.keyspace, caseKeyspace) + "\n"
	}
	if err := iter.Close(); err != nil {
		return o.failure(err)
	}
	if len(columns) == 0 {
		return warnings + "ok\n"
	}
	return warnings + showRows(names, types, rows)
}

// raw carries wire bytes through the driver.
type raw []byte

func (r raw) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return r, nil }

func (r *raw) UnmarshalCQL(_ gocql.TypeInfo, data []byte) error {
	*r = nil
	if data != nil {
		*r = append(raw{}, data...)
	}
	return nil
}

// typeOf is the type that the driver tells of a column.
func typeOf(info gocql.TypeInfo) *cqltype.Type {
	switch i := info.(type) {
	case gocql.CollectionType:
		switch i.Type() {
		case gocql.TypeList:
			return cqltype.NewList(typeOf(i.Elem), false)
		case gocql.TypeSet:
			return cqltype.NewSet(typeOf(i.Elem), false)
		}
		return cqltype.NewMap(typeOf(i.Key), typeOf(i.Elem), false)
	case gocql.TupleTypeInfo:
		t := cqltype.NewTuple()
		for _, e := range i.Elems {
			t.Elems = append(t.Elems, typeOf(e))
		}
		return t
	case gocql.VectorType:
		return cqltype.NewVector(typeOf(i.SubType), i.Dimensions)
	case gocql.UDTTypeInfo:
		t := &cqltype.Type{Kind: cqltype.UDT, Keyspace: i.Keyspace, Name: i.Name}
		for _, f := range i.Elements {
			t.FieldNames, t.Elems = append(t.FieldNames, f.Name), append(t.Elems, typeOf(f.Type))
		}
		return t
	}
	return &cqltype.Type{Kind: cqltype.Kind(info.Type())}
}
