package server

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/httpapi/replay"
)

// TestReplayGraphQL makes the calls of the recording of the GraphQL API, with the
// few to other doors between them, each at the port that it was recorded at.
func TestReplayGraphQL(t *testing.T) {
	replay.Play(t, "graphql", replay.Door{Ask: newSite(t, APIOptions{}).replay, Mask: maskGraphQL})
}

var madeUp = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// maskGraphQL removes tokens, traces, versions and the keyspaces that each server
// has for itself, and puts lists of names into one order.
func maskGraphQL(_ *replay.Call, key string, v any) any {
	switch v := v.(type) {
	case string:
		switch key {
		case "deployDate", "authToken":
			return "<" + key + ">"
		}
		return madeUp.ReplaceAllString(v, "<version>")
	case map[string]any:
		if extensions, ok := v["extensions"].(map[string]any); ok && extensions["ftv1"] != nil {
			delete(v, "extensions")
		}
	case []any:
		if !slices.Contains([]string{"keyspaces", "tables", "types", "fields"}, key) {
			return v
		}
		v = slices.DeleteFunc(v, func(item any) bool {
			m, _ := item.(map[string]any)
			name := fmt.Sprint(m["name"])
			return strings.HasPrefix(name, "system") || slices.Contains([]string{"data_endpoint_auth", "stargate_graphql", "gdocs", "gold", "user_profile"}, name) && len(m) == 1 && key == "keyspaces"
		})
		slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return v
	}
	return v
}
