// Package replay makes the calls of a recording of a real Stargate again and
// compares the answers. Only tests use it.
//
// A recording is testdata/golden/<name>.jsonl, one call a line. Beside it,
// differences.txt lists the calls that are answered otherwise on purpose:
//
//	name of the recording: reason
//	number of the call | a part of what we answer ("status body")
//
// Lines that start with # are comments.
package replay

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Call is a recorded call over HTTP, and its answer.
type Call struct {
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

// Send makes the call at a handler.
func (c *Call) Send(h http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(c.Request.Method, c.Request.Path, strings.NewReader(c.body()))
	for name, text := range c.Request.Headers {
		r.Header.Set(name, text)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func (c *Call) body() string {
	if c.Request.Body == nil {
		return ""
	}
	return *c.Request.Body
}

var hole = regexp.MustCompile(`\{\{(\w+)\}\}`)

// fill puts what was captured into the call, where it says {{name}}.
func (c *Call) fill(names map[string]string) {
	fill := func(text string, escape func(string) string) string {
		return hole.ReplaceAllStringFunc(text, func(m string) string { return escape(names[m[2:len(m)-2]]) })
	}
	plain := func(s string) string { return s }
	c.Request.Path = fill(c.Request.Path, url.QueryEscape)
	for name, text := range c.Request.Headers {
		c.Request.Headers[name] = fill(text, plain)
	}
	body := fill(c.body(), plain)
	c.Request.Body = &body
}

// capture finds a token, a version or a page state in an answer.
func capture(name string, answer []byte, names map[string]string) {
	member := map[byte]string{'t': "authToken", 'v': "version", 'p': "pageState", 's': "pagingState"}[name[0]]
	if match := regexp.MustCompile(`"` + member + `":"([^"]+)"`).FindSubmatch(answer); match != nil {
		names[name] = string(match[1])
	}
}

// Door is what a recording is played on.
type Door struct {
	// Ask makes a call and returns the answer, nil when the call is for another door.
	Ask func(*Call) *httptest.ResponseRecorder
	// Mask changes what differs from server to server in an answer: it is called for
	// each value of the JSON, the inner ones first, with the name it has.
	Mask func(c *Call, name string, value any) any
	// Same, if given, compares what is besides status and body.
	Same func(*Call, *httptest.ResponseRecorder) bool
}

// Play makes the calls of a recording and compares the answers: same status and
// same JSON, but for page states and what the door masks.
func Play(t *testing.T, recording string, d Door) {
	t.Helper()
	differences := ReadDifferences(t, recording)
	names := map[string]string{"token": "secret"}
	calls := 0
	Each(t, recording, func(c *Call) {
		c.fill(names)
		answer := d.Ask(c)
		if answer == nil {
			return
		}
		calls++
		for _, name := range c.Captures {
			capture(name, answer.Body.Bytes(), names)
		}
		same := answer.Code == c.Response.Status && (d.Same == nil || d.Same(c, answer)) &&
			reflect.DeepEqual(d.masked(c, answer.Body.String()), d.masked(c, c.Response.Body))
		differences.Check(t, c.N, same, fmt.Sprintf("%s: %s %s %s", c.Name, c.Request.Method, c.Request.Path, c.body()),
			strings.TrimSpace(fmt.Sprintf("%d %s", answer.Code, answer.Body)), fmt.Sprintf("%d %s", c.Response.Status, c.Response.Body))
	})
	if calls == 0 {
		t.Fatalf("%s: no calls", recording)
	}
	differences.Done(t)
}

// masked returns an answer as it is compared.
func (d Door) masked(c *Call, body string) any {
	var v any
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&v) != nil {
		return body
	}
	return d.mask(c, "", v)
}

func (d Door) mask(c *Call, name string, v any) any {
	switch members := v.(type) {
	case map[string]any:
		for k, member := range members {
			members[k] = d.mask(c, k, member)
		}
	case []any:
		for i := range members {
			members[i] = d.mask(c, "", members[i])
		}
	case json.Number:
		v = number(members)
	case string:
		if name == "pageState" || name == "pagingState" {
			return "<state>"
		}
	}
	return d.Mask(c, name, v)
}

// number makes 1.0E10 and 10000000000 the same, but keeps all digits of
// integers.
func number(n json.Number) any {
	if !strings.ContainsAny(string(n), ".eE") {
		return n
	}
	f, _ := n.Float64()
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return json.Number(strconv.FormatInt(int64(f), 10))
	}
	return f
}

// Each reads a recording: do gets one call after the other.
func Each[C any](t testing.TB, recording string, do func(*C)) {
	t.Helper()
	file, err := os.Open("testdata/golden/" + recording + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		c := new(C)
		if err := json.Unmarshal(lines.Bytes(), c); err != nil {
			t.Fatal(err)
		}
		do(c)
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
}

// Differences are the calls of a recording that are answered otherwise.
type Differences struct {
	recording string
	calls     map[int]difference
}

type difference struct{ reason, answer string }

// ReadDifferences reads the part of differences.txt about one recording.
func ReadDifferences(t *testing.T, recording string) Differences {
	t.Helper()
	text, err := os.ReadFile("testdata/golden/differences.txt")
	if err != nil {
		t.Fatal(err)
	}
	d := Differences{recording, map[int]difference{}}
	about, reason := "", ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		n, answer, isCall := strings.Cut(line, " | ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !isCall:
			about, reason, _ = strings.Cut(line, ": ")
		case about == recording:
			i, err := strconv.Atoi(n)
			if err != nil || reason == "" {
				t.Fatalf("differences.txt: %s", line)
			}
			d.calls[i] = difference{reason, answer}
		}
	}
	return d
}

// Check fails the test unless a call is answered the same, or is listed and
// answered as is said there.
func (d Differences) Check(t *testing.T, n int, same bool, call, got, want string) {
	t.Helper()
	listed, ok := d.calls[n]
	delete(d.calls, n)
	switch {
	case same && ok:
		t.Errorf("%s %d %s: agrees, though listed as different: %s", d.recording, n, call, listed.reason)
	case !same && !ok:
		t.Errorf("%s %d %s\n got %s\nwant %s", d.recording, n, call, got, want)
	case !same && !strings.Contains(got, listed.answer):
		t.Errorf("%s %d %s: %s\n got %s\nwant %s", d.recording, n, call, listed.reason, got, listed.answer)
	}
}

// Done fails the test when calls are listed that were not made.
func (d Differences) Done(t *testing.T) {
	t.Helper()
	for n := range d.calls {
		t.Errorf("%s %d is listed as different, but there is no such call", d.recording, n)
	}
}
