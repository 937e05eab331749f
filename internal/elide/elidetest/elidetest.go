// Package elidetest compares a door that leaves out of requests what is too large
// with the same door that reads them whole.
package elidetest

import (
	"context"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// Watch is a back end that tells the size of the largest value that it was given:
// bound, or in a statement.
type Watch struct {
	backend.Backend
	mu      sync.Mutex
	largest int
}

// Unwrap returns the back end inside.
func (w *Watch) Unwrap() backend.Backend { return w.Backend }

// Take returns the size of the largest value since the last call, in bytes.
func (w *Watch) Take() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.largest
	w.largest = 0
	return n
}

func (w *Watch) see(values []backend.Value) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range values {
		w.largest = max(w.largest, len(values[i].Bytes))
	}
}

// Prepare implements backend.Backend.
func (w *Watch) Prepare(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	w.see([]backend.Value{{Bytes: []byte(cql.Print(stmt))}})
	return w.Backend.Prepare(ctx, stmt, markers, keyspace)
}

// PrepareOnce implements backend.Once.
func (w *Watch) PrepareOnce(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	w.see([]backend.Value{{Bytes: []byte(cql.Print(stmt))}})
	return backend.PrepareOnce(ctx, w.Backend, stmt, markers, keyspace)
}

// Execute implements backend.Backend.
func (w *Watch) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	w.see(q.Values)
	return w.Backend.Execute(ctx, p, q)
}

// ExecuteBatch implements backend.Backend.
func (w *Watch) ExecuteBatch(ctx context.Context, b *backend.Batch) (*backend.Result, error) {
	for i := range b.Entries {
		w.see(b.Entries[i].Values)
	}
	return w.Backend.ExecuteBatch(ctx, b)
}

// RandomText is a text that is short, about limit bytes long or up to four times as
// long, of dashes and a few of the alphabet.
func RandomText(random *rand.Rand, limit int, alphabet []string) string {
	size := random.IntN(20)
	if random.IntN(3) == 0 {
		size = limit - 10 + random.IntN(20)
	} else if random.IntN(5) == 0 {
		size = random.IntN(4 * limit)
	}
	var b strings.Builder
	for b.Len() < size {
		if b.WriteByte('-'); random.IntN(100) == 0 {
			b.WriteString(alphabet[random.IntN(len(alphabet))])
		}
	}
	return b.String()
}

// Doors are two of one API on one back end: Whole reads all of a body, Short leaves
// out what is too large.
type Doors struct {
	Whole, Short http.Handler
	// Back is the back end of both.
	Back *Watch
	// Most is what a value may have in Short at most when it reaches the back end.
	Most int
	// Ignore are parts of answers that differ by chance, each replaced in both.
	Ignore *strings.Replacer
}

// Ask makes a request at both doors, at Short with and without the length of its
// body, and returns the answer, which has to be the same. header holds names and
// values.
func (d *Doors) Ask(t *testing.T, method, target, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	ask := func(door http.Handler, claimed bool) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, io.MultiReader(strings.NewReader(body)))
		if r.ContentLength = -1; claimed {
			r.ContentLength = int64(len(body))
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		return w
	}
	want := ask(d.Whole, true)
	d.Back.Take()
	for _, claimed := range []bool{true, false} {
		got := ask(d.Short, claimed)
		if got.Code != want.Code || got.Body.String() != want.Body.String() || !reflect.DeepEqual(maps.Clone(got.Header()), maps.Clone(want.Header())) {
			t.Errorf("%s %s %.100s (%d bytes), length claimed: %v\n got %d %.500s\nwant %d %.500s", method, target, body, len(body), claimed, got.Code, got.Body, want.Code, want.Body)
		}
		if n := d.Back.Take(); n > d.Most {
			t.Errorf("%s %s %.100s (%d bytes): a value of %d bytes reached the back end", method, target, body, len(body), n)
		}
	}
	return want
}
