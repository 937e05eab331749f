package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// testContext has the table ks.t (k int PRIMARY KEY, v int, d double).
func testContext() *Context {
	column := func(name string, kind schema.ColumnKind, t *cqltype.Type) *schema.Column {
		return &schema.Column{Keyspace: "ks", Table: "t", Name: name, Kind: kind, Type: t}
	}
	k, v, d := column("k", schema.PartitionKey, cqltype.TypeInt), column("v", schema.Regular, cqltype.TypeInt), column("d", schema.Regular, cqltype.TypeDouble)
	t := &schema.Table{Keyspace: "ks", Name: "t", PartitionKey: []*schema.Column{k}, Regular: []*schema.Column{d, v}, Columns: map[string]*schema.Column{"k": k, "v": v, "d": d}}
	return &Context{Keyspace: "ks", Schema: &schema.Snapshot{Keyspaces: map[string]*schema.Keyspace{"ks": {Name: "ks", Tables: map[string]*schema.Table{"t": t}}}}}
}

// TestDeepCalls plans operations and calls nested deep: each is resolved once
// for a type, not once for each overload of all around it.
func TestDeepCalls(t *testing.T) {
	for _, text := range []string{
		"SELECT k FROM t WHERE v = 1" + strings.Repeat(" + 1", 200) + " ALLOW FILTERING",
		"SELECT k FROM t WHERE v = " + strings.Repeat("abs(", 200) + "-5" + strings.Repeat(")", 200) + " ALLOW FILTERING",
		"SELECT v" + strings.Repeat(" + 1", 200) + " FROM t",
		"SELECT " + strings.Repeat("abs(", 200) + "v" + strings.Repeat(")", 200) + " FROM t",
		"SELECT " + strings.Repeat("[", 200) + "v" + strings.Repeat("]", 200) + " FROM t",
		"SELECT " + strings.Repeat("tojson(", 200) + "v" + strings.Repeat(")", 200) + " FROM t",
		"SELECT d * (v + (d - (v * (d + (v % (d + (v - (d + (v + 1))))))))) FROM t",
	} {
		p, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := testContext().Select(p.Statement.(*cql.Select)); err != nil {
			t.Logf("%s: %v", text, err)
		}
		if d := time.Since(start); d > steady.Timeout { // what is resolved for each overload takes for ever
			t.Errorf("%s: planned in %v", text, d)
		}
	}
}
