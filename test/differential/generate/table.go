package generate

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// mode says how writes to a table get their timestamps.
type mode int

const (
	timed    mode = iota // every write has USING TIMESTAMP; no LWT
	clocked              // by the server's clock; LWT
	counters             // a table of counters
	bare                 // within a batch that has the timestamp
)

type kind int

const (
	partition kind = iota
	clustering
	static
	regular
)

type column struct {
	name string
	t    *cqltype.Type
	kind kind
	desc bool
}

type table struct {
	name    string
	mode    mode
	columns []*column
	dropped []*column
	indexes []*index
	// expires: rows may be inserted with a TTL. Behind one that has expired,
	// Cassandra does not see older cells of columns that are not selected, and so
	// not always that there is a row: all columns are selected then.
	expires bool
}

func (t *table) ref() string { return cql.QuoteIdentifier(t.name) }

// of returns the columns of some kinds, in order.
func (t *table) of(kinds ...kind) []*column {
	var list []*column
	for _, k := range kinds {
		for _, c := range t.columns {
			if c.kind == k {
				list = append(list, c)
			}
		}
	}
	return list
}

func (t *table) values() []*column { return t.of(static, regular) }

// createTable makes CREATE TABLE.
func (g *generator) createTable() {
	t := &table{name: g.name("t"), mode: pick(g, []mode{timed, timed, timed, clocked, clocked, counters})}
	add := func(prefix string, n int, k kind, typ func() *cqltype.Type) {
		for range n {
			name := g.name(prefix)
			if g.one(15) {
				name = "Q " + name
			}
			t.columns = append(t.columns, &column{name: name, t: typ(), kind: k, desc: k == clustering && g.one(2)})
		}
	}
	key := func() *cqltype.Type { return g.ordered(g.IntN(5) / 3) }
	cell := func() *cqltype.Type { return g.anyType(g.IntN(3)) }
	if t.mode == counters {
		cell = func() *cqltype.Type { return cqltype.TypeCounter }
	}
	add("p", pick(g, []int{1, 1, 1, 2}), partition, key)
	add("c", pick(g, []int{0, 1, 1, 2, 2, 3}), clustering, key)
	if len(t.of(clustering)) > 0 {
		add("s", pick(g, []int{0, 0, 1, 2}), static, cell)
	}
	add("v", pick(g, []int{0, 1, 2, 3, 4}), regular, cell)
	if t.mode == counters && len(t.values()) == 0 {
		add("v", 1, regular, cell)
	}
	t.expires = t.mode != counters && g.one(2)
	g.tables = append(g.tables, t)
	s := g.begin()
	s.prepared = false
	s.createTable(t)
	s.end()
}

func (s *statement) createTable(t *table) {
	s.w("CREATE TABLE ", t.ref(), " (")
	for _, c := range t.columns {
		s.id(c.name)
		s.w(" ", typeName(c.t))
		if c.kind == static {
			s.w(" STATIC")
		}
		s.w(", ")
	}
	s.w("PRIMARY KEY ((")
	item := s.list(", ")
	for _, c := range t.of(partition) {
		item()
		s.id(c.name)
	}
	s.w(")")
	for _, c := range t.of(clustering) {
		s.w(", ")
		s.id(c.name)
	}
	s.w("))")
	s.tableOptions(t)
}

func (s *statement) tableOptions(t *table) {
	with := s.items(" WITH ", " AND ")
	if columns := t.of(clustering); len(columns) > 0 {
		with()
		s.w("CLUSTERING ORDER BY (")
		item := s.list(", ")
		for _, c := range columns {
			item()
			s.id(c.name)
			s.w(order(c.desc))
		}
		s.w(")")
	}
	if t.expires && s.one(4) {
		with()
		s.w("default_time_to_live = ", sprint(pick(s.generator, ttls)))
	}
}

func order(desc bool) string {
	if desc {
		return " DESC"
	}
	return " ASC"
}

// ttls are short against the steps of the program's clock, or long.
var ttls = []int{1, 30, 100, 1000, 10000, 100000}
