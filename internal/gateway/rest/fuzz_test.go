package rest

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/httpapi/apicase"
)

// check refuses answers that no request may have: a 500, or what is not JSON.
func check(t *testing.T, h *Handler, method, target, body string) {
	w := ask(h, method, target, body)
	if w.Code >= 500 || w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
		t.Fatalf("%s %s %q: %s", method, target, body, show(w))
	}
}

// FuzzWhere sends any where, fields and sort.
func FuzzWhere(f *testing.F) {
	text, err := os.ReadFile("testdata/statements.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range apicase.Read(string(text)) {
		if u, err := url.Parse(c.Target); err == nil && c.Method == "GET" {
			q := u.Query()
			f.Add(q.Get("where"), q.Get("fields"), q.Get("sort"), q.Get("compactMapData") == "false")
		}
	}
	h := New(Options{Backend: newFake(f), Auth: everyone{}})
	f.Fuzz(func(t *testing.T, where, fields, sort string, arrayMaps bool) {
		query := url.Values{"where": {where}, "fields": {fields}, "sort": {sort}}
		if arrayMaps {
			query.Set("compactMapData", "false")
		}
		for _, table := range []string{"ev", "maps", "users"} {
			check(t, h, "GET", "/v2/keyspaces/ks/"+table+"?"+query.Encode(), "")
		}
	})
}

// FuzzRow sends any path and body to each endpoint of rows and schemas.
func FuzzRow(f *testing.F) {
	text, err := os.ReadFile("testdata/statements.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range apicase.Read(string(text)) {
		if c.Method != "GET" {
			f.Add(strings.TrimPrefix(c.Target, "/v2/"), c.Body)
		}
	}
	h := New(Options{Backend: newFake(f), Auth: everyone{}})
	f.Fuzz(func(t *testing.T, path, body string) {
		if u, err := url.ParseRequestURI("/v2/" + path); err != nil || strings.Contains(u.EscapedPath(), "/.") || strings.ContainsAny(path, " \r\n\x00") {
			return
		}
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			check(t, h, method, "/v2/"+path, body)
		}
	})
}
