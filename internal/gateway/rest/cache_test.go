package rest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/httpapi/apicase"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// TestShapesAreShared: requests that differ in values prepare once.
func TestShapesAreShared(t *testing.T) {
	f := newFake(t)
	h := New(Options{Backend: f, Auth: everyone{}})
	prepares := func(want int, what string) {
		t.Helper()
		if f.prepares != want {
			t.Errorf("%s: %d statements prepared so far, want %d", what, f.prepares, want)
		}
	}
	for i := range 3 {
		id := fmt.Sprintf("1111111%d-1111-4111-8111-111111111111", i)
		ask(h, "GET", "/v2/keyspaces/ks/users/"+id, "")
		ask(h, "POST", "/v2/keyspaces/ks/users", `{"userid":"`+id+`","email":"a"}`)
		ask(h, "POST", "/v2/keyspaces/ks/users", `{"email":null,"userid":"`+id+`"}`)
		ask(h, "PATCH", "/v2/keyspaces/ks/users/"+id, `{"email":"b"}`)
		ask(h, "DELETE", "/v2/keyspaces/ks/users/"+id, "")
	}
	prepares(4, "by key and writes")
	ask(h, "GET", "/v2/keyspaces/ks/ev/a/1", "")
	ask(h, "GET", "/v2/keyspaces/ks/ev/a/1/2", "")
	ask(h, "GET", "/v2/keyspaces/ks/ev/b/1/3", "")
	prepares(6, "numbers of key values")
	for _, query := range []string{"", "?fields=v", `?fields=v&sort={"c1":"desc"}`, `?sort={"c1":"desc"}`, "?fields=v"} {
		ask(h, "GET", "/v2/keyspaces/ks/ev/a/1"+apicase.EscapeQuery(query), "")
	}
	prepares(9, "fields and sort")
	for _, where := range []string{`{"c1":{"$gt":1}}`, `{"c1":{"$gt":2}}`, `{"c1":{"$gte":2}}`, `{"c1":{"$in":[2]}}`, `{"c1":{"$in":[1,2]}}`} {
		ask(h, "GET", apicase.EscapeQuery("/v2/keyspaces/ks/ev?where="+where), "")
	}
	prepares(12, "where")
	f.snapshot = &schema.Snapshot{Version: uuid.New(), Keyspaces: f.snapshot.Keyspaces}
	ask(h, "GET", userPath, "")
	prepares(13, "a new schema")
}

// TestShapesAreBounded: the shape that was not used for longest goes first.
func TestShapesAreBounded(t *testing.T) {
	f := newFake(t)
	h := New(Options{Backend: f, Auth: everyone{}})
	fields := func(i int) string { return fmt.Sprintf("%s?fields=email,%*s", userPath, i+10, "email") }
	for i := range maxShapes {
		ask(h, "GET", apicase.EscapeQuery(fields(i)), "")
	}
	ask(h, "GET", apicase.EscapeQuery(fields(0)), "")
	if f.prepares != maxShapes {
		t.Fatalf("%d statements prepared, want %d", f.prepares, maxShapes)
	}
	ask(h, "GET", apicase.EscapeQuery(fields(maxShapes)), "") // drops fields(1)
	ask(h, "GET", apicase.EscapeQuery(fields(0)), "")
	if kept := len(h.generation().shapes.kept); kept != maxShapes || f.prepares != maxShapes+1 {
		t.Errorf("%d shapes kept, %d prepared", kept, f.prepares)
	}
	ask(h, "GET", apicase.EscapeQuery(fields(2)), "")
	ask(h, "GET", apicase.EscapeQuery(fields(1)), "")
	if f.prepares != maxShapes+2 {
		t.Errorf("%d statements prepared, want %d", f.prepares, maxShapes+2)
	}
}

// TestConcurrentCalls runs calls side by side: their memory must not mix.
func TestConcurrentCalls(t *testing.T) {
	h := New(Options{Backend: newFake(t), Auth: everyone{}})
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			body := fmt.Sprintf(`{"userid":"1111111%d-1111-4111-8111-111111111111","email":"worker %d"}`, worker, worker)
			for range 200 {
				if got, want := show(ask(h, "POST", "/v2/keyspaces/ks/users", body)), "201 "+body; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	all.Wait()
}
