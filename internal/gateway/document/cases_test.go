package document

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/httpapi/apicase"
)

// TestCases makes the calls of testdata/cases.txt, from top to bottom, on the
// embedded engine. {{state}} is the page state of the last answer that had one,
// {{id}} an id that was made up. A method "WAIT" moves the clock.
func TestCases(t *testing.T) {
	text, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	h, seconds := onStoppedClock(t)
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
		checkDocumented(t, h, c.Method, path, answer)
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
			t.Fatalf("cases.txt:%s: nothing is expected", c.At)
		}
		if want := c.Unmet(got); want != "" {
			t.Errorf("cases.txt:%s: %s %s %s\n got %s\nwant %s", c.At, c.Method, c.Target, c.Body, got, want)
		}
	}
}

var (
	madeUp = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	anyID  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
)
