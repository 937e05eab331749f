package httpapi

import (
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/elide"
)

// Elider leaves out of a body, piece by piece as it arrives, what no value may be
// (package elide).
type Elider interface {
	// Append appends to out, what was kept so far, what is kept of p, the next piece,
	// which has no memory with out in common.
	Append(out, p []byte) []byte
	// Finish appends what is left when nothing more comes.
	Finish(out []byte) []byte
}

// pieceSize is how much of a body is read at a time when something may be left out
// of it, in bytes; markRoom is for how much longer the mark in its place may be.
const (
	pieceSize = 16 << 10
	markRoom  = 64
)

var pieces = sync.Pool{New: func() any { return new([pieceSize]byte) }}

// LargestValue is the size in bytes past which a value in the body of r, which role
// sends, is to be left out: what most says, unless the body is not as large. false:
// nothing is.
func LargestValue(r *http.Request, role string, most func(role string) int64) (limit int64, ok bool) {
	if most == nil || r.ContentLength >= 0 && r.ContentLength <= elide.Least {
		return 0, false
	}
	limit = most(role)
	return limit, limit >= 0 && (r.ContentLength > limit || r.ContentLength < 0)
}

// ReadValues is Read of a body with values that role sends, of which what is too
// large is left out: more than most says of the role. elider makes what leaves it
// out, where there can be such a value. cuts are what was left out.
func (b *Bodies) ReadValues(w http.ResponseWriter, r *http.Request, body []byte, role string, most func(role string) int64,
	elider func(s *elide.Shared, most int64) Elider) (kept []byte, held int64, cuts *elide.Cuts, err error) {
	limit, ok := LargestValue(r, role, most)
	if !ok {
		kept, held, err = b.Read(w, r, body)
		return kept, held, nil, err
	}
	var shared elide.Shared
	kept, held, err = b.ReadElided(w, r, body, elider(&shared, limit))
	return kept, held, shared.Cuts(), err
}

// Unmarked is f without the marks of what was left out of its request.
func (f *Failure) Unmarked(cuts *elide.Cuts) *Failure {
	if cuts == nil {
		return f
	}
	shown := *f
	shown.Description, shown.More = cuts.Hide(f.Description), cuts.Hide(f.More)
	return &shown
}

// ReadElided is Read of a body of which e says what is kept. Memory is taken for
// that alone, and what is held of the budget is what is kept and what may still
// come.
func (b *Bodies) ReadElided(w http.ResponseWriter, r *http.Request, body []byte, e Elider) (kept []byte, held int64, err error) {
	if held, err = b.holdClaimed(w, r); err != nil {
		return body, 0, err
	}
	piece := pieces.Get().(*[pieceSize]byte)
	defer pieces.Put(piece)
	most, arrived := int64(MaxBody), int64(0)
	if r.ContentLength >= 0 {
		most = r.ContentLength
	}
	for {
		n, err := r.Body.Read(piece[:])
		arrived += int64(n)
		body = e.Append(room(body, n, most-arrived), piece[:n])
		if held == 0 && len(body) > SmallBody { // nobody said how long it is
			held = int64(len(body)) + max(0, most-arrived)
			if err := b.hold(w, r, held); err != nil {
				return body, 0, err
			}
		}
		held = b.lower(held, int64(len(body))+max(0, most-arrived))
		switch {
		case arrived > MaxBody:
			return body, held, OfStatus(http.StatusRequestEntityTooLarge)
		case errors.Is(err, io.EOF):
			body = e.Finish(body)
			return body, b.lower(held, int64(len(body))), nil
		case err != nil:
			return body, held, OfStatus(http.StatusBadRequest)
		}
	}
}

// room makes room in body for a piece of n bytes and its mark, and for more, as
// far as so many bytes may follow.
func room(body []byte, n int, follow int64) []byte {
	need := len(body) + n + markRoom
	if need <= cap(body) {
		return body
	}
	more := min(int64(len(body)), max(0, follow))
	return append(make([]byte, 0, need+int(more)), body...)
}

// lower gives back what of held is more than needed, but not in small change.
func (b *Bodies) lower(held, needed int64) int64 {
	if held-needed < SmallBody {
		return held
	}
	b.Release(held - needed)
	return needed
}
