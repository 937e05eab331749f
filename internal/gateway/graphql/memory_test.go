package graphql

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/cqlfirst"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// TestMemoryOfSchema: the schema of 200 tables of 16 columns each stays below the
// 20 MB that it may cost.
func TestMemoryOfSchema(t *testing.T) {
	const tables, limit = 200, 20 << 20
	k := &schema.Keyspace{Name: "ks", Tables: map[string]*schema.Table{}}
	types := []*cqltype.Type{cqltype.TypeInt, cqltype.TypeText, cqltype.TypeUuid, cqltype.TypeTimestamp, cqltype.TypeDecimal,
		cqltype.NewList(cqltype.TypeInt, false), cqltype.NewMap(cqltype.TypeText, cqltype.TypeBigint, false), cqltype.NewSet(cqltype.TypeText, false)}
	for i := range tables {
		name := fmt.Sprintf("a_table_with_a_name_%d", i)
		table := &schema.Table{Keyspace: "ks", Name: name, ID: uuid.New()}
		var columns []*schema.Column
		for c := range 16 {
			kind := schema.Regular
			if c < 2 {
				kind = schema.ColumnKind(c)
			}
			columns = append(columns, &schema.Column{Keyspace: "ks", Table: name, Name: fmt.Sprintf("column_number_%d", c), Kind: kind, Type: types[c%len(types)]})
		}
		k.Tables[name] = table.WithColumns(columns)
	}
	before := heap()
	s := cqlfirst.New(k, statement.NewRunner(nil))
	used := heap() - before
	t.Logf("%d tables: %.1f MB", tables, float64(used)/(1<<20))
	if used > limit {
		t.Errorf("%d bytes, more than %d", used, limit)
	}
	if d, failures, err := exec.Parse(s, "{ a_table_with_a_name_7 { values { column_number_1 } } }", "", nil); d == nil {
		t.Error(failures, err)
	}
	runtime.KeepAlive(s)
}

// heap is how many bytes are in use; what other tests have left may go at any time.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
