package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/outbound/outboundtest"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// endless is a door that writes until it can't any more, and tells why.
type endless struct {
	room *outbound.Room
	keep int // bytes it holds room for
	why  chan error
}

func (e *endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var a Answer
	a.Begin(e.room, w, r.Context())
	defer a.End()
	if err := a.Keep(e.keep, true); err != nil {
		e.why <- err
		return
	}
	for {
		if _, err := a.Write(make([]byte, 1<<20)); err != nil {
			e.why <- err
			return
		}
	}
}

// askSilently asks for an answer of which nothing is read, by HTTP/1 or HTTP/2.
func askSilently(t *testing.T, s *httptest.Server, version int) io.ReadCloser {
	t.Helper()
	if version == 1 {
		nc, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprint(nc, "GET / HTTP/1.1\r\nHost: astrolabe\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		return nc
	}
	res, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if res.ProtoMajor != 2 {
		t.Fatalf("%s", res.Proto)
	}
	return res.Body
}

// TestSilentReader: a client that reads nothing is cut off: after the time for that,
// and before it when another waits for its room.
func TestSilentReader(t *testing.T) {
	never := outbound.Patience{Alone: time.Hour, Crowded: time.Hour, Period: time.Hour}
	for name, patience := range map[string]outbound.Patience{
		"deadline": {Alone: 10 * time.Millisecond, Crowded: never.Crowded, Period: never.Period},
		"alone":    {Alone: 10 * time.Millisecond, Crowded: never.Crowded, Period: time.Millisecond},
		"crowded":  {Alone: never.Alone, Crowded: 10 * time.Millisecond, Period: time.Millisecond},
	} {
		for _, version := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s/%d", name, version), func(t *testing.T) {
				e := &endless{room: outbound.New(inflight.New(1<<20), patience), keep: 1 << 20, why: make(chan error, 1)}
				if name == "deadline" {
					e.keep = 0 // that of a client that holds nothing
				}
				s := httptest.NewUnstartedServer(e)
				if s.EnableHTTP2 = version == 2; version == 2 {
					s.StartTLS()
				} else {
					s.Start()
				}
				defer s.Close()
				client := askSilently(t, s, version)
				defer client.Close()
				if name == "crowded" {
					steady.Until(t, "the client holds room", func() bool { return e.room.Used() > 0 })
					if !e.room.Take(outboundtest.Another{}, 1<<20, steady.Timeout, nil) {
						t.Error("who waited got no room")
					}
				}
				select {
				case err := <-e.why:
					if errors.Is(err, context.Canceled) {
						t.Error(err)
					}
				case <-time.After(steady.Timeout):
					t.Fatal("the client was not cut off")
				}
				if _, err := io.Copy(io.Discard, client); err == nil && version == 2 {
					t.Error("the client took the answer for whole")
				}
				if name != "crowded" {
					steady.Until(t, "the room is given back", func() bool { return e.room.Used() == 0 })
				}
			})
		}
	}
}

// TestReadingLate: a client that reads gets all of a large answer, which holds its room
// until then.
func TestReadingLate(t *testing.T) {
	room := outbound.New(nil, outbound.Patience{})
	const size = 20 << 20
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var a Answer
		a.Begin(room, w, r.Context())
		defer a.End()
		if err := a.Keep(size, false); err != nil {
			t.Error(err)
		}
		a.WriteWhole(make([]byte, size))
	}))
	defer s.Close()
	res, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if used := room.Used(); used != size {
		t.Errorf("%d bytes are held", used)
	}
	if n, err := io.Copy(io.Discard, res.Body); n != size || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	steady.Until(t, "the room is given back", func() bool { return room.Used() == 0 })
}

// TestAnswerEnds: what cuts a client off after its request has ended does not meet
// the next one.
func TestAnswerEnds(t *testing.T) {
	var a Answer
	w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	a.Begin(outbound.New(nil, outbound.Patience{}), w, t.Context())
	if err := a.Keep(1<<20, false); err != nil {
		t.Fatal(err)
	}
	client := a.Client()
	client.CutOff()
	if _, err := a.Write([]byte("x")); err == nil || w.Body.Len() > 0 {
		t.Error("a client that was cut off is written to")
	}
	if w.last.After(time.Now()) {
		t.Error("the server has time to end the answer as if it were whole")
	}
	a.End()
	set := w.set
	client.CutOff()
	if w.set != set {
		t.Error("a deadline was set after the end")
	}
}

// deadlines counts the deadlines that are set, and knows the last one.
type deadlines struct {
	*httptest.ResponseRecorder
	set  int
	last time.Time
}

func (d *deadlines) SetWriteDeadline(at time.Time) error {
	d.set++
	d.last = at
	return nil
}

// TestFlushStalls: a client that leaves what is flushed to it unread is known to, as
// one that is written to.
func TestFlushStalls(t *testing.T) {
	w := &stuck{ResponseRecorder: httptest.NewRecorder(), began: make(chan struct{}), goOn: make(chan struct{})}
	var a Answer
	a.Begin(outbound.New(nil, outbound.Patience{}), w, t.Context())
	defer a.End()
	client := a.Client()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.Flush()
	}()
	<-w.began
	if client.Stalled() == 0 {
		t.Error("nobody knows that the client does not read")
	}
	close(w.goOn)
	<-ended
	if client.Stalled() != 0 {
		t.Error("the client still counts as one that does not read")
	}
}

// stuck is a client to which flushing takes until it is let go on.
type stuck struct {
	*httptest.ResponseRecorder
	began, goOn chan struct{}
}

func (s *stuck) Flush() {
	close(s.began)
	<-s.goOn
}
