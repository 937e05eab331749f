package httpapi

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/inflight"
)

const (
	// MaxBody bounds a request body, in bytes.
	MaxBody = 10 << 20
	// SmallBody is what a body may have without being counted, and MaxBodies
	// bounds, in bytes, all others that are read or worked on at once.
	SmallBody = 64 << 10
	MaxBodies = 256 << 20
)

// holdTime is how long a request waits for room in the budget, and retryAfter
// what a client that waited in vain is told to wait, in seconds.
const (
	holdTime   = 10 * time.Second
	retryAfter = "5"
)

// Bodies is the budget for large request bodies, which doors may share.
type Bodies struct {
	limit *inflight.Limit
	wait  time.Duration
}

// NewBodies returns a budget that is limit, or one of MaxBodies if that is nil.
func NewBodies(limit *inflight.Limit) *Bodies {
	if limit == nil {
		limit = inflight.New(MaxBodies)
	}
	return &Bodies{limit, holdTime}
}

// Read reads the whole body of r behind what body holds, growing it as bytes
// come in. held is what it took of the budget, which Release gives back when the
// request is done, whatever Read returned. w gets the header that a refusal has.
func (b *Bodies) Read(w http.ResponseWriter, r *http.Request, body []byte) (read []byte, held int64, err error) {
	if held, err = b.holdClaimed(w, r); err != nil {
		return body, 0, err
	}
	if body == nil {
		body = make([]byte, 0, 512)
	}
	for {
		if len(body) == cap(body) {
			body = grow(body, r.ContentLength)
		}
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if len(body) > SmallBody && held == 0 { // nobody said how long it is
			if err := b.hold(w, r, MaxBody); err != nil {
				return body, 0, err
			}
			held = MaxBody
		}
		switch {
		case len(body) > MaxBody:
			return body, held, OfStatus(http.StatusRequestEntityTooLarge)
		case errors.Is(err, io.EOF):
			return body, held, nil
		case err != nil:
			return body, held, OfStatus(http.StatusBadRequest)
		}
	}
}

// grow makes room in body. What has become large gets room for the rest at once:
// the length that was claimed is held by then, and growing step by step would
// cost several times as much memory.
func grow(body []byte, claimed int64) []byte {
	if rest := claimed - int64(len(body)); len(body) >= SmallBody && rest > 0 {
		return append(make([]byte, 0, claimed+1), body...) // one more, to see the end
	}
	return append(body, 0)[:len(body)]
}

// holdClaimed takes what a body of which the length is told, and large, needs of the
// budget. One that is longer than MaxBody it refuses (413).
func (b *Bodies) holdClaimed(w http.ResponseWriter, r *http.Request) (held int64, err error) {
	switch {
	case r.ContentLength > MaxBody:
		return 0, OfStatus(http.StatusRequestEntityTooLarge)
	case r.ContentLength <= SmallBody:
		return 0, nil
	}
	if err := b.hold(w, r, r.ContentLength); err != nil {
		return 0, err
	}
	return r.ContentLength, nil
}

// hold takes n bytes of the budget, waiting for them a while, or refuses the
// request (503).
func (b *Bodies) hold(w http.ResponseWriter, r *http.Request, n int64) error {
	if b.limit.Acquire(n, b.wait, r.Context().Done()) {
		return nil
	}
	w.Header().Set("Retry-After", retryAfter)
	return &Failure{Status: http.StatusServiceUnavailable, Description: "Too many large requests at once; try again later"}
}

// InUse returns how many bytes are taken.
func (b *Bodies) InUse() int64 { return b.limit.Used() }

// Release gives back what Read took.
func (b *Bodies) Release(held int64) {
	if held > 0 {
		b.limit.Release(held)
	}
}
