package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
)

const valueLimit = 64 << 10

// posted makes a request whose body arrives as reader gives it, with its length
// claimed or not.
func posted(text string, claimed bool, reader func(io.Reader) io.Reader) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", reader(strings.NewReader(text)))
	if r.ContentLength = -1; claimed {
		r.ContentLength = int64(len(text))
	}
	return r
}

func atOnce(r io.Reader) io.Reader { return r }

// watched tells the most memory that a body had while it was read.
type watched struct {
	httpapi.Elider
	most int
}

func (w *watched) Append(out, p []byte) []byte {
	out = w.Elider.Append(out, p)
	w.most = max(w.most, cap(out))
	return out
}

// TestElidedMemory: of one long string no more is ever kept than a value may have,
// whatever length the body has and claims, and the budget has the rest again.
func TestElidedMemory(t *testing.T) {
	text := `{"k":1,"v":"` + strings.Repeat("-", httpapi.MaxBody-100) + `"}`
	for _, claimed := range []bool{true, false} {
		b := httpapi.NewBodies(nil)
		var shared elide.Shared
		w := &watched{Elider: elide.NewJSONOfTexts(&shared, valueLimit)}
		body, held, err := b.ReadElided(httptest.NewRecorder(), posted(text, claimed, atOnce), nil, w)
		if err != nil || len(body) > 200 || w.most > 2*valueLimit+20<<10 {
			t.Errorf("claimed %v: %d bytes, %d at most: %v", claimed, len(body), w.most, err)
		}
		if n := int64(len(body)) + shared.Cuts().Dropped(body); n != int64(len(text)) {
			t.Errorf("claimed %v: %d bytes of %d", claimed, n, len(text))
		}
		if held > httpapi.SmallBody || held != b.InUse() {
			t.Errorf("claimed %v: %d held, %d in use", claimed, held, b.InUse())
		}
		b.Release(held)
	}
}

// TestElidedBudget: what of the budget a body can't need any more others get while
// it is still read.
func TestElidedBudget(t *testing.T) {
	limit := inflight.New(httpapi.MaxBody)
	b := httpapi.NewBodies(limit)
	text := `{"v":"` + strings.Repeat("-", httpapi.MaxBody-100) + `"}`
	var shared elide.Shared
	arrived, before := 0, limit.Used()
	r := posted(text, true, func(r io.Reader) io.Reader {
		return readerFunc(func(p []byte) (int, error) {
			if used := limit.Used(); arrived > 0 && used > int64(len(text)-arrived)+3*httpapi.SmallBody {
				t.Errorf("%d of %d bytes have arrived, and %d are held", arrived, len(text), used)
			}
			n, err := r.Read(p)
			arrived += n
			return n, err
		})
	})
	_, held, err := b.ReadElided(httptest.NewRecorder(), r, nil, elide.NewJSONOfTexts(&shared, valueLimit))
	if err != nil {
		t.Fatal(err)
	}
	if b.Release(held); limit.Used() != before {
		t.Errorf("%d bytes are still held", limit.Used())
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestElidedWhole: a body from which nothing is left out is what Read reads, and
// the limits on bodies are the same.
func TestElidedWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	var many strings.Builder
	many.WriteByte('[')
	for i := range 400_000 {
		fmt.Fprintf(&many, `"%d",`, i)
	}
	many.WriteString(`"last"]`)
	ways := map[string]func(io.Reader) io.Reader{"at once": atOnce, "data with EOF": iotest.DataErrReader, "in halves": iotest.HalfReader,
		"byte by byte": iotest.OneByteReader}
	for name, reader := range ways {
		for _, text := range []string{"", "[]", `"` + strings.Repeat("x", valueLimit) + `"`, many.String(), strings.Repeat("no JSON", random.IntN(1<<16))} {
			for _, claimed := range []bool{true, false} {
				b := httpapi.NewBodies(nil)
				var shared elide.Shared
				body, held, err := b.ReadElided(httptest.NewRecorder(), posted(text, claimed, reader), make([]byte, 0, 10), elide.NewJSONOfTexts(&shared, valueLimit))
				if err != nil || string(body) != text || shared.Cuts() != nil || cap(body) > 2*len(text)+20<<10 {
					t.Errorf("%s, %d bytes: %d of them, room for %d: %v", name, len(text), len(body), cap(body), err)
				}
				if len(text) > 2*httpapi.SmallBody && held < int64(len(text)) {
					t.Errorf("%s, %d bytes: %d held", name, len(text), held)
				}
				if b.Release(held); b.InUse() != 0 {
					t.Errorf("%s: %d bytes are still held", name, b.InUse())
				}
			}
		}
	}
}

// TestElidedRefusals: a body is bounded by what arrives of it, not by what is kept.
func TestElidedRefusals(t *testing.T) {
	read := func(r *http.Request) int {
		b := httpapi.NewBodies(nil)
		var shared elide.Shared
		_, held, err := b.ReadElided(httptest.NewRecorder(), r, nil, elide.NewJSONOfTexts(&shared, valueLimit))
		if b.Release(held); b.InUse() != 0 {
			t.Errorf("%d bytes are still held", b.InUse())
		}
		var f *httpapi.Failure
		if !errors.As(err, &f) {
			t.Fatalf("no failure: %v", err)
		}
		return f.Status
	}
	tooLarge := `"` + strings.Repeat("-", httpapi.MaxBody)
	for _, claimed := range []bool{true, false} {
		if status := read(posted(tooLarge, claimed, atOnce)); status != 413 {
			t.Errorf("too large, claimed %v: %d", claimed, status)
		}
		broken := func(r io.Reader) io.Reader { return io.MultiReader(io.LimitReader(r, 1<<20), failing{}) }
		if status := read(posted(tooLarge[:2<<20], claimed, broken)); status != 400 {
			t.Errorf("a client that is gone, claimed %v: %d", claimed, status)
		}
	}
	b := httpapi.NewBodies(inflight.New(1))
	r := posted(tooLarge[:1<<20], true, atOnce)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	var shared elide.Shared
	var f *httpapi.Failure
	if _, held, err := b.ReadElided(httptest.NewRecorder(), r.WithContext(ctx), nil, elide.NewJSONOfTexts(&shared, valueLimit)); !errors.As(err, &f) || f.Status != 503 || held != 0 {
		t.Errorf("no room: %d held, %v", held, err)
	}
}

// TestLargestValue: nothing changes for requests that can't be too large.
func TestLargestValue(t *testing.T) {
	for _, c := range []struct {
		length, limit int64
		want          bool
	}{{5000, 5000, false}, {5001, 5000, true}, {-1, 5000, true}, {1 << 20, -1, false}, {-1, -1, false}, {elide.Least, 1, false}} {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(nil))
		r.ContentLength = c.length
		asked := ""
		limit, got := httpapi.LargestValue(r, "role", func(role string) int64 { asked = role; return c.limit })
		if got != c.want || got && (limit != c.limit || asked != "role") || c.length == elide.Least && asked != "" {
			t.Errorf("%+v: %d, %v, asked of %q", c, limit, got, asked)
		}
		if _, got := httpapi.LargestValue(r, "role", nil); got {
			t.Errorf("%+v: there is no limit", c)
		}
	}
}
