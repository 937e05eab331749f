package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// TestStandby: all doors tell the reason, and the listeners can be served anew.
func TestStandby(t *testing.T) {
	listeners := make([]net.Listener, 3)
	for i := range listeners {
		var err error
		if listeners[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		defer listeners[i].Close()
	}
	back, err := engine.OpenVirtual(engine.VirtualOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := StartStandby(StandbyOptions{Backend: back, HTTP: listeners[:2], CQL: listeners[2],
		Reason: func() error { return errors.New("no node") }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range listeners[:2] {
		for path, want := range map[string]int{"/health/ready": 503, "/health/live": 200, "/v2/keyspaces": 503, "/": 503} {
			status, body := fetch(t, "http://"+l.Addr().String()+path)
			if status != want || want == 503 && !strings.Contains(body, "no node") {
				t.Errorf("%s: %d %s", path, status, body)
			}
		}
	}
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, l := range listeners {
		real := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "real") })}
		go func() { _ = real.Serve(l) }()
		if status, body := fetch(t, "http://"+l.Addr().String()+"/"); status != 200 || body != "real" {
			t.Errorf("afterwards: %d %s", status, body)
		}
		_ = real.Close()
	}
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}
