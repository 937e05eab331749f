package graphql

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// TestHostile: documents that are made to cost much are refused soon, in the
// form of the API, and the server goes on.
func TestHostile(t *testing.T) {
	h := onEngine(t)
	run(t, h.backend, `CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	run(t, h.backend, `CREATE TABLE ks.t (k int PRIMARY KEY, v text)`)
	doubling := "query { ...f0 }"
	for i := range 30 {
		doubling += fmt.Sprintf(" fragment f%d on Query { a%d: t { ...r%d } ...f%d ...f%d } fragment r%d on tResult { values { k } }", i, i, i, i+1, i+1, i)
	}
	doubling += " fragment f30 on Query { t { values { k } } }"
	nested := "{ __schema { types { " + strings.Repeat("ofType { ", 60) + "name" + strings.Repeat(" }", 60) + " } } }"
	widening := "{ __schema { types { ...w0 } } }"
	for i := range 20 {
		widening += fmt.Sprintf(" fragment w%d on __Type { a%d: fields { type { ...w%d } } b%d: fields { type { ...w%d } } }", i, i, i+1, i, i+1)
	}
	widening += " fragment w20 on __Type { name }"
	aliases := "{"
	for i := range 1_000 {
		aliases += fmt.Sprintf(" a%d: t { values { k } }", i)
	}
	for name, c := range map[string]struct{ query, want string }{
		"cycle":        {"{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", "Validation error of type FragmentCycle: Fragment cycles found"},
		"self":         {"{ t { ...a } } fragment a on tResult { values { k } ...a }", "FragmentCycle"},
		"depth":        {nested, "maximum query depth exceeded"},
		"aliases":      {aliases + "}", "maximum query root fields exceeded 1000 > 100"},
		"many fields":  {"{ t { values {" + strings.Repeat(" k", 6_000) + " } } }", "maximum query complexity exceeded"},
		"widening":     {widening, "exceeded"},
		"doubling":     {doubling, `"data":`},
		"braces":       {strings.Repeat("{", 200_000), "Invalid Syntax"},
		"brackets":     {"{ t(value: " + strings.Repeat("[", 50_000) + ") { values { k } } }", "Invalid Syntax"},
		"deep literal": {"{ t(value: {k: " + strings.Repeat("[", 500) + "1" + strings.Repeat("]", 500) + "}) { values { k } } }", "ValidationError"},
		"long number":  {"{ t(value: {k: " + strings.Repeat("9", 100_000) + "}) { values { k } } }", "ValidationError"},
		"null byte":    {"{ t(value: {k: \"\x00\"}) { values { k } } }", `"errors"`},
	} {
		start := time.Now()
		got := post(t, h, "/graphql/ks", c.query, "")
		if took := time.Since(start); took > steady.Timeout { // what is not bounded takes for ever
			t.Errorf("%s took %v", name, took)
		}
		if !strings.Contains(got, c.want) || len(got) > 100_000 {
			t.Errorf("%s: got %.500s (%d bytes)\nwant %s", name, got, len(got), c.want)
		}
	}
	if got := post(t, h, "/graphql/ks", "query($v:[Int]){ t(filter:{k:{in:$v}}) { values { k } } }", `{"v":[`+strings.Repeat("1,", 100_000)+`1]}`); !strings.Contains(got, `"t":`) {
		t.Errorf("huge variables: %.300s", got)
	}
	if got := post(t, h, "/graphql/ks", "{ t { values { k } } }", ""); got != `{"data":{"t":{"values":[]}}}` {
		t.Errorf("afterwards: %s", got)
	}
}
