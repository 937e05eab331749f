package plan

import (
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// FuzzInsertJSON: whatever the text, INSERT JSON yields one valid value per
// column or an InvalidRequestException.
func FuzzInsertJSON(f *testing.F) {
	udt := &cqltype.Type{Kind: cqltype.UDT, Keyspace: "ks", Name: "u", FieldNames: []string{"a", "b"}, Elems: []*cqltype.Type{cqltype.TypeInt, cqltype.TypeText}}
	types := []*cqltype.Type{
		cqltype.TypeInt, cqltype.TypeText, cqltype.TypeDecimal, cqltype.TypeTimestamp, cqltype.TypeInet, cqltype.TypeDuration,
		cqltype.NewList(cqltype.TypeInt, false), cqltype.NewSet(cqltype.TypeText, true),
		cqltype.NewMap(cqltype.TypeInt, cqltype.TypeDouble, false), udt, cqltype.NewTuple(cqltype.TypeInt, cqltype.TypeBlob),
	}
	j := &InsertJSON{}
	for i, t := range types {
		j.columns = append(j.columns, &schema.Column{Name: string(rune('a' + i)), Type: t})
	}
	for _, seed := range []string{
		`{}`, `null`, `[]`, ``, `{"a": 1, "A": 2, "\"a\"": 3}`, `{"a": "1", "b": "x", "c": 1.50, "d": "2026-01-01", "e": "::1", "f": "1h"}`,
		`{"g": [1, 2], "h": ["b", "a", "a"], "i": {"1": 2.5}, "j": {"a": 1}, "k": [1, "0xff"]}`,
		`{"g": [null]}`, `{"zz": 1}`, `{"a": 1`, `{"a"}`, `{"a": 1} x`, `{"g": [[[[1]]]]}`, "{\"b\": \"\xff\"}", `{"a": 1e999}`, `{1: 2}`, `{"a": 1,}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := j.parse([]byte(text), nil)
		if err != nil {
			if code := cqlerr.From(err).Code; code != cqlerr.Invalid {
				t.Fatalf("error of code %x: %v", code, err)
			}
			return
		}
		if len(values) != len(j.columns) {
			t.Fatalf("%d values for %d columns", len(values), len(j.columns))
		}
		for i, v := range values {
			if v.Bytes == nil {
				continue
			}
			if err := j.columns[i].Type.Validate(v.Bytes); err != nil {
				t.Fatalf("column %s: %x is not valid: %v", j.columns[i].Name, v.Bytes, err)
			}
		}
	})
}
