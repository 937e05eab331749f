package plan

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// keyedContext has the table ks.t (a text, b text, c int, d int, PRIMARY KEY ((a, b), c, d)).
func keyedContext() *Context {
	t := &schema.Table{Keyspace: "ks", Name: "t", Columns: map[string]*schema.Column{}}
	add := func(list *[]*schema.Column, name string, kind schema.ColumnKind, typ *cqltype.Type) {
		c := &schema.Column{Keyspace: "ks", Table: "t", Name: name, Kind: kind, Position: len(*list), Type: typ}
		*list = append(*list, c)
		t.Columns[name] = c
	}
	add(&t.PartitionKey, "a", schema.PartitionKey, cqltype.TypeText)
	add(&t.PartitionKey, "b", schema.PartitionKey, cqltype.TypeText)
	add(&t.Clustering, "c", schema.Clustering, cqltype.TypeInt)
	add(&t.Clustering, "d", schema.Clustering, cqltype.TypeInt)
	return &Context{Keyspace: "ks", Schema: &schema.Snapshot{Keyspaces: map[string]*schema.Keyspace{"ks": {Name: "ks", Tables: map[string]*schema.Table{"t": t}}}}}
}

func restrict(t *testing.T, where string) *Restrictions {
	t.Helper()
	p, err := cql.Parse("SELECT * FROM t WHERE " + where)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := keyedContext().Select(p.Statement.(*cql.Select))
	if err != nil {
		t.Fatal(err)
	}
	return plan.Where
}

func wantInvalid(t *testing.T, err error, message string) {
	t.Helper()
	var e *cqlerr.Error
	if !errors.As(err, &e) || e.Code != cqlerr.Invalid || e.Message != message {
		t.Errorf("got %v, want %s", err, message)
	}
}

// TestPartitionKeyBytes checks raw keys against CompositeType's layout.
func TestPartitionKeyBytes(t *testing.T) {
	keys, err := restrict(t, "a IN ('y', 'x', 'y') AND b = ''").PartitionKeys(&Env{})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]byte{[]byte("\x00\x01x\x00\x00\x00\x00"), []byte("\x00\x01y\x00\x00\x00\x00")}
	if len(keys) != 2 || !bytes.Equal(keys[0], want[0]) || !bytes.Equal(keys[1], want[1]) {
		t.Errorf("got %q, want %q", keys, want)
	}
}

// TestLongKeys refuses keys over 64 KB (QueryProcessor.validateKey), and
// products of INs without end.
func TestLongKeys(t *testing.T) {
	long := backend.Value{Bytes: bytes.Repeat([]byte{'x'}, MaxKeyLength+1)}
	short := backend.Value{Bytes: []byte("y")}
	r := restrict(t, "a = ? AND b = ?")
	_, err := r.PartitionKeys(&Env{Values: []backend.Value{long, short}})
	wantInvalid(t, err, "Key length of 65537 is longer than maximum of 65535")
	half := backend.Value{Bytes: long.Bytes[:40000]}
	_, err = r.PartitionKeys(&Env{Values: []backend.Value{half, half}})
	wantInvalid(t, err, "Key length of 80000 is longer than maximum of 65535")
	_, err = r.PartitionKeys(&Env{Values: []backend.Value{{Bytes: long.Bytes[:65534]}, short}})
	wantInvalid(t, err, "Key length of 65541 is longer than maximum of 65535")
	_, err = restrict(t, "a IN (?, 'x') AND b = 'y'").PartitionKeys(&Env{Values: []backend.Value{long}})
	wantInvalid(t, err, "Key length of 65537 is longer than maximum of 65535")

	var list []byte
	for i := range 1000 {
		list = cqltype.AppendElement(list, fmt.Append(nil, i))
	}
	many := backend.Value{Bytes: append(cqltype.AppendCount(nil, 1000), list...)}
	_, err = restrict(t, "a IN ? AND b IN ?").PartitionKeys(&Env{Values: []backend.Value{many, many}})
	wantInvalid(t, err, "The IN restrictions of the query select more than 100000 keys")
}

// TestTupleMarkers binds markers that stand for several columns.
func TestTupleMarkers(t *testing.T) {
	tuple := func(fields ...[]byte) (b []byte) {
		for _, f := range fields {
			b = cqltype.AppendElement(b, f)
		}
		return b
	}
	env := func(wire []byte) *Env { return &Env{Values: []backend.Value{{Bytes: wire}}} }
	eq := restrict(t, "a = 'x' AND b = 'y' AND (c, d) = ?")
	key := tuple(int32Wire(1), int32Wire(2))
	rows, err := eq.Clustering(env(key))
	if err != nil || len(rows) != 1 || !bytes.Equal(rows[0][0], int32Wire(1)) || !bytes.Equal(rows[0][1], int32Wire(2)) {
		t.Errorf("got %v, %v", rows, err)
	}
	_, err = eq.Clustering(env(tuple(int32Wire(1))))
	wantInvalid(t, err, "Invalid null value for column d")
	_, err = eq.Clustering(&Env{Values: []backend.Value{{Unset: true}}})
	wantInvalid(t, err, "Invalid unset value for tuple (c,d)")
	if _, err = eq.Clustering(env([]byte{0, 0, 0, 9, 1})); err == nil {
		t.Error("a malformed tuple was taken")
	}
	in := restrict(t, "a = 'x' AND b = 'y' AND (c, d) IN ?")
	rows, err = in.Clustering(env(collection(3, tuple(int32Wire(2), int32Wire(1)), key, key)))
	if err != nil || len(rows) != 2 || !bytes.Equal(rows[0][0], int32Wire(1)) || !bytes.Equal(rows[1][0], int32Wire(2)) {
		t.Errorf("got %v, %v", rows, err)
	}
	after := restrict(t, "a = 'x' AND b = 'y' AND (c, d) > ?")
	slices, err := after.Slices(env(key))
	if err != nil || len(slices) != 1 || len(slices[0].Start) != 2 || slices[0].StartInclusive || len(slices[0].End) != 0 {
		t.Errorf("got %+v, %v", slices, err)
	}
}
