package document

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// recorded is one call to the reference, and its answer.
type recorded struct {
	N       int
	Name    string
	Request struct {
		Method, Path string
		Port         int
		Headers      map[string]string
		Body         *string
	}
	Captures []string
	Response struct {
		Status  int
		Headers map[string]string
		Body    string
	}
}

// TestReplay makes the calls of a recording of Stargate v2 and compares the
// answers: same status and same JSON, but for what is made up anew each time.
// testdata/golden/differences.txt lists the calls that differ on purpose.
func TestReplay(t *testing.T) {
	h, seconds := onStoppedClock(t)
	file, err := os.Open("testdata/golden/docs-v2.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	differences := readDifferences(t)
	names := map[string]string{"token": "secret"}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	calls := 0
	for lines.Scan() {
		var c recorded
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Request.Port != 8180 || strings.Contains(c.Request.Path, "/stargate/health") {
			c.elsewhere(t, h)
			continue
		}
		calls++
		if c.Response.Status == 404 && c.N == 268 { // the time to live of the call before has passed
			seconds.Add(3)
		}
		answer := c.send(h, names)
		checkDocumented(t, h, c.Request.Method, c.Request.Path, answer)
		for _, name := range c.Captures {
			var page struct{ PageState string }
			if json.Unmarshal(answer.Body.Bytes(), &page) == nil && page.PageState != "" {
				names[name] = page.PageState
			}
		}
		same := answer.Code == c.Response.Status && reflect.DeepEqual(masked(answer.Body.String()), masked(c.Response.Body)) &&
			(answer.Header().Get("Location") != "") == (c.Response.Headers["Location"] != "")
		switch d, listed := differences[c.N]; {
		case same && listed:
			t.Errorf("%d %s: agrees, though listed as different: %s", c.N, c.Name, d.reason)
		case !same && !listed:
			t.Errorf("%d %s: %s %s %s\n got %d %s\nwant %d %s", c.N, c.Name, c.Request.Method, c.Request.Path, value(c.Request.Body), answer.Code, answer.Body, c.Response.Status, c.Response.Body)
		case !same:
			if got := strings.TrimSpace(fmt.Sprintf("%d %s", answer.Code, answer.Body)); !strings.Contains(got, d.answer) {
				t.Errorf("%d %s: %s\n got %s\nwant %s", c.N, c.Name, d.reason, got, d.answer)
			}
		}
		delete(differences, c.N)
	}
	if lines.Err() != nil || calls == 0 {
		t.Fatalf("%d calls, %v", calls, lines.Err())
	}
	for n := range differences {
		t.Errorf("call %d is listed as different, but there is none", n)
	}
}

// elsewhere does what calls to other doors of the recorded server did, as far
// as later calls count on it.
func (c *recorded) elsewhere(t *testing.T, h *Handler) {
	if c.Request.Method == "POST" && strings.HasSuffix(c.Request.Path, "/keyspaces/gdocs/tables") {
		run(t, h, `CREATE TABLE gdocs.plain (id text PRIMARY KEY)`)
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

var hole = regexp.MustCompile(`\{\{(\w+)\}\}`)

// send makes the call, with {{name}} replaced by what was captured.
func (c *recorded) send(h *Handler, names map[string]string) *httptest.ResponseRecorder {
	fill := func(text string, escape func(string) string) string {
		return hole.ReplaceAllStringFunc(text, func(m string) string { return escape(names[m[2:len(m)-2]]) })
	}
	plain := func(s string) string { return s }
	body := fill(value(c.Request.Body), plain)
	r := httptest.NewRequest(c.Request.Method, fill(c.Request.Path, url.QueryEscape), strings.NewReader(body))
	for name, text := range c.Request.Headers {
		r.Header.Set(name, fill(text, plain))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// masked returns an answer as it is compared.
func masked(body string) any {
	var v any
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return body
	}
	return mask(v, "")
}

var (
	otherNamespaces = regexp.MustCompile(`^(system(_.*)?|data_endpoint_auth|gold|user_profile)$`)
)

// mask replaces what differs from server to server: page states, ids that were
// made up, the keyspaces of others and the spelling of numbers.
func mask(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			v[k] = mask(member, k)
		}
	case []any:
		v = slices.DeleteFunc(v, func(item any) bool {
			m, ok := item.(map[string]any)
			return ok && otherNamespaces.MatchString(fmt.Sprint(m["name"]))
		})
		for i := range v {
			v[i] = mask(v[i], "")
		}
		return append([]any{}, v...)
	case json.Number:
		return numeral(v)
	case string:
		if key == "pageState" {
			return "<pageState>"
		}
		if madeUp.MatchString(v) {
			return "<id>"
		}
	}
	return v
}

// numeral makes 1.0E10 and 10000000000 the same, but keeps all digits of
// integers.
func numeral(n json.Number) any {
	if !strings.ContainsAny(string(n), ".eE") {
		return string(n)
	}
	f, _ := n.Float64()
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.FormatInt(int64(f), 10)
	}
	return f
}

// difference is a call that we answer otherwise, and what we answer: a part of
// "status body".
type difference struct{ reason, answer string }

// readDifferences reads differences.txt: lines "n | what we answer", under a
// line with the reason.
func readDifferences(t *testing.T) map[int]difference {
	t.Helper()
	text, err := os.ReadFile("testdata/golden/differences.txt")
	if err != nil {
		t.Fatal(err)
	}
	differences, reason := map[int]difference{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		n, answer, isCall := strings.Cut(line, " | ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !isCall:
			reason = line
		default:
			i, err := strconv.Atoi(n)
			if err != nil || reason == "" {
				t.Fatalf("differences.txt: %s", line)
			}
			differences[i] = difference{reason, answer}
		}
	}
	return differences
}
