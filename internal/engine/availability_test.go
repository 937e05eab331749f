package engine_test

import (
	"errors"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// TestConsistencyLevels: a level is refused where a Cassandra of any size
// refuses it, in the words and with the numbers of one (5.0.9, replication
// factor 1), and served where one of three nodes would serve it.
func TestConsistencyLevels(t *testing.T) {
	e := openEngine(t)
	run(t, e, nil, "CREATE KEYSPACE three WITH replication = {'class': 'NetworkTopologyStrategy', '"+schema.Datacenter+"': 3}")
	run(t, e, nil, "CREATE TABLE three.t (p int, c int, v text, PRIMARY KEY (p, c))")
	for _, c := range []struct {
		level    backend.Consistency
		keyspace string
		required int32 // 0 when it is served
	}{
		{backend.One, "k", 0}, {backend.Two, "k", 2}, {backend.Three, "k", 3}, {backend.Quorum, "k", 0}, {backend.All, "k", 0},
		{backend.LocalQuorum, "k", 0}, {backend.EachQuorum, "k", 0}, {backend.LocalOne, "k", 0},
		{backend.Two, "three", 0}, {backend.Three, "three", 0}, {backend.Quorum, "three", 0}, {backend.LocalQuorum, "three", 0},
	} {
		for _, text := range []string{"SELECT * FROM t WHERE p = 1", "SELECT * FROM t", "INSERT INTO t (p, c) VALUES (1, 1)",
			"BEGIN BATCH INSERT INTO t (p, c) VALUES (1, 1); APPLY BATCH"} {
			parsed, err := cql.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			p, err := e.Prepare(t.Context(), parsed.Statement, nil, c.keyspace)
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.Execute(t.Context(), p, &backend.Query{Consistency: c.level})
			if c.required == 0 {
				if err != nil {
					t.Errorf("%s in %s at %s: %v", text, c.keyspace, c.level, err)
				}
				continue
			}
			var refusal *cqlerr.Error
			if !errors.As(err, &refusal) || refusal.Code != cqlerr.Unavailable || refusal.Message != "Cannot achieve consistency level "+c.level.String() ||
				refusal.BlockFor != c.required || refusal.Alive != 1 || refusal.Consistency != uint16(c.level) {
				t.Errorf("%s in %s at %s: %+v", text, c.keyspace, c.level, refusal)
			}
		}
	}
}

// TestConditionalLevels: a statement with conditions asks for the replicas of its
// level when they are met (as recorded from 5.0.9).
func TestConditionalLevels(t *testing.T) {
	e := openEngine(t)
	for _, c := range []struct {
		text  string
		level backend.Consistency
		want  string // "" when it is served
	}{
		{"INSERT INTO t (p, c) VALUES (1, 1) IF NOT EXISTS", backend.Three, "Cannot achieve consistency level THREE"},
		{"INSERT INTO t (p, c) VALUES (1, 1) IF NOT EXISTS", backend.EachQuorum,
			"consistency level EACH_QUORUM not compatible with replication strategy (org.apache.cassandra.locator.SimpleStrategy)"},
		{"INSERT INTO t (p, c) VALUES (1, 1)", backend.EachQuorum, ""},
		{"INSERT INTO t (p, c) VALUES (1, 1) IF NOT EXISTS", backend.Three, ""}, // it exists
		{"BEGIN BATCH INSERT INTO t (p, c) VALUES (1, 1) IF NOT EXISTS; APPLY BATCH", backend.Two, ""},
		{"BEGIN BATCH DELETE FROM t WHERE p = 1 AND c = 1 IF EXISTS; APPLY BATCH", backend.Two, "Cannot achieve consistency level TWO"},
		{"DELETE FROM t WHERE p = 1 AND c = 1 IF EXISTS", backend.Quorum, ""},
	} {
		parsed, err := cql.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.Prepare(t.Context(), parsed.Statement, nil, "k")
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Execute(t.Context(), p, &backend.Query{Consistency: c.level})
		var refusal *cqlerr.Error
		if c.want == "" && err == nil || errors.As(err, &refusal) && refusal.Message == c.want {
			continue
		}
		t.Errorf("%s at %s: %v, want %q", c.text, c.level, err, c.want)
	}
}
