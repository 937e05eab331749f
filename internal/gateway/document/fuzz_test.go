package document

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/where"
	"github.com/astrolabe-db/astrolabe/internal/httpapi/apicase"
)

// seeds calls add with what the calls of cases.txt are about.
func seeds(f *testing.F, add func(c *apicase.Case, query url.Values)) {
	text, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range apicase.Read(string(text)) {
		_, query, _ := strings.Cut(c.Target, "?")
		values, err := url.ParseQuery(query)
		if err != nil {
			f.Fatal(err)
		}
		add(&c, values)
	}
}

// FuzzWhere: any where is refused or can be planned and applied, and a search
// with it answers 200 or 400.
func FuzzWhere(f *testing.F) {
	seeds(f, func(_ *apicase.Case, query url.Values) {
		if query.Has("where") {
			f.Add(query.Get("where"), query.Get("fields"))
		}
	})
	h := onEngine(f)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	ask(h, "PUT", "/v2/namespaces/ns/collections/c/x", fiveLeaves)
	f.Fuzz(func(t *testing.T, text, fields string) {
		e, err := where.Parse(text, nil)
		if err == nil {
			_ = e.Matches(nil)
			plan(e)
		}
		query := "?where=" + url.QueryEscape(text) + "&fields=" + url.QueryEscape(fields)
		for _, target := range []string{"c", "c/x"} {
			w := ask(h, "GET", "/v2/namespaces/ns/collections/"+target+query, "")
			if w.Code != 200 && w.Code != 204 && w.Code != 400 && w.Code != 414 || w.Code == 200 && err != nil || w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
				t.Fatalf("%s %q %q: %d %s (%v)", target, text, fields, w.Code, w.Body, err)
			}
		}
	})
}

// FuzzPath: a path is refused, or has a stored form that stands for itself.
func FuzzPath(f *testing.F) {
	for _, text := range []string{"a.b", `a\.b.[0]`, "[000002]", "[*].*", "a,b.[0],[1]", "", ".", "..", `\`, "[", "[]", "[-1]", "[1000000]", strings.Repeat("a.", 70)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		segments, err := path.Dotted(text)
		if err != nil {
			return
		}
		if len(segments) == 0 || len(segments) > path.MaxDepth {
			t.Fatalf("%q has %d segments", text, len(segments))
		}
		var leaf [][]byte
		for _, segment := range segments {
			if n, ok := path.Index(segment); ok && string(path.AppendIndex(nil, n)) != segment {
				t.Fatalf("%q: %q is not how index %d is stored", text, segment, n)
			}
			leaf = append(leaf, []byte(segment))
		}
		pattern, err := path.DottedPattern(text)
		if err != nil {
			if strings.Contains(text, ",") {
				return // there may be an alternative that is no index
			}
			t.Fatalf("%q is a path but no pattern: %v", text, err)
		}
		if !strings.ContainsAny(text, ",*") && !pattern.Matches(leaf) {
			t.Fatalf("%q does not match itself: %q", text, segments)
		}
	})
}

// FuzzDocument: any body is refused without a trace, or comes back as it is.
func FuzzDocument(f *testing.F) {
	seeds(f, func(c *apicase.Case, _ url.Values) {
		if c.Body != "" {
			f.Add(c.Body)
		}
	})
	h := onEngine(f)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	const at = "/v2/namespaces/ns/collections/c/x"
	f.Fuzz(func(t *testing.T, body string) {
		ask(h, "PUT", at, `{"before":1}`)
		w := ask(h, "PUT", at, body)
		got := ask(h, "GET", at+"?raw=true", "").Body.Bytes()
		switch {
		case w.Code == 200 && (!startsWithJSON(body) || !json.Valid(got) || !utf8.Valid(got)):
			t.Fatalf("%q: %s", body, got)
		case w.Code != 200 && w.Code != 400:
			t.Fatalf("%q: %d %s", body, w.Code, w.Body)
		case w.Code == 400 && string(got) != `{"before":1}`:
			t.Fatalf("%q is refused, but left %s", body, got)
		}
		if w.Code != 200 {
			return
		}
		if again := ask(h, "PUT", at, escapeNames(got)); again.Code != 200 {
			t.Fatalf("%s can't be put again: %s", got, again.Body)
		}
		if twice := ask(h, "GET", at+"?raw=true", "").Body.String(); twice != string(got) {
			t.Fatalf("%s became %s", got, twice)
		}
	})
}

// startsWithJSON reports whether a text is a JSON value and maybe more.
func startsWithJSON(text string) bool {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return d.Decode(&v) == nil
}

// escapeNames puts the backslashes into a document's names that dots need.
func escapeNames(document []byte) string {
	var out strings.Builder
	d := json.NewDecoder(strings.NewReader(string(document)))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return string(document)
	}
	writeEscaped(&out, v)
	return out.String()
}

func writeEscaped(out *strings.Builder, v any) {
	quote := func(v any) {
		text, _ := json.Marshal(v)
		out.Write(text)
	}
	switch v := v.(type) {
	case map[string]any:
		separator := "{"
		for name, member := range v {
			out.WriteString(separator)
			quote(strings.ReplaceAll(name, ".", `\.`))
			out.WriteByte(':')
			writeEscaped(out, member)
			separator = ","
		}
		if len(v) == 0 {
			out.WriteByte('{')
		}
		out.WriteByte('}')
	case []any:
		separator := "["
		for _, element := range v {
			out.WriteString(separator)
			writeEscaped(out, element)
			separator = ","
		}
		if len(v) == 0 {
			out.WriteByte('[')
		}
		out.WriteByte(']')
	default:
		quote(v)
	}
}
