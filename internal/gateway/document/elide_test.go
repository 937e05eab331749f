package document

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/elide/elidetest"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
)

const elidedLimit = 9001

// elidingDoors are doors whose values may have limit bytes, with a collection c and
// one, s, that has a JSON schema.
func elidingDoors(t *testing.T, limit int, v1 bool) *elidetest.Doors {
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
	o := Options{Backend: back, Auth: everyone{}, V1: v1}
	d := &elidetest.Doors{Whole: New(o), Back: back, Most: 3 * limit}
	o.MostValue = guard.MostValue
	d.Short = New(o)
	for _, r := range [][3]string{
		{"POST", "/v2/schemas/namespaces", `{"name":"ns"}`},
		{"PUT", "/v2/namespaces/ns/collections/c/list", `{"list":[1]}`},
		{"POST", "/v2/namespaces/ns/collections", `{"name":"s"}`},
		{"PUT", "/v2/namespaces/ns/collections/s/json-schema", `{"type":"object","properties":{"a":{"type":"string","pattern":"^-*$"},"b":{"type":"integer"}}}`},
	} {
		if w := askDocument(d.Whole, r[0], r[1], r[2]); w.Code >= 300 {
			t.Fatal(r, w.Body)
		}
	}
	return d
}

func askDocument(h http.Handler, method, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("X-Cassandra-Token", "secret")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestElided: a document with a string that is too large is refused as if it had
// been read whole, and one with a string at the limit is written.
func TestElided(t *testing.T) {
	const collections = "/v2/namespaces/ns/collections/"
	for _, v1 := range []bool{false, true} {
		d := elidingDoors(t, elidedLimit, v1)
		for _, c := range []struct {
			method, path, body string
			fits               int // 0: the answer is another each time
		}{
			{"POST", "c", `{"a":%s}`, 0},
			{"POST", "new", `{"a":"b","list":[1,{"c":%s}],"z":"z"}`, 0},
			{"PUT", "c/x", `{"a":%s}`, 200},
			{"PUT", "c/x?ttl=100", `{"a":%s,"b":%[1]s}`, 200},
			{"PUT", "c/x", `[1,%s]`, 200},
			{"PUT", "c/x", `%s`, 400},
			{"PUT", "c/x", `{"a":"first","a":%s}`, 200},
			{"PUT", "c/x/deep/er", `{"a":%s}`, 200},
			{"PUT", "c/x/deep/er/a", `%s`, 200},
			{"PATCH", "c/x", `{"a":%s}`, 200},
			{"PATCH", "c/x/deep", `{"er":[%s]}`, 200},
			{"PATCH", "c/x/a", `%s`, 200},
			{"PATCH", "c/x", `[%s]`, 400},
			{"POST", "c/list/list/function", `{"operation":"$push","value":%s}`, 0},
			{"POST", "c/list/list/function", `{"operation":"$push","value":{"a":[%s]}}`, 0},
			{"POST", "c/x/function", `{"operation":"$set","value":{"a.b":"c","deep.er":%s}}`, 200},
			{"POST", "c/batch", `[{"a":%s}]`, 0},
			{"POST", "c/batch?id-path=a&profile=true", `[{"a":"1"},{"a":"2","c":%s},{"a":"3"}]`, 0},
			{"PUT", "s/x", `{"a":%s}`, 200},
			{"PUT", "s/x", `{"a":%s,"b":1}`, 200},
			{"PATCH", "s/x", `{"a":%s}`, 200},
			{"PUT", "s/x/a", `%s`, 400},
			{"POST", "s/batch?id-path=b&profile=true", `[{"b":1},{"b":2,"a":%s}]`, 0},
			{"PUT", "/../../nope/collections/c/x", `{"a":%s}`, 404},
		} {
			path := collections + c.path
			if before, behind, found := strings.Cut(path, "/ns/collections//../.."); found {
				path = before + behind
			}
			if v1 && strings.Contains(c.body, "$set") {
				continue
			}
			for _, size := range []int{elidedLimit, elidedLimit + 1, 3*elidedLimit + 2, 1 << 20} {
				body := strings.ReplaceAll(c.body, "%[1]s", "%s")
				body = strings.ReplaceAll(body, "%s", `"`+strings.Repeat("-", size)+`"`)
				if size == elidedLimit && c.fits == 0 {
					continue
				}
				w := d.Ask(t, c.method, path, body, "X-Cassandra-Token", "secret", "Content-Type", "application/json")
				want := c.fits
				if size > elidedLimit && want != 404 || v1 && c.method == "PATCH" && c.path == "s/x" {
					want = 400
				}
				if w.Code != want && (!v1 || w.Code != 404) {
					t.Errorf("v1: %v: %s %s %s of %d bytes: %d %.300s", v1, c.method, c.path, c.body, size, w.Code, w.Body)
				}
			}
		}
	}
}

// TestElidedSchema: a JSON schema is asked of what is whole. Of a string that is
// not its size is refused, whatever the schema would say; of two members of one name
// the last counts for both.
func TestElidedSchema(t *testing.T) {
	const target = "/v2/namespaces/ns/collections/s/x"
	d := elidingDoors(t, elidedLimit, false)
	long := strings.Repeat("x", elidedLimit+1)
	for body, want := range map[string]string{
		`{"a":"` + long + `"}`:                        "column_value_size",
		`{"a":"` + long + `","b":"no integer"}`:       "column_value_size",
		`{"a":"` + long + `","a":"-","b":"x"}`:        "Invalid JSON: ",
		`{"b":"` + strings.Repeat("-", 40<<10) + `"}`: "column_value_size",
	} {
		if w := askDocument(d.Short, "PUT", target, body); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%.10s…%s: %d %s", body, body[max(0, len(body)-20):], w.Code, w.Body)
		}
	}
	if w := askDocument(d.Short, "PUT", target, `{"a":"`+long+`","a":"-"}`); w.Code != 200 {
		t.Errorf("the last of two: %d %s", w.Code, w.Body)
	}
	if w := askDocument(d.Short, "GET", target+"?raw=true", ""); w.Body.String() != `{"a":"-"}` {
		t.Errorf("the last of two: %s", w.Body)
	}
}

// TestElidedErrors: an error that repeats a document has no mark.
func TestElidedErrors(t *testing.T) {
	d := elidingDoors(t, elidedLimit, false)
	w := askDocument(d.Short, "POST", "/v2/namespaces/ns/collections/c/batch?id-path=id", `[{"a":"`+strings.Repeat("-", 20<<10)+`"}]`)
	if w.Code != 400 || !strings.Contains(w.Body.String(), strings.Repeat("-", 64)+`…\"`) || w.Body.Len() > 500 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestElidedProperty: random documents have the same answers at both doors, and
// become the same.
func TestElidedProperty(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	for range 4 {
		limit := 4096 + random.IntN(20_000)
		d := elidingDoors(t, limit, false)
		var value func(depth int) any
		value = func(depth int) any {
			switch n := random.IntN(8); {
			case n < 2 && depth < 3:
				m := map[string]any{}
				for i := range 1 + random.IntN(4) {
					m[fmt.Sprint("m", i)] = value(depth + 1)
				}
				return m
			case n < 4 && depth < 3:
				return []any{value(depth + 1), value(depth + 1)}
			case n == 4:
				return random.IntN(1000)
			case n == 5 && random.IntN(4) == 0:
				return strings.Repeat("ü\n", random.IntN(2*limit))
			case n == 6:
				return strings.Repeat("\"", limit-1+random.IntN(3))
			}
			return strings.Repeat("x", random.IntN(limit))
		}
		for range 100 {
			body, err := json.Marshal(map[string]any{"a": value(0), "b": value(1)})
			if err != nil {
				t.Fatal(err)
			}
			d.Ask(t, "PUT", "/v2/namespaces/ns/collections/c/x", string(body), "X-Cassandra-Token", "secret", "Content-Type", "application/json")
		}
	}
}
