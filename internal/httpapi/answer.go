package httpapi

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// ErrNoRoom is what Keep returns where a call's answer has found no room.
var ErrNoRoom = outbound.ErrNoRoom

// errCutOff is what writing to a client returns that was cut off.
var errCutOff = errors.New("the client does not read its answer")

// partSize is how much of a large answer is written at a time: how long that takes
// tells whether the client reads.
const partSize = 64 << 10

// Answer is the answer to one request, and the room that it holds while its client
// has not read it (package outbound). Begin and End belong around the request; in
// between it is for one goroutine.
type Answer struct {
	outbound.Hold
	// Wait is how long the request waits for room, outbound.Wait after Begin.
	Wait time.Duration

	w      http.ResponseWriter
	ctx    context.Context
	reader *reader // nil before there was something large
}

// Begin is for a new request.
func (a *Answer) Begin(room *outbound.Room, w http.ResponseWriter, ctx context.Context) {
	a.Room, a.Wait, a.w, a.ctx = room, outbound.Wait, w, ctx
}

// End gives back what the answer holds, before the request's handler returns.
func (a *Answer) End() {
	if a.reader != nil {
		a.reader.end()
	}
	a.Hold.Reset()
	a.Room, a.w, a.ctx, a.reader = nil, nil, nil, nil
}

// Keep takes room for an answer of n bytes that is there. Where there is none and
// the answer can be made again the error is ErrNoRoom: whoever has made it lets go
// of it, calls AwaitRoom and makes it anew, as Make does.
func (a *Answer) Keep(n int, again bool) error {
	switch {
	case n <= outbound.Small || a.Hold.Keep(a.Client(), int64(n)):
	case again:
		return ErrNoRoom
	default:
		a.Insist(a, int64(n))
	}
	return nil
}

// Make calls f, which makes an answer, until the answer has found room: when it has
// not (ErrNoRoom), letGo lets go of what f has made, and f is called again when there
// may be some.
func (a *Answer) Make(f func() error, letGo func()) error {
	for {
		err := f()
		if !errors.Is(err, ErrNoRoom) {
			return err
		}
		letGo()
		if err := a.AwaitRoom(); err != nil {
			return err
		}
	}
}

// Client implements outbound.Owner.
func (a *Answer) Client() outbound.Client {
	if a.reader == nil {
		a.reader = &reader{w: a.w}
	}
	return a.reader
}

// Patience implements outbound.Owner.
func (a *Answer) Patience() (time.Duration, <-chan struct{}) { return a.Wait, a.ctx.Done() }

// AwaitRoom implements outbound.Owner: the error is a Failure of status 503, for
// which it sets Retry-After.
func (a *Answer) AwaitRoom() error {
	if a.Await(a) {
		return nil
	}
	a.w.Header().Set("Retry-After", retryAfter)
	return &Failure{Status: http.StatusServiceUnavailable, Description: "Too many large answers at once; try again later"}
}

// Write writes a part of a long answer. A client that reads nothing of it for
// outbound.Room.Alone is cut off, however long the whole of it may take.
func (a *Answer) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var more int
		a.extend(time.Now().Add(a.Room.Alone()))
		more, err = a.write(p[n:min(len(p), n+partSize)])
		n += more
	}
	return n, err
}

// extend sets until when the next part must have been read, where the server can.
func (a *Answer) extend(until time.Time) {
	if a.reader != nil {
		a.reader.extend(until)
		return
	}
	_ = http.NewResponseController(a.w).SetWriteDeadline(until)
}

// WriteWhole writes the body of an answer.
func (a *Answer) WriteWhole(body []byte) {
	if len(body) > outbound.Small {
		_, _ = a.Write(body) // a client that is gone misses nothing
	} else if len(body) > 0 {
		_, _ = a.w.Write(body)
	}
}

// Flush sends what was written, where the server can.
func (a *Answer) Flush() {
	_ = a.send(func() error { return http.NewResponseController(a.w).Flush() })
}

func (a *Answer) write(p []byte) (n int, err error) {
	if a.reader == nil {
		return a.w.Write(p)
	}
	err = a.send(func() error {
		n, err = a.w.Write(p)
		return err
	})
	return n, err
}

// send runs what waits for the client to read.
func (a *Answer) send(f func() error) error {
	if a.reader == nil {
		return f()
	}
	a.reader.since.Store(time.Now().UnixNano())
	defer a.reader.since.Store(0)
	if a.reader.isCut() {
		return errCutOff
	}
	return f()
}

// reader is the client that reads an answer.
type reader struct {
	since atomic.Int64 // when the write under way began, unix nanoseconds, 0 = none

	mu    sync.Mutex
	w     http.ResponseWriter // nil after the request's end
	isOff bool
}

// Stalled implements outbound.Client.
func (r *reader) Stalled() int64 { return r.since.Load() }

// CutOff implements outbound.Client: writing fails, and the server then closes the
// connection, or the stream of HTTP/2.
func (r *reader) CutOff() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.isOff = true
	if r.w != nil {
		_ = http.NewResponseController(r.w).SetWriteDeadline(time.Unix(1, 0)) // where the server can
	}
}

// extend is Answer.extend. Of a client that was cut off the deadline stays in the past:
// else the server could end the answer as if it were whole.
func (r *reader) extend(until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.isOff && r.w != nil {
		_ = http.NewResponseController(r.w).SetWriteDeadline(until)
	}
}

func (r *reader) isCut() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.isOff
}

func (r *reader) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.w = nil
}
