package document

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/httpapi/apicase"
)

// TestCases makes the calls of testdata/cases.txt, from top to bottom, on the
// embedded engine.
func TestCases(t *testing.T) {
	h, seconds := onStoppedClock(t)
	play(t, h, seconds, "testdata/cases.txt")
}

// TestOlderProfile does so with those of testdata/v1.txt, as Stargate v1 answers
// them.
func TestOlderProfile(t *testing.T) {
	h, seconds := onStoppedClock(t)
	h = New(Options{Backend: h.backend, Auth: h.auth, V1: true})
	run(t, h, `CREATE KEYSPACE other WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	run(t, h, `CREATE TABLE other.plain (id text PRIMARY KEY)`)
	play(t, h, seconds, "testdata/v1.txt")
}

// play makes the calls of a file. {{state}} is the page state of the last answer
// that had one, {{id}} an id that was made up. A method "WAIT" moves the clock.
func play(t *testing.T, h *Handler, seconds *atomic.Int32, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	short := strings.NewReplacer("N/", "/v2/schemas/namespaces/", "C/", "/v2/namespaces/ns/collections/", "B/", "/v2/namespaces/ns/collections/c/")
	escape := strings.NewReplacer("[", "%5B", "]", "%5D", `\`, "%5C", " ", "%20")
	state, id := "", ""
	for _, c := range apicase.Read(string(text)) {
		if c.Method == "WAIT" {
			d, err := time.ParseDuration(c.Target)
			if err != nil {
				t.Fatal(err)
			}
			seconds.Add(int32(d / time.Second))
			continue
		}
		path, query, found := strings.Cut(c.Target, "?")
		if path[0] != '/' {
			path = short.Replace(path[:2]) + path[2:]
		}
		path = strings.ReplaceAll(strings.TrimSuffix(escape.Replace(path), "/"), "{{id}}", id)
		if found {
			path += "?" + strings.ReplaceAll(query, "%7B%7Bstate%7D%7D", url.QueryEscape(state))
		}
		answer := ask(h, c.Method, path, c.Body)
		if !h.v1 {
			checkDocumented(t, h, c.Method, path, answer)
		}
		got := fmt.Sprintf("%d %s", answer.Code, answer.Body)
		var page struct{ PageState, DocumentID string }
		if json.Unmarshal(answer.Body.Bytes(), &page) == nil && page.PageState != "" {
			state = page.PageState
			got = strings.Replace(got, fmt.Sprintf("%q", state), `"{{state}}"`, 1)
		}
		if madeUp.MatchString(page.DocumentID) {
			id = page.DocumentID
		}
		got = strings.TrimSpace(anyID.ReplaceAllString(got, "{{id}}"))
		if location := answer.Header().Get("Location"); location != "" {
			got += " at " + anyID.ReplaceAllString(strings.TrimPrefix(location, "http://example.com"), "{{id}}")
		}
		if len(c.Want) == 0 {
			t.Fatalf(file+":%s: nothing is expected", c.At)
		}
		if want := c.Unmet(got); want != "" {
			t.Errorf(file+":%s: %s %s %s\n got %s\nwant %s", c.At, c.Method, c.Target, c.Body, got, want)
		}
	}
}

var (
	madeUp = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	anyID  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
)
