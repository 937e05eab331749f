package backendtest

import (
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
)

// metadata checks what Prepare says of a statement.
func metadata(s *suite) {
	s.exec("CREATE TYPE pair (a int, b text)")
	s.exec("CREATE TABLE t (a int, b text, c timeuuid, s set<text> static, l frozen<list<int>>, p frozen<pair>, u tuple<int, text>, w vector<float, 2>, PRIMARY KEY ((a, b), c))")
	for _, c := range []struct {
		text, bind string
		key        []uint16
		result     string
	}{
		{"SELECT a, l, p, u, w FROM t WHERE b = ? AND a = ?", "b text, a int", []uint16{1, 0},
			"a int, l list<int>, p pair, u tuple<int, text>, w vector<float, 2>"},
		{"SELECT * FROM t WHERE a = ? AND b = 'x'", "a int", nil,
			"a int, b text, c timeuuid, s set<text>, l list<int>, p pair, u tuple<int, text>, w vector<float, 2>"},
		{"SELECT count(*) AS n FROM t LIMIT ?", "[limit] int", nil, "n bigint"},
		{"INSERT INTO t (a, b, c, p) VALUES (:x, :y, ?, ?) USING TTL ?", "x int, y text, c timeuuid, p pair, [ttl] int", []uint16{0, 1}, ""},
		{"UPDATE t SET s = s + ? WHERE a = ? AND b = ?", "s set<text>, a int, b text", []uint16{1, 2}, ""},
		{"DELETE FROM t WHERE a = ? AND b IN ?", "a int, in(b) list<text>", nil, ""},
		{"INSERT INTO t (a, b, c) VALUES (?, ?, ?) IF NOT EXISTS", "a int, b text, c timeuuid", []uint16{0, 1}, ""},
		{"CREATE TABLE other (k int PRIMARY KEY)", "", nil, ""},
	} {
		p := s.prepare(c.text)
		if got := shown(p.Bind); got != c.bind {
			s.Errorf("%s\nbind variables %s\nwant %s", c.text, got, c.bind)
		}
		if !slices.Equal(p.PartitionKeyBind, c.key) && len(p.PartitionKeyBind)+len(c.key) > 0 {
			s.Errorf("%s\npartition key from %v, want %v", c.text, p.PartitionKeyBind, c.key)
		}
		if got := shown(p.Result); got != c.result {
			s.Errorf("%s\nresult %s\nwant %s", c.text, got, c.result)
		}
		if p.Keyspace != s.keyspace {
			s.Errorf("%s: keyspace %q", c.text, p.Keyspace)
		}
	}
}

// shown is columns as text: what is frozen does not count, for the protocol
// does not tell it.
func shown(columns []backend.Column) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		text := c.Type.String()
		for strings.Contains(text, "frozen<") {
			from := strings.Index(text, "frozen<")
			to, depth := from+len("frozen<"), 1
			for ; depth > 0; to++ {
				depth += strings.Count(text[to:to+1], "<") - strings.Count(text[to:to+1], ">")
			}
			text = text[:from] + text[from+len("frozen<"):to-1] + text[to:]
		}
		parts[i] = c.Name + " " + text
	}
	return strings.Join(parts, ", ")
}
