package conformance

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

const sample = `# About this file.

CREATE TABLE t (k int,
  v text, PRIMARY KEY (k))
----
OK

# About this case.
@page 2
@bind 1, 'x', null, unset()
@unordered
@ignore a, b c
@sleep 1ms
@now 1700000000
SELECT 'a
' FROM t
----
ERR 0x2200 a\\b\nc
# The end.
`

func readSample(t *testing.T) (*File, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "some_cases.cql")
	if err := os.WriteFile(path, []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return f, path
}

func TestReadWrite(t *testing.T) {
	f, path := readSample(t)
	if f.Name != "some_cases" || f.Keyspace != "cf_some_cases" || len(f.Cases) != 2 {
		t.Fatalf("%+v", f)
	}
	c := f.Cases[1]
	if c.Line != 15 || c.Statement != "SELECT 'a\n' FROM t" || c.PageSize != 2 || !c.Unordered || c.Sleep != time.Millisecond || !c.HasNow || c.Now != 1700000000 ||
		!reflect.DeepEqual(c.Ignore, map[string]bool{"a": true, "b c": true}) {
		t.Errorf("%+v", c)
	}
	if err := f.Write(path); err != nil {
		t.Fatal(err)
	}
	if written, err := os.ReadFile(path); err != nil || string(written) != sample {
		t.Errorf("%v:\n%s", err, written)
	}
}

func TestMalformedFiles(t *testing.T) {
	for _, text := range []string{"SELECT 1\n", "@nosuch\nSELECT 1\n----\n", "@page x\nSELECT 1\n----\n", "@now 1e9\nSELECT 1\n----\n"} {
		path := filepath.Join(t.TempDir(), "bad.cql")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadFile(path); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func TestBindValues(t *testing.T) {
	f, _ := readSample(t)
	values, err := f.Cases[1].BindValues()
	if err != nil || len(values) != 4 {
		t.Fatalf("%v, %v", values, err)
	}
	types := []*cqltype.Type{cqltype.TypeInt, cqltype.TypeText, cqltype.TypeText}
	for i, want := range [][]byte{{0, 0, 0, 1}, []byte("x"), nil} {
		if got, err := values[i].Wire(types[i]); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("value %d: %x, %v", i, got, err)
		}
	}
	if values[2].Unset() || !values[3].Unset() {
		t.Error("unset() not told from null")
	}
}

func TestFormat(t *testing.T) {
	rows := &Answer{
		Columns: []Column{{"k", cqltype.TypeInt}, {"v", cqltype.NewList(cqltype.TypeText, true)}, {"now", cqltype.TypeUuid}},
		Rows: [][][]byte{
			{{0, 0, 0, 2}, nil, nil},
			{{0, 0, 0, 1}, {0, 0, 0, 1, 0, 0, 0, 2, '\'', '\n'}, nil},
		},
		PageEnds: []int{1},
		Warnings: []string{"w", "w"},
	}
	ignore := map[string]bool{"now": true}
	for _, c := range []struct {
		answer *Answer
		c      *Case
		want   string
	}{
		{&Answer{}, &Case{}, "OK"},
		{rows, &Case{Ignore: ignore}, "k int | v list<text> | now uuid\n2 | null | *\n--\n1 | ['''\\n'] | *\n(2 rows)\nWARN w"},
		{&Answer{Columns: rows.Columns[:1], Rows: [][][]byte{{{0, 0, 0, 2}}, {{0, 0, 0, 1}}}}, &Case{Unordered: true}, "k int\n1\n2\n(2 rows)"},
		{Refused(cqlerr.Invalidf("a\n\\")), &Case{}, `ERR 0x2200 a\n\\`},
		{Refused(cqlerr.Syntaxf("x")), &Case{AnyMessage: true}, "ERR 0x2000 *"},
		{Refused(cqlerr.Syntaxf("x")), &Case{AnyError: true}, "ERR *"},
		{Refused(cqlerr.Invalidf("known type signatures: (known type signatures: system.b : (int) -> int, system.a : (map<int, int>, int) -> int)")),
			&Case{}, "ERR 0x2200 known type signatures: (known type signatures: system.a : (map<int, int>, int) -> int, system.b : (int) -> int)"},
	} {
		if got := c.answer.Format(c.c); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}

// recorder answers everything with OK and remembers the statements.
type recorder struct{ statements []string }

func (r *recorder) Run(_ context.Context, req Request) (*Answer, error) {
	r.statements = append(r.statements, req.Statement)
	return &Answer{}, nil
}

func TestPlay(t *testing.T) {
	f, _ := readSample(t)
	var r recorder
	var agrees []bool
	if err := f.Play(t.Context(), &r, func(res Result) { agrees = append(agrees, res.Agrees()) }); err != nil {
		t.Fatal(err)
	}
	if want := []bool{true, false}; !reflect.DeepEqual(agrees, want) {
		t.Errorf("agrees %v", agrees)
	}
	want := []string{
		"DROP KEYSPACE IF EXISTS cf_some_cases",
		"CREATE KEYSPACE cf_some_cases WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"USE cf_some_cases", f.Cases[0].Statement, f.Cases[1].Statement,
		"DROP KEYSPACE IF EXISTS cf_some_cases",
	}
	if !reflect.DeepEqual(r.statements, want) {
		t.Errorf("statements %q", r.statements)
	}
}
