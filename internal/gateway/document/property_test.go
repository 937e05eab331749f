package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawName draws a member's name: any text that the API allows, often one that
// looks like something else.
func drawName(t *rapid.T) string {
	if rapid.Bool().Draw(t, "odd") {
		return rapid.SampledFrom([]string{"a", "b", "A", "*", "$", "$or", "@", "?", " ", "a b", "0", "-1", "]", "é", "日本", "\u0000", "\U0001F600", "\"", "/", "%", "a,b",
			"DOCROOT-a9fb1f04-0394-4c74-b77b-49b4e0ef7900", "exact", "~", "\\.", "\\*", "\\,"}).Draw(t, "name")
	}
	return rapid.StringMatching(`[^\\.'\[\x{d800}-\x{dfff}]{1,12}`).Draw(t, "name")
}

// drawJSON draws a value as JSON text.
func drawJSON(t *rapid.T, depth int) string {
	kinds := 8
	if depth == 0 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom([]string{"null", "true", "false", "{}", "[]"}).Draw(t, "literal")
	case 1:
		return fmt.Sprint(rapid.Int64().Draw(t, "integer"))
	case 2:
		text, _ := json.Marshal(rapid.Float64().Draw(t, "double"))
		return string(text)
	case 3:
		return rapid.StringMatching(`-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?`).Draw(t, "number")
	case 4, 5:
		text, _ := json.Marshal(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"EMPTYOBJ-bccbeee1-6173-4120-8492-7d7bafaefb1f", "EMPTYARRAY-9df4802a-c135-42d6-8be3-d23d9520a4e7"})).Draw(t, "text"))
		return string(text)
	case 6:
		return "[" + strings.Join(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return drawJSON(t, depth-1) }), 0, 4).Draw(t, "elements"), ",") + "]"
	default:
		return drawObject(t, depth, 0)
	}
}

func drawObject(t *rapid.T, depth, least int) string {
	names := rapid.SliceOfNDistinct(rapid.Custom(drawName), least, 4, func(s string) string { return strings.ReplaceAll(s, `\`, "") }).Draw(t, "names")
	members := make([]string, len(names))
	for i, name := range names {
		text, _ := json.Marshal(name)
		members[i] = string(text) + ":" + drawJSON(t, depth-1)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// stored returns what a document given as JSON text must come back as: the same
// with the backslashes of names gone, and numbers by their value.
func stored(t *rapid.T, text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return comparable(v)
}

func comparable(v any) any {
	switch v := v.(type) {
	case nil:
		return null{}
	case map[string]any:
		made := map[string]any{}
		for name, member := range v {
			made[strings.NewReplacer(`\.`, ".", `\*`, "*", `\,`, ",").Replace(name)] = comparable(member)
		}
		return made
	case []any:
		for i := range v {
			v[i] = comparable(v[i])
		}
	case json.Number:
		if r, ok := new(big.Rat).SetString(string(v)); ok {
			return "number " + r.RatString()
		}
	}
	return v
}

// null is a null that was written, unlike what is null because there is nothing.
type null struct{}

func (null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// TestAnyDocument: a document comes back as it was put, whatever is in it and
// whatever was there before; and so do its parts.
func TestAnyDocument(t *testing.T) {
	h := onEngine(t)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	const at = "/v2/namespaces/ns/collections/c/x"
	rapid.Check(t, func(t *rapid.T) {
		text := drawObject(t, 4, 1)
		if w := ask(h, "PUT", at, text); w.Code != 200 {
			t.Fatalf("PUT %s: %d %s", text, w.Code, w.Body)
		}
		want := stored(t, text)
		if w := ask(h, "GET", at+"?raw=true", ""); w.Code != 200 || !same(stored(t, w.Body.String()), want) {
			t.Fatalf("put %s\ngot %d %s", text, w.Code, w.Body)
		}
		for name, member := range want.(map[string]any) {
			escaped := url.PathEscape(name)
			if strings.ContainsAny(name, `/`) || name == "." || name == ".." || name == "function" {
				continue
			}
			w := ask(h, "GET", at+"/"+strings.NewReplacer("[", "%5B", "]", "%5D").Replace(escaped)+"?raw=true", "")
			if w.Code != 200 || !same(stored(t, w.Body.String()), member) {
				t.Fatalf("put %s\n%q is %d %s", text, name, w.Code, w.Body)
			}
		}
	})
}

// TestAnyChange: parts that are put, patched and deleted one after the other
// leave what they leave of the same document in memory.
func TestAnyChange(t *testing.T) {
	h := onEngine(t)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	const at = "/v2/namespaces/ns/collections/c/y"
	rapid.Check(t, func(t *rapid.T) {
		ask(h, "PUT", at, `{"a":{"b":1}}`)
		model := any(map[string]any{"a": map[string]any{"b": "number 1"}})
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			path := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "[0]", "[1]"}), 1, 3).Draw(t, "path")
			target := at + "/" + strings.NewReplacer("[", "%5B", "]", "%5D").Replace(strings.Join(path, "/"))
			if rapid.IntRange(0, 3).Draw(t, "what") == 0 {
				ask(h, "DELETE", target, "")
				model, _ = remove(model, path)
			} else {
				text := drawJSON(t, 2)
				if w := ask(h, "PUT", target, text); w.Code != 200 {
					t.Fatalf("PUT %s %s: %d %s", target, text, w.Code, w.Body)
				}
				model = put(model, path, stored(t, text))
			}
			w := ask(h, "GET", at+"?raw=true", "")
			if model == nil {
				if w.Code != 404 {
					t.Fatalf("%s: %d %s, want none", target, w.Code, w.Body)
				}
				return
			}
			if w.Code != 200 || !same(stored(t, w.Body.String()), model) {
				t.Fatalf("%s: %d %s, want %v", target, w.Code, w.Body, model)
			}
		}
	})
}

func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

// put returns v with another value at a path.
func put(v any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	if path[0][0] != '[' {
		object, _ := v.(map[string]any)
		if object == nil {
			object = map[string]any{}
		}
		object[path[0]] = put(object[path[0]], path[1:], value)
		return object
	}
	array, _ := v.([]any)
	n := int(path[0][1] - '0')
	for len(array) <= n {
		array = append(array, nil)
	}
	array[n] = put(array[n], path[1:], value)
	return array
}

// remove returns v without what is at a path: what then has nothing in it is
// gone, and an array ends with its last element that there is.
func remove(v any, path []string) (left any, changed bool) {
	switch v := v.(type) {
	case map[string]any:
		member, ok := v[path[0]]
		if !ok {
			return v, false
		}
		if len(path) > 1 {
			if member, changed = remove(member, path[1:]); !changed {
				return v, false
			}
		}
		if len(path) == 1 || member == nil {
			delete(v, path[0])
		} else {
			v[path[0]] = member
		}
		if len(v) == 0 {
			return nil, true
		}
		return v, true
	case []any:
		if path[0][0] != '[' || int(path[0][1]-'0') >= len(v) {
			return v, false
		}
		n := int(path[0][1] - '0')
		member := v[n]
		if len(path) > 1 {
			if member, changed = remove(member, path[1:]); !changed {
				return v, false
			}
		} else {
			member = nil
		}
		v[n] = member
		for len(v) > 0 && v[len(v)-1] == nil {
			v = v[:len(v)-1]
		}
		if len(v) == 0 {
			return nil, true
		}
		return v, true
	}
	return v, false
}
