package document

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/httpapi/replay"
)

// TestReplay makes the calls of a recording of Stargate v2 and compares the
// answers, and whether they have a Location.
func TestReplay(t *testing.T) {
	h, seconds := onStoppedClock(t)
	replay.Play(t, "docs-v2", replay.Door{
		Mask: mask,
		Ask: func(c *replay.Call) *httptest.ResponseRecorder {
			if c.Request.Port != 8180 || strings.Contains(c.Request.Path, "/stargate/health") {
				if c.Request.Method == "POST" && strings.HasSuffix(c.Request.Path, "/keyspaces/gdocs/tables") {
					run(t, h, `CREATE TABLE gdocs.plain (id text PRIMARY KEY)`) // later calls count on it
				}
				return nil
			}
			if c.Response.Status == 404 && c.N == 268 { // the time to live of the call before has passed
				seconds.Add(3)
			}
			answer := c.Send(h)
			checkDocumented(t, h, c.Request.Method, c.Request.Path, answer)
			return answer
		},
		Same: func(c *replay.Call, answer *httptest.ResponseRecorder) bool {
			return (answer.Header().Get("Location") != "") == (c.Response.Headers["Location"] != "")
		},
	})
}

var otherNamespaces = regexp.MustCompile(`^(system(_.*)?|data_endpoint_auth|gold|user_profile)$`)

// mask removes ids that were made up and the keyspaces of others.
func mask(_ *replay.Call, _ string, v any) any {
	switch v := v.(type) {
	case []any:
		return slices.DeleteFunc(v, func(item any) bool {
			m, ok := item.(map[string]any)
			return ok && otherNamespaces.MatchString(fmt.Sprint(m["name"]))
		})
	case string:
		if madeUp.MatchString(v) {
			return "<id>"
		}
	}
	return v
}
