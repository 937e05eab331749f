package cql

import (
	"reflect"
	"strings"
	"testing"
)

// TestPrint checks how statements come out in canonical form. The expectations
// are the same statements, written out by hand.
func TestPrint(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"select A, \"B\" from T;;", `SELECT a, "B" FROM t`},
		{"select json distinct a from k.t limit :n", "SELECT JSON DISTINCT a FROM k.t LIMIT :n"},
		{"select json, distinct from t", `SELECT "json", "distinct" FROM t`},
		{"select json from t", `SELECT "json" FROM t`},
		{"select count(*), writetime(a.b), ttl(c), \"ttl\"(1) as x from t", `SELECT count(*), writetime(a.b), ttl(c), "ttl"(1) AS x FROM t`},
		{"select a+b*-c, -(a), (int)a, a[1..], a[..2], a['x'] from t", "SELECT a + b * - c, - (a), (int) a, a[1 .. ], a[ .. 2], a['x'] FROM t"},
		{"select a-1, a -1 from t", ""},
		{"select a - -1, a--\n from t", "SELECT a - -1, a FROM t"},
		{"insert into t(a,b) values({},{'k':1,'l':?}) if not exists using ttl 5 and timestamp :ts",
			"INSERT INTO t (a, b) VALUES ({}, {'k': 1, 'l': ?}) IF NOT EXISTS USING TIMESTAMP :ts AND TTL 5"},
		{"insert into t(a) values($$it's$$)", "INSERT INTO t (a) VALUES ('it''s')"},
		{"insert into t(a) values({f:1,g:{h:2}})", "INSERT INTO t (a) VALUES ({f: 1, g: {h: 2}})"},
		{"insert into t(a) values({f(1)})", "INSERT INTO t (a) VALUES ({f(1)})"},
		{"insert into t(a,b) values(-nan, -infinity)", "INSERT INTO t (a, b) VALUES (NaN, -Infinity)"},
		{"insert into t(a) values(- 3)", "INSERT INTO t (a) VALUES (- 3)"},
		{"insert into t(a) values((text)('x'))", "INSERT INTO t (a) VALUES ((text) ('x'))"},
		{"update t set c = c -1, d += 2, e = [1]+e, f[0]=1, g.h=2 where k=1 if exists",
			"UPDATE t SET c = c + -1, d = d + 2, e = [1] + e, f[0] = 1, g.h = 2 WHERE k = 1 IF EXISTS"},
		{"update t set a=1 where k in () if exists = 1 and b[1] in (1) and c.d != ?",
			"UPDATE t SET a = 1 WHERE k IN () IF exists = 1 AND b[1] IN (1) AND c.d != ?"},
		{"delete a, b[1], c.d from t where token(k) > ? and (x, y) in ((1,2),(3,4)) and m['k'] = 1 and n contains key 2",
			"DELETE a, b[1], c.d FROM t WHERE token(k) > ? AND (x, y) IN ((1, 2), (3, 4)) AND m['k'] = 1 AND n CONTAINS KEY 2"},
		{"begin counter batch update t set a=a+1 where k=1 apply batch", "BEGIN COUNTER BATCH UPDATE t SET a = a + 1 WHERE k = 1; APPLY BATCH"},
		{"create columnfamily t (a int primary key, b map<text,frozen<list<U>>>, c vector<float,3>,)",
			"CREATE TABLE t (a int PRIMARY KEY, b map<text, frozen<list<u>>>, c vector<float, 3>)"},
		{"create table t (a int, b int static, primary key(a)) with comment='x' and ttl=5 and caching={'keys':'ALL'} and compact storage and clustering order by (b asc)",
			"CREATE TABLE t (a int, b int STATIC, PRIMARY KEY ((a))) WITH COMPACT STORAGE AND CLUSTERING ORDER BY (b ASC) AND comment = 'x' AND ttl = 5 AND caching = {'keys': 'ALL'}"},
		{"create role R with login=TRUE and access to datacenters {'a'}", "CREATE ROLE r WITH LOGIN = true AND ACCESS TO DATACENTERS {'a'}"},
		{"desc only keyspace K with internals", "DESCRIBE ONLY KEYSPACE k WITH INTERNALS"},
		{"describe cluster", "DESCRIBE CLUSTER"},
		{"drop function f(int)", "drop function f(int)"},
	} {
		parsed, err := Parse(c.in)
		if c.want == "" {
			if err == nil {
				t.Errorf("%s: parsed as %s", c.in, Print(parsed.Statement))
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got := Print(parsed.Statement); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func TestMarkers(t *testing.T) {
	parsed, err := Parse("BEGIN BATCH INSERT INTO t (a) VALUES (?) USING TTL :Ttl; UPDATE t SET a = :\"X\" WHERE k IN ? APPLY BATCH")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "ttl", "X", ""}; !reflect.DeepEqual(parsed.Markers, want) {
		t.Errorf("markers %q, want %q", parsed.Markers, want)
	}
	relation := parsed.Statement.(*Batch).Statements[1].(*Update).Where[0]
	if m := relation.Value.(*BindMarker); m.Index != 3 || m.Name != "" {
		t.Errorf("last marker %+v", m)
	}
}

// TestMarkersAfterRetry: a select clause that is tried as JSON first must not
// count its markers twice.
func TestMarkersAfterRetry(t *testing.T) {
	parsed, err := Parse("SELECT JSON ?, :a FROM t WHERE b = ?")
	if err != nil || len(parsed.Markers) != 3 {
		t.Fatalf("%v, %v", parsed, err)
	}
	parsed, err = Parse("SELECT json, ? FROM t WHERE b = ?")
	if err != nil || len(parsed.Markers) != 2 {
		t.Fatalf("%v, %v", parsed, err)
	}
}

func TestUnsupported(t *testing.T) {
	for text, what := range map[string]string{
		"CREATE TRIGGER a ON t USING 'x'": "CREATE TRIGGER",
		"CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE a IS NOT NULL PRIMARY KEY (a)":       "CREATE MATERIALIZED VIEW",
		"CREATE FUNCTION f (a int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return a;'": "CREATE FUNCTION",
		"DROP AGGREGATE IF EXISTS k.a (int)":                                                      "DROP AGGREGATE",
		"ALTER MATERIALIZED VIEW v WITH cdc = 1":                                                  "ALTER MATERIALIZED VIEW",
	} {
		parsed, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if u, ok := parsed.Statement.(*Unsupported); !ok || u.What != what || u.Text != text {
			t.Errorf("%s: %#v", text, parsed.Statement)
		}
	}
}

// TestNesting: what nests deeper than MaxNesting is refused, what nests less is not.
func TestNesting(t *testing.T) {
	nest := func(before, open, middle, end, after string) func(n int) string {
		return func(n int) string {
			return before + strings.Repeat(open, n) + middle + strings.Repeat(end, n) + after
		}
	}
	for name, statement := range map[string]func(int) string{
		"list":     nest("INSERT INTO t (a) VALUES (", "[", "1", "]", ")"),
		"map":      nest("INSERT INTO t (a) VALUES (", "{1: ", "1", "}", ")"),
		"call":     nest("INSERT INTO t (a) VALUES (", "f(", "1", ")", ")"),
		"hint":     nest("INSERT INTO t (a) VALUES (", "(int) ", "1", "", ")"),
		"cast":     nest("INSERT INTO t (a) VALUES (", "CAST(", "1", " AS int)", ")"),
		"selector": nest("SELECT ", "(", "a", ")", " FROM t"),
		"hinted":   nest("SELECT ", "(int) ", "a", "", " FROM t"),
		"negated":  nest("SELECT ", "- ", "a", "", " FROM t"),
		"relation": nest("SELECT * FROM t WHERE ", "(", "a = 1", ")", ""),
		"type":     nest("CREATE TABLE t (a ", "list<", "int", ">", ")"),
	} {
		if _, err := Parse(statement(MaxNesting - 5)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, n := range []int{MaxNesting + 1, 200_000} {
			if _, err := Parse(statement(n)); err == nil || err.Error() != tooDeep {
				t.Errorf("%s, %d deep: %v", name, n, err)
			}
		}
	}
}

func TestIsReserved(t *testing.T) {
	for word, want := range map[string]bool{
		"select": true, "SELECT": true, "Table": true, "columnfamily": true, "token": true, "nan": true, "true": true,
		"key": false, "text": false, "ttl": false, "values": false, "tables": false, "users": false, "": false,
	} {
		if got := IsReserved(word); got != want {
			t.Errorf("IsReserved(%q) = %v", word, got)
		}
	}
	for _, word := range Keywords() {
		if lookupWord(word) == tokIdent {
			t.Errorf("%s is not a keyword", word)
		}
	}
}
