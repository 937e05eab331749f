package rest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

const userPath = "/v2/keyspaces/ks/users/11111111-1111-4111-8111-111111111111"

// failed makes the text of an error answer.
func failed(status int, description string) string {
	return fmt.Sprintf(`%d {"description":"%s","code":%d,"grpcStatus":null,"internalTxId":null}`, status, description, status)
}

func show(w *httptest.ResponseRecorder) string { return fmt.Sprintf("%d %s", w.Code, w.Body) }

// TestRefusals checks the answers to requests that reach no endpoint, or an
// endpoint that they do not suit.
func TestRefusals(t *testing.T) {
	h := New(Options{Backend: newFake(t), Auth: everyone{}})
	const (
		missing    = "Role unauthorized for operation: Missing token, expecting one in the X-Cassandra-Token header."
		invalid    = `401 {"description":"Unauthenticated gRPC operation (Status.Code.UNAUTHENTICATED->401): UNAUTHENTICATED: Invalid token","code":401,"grpcStatus":"UNAUTHENTICATED","internalTxId":null}`
		noResource = "Unable to find matching target resource method"
	)
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		want               string
	}{
		"no token":             {"GET", userPath, "", []string{"X-Cassandra-Token", ""}, failed(401, missing)},
		"bearer":               {"GET", userPath, "", []string{"X-Cassandra-Token", "", "Authorization", "Bearer secret"}, failed(401, missing)},
		"cookie":               {"GET", userPath, "", []string{"X-Cassandra-Token", "", "Cookie", "X-Cassandra-Token=secret"}, failed(401, missing)},
		"bad token":            {"GET", userPath, "", []string{"X-Cassandra-Token", "nope"}, invalid},
		"header in lower case": {"GET", "/v2/nowhere", "", []string{"x-cassandra-token", "secret"}, failed(404, noResource)},
		"unknown path":         {"GET", "/v2/nowhere", "", nil, failed(404, noResource)},
		"API v1":               {"GET", "/v1/nowhere", "", nil, `404 {"code":404,"message":"HTTP 404 Not Found"}`},
		"cql is off":           {"POST", "/v2/cql", "SELECT 1", nil, failed(404, noResource)},
		"table DELETE":         {"DELETE", "/v2/keyspaces/ks/users", "", nil, failed(405, "HTTP 405 Method Not Allowed")},
		"row POST":             {"POST", userPath, "{}", nil, failed(405, "HTTP 405 Method Not Allowed")},
		"xml":                  {"GET", userPath, "", []string{"Accept", "application/xml"}, failed(406, "The accept header value did not match the value in @Produces")},
		"text body":            {"POST", "/v2/keyspaces/ks/users", "{}", []string{"Content-Type", "text/plain"}, failed(415, "The content-type header value did not match the value in @Consumes")},
		"page-size abc":        {"GET", userPath + "?page-size=abc", "", nil, failed(404, "HTTP 404 Not Found")},
		"page-size 1e9":        {"GET", userPath + "?page-size=1000000000", "", nil, failed(400, "Request invalid: 'page-size' must not be greater than 10000.")},
		"page-state":           {"GET", userPath + "?page-state=%21", "", nil, failed(400, "Illegal base64 character 21")},
		"escape":               {"GET", userPath + "?fields=%zz", "", nil, failed(400, "HTTP 400 Bad Request")},
		"long query":           {"GET", userPath + "?where=" + strings.Repeat("x", maxQuery), "", nil, failed(414, "HTTP 414 Request URI Too Long")},
		"big body":             {"POST", "/v2/keyspaces/ks/users", strings.Repeat(" ", httpapi.MaxBody+1), nil, failed(413, "HTTP 413 Request Entity Too Large")},
	} {
		t.Run(name, func(t *testing.T) {
			if got := show(ask(h, c.method, c.path, c.body, c.header...)); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestChunkedBody sends a body without its length, at and beyond the limit.
func TestChunkedBody(t *testing.T) {
	h := New(Options{Backend: newFake(t), Auth: everyone{}})
	for size, want := range map[int]int{httpapi.MaxBody: http.StatusCreated, httpapi.MaxBody + 1: http.StatusRequestEntityTooLarge} {
		body := `{"userid":"11111111-1111-4111-8111-111111111111","firstname":"` + strings.Repeat("x", size-64) + `"}`
		r := httptest.NewRequest("POST", "/v2/keyspaces/ks/users", io.MultiReader(strings.NewReader(body), strings.NewReader("")))
		r.ContentLength = -1
		r.Header.Set("X-Cassandra-Token", "secret")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if len(body) != size || w.Code != want {
			t.Errorf("%d bytes: got %.200s, want %d", len(body), show(w), want)
		}
	}
}

func TestContentTypes(t *testing.T) {
	h := New(Options{Backend: newFake(t), Auth: everyone{}})
	const body = `{"userid":"11111111-1111-4111-8111-111111111111"}`
	for _, contentType := range []string{"", "application/json", "Application/JSON; charset=utf-8"} {
		w := ask(h, "POST", "/v2/keyspaces/ks/users", body, "Content-Type", contentType)
		if w.Code != http.StatusCreated || w.Body.String() != body || w.Header().Get("Content-Type") != "application/json;charset=UTF-8" {
			t.Errorf("%q: got %s", contentType, show(w))
		}
	}
	for _, accept := range []string{"*/*", "text/html, application/json;q=0.9", "application/*"} {
		if w := ask(h, "GET", userPath, "", "Accept", accept); w.Code != http.StatusOK {
			t.Errorf("Accept %q: got %s", accept, show(w))
		}
	}
}

// TestEcho checks what writes answer: POST the request's own text, PUT and
// PATCH its JSON.
func TestEcho(t *testing.T) {
	h := New(Options{Backend: newFake(t), Auth: everyone{}})
	const body = "{ \"userid\": \"11111111-1111-4111-8111-111111111111\",\n \"firstname\":\"a\", \"firstname\" : \"b\\u00e9\" }  "
	if got, want := show(ask(h, "POST", "/v2/keyspaces/ks/users", body)), "201 "+body; got != want {
		t.Errorf("POST: got %s, want %s", got, want)
	}
	for query, want := range map[string]string{"": `200 {"data":{"firstname":"x y","lastname":null}}`, "?raw=true": `200 {"firstname":"x y","lastname":null}`} {
		for _, method := range []string{"PUT", "PATCH"} {
			if got := show(ask(h, method, userPath+query, `{"firstname": "x y", "lastname" : null}`)); got != want {
				t.Errorf("%s: got %s, want %s", method, got, want)
			}
		}
	}
	if got := show(ask(h, "DELETE", userPath, "")); got != "204 " {
		t.Errorf("DELETE: got %s", got)
	}
}

// TestPages checks the frame around rows, and the page that is asked for.
func TestPages(t *testing.T) {
	f := newFake(t)
	h := New(Options{Backend: f, Auth: everyone{}})
	id := bytes.Repeat([]byte{0x11}, 16)
	f.rows = [][]byte{id, nil, []byte("a\"b"), id, nil, nil}
	f.state = []byte{0xfb, 0xff, 0xfe}
	const path = "/v2/keyspaces/ks/users/rows?fields=userid,email,firstname"
	const rows = `[{"userid":"11111111-1111-1111-1111-111111111111","email":null,"firstname":"a\"b"},{"userid":"11111111-1111-1111-1111-111111111111","email":null,"firstname":null}]`
	if got, want := show(ask(h, "GET", path, "")), `200 {"count":2,"pageState":"+//+","data":`+rows+`}`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if f.query.PageSize != 100 || f.query.PagingState != nil {
		t.Errorf("asked for %+v", f.query)
	}
	if got, want := show(ask(h, "GET", path+"&raw=true", "")), "200 "+rows; got != want {
		t.Errorf("raw: got %s\nwant %s", got, want)
	}
	// A client that forgets to escape its + sends a blank.
	for _, state := range []string{"%2B%2F%2F%2B", "+//+"} {
		ask(h, "GET", path+"&page-size=2&page-state="+state, "")
		if f.query.PageSize != 2 || !bytes.Equal(f.query.PagingState, f.state) {
			t.Errorf("%s: asked for %+v", state, f.query)
		}
	}
	f.rows, f.state = nil, nil
	for _, size := range []string{"0", "-1", ""} {
		if got, want := show(ask(h, "GET", path+"&page-size="+size, "")), `200 {"count":0,"data":[]}`; got != want || f.query.PageSize != 100 {
			t.Errorf("page-size %q: got %s and page size %d, want %s", size, got, f.query.PageSize, want)
		}
	}
}

// TestBackendErrors checks the status and text of each error of a back end.
func TestBackendErrors(t *testing.T) {
	f := newFake(t)
	h := New(Options{Backend: f, Auth: everyone{}})
	for code, want := range map[cqlerr.Code]string{
		cqlerr.Invalid:         `400 Invalid argument for gRPC operation (Status.Code.INVALID_ARGUMENT->400): INVALID_ARGUMENT`,
		cqlerr.Syntax:          `400 Invalid argument for gRPC operation (Status.Code.INVALID_ARGUMENT->400): INVALID_ARGUMENT`,
		cqlerr.Protocol:        `400 Invalid argument for gRPC operation (Status.Code.INVALID_ARGUMENT->400): INVALID_ARGUMENT`,
		cqlerr.Config:          `400 Invalid state or argument(s) for gRPC operation (Status.Code.FAILED_PRECONDITION->400): FAILED_PRECONDITION`,
		cqlerr.FunctionFailure: `400 Invalid state or argument(s) for gRPC operation (Status.Code.FAILED_PRECONDITION->400): FAILED_PRECONDITION`,
		cqlerr.AlreadyExists:   `409 Resource already exists (Status.Code.ALREADY_EXISTS->409): ALREADY_EXISTS`,
		cqlerr.Unauthorized:    `401 Unauthorized gRPC operation (Status.Code.PERMISSION_DENIED->401): PERMISSION_DENIED`,
		cqlerr.BadCredentials:  `401 Unauthenticated gRPC operation (Status.Code.UNAUTHENTICATED->401): UNAUTHENTICATED`,
		cqlerr.Unavailable:     `502 gRPC service unavailable (Status.Code.UNAVAILABLE->502): UNAVAILABLE`,
		cqlerr.Bootstrapping:   `502 gRPC service unavailable (Status.Code.UNAVAILABLE->502): UNAVAILABLE`,
		cqlerr.ReadTimeout:     `504 gRPC service timeout (Status.Code.DEADLINE_EXCEEDED->504): DEADLINE_EXCEEDED`,
		cqlerr.WriteTimeout:    `504 gRPC service timeout (Status.Code.DEADLINE_EXCEEDED->504): DEADLINE_EXCEEDED`,
		cqlerr.Overloaded:      `500 Unhandled gRPC failure (Status.Code.RESOURCE_EXHAUSTED->500): RESOURCE_EXHAUSTED`,
		cqlerr.ReadFailure:     `500 Unhandled gRPC failure (Status.Code.ABORTED->500): ABORTED`,
		cqlerr.ServerError:     `500 Unhandled gRPC failure (Status.Code.INTERNAL->500): INTERNAL`,
	} {
		f.err = cqlerr.New(code, "what \"went\" wrong")
		status, rest, _ := strings.Cut(want, " ")
		grpc := rest[strings.LastIndex(rest, " ")+1:]
		full := fmt.Sprintf(`%s {"description":"%s: what \"went\" wrong","code":%s,"grpcStatus":"%s","internalTxId":null}`, status, rest, status, grpc)
		if got := show(ask(h, "GET", userPath, "")); got != full {
			t.Errorf("%#x\n got %s\nwant %s", code, got, full)
		}
	}
}

// TestUnreachable: a cluster that can't be reached is 503 in both profiles.
func TestUnreachable(t *testing.T) {
	f := newFake(t)
	h := New(Options{Backend: f, Auth: everyone{}})
	f.err = cqlerr.Unreachablef("No node of the cluster can be reached")
	const want = `503 {"description":"gRPC service unavailable (Status.Code.UNAVAILABLE->503): UNAVAILABLE: No node of the cluster can be reached",` +
		`"code":503,"grpcStatus":"UNAVAILABLE","internalTxId":null}`
	if got := show(ask(h, "GET", userPath, "")); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	h = New(Options{Backend: f, Auth: everyone{}, Profile: ProfileV1})
	const wantV1 = `503 {"description":"Server error: No node of the cluster can be reached","code":503}`
	if got := show(ask(h, "GET", userPath, "")); got != wantV1 {
		t.Errorf("older profile: got %s\nwant %s", got, wantV1)
	}
}

// TestAuthorization: nobody learns anything about a table that they may not
// access, and schemas show only what is visible.
func TestAuthorization(t *testing.T) {
	h := New(Options{Backend: newFake(t), Auth: everyone{}})
	reader := []string{"X-Cassandra-Token", "reader"}
	const denied = `401 {"description":"Unauthorized gRPC operation (Status.Code.PERMISSION_DENIED->401): PERMISSION_DENIED: User reader has no such permission","code":401,"grpcStatus":"PERMISSION_DENIED","internalTxId":null}`
	for _, c := range []struct{ method, path, body, want string }{
		{"GET", userPath, "", `200 {"count":0,"data":[]}`},
		{"POST", "/v2/keyspaces/ks/users", `{"nope":1}`, denied},
		{"POST", "/v2/keyspaces/ks/nope", `{"nope":1}`, denied},
		{"PATCH", userPath, `{"email":"x"}`, denied},
		{"DELETE", userPath, "", denied},
		{"GET", "/v2/keyspaces/other/t/1", "", denied},
		{"GET", "/v2/keyspaces/other/t/rows", "", denied},
		{"POST", "/v2/schemas/keyspaces", `{"name":"x"}`, denied},
		{"DELETE", "/v2/schemas/keyspaces/ks", "", denied},
		{"POST", "/v2/schemas/keyspaces/ks/tables/users/columns", `{"name":"x","typeDefinition":"int"}`, denied},
		{"GET", "/v2/schemas/keyspaces", "", `200 {"data":[{"name":"ks"}]}`},
		{"GET", "/v2/schemas/keyspaces/other", "", failed(401, "Unauthorized keyspace: other")},
		{"GET", "/v2/schemas/keyspaces/other/tables", "", failed(401, "Unauthorized keyspace: other")},
		{"GET", "/v2/schemas/keyspaces/other/types", "", failed(401, "Unauthorized keyspace: other")},
		{"GET", "/v2/schemas/keyspaces/other/tables/t", "", failed(401, "Unauthorized table: other.t")},
		{"GET", "/v2/schemas/keyspaces/other/tables/t/columns", "", failed(401, "Unauthorized table: other.t")},
	} {
		if got := show(ask(h, c.method, c.path, c.body, reader...)); got != c.want {
			t.Errorf("%s %s\n got %s\nwant %s", c.method, c.path, got, c.want)
		}
	}
}

// TestOrigin checks what a page of another origin may do.
func TestOrigin(t *testing.T) {
	h := New(Options{Backend: newFake(t), Auth: everyone{}})
	w := ask(h, "OPTIONS", "/v2/keyspaces/ks/users", "", "X-Cassandra-Token", "", "Origin", "https://app.example",
		"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,x-cassandra-token")
	want := map[string]string{
		"Access-Control-Allow-Origin": "https://app.example", "Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Methods": "POST,GET,OPTIONS,PUT,DELETE,PATCH", "Access-Control-Allow-Headers": "content-type,x-cassandra-token",
		"Access-Control-Max-Age": "1800", "Vary": "Origin",
	}
	check := func(what string) {
		for name, value := range want {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", what, name, got, value)
			}
		}
	}
	check("preflight")
	if w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("preflight: got %s", show(w))
	}
	want = map[string]string{
		"Access-Control-Allow-Origin": "https://app.example", "Access-Control-Allow-Credentials": "true",
		"Access-Control-Expose-Headers": "Date", "Vary": "Origin", "Access-Control-Allow-Methods": "",
	}
	w = ask(h, "GET", userPath, "", "Origin", "https://app.example")
	check("answer")
	w = ask(h, "GET", userPath, "", "Origin", "https://app.example", "X-Cassandra-Token", "")
	check("refusal")
	w = ask(h, "GET", "/nowhere", "", "Origin", "https://app.example")
	check("unknown path")
	want = map[string]string{"Access-Control-Allow-Origin": "", "Vary": ""}
	w = ask(h, "GET", userPath, "")
	check("no origin")
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	h := New(Options{Backend: newFake(t), Auth: everyone{}, Metrics: registry})
	ask(h, "GET", userPath, "")
	ask(h, "GET", "/api/rest"+userPath, "")
	ask(h, "GET", userPath+"x", "")
	ask(h, "GET", "/nowhere", "")
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			var labels []string
			for _, label := range m.GetLabel() {
				labels = append(labels, label.GetValue())
			}
			got[family.GetName()+" "+strings.Join(labels, " ")] = m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount()) + float64(m.GetSummary().GetSampleCount())
		}
	}
	const path = "/v2/keyspaces/{keyspace}/{table}/{key...}"
	const route = "GET " + path
	for name, want := range map[string]float64{
		"astrolabe_rest_requests_total   404":              1,
		"astrolabe_rest_requests_total " + route + " 200":  2,
		"astrolabe_rest_requests_total " + route + " 400":  1,
		"astrolabe_rest_request_duration_seconds " + route: 3,
		// As dashboards of Stargate read them.
		"http_server_requests_seconds GET sgv2-restapi SUCCESS 200 " + path:            2,
		"http_server_requests_seconds GET sgv2-restapi CLIENT_ERROR 400 " + path:       1,
		"http_server_requests_seconds UNKNOWN sgv2-restapi CLIENT_ERROR 404 NOT_FOUND": 1,
		"http_server_requests_counter_total false sgv2-restapi unknown":                4,
		"http_server_requests_counter_total true sgv2-restapi unknown":                 0,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}
