package graphql

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/elide/elidetest"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
)

const elidedLimit = 9001

// elidingDoors are doors whose values may have limit bytes, with tables in keyspace ks
// and a schema of its own for keyspace own.
func elidingDoors(t *testing.T, limit int) *elidetest.Doors {
	t.Helper()
	l := guardrail.Cassandra()
	l.ColumnValueSize = guardrail.Threshold{Warn: guardrail.Off, Fail: int64(limit)}
	guard := guardrail.New(l, nil)
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	back := &elidetest.Watch{Backend: guard.Backend(e)}
	o := Options{Backend: back, Auth: everyone{}}
	d := &elidetest.Doors{Whole: New(o), Back: back, Most: 3*limit + 1000}
	o.MostValue = guard.MostValue
	d.Short = New(o)
	for _, text := range []string{
		`CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
		`CREATE KEYSPACE own WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
		`CREATE TYPE ks.pair (name text, data blob)`,
		`CREATE TABLE ks.t (k int PRIMARY KEY, v text, b blob, n int, l list<text>, m map<text, text>, u pair, fl frozen<list<text>>)`,
	} {
		run(t, back, text)
	}
	const deploy = `mutation { deploySchema(keyspace: "own", schema: "type User @cql_input { id: Int! @cql_column(partitionKey: true) name: String } type Mutation { insertUser(user: UserInput!): User updateUser(user: UserInput!): Boolean } type Query { user(id: Int!): User }") { version } }`
	if answer := post(t, d.Whole, "/graphql-admin", deploy, ""); !strings.Contains(answer, `"version"`) {
		t.Fatal(answer)
	}
	return d
}

// askGraphQL asks both doors one thing; variables is JSON or "". It returns the
// answer.
func askGraphQL(t *testing.T, d *elidetest.Doors, path, query, variables string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	if variables != "" {
		body = append(body[:len(body)-1], `,"variables":`+variables+`}`...)
	}
	answer := d.Ask(t, "POST", path, string(body), "X-Cassandra-Token", "secret", "Content-Type", "application/json").Body.String()
	if variables == "" {
		asText := d.Ask(t, "POST", path, query, "X-Cassandra-Token", "secret", "Content-Type", "application/graphql").Body.String()
		if asText != answer {
			t.Errorf("%.100s\nas JSON %.300s\nas text %.300s", query, answer, asText)
		}
	}
	return answer
}

// TestElided: a request with a value that is too large, in a variable or in the
// document itself, is answered as if it had been read whole, and one at the limit is
// run.
func TestElided(t *testing.T) {
	d := elidingDoors(t, elidedLimit)
	const refused = "exceeds the failure threshold of 9001"
	for _, c := range []struct {
		path, query, variables string
		encoded                bool
		large, fits            string
	}{
		{"ks", `mutation { insertt(value: {k: 1, v: %s}) { applied value { k } } }`, "", false, refused, `"k":1`},
		{"ks", `mutation { insertt(value: {k: 1, v: %s}) { applied value { v } } }`, "", false, refused, `"v":"--`},
		{"ks", `mutation { insertt(value: {k: 1, b: %s}) { applied } }`, "", true, refused, `true`},
		{"ks", `mutation { insertt(value: {k: 1, l: ["a", %s]}) { applied } }`, "", false, refused, `true`},
		{"ks", `mutation { insertt(value: {k: 1, m: [{key: "a", value: %s}]}) { applied } }`, "", false, refused, `true`},
		{"ks", `mutation { insertt(value: {k: 1, m: [{key: %s, value: "b"}]}) { applied } }`, "", false, refused, `true`},
		{"ks", `mutation { insertt(value: {k: 1, u: {name: %s, data: "AAAA"}}) { applied } }`, "", false, refused, `true`},
		{"ks", `mutation { insertt(value: {k: 1, u: {data: %s}}) { applied } }`, "", true, refused, `true`},
		{"ks", `mutation { a: insertt(value: {k: 1, v: %s}) { applied } b: insertt(value: {k: 2, v: "b"}) { applied } c: updatet(value: {k: 3, v: %[1]s}) { applied } }`, "", false, refused, `"c":{"applied":true`},
		{"ks", `mutation @atomic { a: insertt(value: {k: 1, v: "a"}) { applied } b: insertt(value: {k: 2, v: %s}) { applied } }`, "", false, refused, `true`},
		{"ks", `mutation { bulkInsertt(values: [{k: 1, v: %s}, {k: 2, v: "b"}]) { applied } }`, "", false, refused, `true`},
		{"ks", `mutation { insertt(value: {k: 1, v: %s, n: 1}, ifNotExists: true) { applied } }`, "", false, refused, `false`},
		{"ks", `mutation { nope(value: %s) { applied } }`, "", false, "FieldUndefined", "FieldUndefined"},
		{"ks", `mutation { insertt(value: {k: 1, v: %s}) { applied } nope }`, "", false, "FieldUndefined", "FieldUndefined"},
		{"ks", `mutation { insertt(value: {k: 1, v: %s}) { applied } } }`, "", false, "Invalid Syntax", "Invalid Syntax"},
		{"ks", `mutation a { insertt(value: {k: 1, v: %s}) { applied } } mutation b { insertt(value: {k: 1}) { applied } }`, "", false, "Must provide operation name", "Must provide operation name"},
		{"nope", `mutation { insertt(value: {k: 1, v: %s}) { applied } }`, "", false, "Unknown keyspace", "Unknown keyspace"},
		{"ks", `mutation($v: String) { insertt(value: {k: 1, v: $v}) { applied value { v } } }`, `{"v": %s}`, false, refused, `"v":"--`},
		{"ks", `mutation($v: tInput!) { insertt(value: $v) { applied } }`, `{"v": {"k": 1, "v": %s, "l": ["a", "b"]}}`, false, refused, `true`},
		{"ks", `mutation($v: tInput!) { a: insertt(value: $v) { applied } b: insertt(value: $v) { applied } }`, `{"v": {"k": 1, "b": %s, "v": "a"}}`, true, refused, `true`},
		{"ks", `mutation($v: tInput!) { insertt(value: $v) { applied } }`, `{"v": {"k": 1, "l": [%s, %[1]s]}}`, false, refused, `true`},
		{"ks", `mutation($v: tInput!, $w: [tInput!]) { insertt(value: $v) { applied } bulkInsertt(values: $w) { applied } }`, `{"v": {"k": 1, "v": "a"}, "w": [{"k": 2, "m": [{"key": "a", "value": %s}]}]}`, false, refused, `true`},
		{"ks", `mutation($v: tInput!) { insertt(value: $v) { applied } }`, `{"v": {"k": 1}, "unused": %s}`, false, `"applied":true`, `true`},
		{"ks", `mutation($v: tInput!) { insertt(value: $v) { applied } }`, `{"v": {"nope": %s}}`, false, "not defined for input object type", "not defined for input object type"},
		{"own", `mutation { insertUser(user: {id: 1, name: %s}) { id name } }`, "", false, refused, `"name":"--`},
		{"own", `mutation($u: UserInput!) { insertUser(user: $u) { id name } }`, `{"u": {"id": 1, "name": %s}}`, false, refused, `"name":"--`},
		{"own", `mutation($u: UserInput!) { updateUser(user: $u) }`, `{"u": {"id": 1, "name": %s}}`, false, refused, `true`},
	} {
		for _, size := range []int{elidedLimit, elidedLimit + 1, elidedLimit + 2, 3 * elidedLimit, 1 << 20} {
			text, want := `"`+strings.Repeat("-", size)+`"`, c.large
			if c.encoded {
				digits := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xFF}, size))
				text = `"` + strings.ReplaceAll(digits, "/", `\/`) + `"` // as some libraries write JSON
			}
			if size == elidedLimit {
				want = c.fits
			}
			query, variables := c.query, c.variables
			if variables == "" {
				query = fmt.Sprintf(query, text)
			} else {
				variables = fmt.Sprintf(variables, text)
			}
			if answer := askGraphQL(t, d, "/graphql/"+c.path, query, variables); !strings.Contains(answer, want) {
				t.Errorf("%s %s of %d bytes: %.500s", c.query, c.variables, size, answer)
			}
		}
	}
}

// TestElidedElsewhere: what is shortened is never run as a condition, nobody sees a
// mark, and of the schemas' own endpoints nothing is left out.
func TestElidedElsewhere(t *testing.T) {
	d := elidingDoors(t, elidedLimit)
	long := strings.Repeat("-", 2*elidedLimit)
	for query, want := range map[string]string{
		`mutation { insertt(value: {k: 1, nope: "` + long + `"}) { applied } }`:                           strings.Repeat("-", 64) + "…",
		`mutation { updatet(value: {k: 1, v: "a"}, ifCondition: {v: {eq: "` + long + `"}}) { applied } }`: "size 18002",
		`mutation { insertt(value: {k: 1, n: "` + long + `"}) { applied } }`:                              strings.Repeat("-", 64) + "…",
		`{ t(options: {pageState: "` + long + `"}) { values { k } } }`:                                    "Invalid page state",
		`mutation @async { insertt(value: {k: 7, v: "` + long + `"}) { accepted } }`:                      `"accepted":true`,
		`{ __type(name: "` + long + `") { name } }`:                                                       `"__type":null`,
	} {
		if answer := post(t, d.Short, "/graphql/ks", query, ""); !strings.Contains(answer, want) || len(answer) > 1000 {
			t.Errorf("%.60s: %.500s", query, answer)
		}
	}
	if answer := post(t, d.Whole, "/graphql/ks", `{ t { values { k } } }`, ""); !strings.Contains(answer, `"values":[]`) {
		t.Errorf("something was written: %s", answer)
	}
	deploy := `mutation($s: String!) { deploySchema(keyspace: "ks", schema: $s, dryRun: true) { version } }`
	schema := `{"s": "# ` + long + `\ntype User { id: Int! @cql_column(partitionKey: true) } type Query { user(id: Int!): User }"}`
	if answer := post(t, d.Short, "/graphql-admin", deploy, schema); strings.Contains(answer, "errors") {
		t.Errorf("a long schema: %.500s", answer)
	}
}

// TestElidedManyFailures: failures are told with the places that they had, however
// many there are in a long line, and whatever ends the lines.
func TestElidedManyFailures(t *testing.T) {
	d := elidingDoors(t, elidedLimit)
	long := `insertt(value: {k: 1, v: "` + strings.Repeat("ü", elidedLimit) + `"}) { applied } `
	many := strings.Repeat("nope "+strings.Repeat(" ", 3000), 100)
	for _, query := range []string{
		"mutation { a: " + long + many + "}",
		"mutation { a: " + long + "nope\r nope b: " + long + " nope c: " + long + " nope\r\nd: " + long + "\nnope é }",
		"mutation {\r a: " + long + "nope b: " + long + " nope\n} }",
	} {
		if answer := askGraphQL(t, d, "/graphql/ks", query, ""); !strings.Contains(answer, "errors") {
			t.Errorf("%.100s: %.500s", query, answer)
		}
	}
}

// TestElidedProperty: random rows have the same answers at both doors.
func TestElidedProperty(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 16))
	alphabet := []string{"a", "ü", "€", "😀", "\n", `"`, `\`, "#", "{"}
	for range 4 {
		limit := 4096 + random.IntN(20_000)
		d := elidingDoors(t, limit)
		d.Most = 4*limit + 100
		text := func() string {
			literal, err := json.Marshal(elidetest.RandomText(random, limit, alphabet))
			if err != nil {
				t.Fatal(err)
			}
			return string(literal)
		}
		blob := func() string { return `"` + base64.StdEncoding.EncodeToString([]byte(text())) + `"` }
		for range 60 {
			row := fmt.Sprintf(`{%%[1]sk%%[1]s: 1, %%[1]sv%%[1]s: %s, %%[1]sb%%[1]s: %s, %%[1]sl%%[1]s: [%s, %s], %%[1]su%%[1]s: {%%[1]sname%%[1]s: %s}}`, text(), blob(), text(), text(), text())
			askGraphQL(t, d, "/graphql/ks", fmt.Sprintf(`mutation { a: insertt(value: `+row+`) { applied } b: insertt(value: {k: 2, v: %[2]s}) { applied } }`, "", text()), "")
			askGraphQL(t, d, "/graphql/ks", `mutation($v: tInput!) { insertt(value: $v) { applied } }`, `{"v": `+fmt.Sprintf(row, `"`)+`}`)
		}
	}
}
