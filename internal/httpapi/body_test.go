package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
)

// TestLargeBody: a large body takes little more memory than it is long, whether
// its length was claimed or not is told by the budget alone.
func TestLargeBody(t *testing.T) {
	const size = 5 << 20
	text := bytes.Repeat([]byte("x"), size)
	b := httpapi.NewBodies(nil)
	result := testing.Benchmark(func(bench *testing.B) {
		bench.ReportAllocs()
		for bench.Loop() {
			r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(text))
			body, held, err := b.Read(httptest.NewRecorder(), r, nil)
			if err != nil || len(body) != size || held != size {
				t.Fatalf("%d bytes, %d held: %v", len(body), held, err)
			}
			b.Release(held)
		}
	})
	if most := int64(size + size/4); result.AllocedBytesPerOp() > most {
		t.Errorf("%d bytes of memory for %d of body", result.AllocedBytesPerOp(), size)
	}
	if b.InUse() != 0 {
		t.Errorf("%d bytes are still held", b.InUse())
	}
}

// TestFalseLength: a body that is shorter than claimed is told, and costs no
// memory for what did not come; one of no claimed length is held as the largest.
func TestFalseLength(t *testing.T) {
	b := httpapi.NewBodies(nil)
	r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(bytes.NewReader([]byte("short")), failing{}))
	r.ContentLength = httpapi.MaxBody
	body, held, err := b.Read(httptest.NewRecorder(), r, nil)
	if err == nil || held != httpapi.MaxBody || cap(body) > httpapi.SmallBody {
		t.Errorf("%d bytes of room, %d held: %v", cap(body), held, err)
	}
	b.Release(held)
	r = httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(make([]byte, 2*httpapi.SmallBody)))
	r.ContentLength = -1
	body, held, err = b.Read(httptest.NewRecorder(), r, nil)
	if err != nil || held != httpapi.MaxBody || len(body) != 2*httpapi.SmallBody {
		t.Errorf("%d bytes, %d held: %v", len(body), held, err)
	}
	b.Release(held)
	r = httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(nil))
	r.ContentLength = httpapi.MaxBody + 1
	if _, held, err = b.Read(httptest.NewRecorder(), r, nil); err == nil || held != 0 {
		t.Errorf("a body that is too long: %d held, %v", held, err)
	}
}

// TestBudget: a body that there is no room for waits until another is done with,
// and only as long as its client does.
func TestBudget(t *testing.T) {
	limit := inflight.New(httpapi.MaxBody)
	b := httpapi.NewBodies(limit)
	if !limit.TryAcquire(httpapi.MaxBody) {
		t.Fatal("no room in a new budget")
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	large := func() *http.Request {
		return httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(make([]byte, 2*httpapi.SmallBody)))
	}
	w := httptest.NewRecorder()
	var f *httpapi.Failure
	if _, held, err := b.Read(w, large().WithContext(ctx), nil); !errors.As(err, &f) || f.Status != 503 || held != 0 || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d held, %v, %v", held, err, w.Header())
	}
	done := make(chan error)
	go func() {
		_, held, err := b.Read(httptest.NewRecorder(), large(), nil)
		b.Release(held)
		done <- err
	}()
	limit.Release(httpapi.MaxBody)
	if err := <-done; err != nil || b.InUse() != 0 {
		t.Errorf("%v; %d bytes are still held", err, b.InUse())
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("gone") }
