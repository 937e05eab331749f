package gateway

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// ask makes one call to an HTTP API and returns "status body".
func ask(t *testing.T, s *harness.Server, method, path, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.HTTP+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Cassandra-Token", s.Token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", answer.StatusCode, text))
}

// TestDocuments: the Document API on a real Cassandra, by one gateway after the
// other: writes of every kind, searches by index and without one, and what is
// stored.
func TestDocuments(t *testing.T) {
	first := gateway(t)
	second := gateway(t)
	const c = "/v2/namespaces/docs/collections/c"
	where := func(text string) string { return "?page-size=20&raw=true&where=" + url.QueryEscape(text) }
	for i, call := range []struct{ method, path, body, want string }{
		{"POST", "/v2/schemas/namespaces", `{"name":"docs"}`, `201 {"name":"docs"}`},
		{"POST", "/v2/namespaces/docs/collections", `{"name":"c"}`, `201`},
		{"GET", "/v2/namespaces/docs/collections", "", `200 {"data":[{"name":"c","upgradeAvailable":false}]}`},
		{"PUT", c + "/x", `{"a":{"b":[1,{"c":"x"},null]},"n":9007199254740993,"t":true,"e":{}}`, `200 {"documentId":"x"}`},
		{"GET", c + "/x?raw=true", "", `200 {"a":{"b":[1,{"c":"x"},null]},"e":{},"n":9007199254740993,"t":true}`},
		{"PUT", c + "/x/a/b", `5`, `200 {"documentId":"x"}`},
		{"PUT", c + "/x/a/b/%5B1%5D", `{"d":1}`, `200 {"documentId":"x"}`},
		{"PATCH", c + "/x/a", `{"z":[]}`, `200 {"documentId":"x"}`},
		{"GET", c + "/x/a?raw=true", "", `200 {"b":[null,{"d":1}],"z":[]}`},
		{"DELETE", c + "/x/a/b/%5B1%5D", "", `204`},
		{"GET", c + "/x/a?raw=true", "", `200 {"z":[]}`},
		{"POST", c + "/x/a/z/function", `{"operation":"$push","value":{"k":1.5}}`, `200 {"documentId":"x","data":[{"k":1.5}]}`},
		{"POST", c + "/x/function", `{"operation":"$set","value":{"a.q.[1]":7}}`, `200 {"documentId":"x","data":null}`},
		{"POST", c + "/x/a/z/function", `{"operation":"$pop"}`, `200 {"documentId":"x","data":{"k":1.5}}`},
		{"GET", c + "/x/a?raw=true", "", `200 {"q":[null,7],"z":[]}`},
		{"POST", c + "/batch?id-path=id", `[{"id":"y","n":1,"t":false},{"id":"z","n":2,"deep":{"er":{"n":3}}}]`, `202 {"documentIds":["y","z"]}`},
		{"GET", c + where(`{"n":{"$eq":1}}`), "", `200 {"y":{"id":"y","n":1,"t":false}}`},
		{"GET", c + where(`{"id":{"$in":["z","nope"]}}`), "", `200 {"z":{"deep":{"er":{"n":3}},"id":"z","n":2}}`},
		{"GET", c + where(`{"n":{"$gt":1,"$lt":3}}`) + "&fields=" + url.QueryEscape(`["id"]`), "", `200 {"z":{"id":"z"}}`},
		{"GET", c + where(`{"t":{"$eq":false}}`), "", `200 {"y":{"id":"y","n":1,"t":false}}`},
		{"GET", c + where(`{"deep.*.n":{"$exists":true}}`) + "&fields=" + url.QueryEscape(`["id"]`), "", `200 {"z":{"id":"z"}}`},
		{"GET", c + where(`{"id":{"$ne":"y"},"n":{"$lt":100}}`) + "&fields=" + url.QueryEscape(`["id"]`), "", `200 {"z":{"id":"z"}}`},
		{"GET", c + where(`{"t":{"$exists":false}}`) + "&fields=" + url.QueryEscape(`["id"]`), "", `200 {"z":{"id":"z"}}`},
		{"GET", c + "/x" + where(`{"a.q.*":{"$exists":true}}`), "", `204`},
		{"GET", c + "/x" + where(`{"a.q.[1]":{"$eq":7}}`), "", `200 [{"a":{"q":{"[1]":7}}}]`},
		{"PUT", c + "/json-schema", `{"type":"object","required":["id"]}`, `200 {"schema":{"type":"object","required":["id"]}}`},
		{"PUT", c + "/w", `{"n":1}`, `400 {"description":"Invalid JSON: [object has missing required properties ([\"id\"])]","code":400,"grpcStatus":null,"internalTxId":null}`},
		{"DELETE", c + "/x", "", `204`},
		{"GET", c + "/x", "", `404 {"description":"A document with the id x does not exist.","code":404,"grpcStatus":null,"internalTxId":null}`},
	} {
		by := first
		// What is about documents alone may be asked of either; who has made a
		// schema knows it first.
		if i > 3 && !strings.Contains(call.path, "json-schema") && !strings.HasSuffix(call.path, "/w") && i%2 == 0 {
			by = second
			awaitCollection(t, second)
		}
		if got := ask(t, by, call.method, call.path, call.body); got != call.want {
			t.Errorf("%s %s %s\n got %s\nwant %s", call.method, call.path, call.body, got, call.want)
		}
	}
	pages(t, first, second, c)
}

// awaitCollection waits until a gateway has the collection.
func awaitCollection(t *testing.T, s *harness.Server) {
	wait(t, "the collection", requestTimeout, func() bool {
		return strings.Contains(ask(t, s, "GET", "/v2/namespaces/docs/collections", ""), `"c"`)
	})
}

// pages pages through a collection, each page from another gateway.
func pages(t *testing.T, first, second *harness.Server, c string) {
	state, seen := "", map[string]int{}
	for range 3 {
		first, second = second, first
		answer := ask(t, first, "GET", c+"?page-size=1&fields="+url.QueryEscape(`["id"]`)+"&page-state="+url.QueryEscape(state), "")
		for _, id := range []string{"y", "z"} {
			seen[id] += strings.Count(answer, `{"id":"`+id+`"}`)
		}
		_, rest, more := strings.Cut(answer, `"pageState":"`)
		if state, _, _ = strings.Cut(rest, `"`); !more {
			break
		}
	}
	if seen["y"] != 1 || seen["z"] != 1 {
		t.Errorf("pages have %v", seen)
	}
}
