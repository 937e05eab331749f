package server

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var hole = regexp.MustCompile(`\{\{(\w+)\}\}`)

// TestReplayGraphQL makes the calls of the recording of the GraphQL API, with the
// few to other doors between them, each at the port that it was recorded at.
func TestReplayGraphQL(t *testing.T) {
	s := newSite(t, APIOptions{})
	differences := readDifferences(t, "graphql")
	names := map[string]string{}
	file, err := os.Open("testdata/golden/graphql.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	made := 0
	for lines.Scan() {
		var c struct {
			recorded
			Captures []string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		made++
		c.Request.Path = fill(c.Request.Path, names, url.QueryEscape)
		if c.Request.Body != nil {
			body := fill(*c.Request.Body, names, func(s string) string { return s })
			c.Request.Body = &body
		}
		answer := s.replay(&c.recorded, names["token"])
		for _, name := range c.Captures {
			names[name] = captured(name, answer.Body.Bytes())
		}
		got, want := strings.TrimSpace(fmt.Sprintf("%d %s", answer.Code, answer.Body)), differences[c.N]
		same := answer.Code == c.Response.Status && reflect.DeepEqual(maskedGraphQL(answer.Body.String()), maskedGraphQL(c.Response.Body))
		switch {
		case want != "" && !strings.Contains(got, want):
			t.Errorf("%d %s:\n got %s\nwant %s", c.N, c.Name, got, want)
		case want != "" && same:
			t.Errorf("%d %s: agrees, though listed as different", c.N, c.Name)
		case want == "" && !same:
			t.Errorf("%d %s: %s %s %s\n got %s\nwant %d %s", c.N, c.Name, c.Request.Method, c.Request.Path, value(c.Request.Body), got, c.Response.Status, c.Response.Body)
		}
		delete(differences, c.N)
	}
	if lines.Err() != nil || made == 0 || len(differences) > 0 {
		t.Errorf("%d calls, %v, left over %v", made, lines.Err(), differences)
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// fill puts what was captured into a text.
func fill(text string, names map[string]string, escape func(string) string) string {
	return hole.ReplaceAllStringFunc(text, func(m string) string {
		if m == "{{token}}" {
			return m
		}
		return escape(names[m[2:len(m)-2]])
	})
}

// captured finds a token, a version or a page state in an answer.
func captured(name string, answer []byte) string {
	member := map[byte]string{'t': "authToken", 'v': "version", 'p': "pageState", 's': "pagingState"}[name[0]]
	match := regexp.MustCompile(`"` + member + `":"([^"]+)"`).FindSubmatch(answer)
	if match == nil {
		return "not captured"
	}
	return string(match[1])
}

var (
	madeUp = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	dates  = regexp.MustCompile(`"deployDate":"[^"]+"`)
)

// maskedGraphQL returns an answer as it is compared: without page states, traces,
// versions and the keyspaces that each server has for itself, and with lists of
// names in one order.
func maskedGraphQL(body string) any {
	if token := tokenIn([]byte(body)); token != "" {
		return "a token"
	}
	body = dates.ReplaceAllString(madeUp.ReplaceAllString(body, "<version>"), `"deployDate":"<date>"`)
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return body
	}
	return maskGraphQL(v, "")
}

func maskGraphQL(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		if extensions, ok := v["extensions"].(map[string]any); ok && extensions["ftv1"] != nil {
			delete(v, "extensions")
		}
		for _, name := range []string{"pageState", "pagingState"} {
			if v[name] != nil {
				v[name] = "<state>"
			}
		}
		for name, member := range v {
			v[name] = maskGraphQL(member, name)
		}
	case []any:
		for i := range v {
			v[i] = maskGraphQL(v[i], "")
		}
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
