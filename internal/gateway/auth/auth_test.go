package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// one knows one name, with one password.
type one struct{}

func (one) OpenSession(_ context.Context, user, password string) (string, error) {
	switch {
	case user == "broken":
		return "", errors.New("the disk is full")
	case user != "cassandra" && user != "12" || password != "cassandra":
		return "", cqlerr.New(cqlerr.BadCredentials, "no")
	}
	return "189e2d2c-2c89-4570-820b-31dd03867c10", nil
}

func (o one) OpenSessionFor(ctx context.Context, user string) (string, error) {
	return o.OpenSession(ctx, user, "cassandra")
}

// TestCases makes the calls of testdata/cases.txt: blocks of a request line,
// headers, a body, and behind "=" the answer, behind "~" a header of it.
func TestCases(t *testing.T) {
	handlers := map[string]http.Handler{}
	for name, o := range map[string]Options{
		"": {Lifetime: 30 * time.Minute}, "short": {Lifetime: 100 * time.Second}, "trusting": {Lifetime: 30 * time.Minute, UsernameToken: true},
	} {
		o.Logins, o.Log = one{}, slog.New(slog.DiscardHandler)
		handlers[name] = New(o)
	}
	text, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(text), "\n\n") {
		request, want := []string{}, []string{}
		for _, line := range strings.Split(strings.TrimSpace(block), "\n") {
			switch {
			case strings.HasPrefix(line, "#"):
			case strings.HasPrefix(line, "= "), strings.HasPrefix(line, "~ "):
				want = append(want, line)
			default:
				request = append(request, line)
			}
		}
		if len(request) == 0 {
			continue
		}
		if len(want) == 0 {
			t.Fatalf("nothing is expected of %q", request)
		}
		w, server := call(request)
		answer := httptest.NewRecorder()
		handlers[server].ServeHTTP(answer, w)
		check(t, block, answer, want)
	}
}

// call makes the request of a block: "METHOD path [server]", headers ("none" for
// no such one), a body.
func call(lines []string) (r *http.Request, server string) {
	fields := append(strings.Fields(lines[0]), "")
	body := ""
	header := http.Header{}
	for _, line := range lines[1:] {
		name, value, isHeader := strings.Cut(line, ": ")
		if isHeader && !strings.HasPrefix(line, "{") {
			header[name] = []string{value}
		} else {
			body += line
		}
	}
	r = httptest.NewRequest(fields[0], fields[1], strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, values := range header {
		r.Header[name] = values
		if values[0] == "none" {
			delete(r.Header, name)
		}
	}
	return r, fields[2]
}

func check(t *testing.T, block string, answer *httptest.ResponseRecorder, want []string) {
	t.Helper()
	got := strings.TrimSpace(http.StatusText(answer.Code)) + " " + answer.Body.String()
	for _, line := range want {
		if expected, ok := strings.CutPrefix(line, "= "); ok {
			if got != expected {
				t.Errorf("%s\n got %s", block, got)
			}
			continue
		}
		name, value, _ := strings.Cut(strings.TrimPrefix(line, "~ "), ": ")
		if have := answer.Header().Get(name); have != value {
			t.Errorf("%s\n got %s: %s", block, name, have)
		}
	}
}

// TestLimits: a body that is too large is refused.
func TestLimits(t *testing.T) {
	r := httptest.NewRequest("POST", "/v1/auth", strings.NewReader(`{"username":"`+strings.Repeat("x", maxBody)+`"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	New(Options{Logins: one{}, Log: slog.New(slog.DiscardHandler)}).ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
