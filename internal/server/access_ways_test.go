package server

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
)

// httpWay is how a principal calls a door over HTTP.
func (k *kitchen) httpWay(t *testing.T, d door, p *accessPrincipal) way {
	fill := strings.NewReplacer("{token}", p.token, "{user}", p.user, "{password}", p.password, "{database}", k.database.ID.String(), "{org}", k.access.Organization().ID.String())
	var cookies []*http.Cookie
	call := func(method, path, media, body string, headers []string) *httptest.ResponseRecorder {
		path, query, _ := strings.Cut(fill.Replace(path), "?")
		r := httptest.NewRequest(method, path, strings.NewReader(fill.Replace(body)))
		r.URL.RawQuery = strings.ReplaceAll(query, " ", "%20")
		if body != "" {
			r.Header.Set("Content-Type", media)
		}
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			if strings.Contains(value, "{token}") && p.token == "" {
				continue
			}
			r.Header.Set(name, fill.Replace(value))
		}
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		d.handler.ServeHTTP(w, r)
		return w
	}
	return func(e *accessEntry) (int, string) {
		cookies = nil
		if e.login != "" && !e.public {
			parts := strings.SplitN(e.login, " ", 3)
			w := call(parts[0], parts[1], "application/json", parts[2], nil)
			if w.Code >= 300 {
				return w.Code, readable(w.Body.String())
			}
			cookies = w.Result().Cookies()
		}
		w := call(e.method, e.path, e.media, e.body, e.headers)
		return w.Code, readable(w.Body.String())
	}
}

// readable takes out what JSON does to texts with < and >.
func readable(body string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(body)
}

// nativeWay is how a principal calls the native protocol: over one connection
// for each operation, for as long as it is let in.
func (k *kitchen) nativeWay(t *testing.T, p *accessPrincipal) way {
	clients, failures := map[string]*wiretest.Client{}, map[string]error{}
	return func(e *accessEntry) (int, string) {
		if clients[e.operation] == nil {
			clients[e.operation], failures[e.operation] = k.nativeLogin(t, p)
		}
		if err := failures[e.operation]; err != nil {
			return codeOf(err)
		}
		return nativeCall(t, clients[e.operation], e)
	}
}

func (k *kitchen) nativeLogin(t *testing.T, p *accessPrincipal) (*wiretest.Client, error) {
	t.Helper()
	c, err := wiretest.Dial(k.cqlAddress, wire.V5)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.Conn.SetDeadline(time.Now().Add(5 * time.Minute))
	user, password := p.user, p.password
	if user == "" {
		user, password = "nobody", "nothing"
	}
	return c, c.Login(user, password, nil)
}

// nativeCall makes one request, or PREPARE and another one.
func nativeCall(t *testing.T, c *wiretest.Client, e *accessEntry) (int, string) {
	t.Helper()
	params := wire.QueryParams{Consistency: uint16(backend.LocalQuorum), PageSize: 1000}
	var op wire.Opcode
	var m wire.Body
	switch e.operation {
	case "QUERY":
		op, m = wire.OpQuery, &wire.Query{Text: e.cql, Params: params}
	case "PREPARE":
		op, m = wire.OpPrepare, &wire.Prepare{Text: e.cql}
	case "BATCH":
		op, m = wire.OpBatch, &wire.Batch{Entries: []wire.BatchEntry{{Text: e.cql}}, Params: params}
	case "EXECUTE":
		r, err := c.Do(wire.OpPrepare, &wire.Prepare{Text: e.cql})
		if err != nil {
			t.Fatal(err)
		}
		prepared, err := r.Result()
		if err != nil {
			return codeOf(err)
		}
		op, m = wire.OpExecute, &wire.Execute{ID: prepared.Prepared.ID, ResultMetadataID: prepared.Prepared.ResultMetadataID, Params: params}
	default:
		t.Fatalf("access_ways_test.go does not know how to make a %s", e.operation)
	}
	r, err := c.Do(op, m)
	if err != nil {
		t.Fatalf("%s: %v", e.cql, err)
	}
	if err := r.Err(); err != nil {
		return codeOf(err)
	}
	return 0, string(r.Body)
}

func codeOf(err error) (int, string) {
	var e *cqlerr.Error
	if errors.As(err, &e) {
		return int(e.Code), e.Message
	}
	return -1, fmt.Sprint(err)
}
