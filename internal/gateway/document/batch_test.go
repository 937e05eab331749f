package document

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// failing is a back end whose writes fail from some one on.
type failing struct {
	backend.Backend
	left atomic.Int64
}

func (f *failing) ExecuteBatch(ctx context.Context, b *backend.Batch) (*backend.Result, error) {
	if f.left.Add(-1) < 0 {
		return nil, &cqlerr.Error{Code: cqlerr.WriteTimeout, Message: "no answer"}
	}
	return f.Backend.ExecuteBatch(ctx, b)
}

// TestPartOfABatch: when writing stops in the middle, the answer names the
// documents that are there, and no others are.
func TestPartOfABatch(t *testing.T) {
	h := onEngine(t)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	ask(h, "POST", "/v2/namespaces/ns/collections", `{"name":"c"}`)
	f := &failing{Backend: h.backend}
	f.left.Store(13)
	h.backend = f
	var body []string
	for i := range 50 {
		body = append(body, fmt.Sprintf(`{"id":"d%d"}`, i))
	}
	w := ask(h, "POST", "/v2/namespaces/ns/collections/c/batch?id-path=id", "["+strings.Join(body, ",")+"]")
	var answer struct{ DocumentIDs []string }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 504 || len(answer.DocumentIDs) != 13 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	there := 0
	for i := range 50 {
		if ask(h, "GET", fmt.Sprintf("/v2/namespaces/ns/collections/c/d%d", i), "").Code == 200 {
			there++
		}
	}
	if there != 13 {
		t.Errorf("%d documents are there", there)
	}
	for _, id := range answer.DocumentIDs {
		if w := ask(h, "GET", "/v2/namespaces/ns/collections/c/"+id, ""); w.Code != 200 {
			t.Errorf("%s: %d", id, w.Code)
		}
	}
}
