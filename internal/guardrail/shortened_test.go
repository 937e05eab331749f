package guardrail_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
)

const mostValue = 5000

func newShortenedSite(t *testing.T) (backend.Backend, *guardrail.Guard) {
	l := guardrail.Cassandra()
	l.ColumnValueSize = guardrail.Threshold{Warn: guardrail.Off, Fail: mostValue}
	l.ItemsPerCollection = guardrail.Threshold{Warn: 2, Fail: 4}
	g := guardrail.New(l, nil)
	g.Exempt(func(role string) bool { return role == "super" })
	b := g.Backend(openEngine(t, g))
	for _, text := range []string{
		"CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}",
		"CREATE TYPE u (a text, b text)",
		"CREATE TABLE t (k text PRIMARY KEY, v text, b blob, l list<text>, m map<text, blob>, f frozen<list<text>>, u u, p tuple<text, int>)",
	} {
		mustExecute(t, b, text)
	}
	return b, g
}

// runText runs a statement's text and returns its error, "" for none.
func runText(ctx context.Context, b backend.Backend, text string, values ...[]byte) string {
	parsed, err := cql.Parse(text)
	if err != nil {
		return err.Error()
	}
	p, err := backend.PrepareOnce(ctx, b, parsed.Statement, parsed.Markers, "ks")
	if err != nil {
		return err.Error()
	}
	q := &backend.Query{Consistency: backend.LocalQuorum}
	for _, v := range values {
		q.Values = append(q.Values, backend.Value{Bytes: v})
	}
	if _, err = b.Execute(ctx, p, q); err != nil {
		return err.Error()
	}
	return ""
}

// TestShortenedText: a statement from whose literals something was left out is
// refused in the words of the whole one.
func TestShortenedText(t *testing.T) {
	b, _ := newShortenedSite(t)
	long := strings.Repeat("x", 2*mostValue)
	for _, form := range []string{
		"INSERT INTO t (k, v) VALUES ('0', '%s')",
		"INSERT INTO t (k, v) VALUES ('0', 'it''s %s')",
		"INSERT INTO t (k, v) VALUES ('0', $$%s$$)",
		"INSERT INTO t (k, l) VALUES ('0', ['a', '%s'])",
		"INSERT INTO t (k, l) VALUES ('0', ['%s', 'a', 'b', 'c', 'd'])",
		"INSERT INTO t (k, f) VALUES ('0', ['a', '%s'])",
		"INSERT INTO t (k, u) VALUES ('0', {a: 'a', b: '%s'})",
		"INSERT INTO t (k, p) VALUES ('0', ('%s', 1))",
		"UPDATE t SET m['%s'] = 0x00 WHERE k = '0'",
		`INSERT INTO t JSON '{"k": "0", "v": "%s"}'`,
		`INSERT INTO t JSON '{"k": "0", "b": "0x%s"}'`,
		`INSERT INTO t JSON '{"k": "0", "l": ["%s", "a"]}'`,
	} {
		text := fmt.Sprintf(form, long)
		if strings.Contains(form, "0x%s") {
			text = fmt.Sprintf(form, strings.Repeat("ab", 2*mostValue))
		}
		want := runText(t.Context(), b, text)
		var shared elide.Shared
		e := elide.NewText(&shared, mostValue)
		short := string(e.Finish(e.Append(nil, []byte(text))))
		got := runText(elide.Context(t.Context(), shared.Cuts()), b, short)
		if want == "" || got != want || len(short) > 300 {
			t.Errorf("%s, %d bytes: %q, whole %q", form, len(short), got, want)
		}
	}
	blob := "INSERT INTO t (k, b) VALUES ('0', 0x" + strings.Repeat("ab", 2*mostValue) + ")"
	var shared elide.Shared
	e := elide.NewText(&shared, mostValue)
	short := string(e.Finish(e.Append(nil, []byte(blob))))
	if got, want := runText(elide.Context(t.Context(), shared.Cuts()), b, short), runText(t.Context(), b, blob); got != want || want == "" {
		t.Errorf("a blob: %q, whole %q", got, want)
	}
}

// TestShortenedLater: a shortened statement is refused, too, where it is run under
// another context than that in which it was prepared.
func TestShortenedLater(t *testing.T) {
	b, _ := newShortenedSite(t)
	var shared elide.Shared
	text := "INSERT INTO t (k, v) VALUES ('" + strings.Repeat("x", 2*mostValue) + "', 'a')"
	parsed, err := cql.Parse(string(elide.NewText(&shared, mostValue).Append(nil, []byte(text))))
	if err != nil {
		t.Fatal(err)
	}
	p, err := backend.PrepareOnce(elide.Context(t.Context(), shared.Cuts()), b, parsed.Statement, nil, "ks")
	if err != nil {
		t.Fatal(err)
	}
	q := backend.Query{Consistency: backend.LocalQuorum}
	const want = "larger than any may be"
	if _, err := b.Execute(t.Context(), p, &q); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("alone: %v", err)
	}
	batch := &backend.Batch{Kind: cql.Unlogged, Query: q, Entries: []backend.BatchEntry{{Prepared: p}}}
	if _, err := b.ExecuteBatch(t.Context(), batch); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("in a batch: %v", err)
	}
}

// wireList is a collection in wire form.
func wireList(elements ...[]byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(elements)))
	return append(b, wireFields(elements...)...)
}

func wireFields(fields ...[]byte) (b []byte) {
	for _, f := range fields {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(f))), f...)
	}
	return b
}

// TestShortenedValues: so is one with values of which the beginning was kept, whole
// or element by element, as FormOf says.
func TestShortenedValues(t *testing.T) {
	b, _ := newShortenedSite(t)
	long := []byte(strings.Repeat("x", 2*mostValue))
	for _, c := range []struct {
		text string
		form elide.Form
		make func(long []byte) []byte
	}{
		{"INSERT INTO t (k, v) VALUES ('0', ?)", elide.OneValue, func(b []byte) []byte { return b }},
		{"INSERT INTO t (k, b) VALUES ('0', ?)", elide.OneValue, func(b []byte) []byte { return b }},
		{"UPDATE t SET m['a'] = ? WHERE k = '0'", elide.OneValue, func(b []byte) []byte { return b }},
		{"INSERT INTO t (k, l) VALUES ('0', ?)", elide.Elements, func(b []byte) []byte { return wireList([]byte("a"), b, []byte("c")) }},
		{"INSERT INTO t (k, l) VALUES ('0', ?)", elide.Elements, func(b []byte) []byte { return wireList(b, nil, nil, nil, nil) }},
		{"INSERT INTO t (k, m) VALUES ('0', ?)", elide.Elements, func(b []byte) []byte { return wireList([]byte("a"), b)[4:] }},
		{"INSERT INTO t (k, u) VALUES ('0', ?)", elide.Fields, func(b []byte) []byte { return wireFields([]byte("a"), b) }},
		{"INSERT INTO t (k, f) VALUES ('0', ?)", elide.OneValue, nil},
		{"INSERT INTO t (k, p) VALUES ('0', ?)", elide.OneValue, nil},
	} {
		p := mustPrepare(t, b, c.text)
		if got := guardrail.FormOf(p, 0); got != c.form {
			t.Errorf("%s: form %d, not %d", c.text, got, c.form)
		}
		var shared elide.Shared
		shorten := func(b []byte) []byte {
			kept := append([]byte(nil), b[:4+elide.MarkSize]...)
			shared.Bytes(kept, int64(len(b)))
			return kept
		}
		var whole, short []byte
		if c.make != nil {
			whole, short = c.make(long), c.make(shorten(long))
			if strings.Contains(c.text, "(k, m)") { // one entry
				whole, short = append(wireList(nil)[:4:4], whole...), append(wireList(nil)[:4:4], short...)
			}
		} else {
			whole = wireList([]byte("a"), long)
			short = shorten(whole)
		}
		want := runText(t.Context(), b, c.text, whole)
		if got := runText(elide.Context(t.Context(), shared.Cuts()), b, c.text, short); want == "" || got != want {
			t.Errorf("%s: %q, whole %q", c.text, got, want)
		}
	}
	if p := mustPrepare(t, b, "SELECT v FROM t WHERE k = ?"); guardrail.FormOf(p, 0) != elide.AnySize {
		t.Error("a key has a form")
	}
	if p := mustPrepare(t, b, "INSERT INTO t JSON ?"); guardrail.FormOf(p, 0) != elide.Row {
		t.Error("a row is none")
	}
}

// TestShortenedElsewhere: what is shortened is run nowhere, and what came in the
// same request without being shortened is.
func TestShortenedElsewhere(t *testing.T) {
	b, g := newShortenedSite(t)
	var shared elide.Shared
	e := elide.NewText(&shared, mostValue)
	literal := string(e.Finish(e.Append(nil, []byte("'"+strings.Repeat("x", 2*mostValue)+"'"))))
	kept := make([]byte, 4+elide.MarkSize)
	shared.Bytes(kept, 3*mostValue)
	ctx := elide.Context(t.Context(), shared.Cuts())
	const tooLarge = "is larger than any may be"
	for _, text := range []string{
		"SELECT k FROM t WHERE v = %s ALLOW FILTERING", "SELECT k FROM t WHERE k = %s", "DELETE FROM t WHERE k = %s", "INSERT INTO t (k) VALUES (%s)",
		"UPDATE t SET v = 'a' WHERE k = '0' IF v = %s", "CREATE ROLE r WITH PASSWORD = %s", "ALTER TABLE t WITH comment = %s",
		"BEGIN BATCH INSERT INTO t (k) VALUES ('1'); DELETE FROM t WHERE k = %s; APPLY BATCH",
	} {
		if got := runText(ctx, b, fmt.Sprintf(text, literal)); !strings.Contains(got, tooLarge) {
			t.Errorf("%s: %q", text, got)
		}
	}
	const key = "Guardrail column_value_size violated: Value of column 'k' has size 15000, this exceeds the failure threshold of 5000."
	if got := runText(ctx, b, "SELECT v FROM t WHERE k = ?", kept); got != key {
		t.Errorf("a key: %q", got)
	}
	parsed, err := cql.Parse("INSERT INTO t (k, v) VALUES ('0', " + literal + ")")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Prepare(ctx, parsed.Statement, nil, "ks"); err == nil || !strings.Contains(err.Error(), "size 10000") {
		t.Errorf("PREPARE: %v", err)
	}
	if got := runText(ctx, b, "INSERT INTO t (k, v) VALUES ('0', 'whole')"); got != "" {
		t.Errorf("another of the request: %q", got)
	}
	insert := mustPrepare(t, b, "INSERT INTO t (k, v) VALUES ('0', ?)")
	batch := &backend.Batch{Entries: []backend.BatchEntry{
		{Prepared: insert, Values: []backend.Value{{Bytes: []byte("a")}}}, {Prepared: insert, Values: []backend.Value{{Bytes: kept}}},
	}, Query: backend.Query{Consistency: backend.LocalQuorum}}
	if _, err := b.ExecuteBatch(ctx, batch); err == nil || !strings.Contains(err.Error(), "'v' has size 15000") {
		t.Errorf("BATCH: %v", err)
	}
	if g.MostValue("super") != guardrail.Off || g.MostValue("other") != mostValue || guardrail.New(guardrail.None(), nil).MostValue("") != guardrail.Off {
		t.Error("MostValue is not the limit")
	}
}

// TestShortenedKeys: a new row's key that is longer than any may be is refused as the
// back end does.
func TestShortenedKeys(t *testing.T) {
	b, _ := newShortenedSite(t)
	mustExecute(t, b, "CREATE TABLE keyed (a text, b text, c text, d text, v text, PRIMARY KEY ((a, b), c, d))")
	long := strings.Repeat("-", 70_000)
	for _, form := range []string{
		"INSERT INTO ks.t (k, v) VALUES ('%s', 'a')",
		"INSERT INTO ks.t (k, v) VALUES ('%s', '%[1]s')",
		"INSERT INTO ks.keyed (a, b, c, d) VALUES ('%s', '%[1]s', 'c', 'd')",
		"INSERT INTO ks.keyed (d, c, b, a) VALUES ('%s', 'c', 'b', 'a')",
	} {
		text := fmt.Sprintf(form, long)
		var shared elide.Shared
		e := elide.NewText(&shared, 65_535)
		short := string(e.Finish(e.Append(nil, []byte(text))))
		want := runText(t.Context(), b, text)
		if got := runText(elide.Context(t.Context(), shared.Cuts()), b, short); want == "" || got != want {
			t.Errorf("%s: %q, whole %q", form, got, want)
		}
	}
}

// TestShortenedNested: a collection that INSERT JSON has as a string in JSON is as
// long as it likes, as long as its elements are not; a text in JSON is one value.
func TestShortenedNested(t *testing.T) {
	b, _ := newShortenedSite(t)
	half := strings.Repeat("-", mostValue/2)
	for value, want := range map[string]string{
		`"l": "[\"` + half + `\", \"` + half + `\", \"` + half + `\"]"`:         "",
		`"l": "[\"` + half + `\", \"` + half + half + `-\"]"`:                   "has size 5001,",
		`"v": "[\"` + half + `\", \"` + half + half + `-\", \"` + half + `\"]"`: "has size 10013,",
	} {
		text := `INSERT INTO t JSON '{"k": "0", ` + value + `}'`
		var shared elide.Shared
		e := elide.NewText(&shared, mostValue)
		short := string(e.Finish(e.Append(nil, []byte(text))))
		if got := runText(elide.Context(t.Context(), shared.Cuts()), b, short); !strings.Contains(got, want) || got == "" != (want == "") {
			t.Errorf("%.20s, %d bytes: %q", value, len(value), got)
		}
	}
}

// TestShortenedJSON: a value in JSON that is bound, too.
func TestShortenedJSON(t *testing.T) {
	b, _ := newShortenedSite(t)
	row, err := json.Marshal(map[string]any{"k": "0", "l": []string{"a", strings.Repeat("-", 2*mostValue)}})
	if err != nil {
		t.Fatal(err)
	}
	var shared elide.Shared
	short := elide.NewJSON(&shared, mostValue, 0, nil).Append(nil, row)
	want := runText(t.Context(), b, "INSERT INTO t JSON ?", row)
	if got := runText(elide.Context(t.Context(), shared.Cuts()), b, "INSERT INTO t JSON ?", short); want == "" || got != want {
		t.Errorf("%q, whole %q", got, want)
	}
}
