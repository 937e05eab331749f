package guardrail_test

import (
	"cmp"
	"context"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
)

// still is a back end that does nothing when it executes.
type still struct{ backend.Backend }

var done backend.Result

func (s *still) Execute(context.Context, *backend.Prepared, *backend.Query) (*backend.Result, error) {
	return &done, nil
}

// BenchmarkInsert is what the guardrails cost an INSERT of three values, beside
// the same without any.
func BenchmarkInsert(b *testing.B) {
	for _, preset := range []string{"", "cassandra", "astra"} {
		b.Run(cmp.Or(preset, "without"), func(b *testing.B) {
			limits := guardrail.Preset(preset)
			if limits == nil {
				limits = guardrail.None()
			}
			g := guardrail.New(limits, nil)
			e, err := engine.Open(engine.Options{Dir: b.TempDir(), Guard: g, Periodic: true})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			mustExecute(b, e, "CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}")
			mustExecute(b, e, "CREATE TABLE ks.t (k text PRIMARY KEY, v text, l list<int>)")
			var back backend.Backend = &still{e}
			if preset != "" {
				back = g.Backend(back)
			}
			p := mustPrepare(b, back, "INSERT INTO ks.t (k, v, l) VALUES (?, ?, ?)")
			q := &backend.Query{Consistency: backend.LocalQuorum, Values: []backend.Value{{Bytes: []byte("k")}, {Bytes: []byte("v")}, {Bytes: []byte{0, 0, 0, 0}}}}
			ctx := b.Context()
			for b.Loop() {
				_, _ = back.Execute(ctx, p, q)
			}
		})
	}
}
