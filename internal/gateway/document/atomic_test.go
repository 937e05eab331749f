package document

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestAtomic: who reads a document while it is put again and again, as a whole
// and in parts, sees one of the states that it was put in and never a mixture.
func TestAtomic(t *testing.T) {
	h := onEngine(t)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	const at = "/v2/namespaces/ns/collections/c/x"
	// All values of a state are its number; odd ones have other members.
	state := func(n int64) string {
		name := string(rune('a' + n%3))
		return fmt.Sprintf(`{"%[1]s":{"x":%[2]d,"y":[%[2]d,%[2]d,{"z":%[2]d}]},"same":%[2]d,"k%[1]s":[[%[2]d],%[2]d]}`, name, n)
	}
	ask(h, "PUT", at, state(0))
	var number atomic.Int64
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		writers.Go(func() {
			for range 60 {
				n := number.Add(1)
				if w := ask(h, "PUT", at, state(n)); w.Code != 200 {
					t.Errorf("PUT: %d %s", w.Code, w.Body)
				}
			}
		})
	}
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				whole(t, ask(h, "GET", at+"?raw=true", "").Body.String(), state)
				var found []json.RawMessage
				if w := ask(h, "GET", "/v2/namespaces/ns/collections/c?raw=true&where="+`%7B%22same%22:%7B%22$gte%22:0%7D%7D`, ""); w.Code == 200 {
					var byID map[string]json.RawMessage
					if err := json.Unmarshal(w.Body.Bytes(), &byID); err != nil {
						t.Error(err)
					}
					for _, document := range byID {
						found = append(found, document)
					}
				}
				for _, document := range found {
					whole(t, string(document), state)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	whole(t, ask(h, "GET", at+"?raw=true", "").Body.String(), state)
}

// whole fails the test when a document is not what its state says.
func whole(t *testing.T, document string, state func(int64) string) {
	t.Helper()
	var v struct{ Same int64 }
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		t.Errorf("%s: %v", document, err)
		return
	}
	var got, want any
	_ = json.Unmarshal([]byte(document), &got)
	_ = json.Unmarshal([]byte(state(v.Same)), &want)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("a mixture: %s", document)
	}
}

// TestClock: no two writes have the same time, and those of different gateways
// only when they drew the same phase.
func TestClock(t *testing.T) {
	a, b := &gatewayClock{phase: 3}, &gatewayClock{phase: 4}
	seen := map[int64]bool{}
	for range 10_000 {
		for _, c := range []*gatewayClock{a, b} {
			now := c.Now()
			if seen[now] {
				t.Fatalf("%d twice", now)
			}
			seen[now] = true
		}
	}
	if behind := time.Now().UnixMicro() - a.Now(); behind > 1_000_000 {
		t.Errorf("%d µs behind", behind)
	}
}

// TestFunctionsWait: pushes at once all count.
func TestFunctionsWait(t *testing.T) {
	h := onEngine(t)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	const at = "/v2/namespaces/ns/collections/c/f"
	ask(h, "PUT", at, `{"a":[]}`)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 5 {
				if w := ask(h, "POST", at+"/a/function", fmt.Sprintf(`{"operation":"$push","value":%d}`, 10*i+j)); w.Code != 200 {
					t.Errorf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
	all.Wait()
	if got := ask(h, "GET", at+"/a?raw=true", "").Body.String(); strings.Count(got, ",") != 39 {
		t.Errorf("got %s", got)
	}
}
