package exec

import (
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cell"
)

// FuzzDocument: whatever is sent, checking and running it ends, and the answer is
// JSON.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{
		"{ a }", "query($v: In!) { o(in: $v) { a ...f } } fragment f on O { a @skip(if: true) o { a } }", "{ __schema { types { name } } }",
		"{ o(in: {i: 1, l: [1, 2], e: A}) { a } x: a }", "mutation { a }", "{ o(in: {i: \"x\"}) { a } }", "{ a", "{ a(x: \"", "query A { a } query B { a }",
		"{ ... @include(if: false) { a } o { ... on O { a } } }", "{ o { a } } fragment f on O { ...f }", "subscription { a }", "{ a @nope }",
	} {
		f.Add(text, `{"v":{"i":1,"l":[2],"e":"B"}}`)
	}
	schema := &Schema{AST: ParseAST("fuzz", `
		enum E { A B } input In { i: Int! = 3 l: [Int!] e: E in: In }
		type O { a: String! o(in: In): O } type Query { a: Int o(in: In): O }`), Resolver: echo{}}
	f.Fuzz(func(t *testing.T, text, variables string) {
		d, failures, err := Parse(schema, text, "", nil)
		if err != nil {
			return
		}
		answer := AppendFailures(nil, failures)
		if d != nil {
			v, err := cell.Parse([]byte(variables), cell.Options{})
			if err != nil {
				v = nil
			}
			r := &Run{Context: t.Context(), Schema: schema, Document: d, SessionError: &UnknownOperation{Name: "x"}}
			answer = r.Append(nil, v)
		}
		if _, err := cell.Parse(answer, cell.Options{}); err != nil && !strings.Contains(err.Error(), "exceeds the maximum") {
			t.Errorf("%q: %s: %v", text, answer, err)
		}
	})
}

// echo is a resolver of nothing.
type echo struct{}

func (echo) Plan(*Field) error                                    { return nil }
func (echo) Resolve(_ *Run, _ *Field, dst []byte) ([]byte, error) { return append(dst, "null"...), nil }
func (echo) ShowsField(Session, bool, string) bool                { return true }
func (echo) ShowsType(Session, string) bool                       { return true }
func (echo) MayAsk(Session, bool, string) error                   { return nil }
