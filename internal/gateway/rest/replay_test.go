package rest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/httpapi/replay"
)

// TestReplay makes the calls of a recording of Stargate v2 and compares the
// answers.
func TestReplay(t *testing.T) {
	playRecording(t, "rest-v2", 8082, onEngine(t, Options{}))
}

// TestReplayFlags replays the recording of a server with /v2/cql on and maps as
// arrays.
func TestReplayFlags(t *testing.T) {
	playRecording(t, "rest-v2-flags", 8083, onEngine(t, Options{CQL: true, ArrayMaps: true}))
}

func playRecording(t *testing.T, recording string, port int, h *Handler) {
	replay.Play(t, recording, replay.Door{Mask: mask, Ask: func(c *replay.Call) *httptest.ResponseRecorder {
		if c.Request.Port != port || strings.Contains(c.Request.Path, "health") {
			return nil
		}
		return c.Send(isDocumented{h})
	}})
}

// isDocumented holds the answers of a door against the OpenAPI document.
type isDocumented struct{ door *Handler }

func (d isDocumented) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := w.(*httptest.ResponseRecorder)
	d.door.ServeHTTP(answer, r)
	documented(d.door, r, answer)
}

var (
	unordered      = regexp.MustCompile(`/schemas/keyspaces(/[^/?]+/(tables|types))?/?(\?|$)|/indexes`)
	systemKeyspace = regexp.MustCompile(`^(system(_.*)?|data_endpoint_auth)$`)
)

// mask removes the system's own keyspaces and puts lists without an order into
// one.
func mask(c *replay.Call, _ string, v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	list = slices.DeleteFunc(list, func(item any) bool {
		m, ok := item.(map[string]any)
		return ok && systemKeyspace.MatchString(fmt.Sprint(m["name"]))
	})
	if unordered.MatchString(c.Request.Path) {
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return list
}
