package rest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/httpapi/apicase"
)

// TestCases makes the calls of testdata/cases.txt, from top to bottom, on the
// embedded engine.
func TestCases(t *testing.T) { runCases(t, "testdata/cases.txt", onEngine(t, Options{})) }

// TestCQLCases does so with /v2/cql on.
func TestCQLCases(t *testing.T) { runCases(t, "testdata/cql.txt", onEngine(t, Options{CQL: true})) }

// TestV1Cases does so with the cases of the REST API v1.
func TestV1Cases(t *testing.T) { runCases(t, "testdata/v1.txt", onEngine(t, Options{})) }

// TestProfileV1 does so with the older profile of the REST API v2.
func TestProfileV1(t *testing.T) {
	runCases(t, "testdata/profile-v1.txt", onEngine(t, Options{Profile: ProfileV1}))
}

// TestReference plays what Stargate's own test of the API expects, in both profiles.
func TestReference(t *testing.T) {
	for name, profile := range map[string]Profile{"v2": ProfileV2, "v1": ProfileV1} {
		t.Run(name, func(t *testing.T) { runCases(t, "testdata/reference.txt", onEngine(t, Options{Profile: profile})) })
	}
}

func runCases(t *testing.T, name string, h *Handler) {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	short := strings.NewReplacer("R/", "/v2/keyspaces/ks/", "S/", "/v2/schemas/keyspaces/", "T/", "/v2/schemas/keyspaces/ks/tables/", "V/", "/v1/keyspaces/ks/tables/")
	state := ""
	for _, c := range apicase.Read(string(text)) {
		path, query, found := strings.Cut(c.Target, "?")
		if path[0] != '/' {
			path = short.Replace(path[:2]) + path[2:]
		}
		if found {
			path += "?" + strings.ReplaceAll(query, "%7B%7Bstate%7D%7D", url.QueryEscape(state))
		}
		header := c.Header
		if strings.Contains(path, "/v2/cql") && header == nil {
			header = []string{"Content-Type", "text/plain"}
		}
		answer := ask(h, c.Method, strings.TrimSuffix(path, "/"), c.Body, header...)
		got := strings.TrimSpace(show(answer))
		var page struct{ PageState string }
		if json.Unmarshal(answer.Body.Bytes(), &page) == nil && page.PageState != "" {
			state = page.PageState
			if (strings.HasPrefix(path, "/v1/") || h.profile == ProfileV1) && strings.ContainsAny(state, "+/") {
				t.Errorf("%s:%s: the page state is not URL-safe", name, c.At)
			}
			got = strings.Replace(got, fmt.Sprintf("%q", state), `"{{state}}"`, 1)
		}
		if len(c.Want) == 0 {
			t.Fatalf("%s:%s: nothing is expected", name, c.At)
		}
		if want := c.Unmet(got); want != "" {
			t.Errorf("%s:%s: %s %s %s\n got %s\nwant %s", name, c.At, c.Method, c.Target, c.Body, got, want)
		}
	}
}
