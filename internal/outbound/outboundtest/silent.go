// Package outboundtest checks that an HTTP door keeps what clients do not read
// within package outbound's bound.
package outboundtest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// Room is one that has room for two answers of at most n bytes, and whose silent
// clients are cut off as soon as others wait.
func Room(n int64) *outbound.Room {
	return outbound.New(inflight.New(2*n), outbound.Patience{Alone: time.Hour, Crowded: time.Nanosecond, Period: time.Millisecond})
}

// silent is a client that reads nothing: writing to it ends with its deadline, or
// when the test does.
type silent struct {
	header http.Header
	cut    chan struct{}
	end    <-chan struct{}
	once   sync.Once
}

func (s *silent) Header() http.Header { return s.header }
func (s *silent) WriteHeader(int)     {}

func (s *silent) Write(p []byte) (int, error) {
	select {
	case <-s.cut:
		return 0, os.ErrDeadlineExceeded
	case <-s.end:
		return len(p), nil
	}
}

// SetWriteDeadline is what http.ResponseController looks for.
func (s *silent) SetWriteDeadline(at time.Time) error {
	if time.Now().After(at) {
		s.once.Do(func() { close(s.cut) })
	}
	return nil
}

// Another holds room that a test wants to be taken.
type Another struct{}

// Stalled implements outbound.Client.
func (Another) Stalled() int64 { return 0 }

// CutOff implements outbound.Client.
func (Another) CutOff() {}

// Silent has some clients ask h for an answer of which room, of Room, has room for
// two, and read nothing: what they hold together stays within the bound, they are cut
// off while others wait, and who reads is served then. A request that ends while it
// waits is answered 503, and all is given back.
func Silent(t *testing.T, room *outbound.Room, h http.Handler, request func() *http.Request) {
	t.Helper()
	const clients = 6
	end := make(chan struct{})
	ended := make(chan struct{}, clients)
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			h.ServeHTTP(&silent{header: http.Header{}, cut: make(chan struct{}), end: end}, request())
			ended <- struct{}{}
		})
	}
	steady.Until(t, "those that there is no room for have had others cut off", func() bool {
		if used := room.Used(); used > room.Size() {
			t.Fatalf("%d bytes are held of %d", used, room.Size())
		}
		return len(ended) >= clients-2
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request())
	if w.Code != http.StatusOK || int64(w.Body.Len()) <= outbound.Small {
		t.Errorf("a client that reads: %d, %d bytes: %.300s", w.Code, w.Body.Len(), w.Body)
	}
	close(end)
	all.Wait()
	if used := room.Used(); used != 0 {
		t.Errorf("%d bytes stay held", used)
	}

	room.Force(Another{}, room.Size())
	defer room.Give(Another{}, room.Size())
	r := request()
	gone := make(chan struct{})
	refused := httptest.NewRecorder()
	ctx, cancel := context.WithCancel(r.Context())
	go func() {
		defer close(gone)
		h.ServeHTTP(refused, r.WithContext(ctx))
	}()
	steady.Until(t, "it waits", func() bool { return room.Waiting() == 1 })
	cancel()
	<-gone
	if refused.Code != http.StatusServiceUnavailable || refused.Header().Get("Retry-After") == "" {
		t.Errorf("a client that does not wait: %d %v %.300s", refused.Code, refused.Header(), refused.Body)
	}
	if used := room.Used(); used != room.Size() {
		t.Errorf("%d bytes are held of the %d that another holds", used, room.Size())
	}
}
