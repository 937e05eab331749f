package elide_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/elide"
)

func elideText(random *rand.Rand, text string) (kept string, cuts *elide.Cuts) {
	var shared elide.Shared
	e := elide.NewText(&shared, limit)
	out := inPieces(random, text, e.Append)
	return string(e.Finish(out)), shared.Cuts()
}

// TestText: of the literals of a statement those that are too long become short,
// and their sizes are known; everything else stays as it was.
func TestText(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	quoted := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	dollars := func(s string) string { return "$$" + strings.ReplaceAll(s, "$", "§") + "$$" }
	forms := []func(string) string{quoted, dollars}
	around := []string{
		"INSERT INTO t (k, v) VALUES (1, %s)",
		"UPDATE t SET v = %s WHERE k = 'it''s' -- it's\n",
		"UPDATE t /* it's '' */ SET \"it's\" = %s // '\n WHERE k = 0",
		"UPDATE t SET v = v + {0xab: %s} WHERE k = 00000000-0000-0000-0000-000000000000 AND json = '' AND a = -1;",
	}
	for i := range 400 {
		value := words(random, random.IntN(2*limit))
		literal := forms[i%2](value)
		text := fmt.Sprintf(around[i%len(around)], literal)
		kept, cuts := elideText(random, text)
		size := len(value)
		if i%2 == 1 {
			size = len(literal) - 4
		}
		if size <= limit {
			if kept != text || cuts != nil {
				t.Fatalf("a literal of %d bytes was changed in %s", size, around[i%len(around)])
			}
			continue
		}
		before, after, _ := strings.Cut(around[i%len(around)], "%s")
		if !strings.HasPrefix(kept, before) || !strings.HasSuffix(kept, after) || len(kept) > len(text)-limit+200 {
			t.Fatalf("%s of %d: %d became %d, %v", around[i%len(around)], size, len(text), len(kept), cuts != nil)
		}
		content := constant(t, kept[len(before):len(kept)-len(after)])
		if n := int64(len(content)) + cuts.Dropped([]byte(content)); n != int64(size) {
			t.Errorf("a literal of %d bytes has %d", size, n)
		}
	}
}

// words is text of about n bytes with all that is special in a literal.
func words(random *rand.Rand, n int) string {
	alphabet := []string{"'", "''", "a", "--", "/*", "0x", "$", `"`, "\\", "ü", "\n", "json '"}
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(alphabet[random.IntN(len(alphabet))])
	}
	return b.String()
}

// constant is the value of a literal, by the parser of statements.
func constant(t *testing.T, literal string) string {
	t.Helper()
	parsed, err := cql.Parse("INSERT INTO t (k) VALUES (" + literal + ")")
	if err != nil {
		t.Fatalf("%v in %s", err, literal)
	}
	return parsed.Statement.(*cql.Insert).Values[0].(*cql.Literal).Text
}

// TestTextBlob: a blob's digits count as the bytes that they stand for.
func TestTextBlob(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for _, size := range []int{0, 1, limit, limit + 1, 2 * limit} {
		text := "INSERT INTO t (k, v) VALUES (0X00, 0x" + strings.Repeat("aB", size) + ")"
		kept, cuts := elideText(random, text)
		if size <= limit {
			if kept != text {
				t.Errorf("a blob of %d bytes was changed", size)
			}
			continue
		}
		literal := constant(t, strings.TrimSuffix(kept[strings.LastIndex(kept, "0x"):], ")"))
		value, err := hex.DecodeString(literal[2:])
		if err != nil {
			t.Fatal(err)
		}
		if n := int64(len(value)) + cuts.Dropped(value); n != int64(size) || len(value) > 100 {
			t.Errorf("a blob of %d bytes has %d, of which %d were kept", size, n, len(value))
		}
	}
}

// TestTextJSON: a row in JSON may be longer than a value, but not its strings.
func TestTextJSON(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	for _, form := range []string{"INSERT INTO t JSON '%s'", "UPDATE t SET v = from_json ( $$%s$$ ) WHERE k = 0", "UPDATE t SET v = fromJson('%s') WHERE k = 0"} {
		many := `{"list": ["` + strings.Repeat(`-","`, limit) + `"]}`
		if kept, cuts := elideText(random, fmt.Sprintf(form, many)); cuts != nil || kept != fmt.Sprintf(form, many) {
			t.Errorf("%s: many strings were changed", form)
		}
		long := strings.Repeat("- ''", limit) // three characters, but between dollars
		kept, cuts := elideText(random, fmt.Sprintf(form, `{"a": 1, "b": "`+long+`"}`))
		if cuts == nil || len(kept) > 300 || !strings.HasSuffix(kept, form[strings.Index(form, "%s")+2:]) {
			t.Fatalf("%s: %d bytes were kept", form, len(kept))
		}
		from := strings.Index(kept, `"b": "`) + len(`"b": "`)
		content := kept[from : from+strings.Index(kept[from:], `"`)]
		want := int64(3 * limit)
		if strings.Contains(form, "$$") {
			want = 4 * limit
		}
		if n := int64(len(content)) + cuts.Dropped([]byte(content)); n != want {
			t.Errorf("%s: a string of %d bytes has %d", form, want, n)
		}
	}
}

// TestTextUnfinished: of a literal, or of JSON in one, that does not end what is
// missing is known, too.
func TestTextUnfinished(t *testing.T) {
	long := strings.Repeat("-", 2*limit)
	for _, text := range []string{
		"INSERT INTO t (k) VALUES ('" + long,
		"INSERT INTO t (k) VALUES ($$" + long,
		"INSERT INTO t (k) VALUES ($$" + long + "$",
		`INSERT INTO t JSON '{"a":"` + long,
		`INSERT INTO t JSON '{"a":"` + long + `'`,
		`INSERT INTO t JSON '{"a":"` + long + `' `,
		`INSERT INTO t JSON $${"a":"` + long + `$$`,
	} {
		var shared elide.Shared
		e := elide.NewText(&shared, limit)
		kept := e.Finish(e.Append(nil, []byte(text)))
		if n := shared.Cuts().Dropped(kept); n != int64(len(text)-len(kept)) {
			t.Errorf("%.40s: %d bytes were dropped, not %d", text, n, len(text)-len(kept))
		}
	}
}

// FuzzText: what is no CQL passes, too, and nothing grows.
func FuzzText(f *testing.F) {
	for _, s := range []string{"'", "$", "$$ $", "0x", "-- '", "/* * / */'", `"'`, "json '{\"", "'" + strings.Repeat("''", 5000)} {
		f.Add(s, uint64(1))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		var shared elide.Shared
		e := elide.NewText(&shared, 0)
		kept := e.Finish(inPieces(rand.New(rand.NewPCG(seed, 0)), text, e.Append))
		if shared.Cuts() == nil && string(kept) != text || len(kept) > len(text) {
			t.Errorf("%q became %q", text, kept)
		}
	})
}
