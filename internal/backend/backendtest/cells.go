package backendtest

import (
	"bytes"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// rawCells checks that values come back byte for byte, as rows_content
// (native_protocol_v5.spec §4.2.5.2, §6).
func rawCells(s *suite) {
	s.exec("CREATE TYPE pair (a int, b text)")
	element := func(cells ...[]byte) []byte { return cqltype.AppendTuple(nil, cells...) }
	collection := func(n int, cells ...[]byte) []byte {
		b := cqltype.AppendCount(nil, n)
		for _, c := range cells {
			b = cqltype.AppendElement(b, c)
		}
		return b
	}
	one, two, x := schema.Int(1), schema.Int(2), schema.Text("x")
	for i, c := range []struct {
		name, cqlType string
		cell          []byte
	}{
		{"text", "text", x},
		{"empty text", "text", []byte{}},
		{"empty blob", "blob", []byte{}},
		{"blob", "blob", []byte{0, 255, 0}},
		{"negative", "bigint", schema.Bigint(-1)},
		{"varint", "varint", []byte{0xff, 0x7f}},
		{"duration", "duration", []byte{2, 4, 6}},
		{"vector", "vector<float, 2>", []byte{0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0}},
		{"vector of texts", "vector<text, 2>", []byte{1, 'a', 2, 'b', 'c'}},
		{"list", "list<int>", collection(2, two, one)},
		{"set", "set<int>", collection(2, one, two)},
		{"map", "map<text, int>", collection(1, x, one)},
		{"frozen empty list", "frozen<list<int>>", collection(0)},
		{"tuple", "tuple<int, text>", element(one, x)},
		{"tuple with a null", "tuple<int, text>", element(nil, x)},
		{"tuple of nulls", "tuple<int, text>", element(nil, nil)},
		{"tuple of one field", "tuple<int>", element(one)},
		{"tuple in a tuple", "tuple<int, frozen<tuple<text, int>>>", element(one, element(x, nil))},
		{"udt", "frozen<pair>", element(one, x)},
		{"udt with a null", "frozen<pair>", element(one, nil)},
		{"list of tuples", "frozen<list<frozen<tuple<int, text>>>>", collection(2, element(one, x), element(two, nil))},
		{"map of udts", "map<int, frozen<pair>>", collection(1, one, element(two, x))},
	} {
		table := fmt.Sprintf("t%d", i)
		s.exec("CREATE TABLE " + table + " (k int PRIMARY KEY, v " + c.cqlType + ", n text)")
		s.exec("INSERT INTO "+table+" (k, v) VALUES (?, ?)", one, c.cell)
		for _, text := range []string{"SELECT k, v, n FROM " + table, "SELECT k, v, n FROM " + table + " WHERE k = 1"} {
			r := s.exec(text)
			want := backend.AppendCell(backend.AppendCell(backend.AppendCell(nil, one), c.cell), nil)
			if r.RowCount != 1 || !bytes.Equal(r.Data, want) {
				s.Errorf("%s: %d rows % x, want % x", c.name, r.RowCount, r.Data, want)
			}
		}
	}
}

// nullAndUnset checks the values that are none.
func nullAndUnset(s *suite) {
	s.exec("CREATE TABLE t (k int PRIMARY KEY, a text, b tuple<int, text>)")
	s.exec("INSERT INTO t (k, a, b) VALUES (1, 'x', (1, 'y'))")
	p := s.prepare("INSERT INTO t (k, a, b) VALUES (?, ?, ?)")
	q := query(schema.Int(1), nil, nil)
	q.Values[2] = backend.Value{Unset: true}
	s.run(p, q)
	row := s.rows(s.exec("SELECT a, b FROM t"))[0]
	if row[0] != nil || row[1] == nil {
		s.Errorf("null and unset give %q", row)
	}
	q.Values[1], q.Values[2] = q.Values[2], q.Values[1]
	s.run(p, q)
	if row := s.rows(s.exec("SELECT a, b FROM t"))[0]; row[0] != nil || row[1] != nil {
		s.Errorf("unset and null give %q", row)
	}
	q.Values[0] = backend.Value{Unset: true}
	if _, err := s.b.Execute(s.Context(), p, q); s.asError("an unset key", err).Code != 0x2200 {
		s.Errorf("an unset key: %v", err)
	}
	if _, err := s.b.Execute(s.Context(), p, query(schema.Int(1))); s.asError("too few values", err).Code != 0x2200 {
		s.Errorf("too few values: %v", err)
	}
}
