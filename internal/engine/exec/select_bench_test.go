package exec_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
)

// BenchmarkSelect runs prepared SELECTs on a table of 10,000 partitions.
//
//	key      all columns of a row by its full primary key
//	missing  a key that is not there
//	rows100  100 rows of one partition
//	count    count(*) of those
func BenchmarkSelect(b *testing.B) {
	e := newMiniEngine(b)
	e.must("CREATE TABLE t (k int PRIMARY KEY, a text, b text, c bigint, d timestamp, e uuid)")
	e.must("CREATE TABLE w (p int, c int, v text, PRIMARY KEY (p, c))")
	const keys = 10_000
	for k := range keys {
		e.must(fmt.Sprintf("INSERT INTO t (k, a, b, c, d, e) VALUES (%d, 'first name %d', 'a rather long last name that takes some room %d', %d, 1000, 123e4567-e89b-12d3-a456-426614174000)", k, k, k, k))
	}
	for p := range 10 {
		for c := range 100 {
			e.must(fmt.Sprintf("INSERT INTO w (p, c, v) VALUES (%d, %d, 'some value')", p, c))
		}
	}
	for _, bench := range []struct {
		name, text string
		key        func(i int) int
	}{
		{"key", "SELECT * FROM t WHERE k = ?", func(i int) int { return i * 7919 % keys }},
		{"missing", "SELECT * FROM t WHERE k = ?", func(i int) int { return keys + i }},
		{"rows100", "SELECT * FROM w WHERE p = ?", func(i int) int { return i % 10 }},
		{"count", "SELECT count(*) FROM w WHERE p = ?", func(i int) int { return i % 10 }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			p := e.prepareSelect(b, bench.text)
			var key [4]byte
			q := &backend.Query{Consistency: backend.LocalOne, Values: []backend.Value{{Bytes: key[:]}}, PageSize: 5000}
			ctx := b.Context()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				binary.BigEndian.PutUint32(key[:], uint32(bench.key(i)))
				if _, err := e.db.Select(ctx, p, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func (e *miniEngine) prepareSelect(t testing.TB, text string) *plan.SelectPlan {
	parsed, err := cql.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.context(parsed).Select(parsed.Statement.(*cql.Select))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
