package elide_test

import (
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/elide"
)

// BenchmarkAppend: what reading costs, of many small values and of one that is left
// out.
func BenchmarkAppend(b *testing.B) {
	rows := "[" + strings.Repeat(`{"id":12345,"name":"somebody","text":"a few words \"quoted\""},`, 16_000) + `{}]`
	long := `{"query":"mutation { insertt(value: {v: \"` + strings.Repeat("x", len(rows)) + `\"}) { applied } }","variables":{"v":"` + strings.Repeat("x", len(rows)) + `"}}`
	document := func(member []byte) elide.Strings {
		if string(member) == "query" {
			return elide.Document
		}
		return elide.Texts
	}
	for _, c := range []struct {
		name, text string
		make       func(*elide.Shared) *elide.JSON
	}{
		{"rows", rows, func(s *elide.Shared) *elide.JSON { return elide.NewJSON(s, limit, 1, document) }},
		{"GraphQL", long, func(s *elide.Shared) *elide.JSON { return elide.NewJSON(s, limit, 0, document) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			out := make([]byte, 0, len(c.text))
			for b.Loop() {
				var shared elide.Shared
				e, rest := c.make(&shared), []byte(c.text)
				for out = out[:0]; len(rest) > 0; rest = rest[min(len(rest), 16<<10):] {
					out = e.Append(out, rest[:min(len(rest), 16<<10)])
				}
			}
		})
	}
}
