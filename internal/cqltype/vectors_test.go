package cqltype

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The cases in testdata/*.txt hold what Apache Cassandra's own classes answer;
// testdata/record says how they are recorded.

var address = &Type{Kind: UDT, Keyspace: "ks", Name: "address", FieldNames: []string{"street", "No", "tags"},
	Elems: []*Type{TypeText, TypeInt, NewSet(TypeText, true)}}

func testType(t *testing.T, cql string) *Type {
	t.Helper()
	typ, err := ParseString(cql, func(keyspace, name string) *Type {
		if keyspace == "" && name == "address" {
			return address
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", cql, err)
	}
	return typ
}

// vector is one recorded case.
type vector struct {
	at     string // file:line
	fields []string
	want   string
}

func vectors(t *testing.T, file string) []vector {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Split(line, " | ")
		last := len(fields) - 1
		list = append(list, vector{fmt.Sprintf("%s:%d: %s", file, i+1, strings.Join(fields[:last], " | ")), fields[:last], fields[last]})
	}
	if len(list) == 0 {
		t.Fatalf("%s has no cases", file)
	}
	return list
}

// escape shows control characters and backslashes as the recorder does.
func escape(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			out.WriteString(`\\`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

func fromHex(t *testing.T, s string) []byte {
	t.Helper()
	if s == "null" {
		return nil
	}
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func answer(wire []byte, err error) string {
	switch {
	case err != nil:
		return "error: " + err.Error()
	case wire == nil:
		return "null"
	}
	return "0x" + hex.EncodeToString(wire)
}

// check compares an answer with the recorded one. Where Cassandra fails in
// itself ("failure:", no answer of its own), got need only be an error, or
// anything for what cannot give one.
func (v vector) check(t *testing.T, got string) {
	t.Helper()
	if strings.HasPrefix(v.want, "failure:") {
		return
	}
	if got = escape(got); got != v.want {
		t.Errorf("%s\n got %s\nwant %s", v.at, got, v.want)
	}
}

func TestValidateVectors(t *testing.T) {
	for _, v := range vectors(t, "validate.txt") {
		err := testType(t, v.fields[0]).Validate(fromHex(t, v.fields[1]))
		if strings.HasPrefix(v.want, "failure:") && err == nil {
			t.Errorf("%s: valid, but Cassandra fails on it", v.at)
		}
		got := "ok"
		if err != nil {
			got = "error: " + err.Error()
		}
		v.check(t, got)
	}
}

func TestLiteralVectors(t *testing.T) {
	for _, v := range vectors(t, "literal.txt") {
		typ, wire := testType(t, v.fields[0]), fromHex(t, v.fields[1])
		v.check(t, string(typ.AppendLiteral(nil, wire)))
	}
}

func TestJSONVectors(t *testing.T) {
	for _, v := range vectors(t, "json.txt") {
		typ, wire := testType(t, v.fields[0]), fromHex(t, v.fields[1])
		v.check(t, string(typ.AppendJSON(nil, wire)))
	}
}

func TestFromStringVectors(t *testing.T) {
	for _, v := range vectors(t, "fromstring.txt") {
		var text string
		if err := json.Unmarshal([]byte(v.fields[1]), &text); err != nil {
			t.Fatalf("%s: %v", v.at, err)
		}
		wire, err := testType(t, v.fields[0]).FromString(text)
		if strings.HasPrefix(v.want, "failure:") && err == nil {
			t.Errorf("%s: read, but Cassandra fails on it", v.at)
		}
		v.check(t, answer(wire, err))
	}
}

func TestFromJSONVectors(t *testing.T) {
	for _, v := range vectors(t, "fromjson.txt") {
		wire, err := testType(t, v.fields[0]).FromJSON([]byte(v.fields[1]))
		v.check(t, answer(wire, err))
	}
}

func TestCompareVectors(t *testing.T) {
	for _, v := range vectors(t, "compare.txt") {
		typ, a, b := testType(t, v.fields[0]), fromHex(t, v.fields[1]), fromHex(t, v.fields[2])
		v.check(t, strconv.Itoa(signum(typ.Compare(a, b))))
		v.check(t, strconv.Itoa(-signum(typ.Compare(b, a))))
		for _, desc := range []bool{false, true} {
			order := bytes.Compare(typ.AppendKey(nil, a, desc), typ.AppendKey(nil, b, desc))
			if desc {
				order = -order
			}
			v.check(t, strconv.Itoa(order))
		}
	}
}

func signum(n int) int { return boolInt(n > 0) - boolInt(n < 0) }

func TestTokenVectors(t *testing.T) {
	for _, v := range vectors(t, "token.txt") {
		v.check(t, strconv.FormatInt(Token(fromHex(t, v.fields[0])), 10))
	}
}

func TestClassVectors(t *testing.T) {
	for _, v := range vectors(t, "class.txt") {
		typ := testType(t, v.fields[0])
		v.check(t, typ.ClassName())
		back, reversed, err := ParseClassName(typ.ReversedClassName())
		if err != nil || !reversed || back.String() != typ.String() || back.ClassName() != typ.ClassName() {
			t.Errorf("%s: %s parsed back as %v, %v, %v", v.at, typ.ClassName(), back, reversed, err)
		}
		if want := strings.ReplaceAll(v.fields[0], "varchar", "text"); typ.String() != want {
			t.Errorf("%s: String gives %s", v.at, typ)
		}
	}
}
