package elide_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/astrolabe-db/astrolabe/internal/elide"
)

// randomDocument is a GraphQL document with strings of many kinds.
func randomDocument(random *rand.Rand) string {
	inString := []string{"a", "ü", "€", "😀", `\n`, `\"`, `\\`, `\u00fc`, `\u20AC`, `\ud83d\ude00`, `\u{1F600}`, `\u{e9}`, "'", "#", "{", "}", "\t"}
	inBlock := []string{"a", "ü", "😀", "\n", "  ", `"-`, `""-`, `\"""`, `\`, "#", `\u00fc`}
	var b strings.Builder
	fill := func(alphabet []string, size int) {
		for range size {
			if random.IntN(4) == 0 {
				b.WriteString(alphabet[random.IntN(len(alphabet))])
			} else {
				b.WriteByte('-')
			}
		}
	}
	b.WriteString("{")
	for range 1 + random.IntN(5) {
		b.WriteString(" f(a: ")
		switch random.IntN(5) {
		case 0:
			b.WriteString(`"""`)
			fill(inBlock, random.IntN(2*limit))
			b.WriteString(`-"""`)
		case 1:
			b.WriteString(`""`)
		case 2:
			b.WriteString(`"", # a comment with " and """` + "\n b: 1")
		default:
			b.WriteByte('"')
			fill(inString, random.IntN(3*limit))
			b.WriteByte('"')
		}
		b.WriteString(", list: [\"x\", \"")
		fill(inString, random.IntN(limit/4))
		b.WriteString("\"])" + []string{"", "\n", "\r\n"}[random.IntN(3)])
	}
	return b.String() + "}"
}

// values are the strings of a document, in order.
func documentValues(t *testing.T, text string) (all []*ast.Value) {
	t.Helper()
	document, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
	var add func(v *ast.Value)
	add = func(v *ast.Value) {
		all = append(all, v)
		for _, c := range v.Children {
			add(c.Value)
		}
	}
	for _, s := range document.Operations[0].SelectionSet {
		for _, a := range s.(*ast.Field).Arguments {
			add(a.Value)
		}
	}
	return all
}

// TestGraphQL: strings up to the limit pass unchanged, longer ones become short,
// and what they lack is known exactly, as is where what follows them was; in a
// document as such and in one that is a string of JSON.
func TestGraphQL(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 22))
	for range 200 {
		text := randomDocument(random)
		var shared elide.Shared
		e := elide.NewGraphQL(&shared, limit)
		compareDocuments(t, text, string(e.Finish(inPieces(random, text, e.Append))), shared.Cuts())

		request, err := json.Marshal(map[string]string{"operationName": "o", "query": text})
		if err != nil {
			t.Fatal(err)
		}
		var inJSON elide.Shared
		j := elide.NewJSON(&inJSON, limit, 0, func(member []byte) elide.Strings {
			if string(member) == "query" {
				return elide.Document
			}
			return elide.Whole
		})
		kept := j.Finish(inPieces(random, string(request), j.Append))
		var got struct{ Query string }
		if err := json.Unmarshal(kept, &got); err != nil {
			t.Fatalf("%v in %.300s", err, kept)
		}
		compareDocuments(t, text, got.Query, inJSON.Cuts())
	}
}

func compareDocuments(t *testing.T, text, kept string, cuts *elide.Cuts) {
	t.Helper()
	want, got := documentValues(t, text), documentValues(t, kept)
	if len(want) != len(got) {
		t.Fatalf("%d strings, not %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		long := len(w.Raw) > limit && w.Kind == ast.StringValue
		switch {
		case !long && g.Raw != w.Raw:
			t.Errorf("a string of %d bytes was changed", len(w.Raw))
		case long && len(g.Raw) > 200:
			t.Errorf("of a string of %d bytes %d were kept", len(w.Raw), len(g.Raw))
		case int64(len(g.Raw))+cuts.Dropped([]byte(g.Raw)) != int64(len(w.Raw)):
			t.Errorf("a string of %d bytes is %d and %d dropped", len(w.Raw), len(g.Raw), cuts.Dropped([]byte(g.Raw)))
		}
		if strings.Contains(text, `"""`) {
			continue // behind block strings the parser miscounts
		}
		if column := g.Position.Column + cuts.Columns(lineBefore(kept, g.Position)); g.Position.Line != w.Position.Line || column != w.Position.Column {
			t.Errorf("value %d stands at %d:%d, not %d:%d", i, g.Position.Line, column, w.Position.Line, w.Position.Column)
		}
	}
}

// lineBefore is what stands before a place in its line.
func lineBefore(text string, at *ast.Position) []byte {
	start := 0
	for range at.Start {
		_, size := utf8.DecodeRuneInString(text[start:])
		start += size
	}
	return []byte(text[strings.LastIndexAny(text[:start], "\r\n")+1 : start])
}

// FuzzGraphQL: what is no GraphQL passes, too, nothing grows, and pieces do not
// matter.
func FuzzGraphQL(f *testing.F) {
	f.Add(`{f(a:"`+strings.Repeat("x", 5000)+`\u`, uint64(1))
	f.Add(`"""\""""""""`+"\n#\"", uint64(2))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		var shared elide.Shared
		random := rand.New(rand.NewPCG(seed, 0))
		e := elide.NewGraphQL(&shared, 0)
		kept := e.Finish(inPieces(random, text, e.Append))
		if shared.Cuts() == nil && string(kept) != text || len(kept) > len(text) {
			t.Errorf("%q became %q", text, kept)
		}
	})
}
