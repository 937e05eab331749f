package prepared

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

var tableT = []cql.QualifiedName{{Keyspace: "ks", Name: "t"}}

func newCache(limit int64) (*Cache[int, string], Metrics) {
	m := Metrics{Held: prometheus.NewGauge(prometheus.GaugeOpts{Name: "held"}), Evicted: prometheus.NewCounter(prometheus.CounterOpts{Name: "evicted"})}
	return New[int, string](limit, m), m
}

// TestBound: the cache keeps to its size, and what is in use stays.
func TestBound(t *testing.T) {
	const places, size = 20, 100
	c, m := newCache(places * size)
	if !c.Put(-1, "hot", size, tableT) {
		t.Fatal("too large")
	}
	for i := range 10 * places {
		if !c.Put(i, "cold", size, tableT) {
			t.Fatalf("statement %d is too large", i)
		}
		if _, ok := c.Get(i); !ok {
			t.Fatalf("statement %d is not there", i)
		}
		if _, ok := c.Get(-1); !ok {
			t.Fatalf("the statement in use was dropped for statement %d", i)
		}
		if c.bytes > c.limit || len(c.byKey) != len(c.all) {
			t.Fatalf("%d bytes of %d, %d and %d statements", c.bytes, c.limit, len(c.byKey), len(c.all))
		}
	}
	if c.Put(0, "large", c.limit+1, nil) {
		t.Error("a statement larger than the cache was taken")
	}
	if held, evicted := testutil.ToFloat64(m.Held), testutil.ToFloat64(m.Evicted); held != places || evicted != 9*places+1 {
		t.Errorf("the metrics tell of %v held and %v evicted", held, evicted)
	}
	c.Invalidate(schema.Change{Kind: schema.Dropped, Target: wire.TargetKeyspace, Keyspace: "ks"})
	if c.bytes != 0 || len(c.byKey) != 0 || len(c.all) != 0 {
		t.Errorf("left: %d bytes, %d and %d statements", c.bytes, len(c.byKey), len(c.all))
	}
}

// TestInvalidate: a change drops the statements it is about and no others.
func TestInvalidate(t *testing.T) {
	for _, c := range []struct {
		change schema.Change
		kept   bool
	}{
		{schema.Change{Kind: schema.Updated, Target: wire.TargetTable, Keyspace: "ks", Name: "t"}, false},
		{schema.Change{Kind: schema.Updated, Target: wire.TargetTable, Keyspace: "ks", Name: "u"}, true},
		{schema.Change{Kind: schema.Updated, Target: wire.TargetTable, Keyspace: "other", Name: "t"}, true},
		{schema.Change{Kind: schema.Updated, Target: wire.TargetType, Keyspace: "ks", Name: "u"}, false},
		{schema.Change{Kind: schema.Created, Target: wire.TargetTable, Keyspace: "ks", Name: "t"}, true},
	} {
		cache, _ := newCache(1000)
		cache.Put(1, "one", 100, tableT)
		cache.Invalidate(c.change)
		if _, ok := cache.Get(1); ok != c.kept {
			t.Errorf("%v: kept %v", c.change, ok)
		}
	}
}

// TestReplace: a statement that is put again takes the other's place.
func TestReplace(t *testing.T) {
	c, _ := newCache(1000)
	c.Put(1, "old", 100, tableT)
	c.Put(1, "new", 300, tableT)
	if s, _ := c.Get(1); s != "new" || c.bytes != 300 || len(c.all) != 1 {
		t.Errorf("%q, %d bytes, %d statements", s, c.bytes, len(c.all))
	}
}
