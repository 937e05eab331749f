package httpapi

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

const (
	// MaxBody bounds a request body, in bytes.
	MaxBody = 10 << 20
	// SmallBody is what a body may have without being counted, and MaxBodies
	// bounds, in bytes, all others that one door reads or works on at once.
	SmallBody = 64 << 10
	MaxBodies = 256 << 20
)

// Bodies is one door's budget for large request bodies. The zero value is all of
// it.
type Bodies struct{ used atomic.Int64 }

// Read reads the whole body of r behind what body holds, growing it as bytes
// come in. held is what it took of the budget, which Release gives back when the
// request is done, whatever Read returned.
func (b *Bodies) Read(r *http.Request, body []byte) (read []byte, held int64, err error) {
	if r.ContentLength > MaxBody {
		return body, 0, OfStatus(http.StatusRequestEntityTooLarge)
	}
	if r.ContentLength > SmallBody {
		if err := b.Hold(r.ContentLength); err != nil {
			return body, 0, err
		}
		held = r.ContentLength
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
			if err := b.Hold(MaxBody); err != nil {
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

// Hold takes n bytes of the budget, or refuses the request (503).
func (b *Bodies) Hold(n int64) error {
	if b.used.Add(n) > MaxBodies {
		b.used.Add(-n)
		return &Failure{Status: http.StatusServiceUnavailable, Description: "Too many large requests at once; try again later"}
	}
	return nil
}

// InUse returns how many bytes are taken.
func (b *Bodies) InUse() int64 { return b.used.Load() }

// Release gives back what Read or Hold took.
func (b *Bodies) Release(held int64) { b.used.Add(-held) }
