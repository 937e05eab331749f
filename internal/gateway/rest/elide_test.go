package rest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/elide/elidetest"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
)

// elidingDoors are doors whose values may have limit bytes.
func elidingDoors(t *testing.T, limit int, o Options) *elidetest.Doors {
	t.Helper()
	l := guardrail.Cassandra()
	l.ColumnValueSize = guardrail.Threshold{Warn: guardrail.Off, Fail: int64(limit)}
	l.ItemsPerCollection = guardrail.Threshold{Warn: 3, Fail: 5}
	l.CollectionSize = guardrail.Threshold{Warn: guardrail.Off, Fail: int64(3 * limit)}
	guard := guardrail.New(l, nil)
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true, Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	back := &elidetest.Watch{Backend: guard.Backend(e)}
	o.Backend, o.Auth, o.CQL = back, everyone{}, true
	d := &elidetest.Doors{Whole: New(o), Back: back, Most: 3*limit + 1000}
	o.MostValue = guard.MostValue
	d.Short = New(o)
	for _, text := range []string{
		`CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
		`CREATE TYPE ks.pair (name text, data blob)`,
		`CREATE TABLE ks.t (k int, c text, v text, a ascii, b blob, n int, s text static, l list<text>, lb list<blob>, fl frozen<list<text>>, nl list<frozen<list<text>>>,
			m map<text, text>, st set<text>, tu tuple<text, int>, u pair, fu frozen<pair>, PRIMARY KEY (k, c))`,
	} {
		if w := ask(d.Whole, "POST", "/v2/cql", text, "Content-Type", "text/plain"); w.Code != 200 {
			t.Fatal(w.Body)
		}
	}
	return d
}

const elidedLimit = 9001

// quoted is text as JSON.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always is
	}
	return string(b)
}

// elidedRows are requests on the table of elidingDoors with a value text, of which
// status is the answer's where it is too large and where it is as large as it may
// be; encoded: it is Base64 of as many bytes.
var elidedRows = []struct {
	method, path, body string
	encoded            bool
	large, fits        int
}{
	{"POST", "", `{"k":"1","c":"a","v":%s}`, false, 400, 201},
	{"POST", "", `{"k":"1","c":"a","v":"short","n":1,"a":%s,"b":"AAAA"}`, false, 400, 201},
	{"POST", "", `{"k":"1","c":"a","b":%s}`, true, 400, 201},
	{"POST", "", `{"k":"1","c":"a","s":%s,"v":%[1]s,"a":"b"}`, false, 400, 201},
	{"POST", "", `{"k":"1","c":"a","l":["a",%s]}`, false, 400, 201},
	{"POST", "", `{"k":"1","c":"a","l":[%s,"a","b","c","d","e"]}`, false, 400, 400},
	{"POST", "", `{"k":"1","c":"a","l":[%s,%[1]s,%[1]s]}`, false, 400, 400},
	{"POST", "", `{"k":"1","c":"a","lb":["AAAA",%s]}`, true, 400, 201},
	{"POST", "", `{"k":"1","c":"a","fl":["a",%s]}`, false, 400, 400},
	{"POST", "", `{"k":"1","c":"a","st":["a",%s]}`, false, 400, 201},
	{"POST", "", `{"k":"1","c":"a","m":{"a":%s}}`, false, 400, 201},
	{"POST", "", `{"k":"1","c":"a","m":{%s:"b"}}`, false, 400, 201},
	{"POST", "?compactMapData=false", `{"k":"1","c":"a","m":[{"key":"a","value":%s}]}`, false, 400, 201},
	{"POST", "", `{"k":"1","c":"a","tu":[%s,1]}`, false, 400, 400},
	{"POST", "", `{"k":"1","c":"a","u":{"name":%s,"data":"AAAA"}}`, false, 400, 201},
	{"POST", "", `{"k":"1","c":"a","u":{"data":%s}}`, true, 400, 201},
	{"POST", "", `{"k":"1","c":"a","fu":{"name":"a","data":%s}}`, true, 400, 400},
	{"POST", "", `{"k":"1","c":"a","v":%s} `, false, 400, 201},
	{"POST", "", `{"k":"1","c":"a","nope":%s}`, false, 400, 400},
	{"POST", "", `{"k":"x","c":"a","v":%s}`, false, 400, 400},
	{"POST", "", `{"c":"a","v":%s}`, false, 400, 400},
	{"POST", "", `{"k":"1","c":"a","n":"x","v":%s}`, false, 400, 400},
	{"POST", "", `[%s]`, false, 400, 400},
	{"POST", "", `{"k":"1","c":"a","v":%s,}`, false, 400, 400},
	{"POST", "", "{\"k\":\"1\",\"s\":%s,\n\"v\":%[1]s,\"a\":%[1]s,,}", false, 400, 400},
	{"POST", "", `{"k":"1","c":"a","v":%s`, false, 400, 400},
	{"POST", "", `{"k":"1","c":"a","v":%s,"a":"unfinished`, false, 400, 400},
	{"POST", "?batch=true", `[{"k":"1","v":%s},{"b":}]`, true, 400, 400},
	{"PUT", "/1/a", `{"v":%s]`, false, 400, 400},
	{"POST", "?if-not-exists=true", `{"k":"1","c":"a","v":%s}`, false, 400, 412},
	{"POST", "?ttl=100&timestamp=1", `{"k":"1","c":"a","v":%s}`, false, 400, 201},
	{"POST", "?batch=true", `[{"k":"1","c":"a","v":%s},{"k":"1","c":"b","v":"b"}]`, false, 400, 201},
	{"POST", "?batch=true", `[{"k":"1","c":"a","v":"a"},{"k":"2","c":"b","v":%s}]`, false, 400, 201},
	{"POST", "?batch=true", `[{"k":"1","c":"a","b":%s}]`, true, 400, 201},
	{"PUT", "/1/a", `{"v":%s}`, false, 400, 200},
	{"PATCH", "/1/a", `{"n":1,"b":%s}`, true, 400, 200},
	{"PATCH", "/1/a?raw=true", `{"l":["a",%s],"v":%[1]s}`, false, 400, 200},
	{"PUT", "/1/a?if-exists=true", `{"v":%s}`, false, 400, 200},
	{"PUT", "/1/zz?if-exists=true", `{"v":%s}`, false, 400, 412},
	{"POST", "/v1", `{"columns":[{"name":"k","value":"1"},{"name":"c","value":"a"},{"name":"v","value":%s}]}`, false, 400, 201},
	{"POST", "/v1", `{"columns":[{"value":"1","name":"k"},{"value":"a","name":"c"},{"value":%s,"name":"v"}]}`, false, 400, 201},
	{"POST", "/v1", `{"columns":[{"name":"k","value":1},{"name":"c","value":"a"},{"name":"b","value":%s}]}`, true, 400, 201},
	{"POST", "/v1", `{"columns":[{"name":"k","value":1},{"name":"c","value":"a"},{"name":"l","value":["a",%s]}]}`, false, 400, 201},
	{"PUT", "/v1/1;a", `{"changeset":[{"column":"n","value":1},{"column":"v","value":%s}]}`, false, 400, 200},
	{"PUT", "/v1/1;a", `{"changeset":[{"column":"b","value":%s}]}`, true, 400, 200},
	{"CQL", "", `INSERT INTO ks.t (k, c, v) VALUES (1, 'a', '%s')`, false, 400, 200},
	{"CQL", "", `INSERT INTO ks.t (k, c, l) VALUES (1, 'a', ['a', $$%s$$])`, false, 400, 200},
	{"CQL", "", `UPDATE ks.t SET m['a'] = '%s', v = '%[1]s' WHERE k = 1 AND c = 'a'`, false, 400, 200},
	{"CQL", "", `INSERT INTO ks.t JSON '{"k": 1, "c": "a", "v": "%s"}'`, false, 400, 200},
	{"CQL", "", `BEGIN BATCH INSERT INTO ks.t (k, c, v) VALUES (1, 'a', 'a'); UPDATE ks.t SET v = '%s' WHERE k = 2 AND c = 'b'; APPLY BATCH`, false, 400, 200},
	{"CQL", "", `INSERT INTO ks.nope (k, c, v) VALUES (1, 'a', '%s')`, false, 400, 400},
}

// askRow makes a request of elidedRows.
func askRow(t *testing.T, d *elidetest.Doors, method, path, body string) int {
	t.Helper()
	target, mediaType := "/v2/keyspaces/ks/t"+path, "application/json"
	if v1, ok := strings.CutPrefix(path, "/v1"); ok {
		target = "/v1/keyspaces/ks/tables/t/rows" + v1
	}
	if method == "CQL" {
		method, target, mediaType = "POST", "/v2/cql", "text/plain"
	}
	return d.Ask(t, method, target, body, "X-Cassandra-Token", "secret", "Content-Type", mediaType).Code
}

// TestElidedRows: a request with a value that is too large is answered as if it
// had been read whole, and one at the limit is run.
func TestElidedRows(t *testing.T) {
	for _, profile := range []Profile{ProfileV2, ProfileV1} {
		d := elidingDoors(t, elidedLimit, Options{Profile: profile})
		for _, c := range elidedRows {
			if profile == ProfileV1 && (strings.Contains(c.path, "?") || strings.Contains(c.body, `"m":{`) || strings.Contains(c.body, `"tu":`)) {
				continue // that has other forms there
			}
			for _, size := range []int{elidedLimit, elidedLimit + 1, elidedLimit + 2, 3 * elidedLimit, 1 << 20} {
				text, want := quoted(strings.Repeat("-", size)), c.large
				if c.encoded {
					text = quoted(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xFF}, size)))
					text = strings.ReplaceAll(text, "/", `\/`) // as some libraries write JSON
				}
				if c.method == "CQL" {
					text = strings.Repeat("-", size)
				}
				if size == elidedLimit {
					want = c.fits
				}
				if code := askRow(t, d, c.method, c.path, fmt.Sprintf(c.body, text)); code != want {
					t.Errorf("%s %s %s of %d bytes: %d", c.method, c.path, c.body, size, code)
				}
			}
		}
	}
}

// TestElidedMany: a body of many small values passes, however large it is, and so
// does a collection's literal of small ones.
func TestElidedMany(t *testing.T) {
	d := elidingDoors(t, elidedLimit, Options{})
	half := strings.Repeat("-", elidedLimit/2)
	d.Most = 4 * elidedLimit
	for _, body := range []string{
		`{"k":"1","c":"a","l":"['` + half + `','` + half + `','` + half + `']"}`,
		`{"k":"1","c":"a","m":"{'` + half + `':'` + half + `','a':'` + half + `'}"}`,
		`{"k":"1","c":"a","v":"` + half + `","a":"` + half + `","s":"` + half + `","l":["` + half + `","` + half + `"]}`,
		`{"k":"1","c":"a","v":"\u002d` + strings.Repeat(`\u002d`, elidedLimit-1) + `"}`,
	} {
		if code := askRow(t, d, "POST", "", body); code != 201 {
			t.Errorf("%.50s: %d", body, code)
		}
	}
	if code := askRow(t, d, "POST", "", `{"k":"1","c":"a","l":"['`+half+`','`+half+half+`--']"}`); code != 400 {
		t.Errorf("a large element of a literal: %d", code)
	}
	rows := make([]string, 500)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"k":"1","c":"%d","v":"%s"}`, i, half)
	}
	if code := askRow(t, d, "POST", "?batch=true", "["+strings.Join(rows, ",")+"]"); code != 201 {
		t.Errorf("a batch of %d rows: %d", len(rows), code)
	}
	columns := `{"columns":[{"name":"k","value":1},{"name":"c","value":"a"},{"name":"nl","value":["['` + half + `','` + half + `']"]}`
	if code := askRow(t, d, "POST", "/v1", columns+`]}`); code != 400 { // one of nl, frozen, is a value
		t.Errorf("a nested literal: %d", code)
	}
	for _, body := range []string{columns[:strings.Index(columns, `,{"name":"nl"`)] + `,{"value":"['` + half + `','` + half + `']","name":"l"}]}`} {
		if code := askRow(t, d, "POST", "/v1", body); code != 201 {
			t.Errorf("a literal before its name: %d", code)
		}
	}
}

// TestElidedKeys: a key that is too large is refused as that, be it longer than
// other values may be or not.
func TestElidedKeys(t *testing.T) {
	d := elidingDoors(t, 70_000, Options{})
	if w := ask(d.Whole, "POST", "/v2/cql", `CREATE TABLE ks.keyed (a text, b text, c text, d blob, v text, PRIMARY KEY ((a, b), c, d))`, "Content-Type", "text/plain"); w.Code != 200 {
		t.Fatal(w.Body)
	}
	for _, size := range []int{65_535, 65_536, 70_000, 70_001, 1 << 20} {
		text, blob := strings.Repeat("-", size), base64.StdEncoding.EncodeToString(make([]byte, size))
		for _, row := range []map[string]string{
			{"a": text, "b": "", "c": "c", "d": ""},
			{"a": "a", "b": text, "c": "c", "d": ""},
			{"a": text, "b": text, "c": text, "d": blob},
			{"a": "a", "b": "b", "c": "", "d": blob},
			{"a": "a", "b": "b", "c": text, "d": "AAAA", "v": "v"},
			{"a": text, "b": "b", "c": "c", "d": "AAAA", "v": text},
		} {
			body, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			for _, target := range []string{"", "?batch=true"} {
				if target != "" {
					body = []byte("[" + string(body) + "]")
				}
				w := d.Ask(t, "POST", "/v2/keyspaces/ks/keyed"+target, string(body), "X-Cassandra-Token", "secret", "Content-Type", "application/json")
				if size > 70_000 && w.Code != 400 {
					t.Errorf("a key of %d bytes: %d %.300s", size, w.Code, w.Body)
				}
			}
		}
	}
}

// TestElidedTwice: of two members of one name the last counts; the row is refused
// all the same, for its answer would repeat the first.
func TestElidedTwice(t *testing.T) {
	d := elidingDoors(t, elidedLimit, Options{})
	twice := `"v":"` + strings.Repeat("-", elidedLimit+1) + `","v":"b"}`
	for _, r := range [][3]string{{"POST", "", `{"k":"1","c":"a",` + twice}, {"PUT", "/1/a", "{" + twice}} {
		method, path, body := r[0], r[1], r[2]
		w := ask(d.Short, method, "/v2/keyspaces/ks/t"+path, body)
		if w.Code != 400 || !strings.Contains(w.Body.String(), "The request has a value that is larger than any may be (9001 bytes)") {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
	if w := ask(d.Whole, "GET", "/v2/keyspaces/ks/t/1", ""); !strings.Contains(w.Body.String(), `"count":0`) {
		t.Errorf("something was written: %s", w.Body)
	}
}

// TestElidedErrors: an error that repeats a value has its beginning and no mark.
func TestElidedErrors(t *testing.T) {
	d := elidingDoors(t, elidedLimit, Options{})
	long := strings.Repeat("-", 2*elidedLimit)
	askRow(t, d, "POST", "", `{"k":"1","c":"a","v":"`+long)
	for _, w := range []*httptest.ResponseRecorder{
		ask(d.Short, "POST", "/v2/keyspaces/ks/t", `{"k":"1","c":"a","n":"`+long+`"}`),
		ask(d.Short, "POST", "/v2/cql", `INSERT INTO ks.t (k, c, n) VALUES (1, 'a', '`+long+`')`, "Content-Type", "text/plain"),
	} {
		if w.Code != 400 || !strings.Contains(w.Body.String(), strings.Repeat("-", 64)+"…") || w.Body.Len() > 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

// TestElidedProperty: random rows have the same answers at both doors.
func TestElidedProperty(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	alphabet := []string{"a", "ü", "€", "😀", "\n", `"`, `\`, "'", "$", "{", ",", ":", "[", "]"}
	for range 4 {
		limit := 4096 + random.IntN(20_000)
		d := elidingDoors(t, limit, Options{})
		d.Most = 5 * limit // the size of a collection
		text := func() string { return elidetest.RandomText(random, limit, alphabet) }
		blob := func() string { return base64.StdEncoding.EncodeToString([]byte(text())) }
		for range 100 {
			row := map[string]any{"k": "1", "c": "a"}
			for name, value := range map[string]func() any{
				"v": func() any { return text() }, "s": func() any { return text() }, "b": func() any { return blob() },
				"l": func() any { return []string{text(), text()} }, "lb": func() any { return []string{blob(), blob()} },
				"fl": func() any { return []string{text(), text()} }, "m": func() any { return map[string]string{text(): text()} },
				"u": func() any { return map[string]string{"name": text(), "data": blob()} }, "tu": func() any { return []any{text(), 1} },
			} {
				if random.IntN(4) == 0 {
					row[name] = value()
				}
			}
			body, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			askRow(t, d, "POST", "", string(body))
		}
	}
}

// TestElidedExempt: nothing is left out of the requests of whom the limit is not
// for.
func TestElidedExempt(t *testing.T) {
	bytes := inflight.New(100 << 20)
	d := elidingDoors(t, elidedLimit, Options{Bytes: bytes})
	d.Short.(*Handler).most = func(role string) int64 {
		if role == "secret" {
			return guardrail.Off
		}
		return elidedLimit
	}
	d.Most = 1 << 20
	if code := askRow(t, d, "POST", "", `{"k":"1","c":"a","v":"`+strings.Repeat("-", 2*elidedLimit)+`"}`); code != 400 {
		t.Errorf("%d", code)
	}
	if bytes.Used() != 0 {
		t.Errorf("%d bytes are still held", bytes.Used())
	}
}
