package cqltype

import (
	"bytes"
	"testing"
)

// fuzzTypes are the types that fuzz targets choose from.
var fuzzTypes = append([]*Type{
	NewList(TypeText, true), NewSet(TypeDecimal, true), NewMap(TypeInt, NewList(TypeBlob, true), true),
	NewTuple(TypeInt, TypeText, TypeDuration), NewVector(TypeFloat, 3), NewVector(TypeText, 2), address,
	{Kind: Custom, Class: "x.Y"}, {Kind: Empty},
}, scalars...)

func fuzzType(n uint8) *Type { return fuzzTypes[int(n)%len(fuzzTypes)] }

// FuzzWire shows, orders and keys any bytes as any type: nothing may panic,
// and valid bytes keep their promises.
func FuzzWire(f *testing.F) {
	for i := range fuzzTypes {
		f.Add(uint8(i), []byte{}, []byte{0, 0, 0, 1, 0, 0, 0, 1, 65})
		f.Add(uint8(i), []byte{0, 0, 0, 2, 255, 255, 255, 255}, []byte("\x80\x01\x02"))
	}
	f.Fuzz(func(t *testing.T, n uint8, a, b []byte) {
		typ := fuzzType(n)
		typ.AppendLiteral(nil, a)
		typ.AppendText(nil, a)
		shown := typ.AppendJSON(nil, a)
		typ.KeyIsExact(a)
		order := typ.Compare(a, b)
		ka, kb := typ.AppendKey(nil, a, false), typ.AppendKey(nil, b, false)
		if typ.Validate(a) != nil || typ.Validate(b) != nil {
			return
		}
		if err := CheckJSON(shown); err != nil {
			t.Errorf("%s %x is shown as %s: %v", typ, a, shown, err)
		}
		if bytes.Compare(ka, kb) != signum(order) {
			t.Errorf("%s: %x %x order %d, keys %x %x", typ, a, b, order, ka, kb)
		}
		back, rest, err := typ.DecodeKey(ka, false, nil)
		if err != nil || len(rest) != 0 || typ.Compare(a, back) != 0 {
			t.Errorf("%s: %x came back as %x, rest %x, %v", typ, a, back, rest, err)
		}
	})
}

// FuzzDecodeKey reads any bytes as a key.
func FuzzDecodeKey(f *testing.F) {
	for i := range fuzzTypes {
		f.Add(uint8(i), true, []byte{0xfc, 1, 2, 3})
		f.Add(uint8(i), false, []byte{3, 3, 1, 0, 0, 3, 65, 0, 0, 0})
	}
	f.Fuzz(func(t *testing.T, n uint8, desc bool, src []byte) {
		typ := fuzzType(n)
		wire, rest, err := typ.DecodeKey(src, desc, nil)
		if err == nil && len(rest) >= len(src) {
			t.Errorf("%s: nothing read from %x: %x", typ, src, wire)
		}
	})
}

// FuzzFromString reads any text as any type; what is read must be valid.
func FuzzFromString(f *testing.F) {
	for _, text := range []string{"", "1", "-1.5e10", "2020-01-01 12:34:56.789+01:00", "12:34:56.7", "1y2mo3w4d5h6m7s8ms9us10ns",
		"P1Y2M3DT4H5M6S", "P0001-02-03T04:05:06", "::ffff:1.2.3.4", "1.2.3", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "cafe", "1:a\\:b:@"} {
		for i := range fuzzTypes {
			f.Add(uint8(i), text)
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, text string) {
		typ := fuzzType(n)
		wire, err := typ.FromString(text)
		if err != nil || typ.Kind == Text {
			return // text is as valid as the statement it came in
		}
		switch typ.Kind {
		case List, Set, Map, Vector, Counter, Duration, Tuple, UDT:
			return // bytes as given, or an empty value that only Validate refuses
		}
		if err := typ.Validate(wire); err != nil && len(wire) != 0 {
			t.Errorf("%s: %q read as %x: %v", typ, text, wire, err)
		}
	})
}

// FuzzFromJSON reads any text as JSON of any type.
func FuzzFromJSON(f *testing.F) {
	for _, text := range []string{`null`, `[1, "a", {"b": null}]`, `{"street": "x", "\"No\"": 1}`, `"\u00e9\ud83d\ude00\n"`, `-0.5e3`, `"[\"1\"]"`, `[[[`} {
		for i := range fuzzTypes {
			f.Add(uint8(i), []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, text []byte) {
		fuzzType(n).FromJSON(text)
		names, values, err := JSONObject(text)
		if err == nil && len(names) != len(values) {
			t.Errorf("%q: %d names, %d values", text, len(names), len(values))
		}
	})
}

// FuzzParseType reads any text as a type, in CQL and as a class; what is read
// must be shown as something that reads the same.
func FuzzParseType(f *testing.F) {
	f.Add("frozen<map<text, list<int>>>")
	f.Add(`tuple<"A b", vector<float, 3>>`)
	f.Add("org.apache.cassandra.db.marshal.ReversedType(org.apache.cassandra.db.marshal.Int32Type)")
	f.Add("MapType(UTF8Type,FrozenType(UserType(ks,61,62:VectorType(FloatType, 3))))")
	f.Add("'x.Y(a, b)'")
	f.Fuzz(func(t *testing.T, text string) {
		udt := func(keyspace, name string) *Type {
			return &Type{Kind: UDT, Keyspace: "ks", Name: name, FieldNames: []string{"f"}, Elems: []*Type{TypeInt}}
		}
		if typ, err := ParseString(text, udt); err == nil {
			if back, err := ParseString(typ.String(), udt); err != nil || back.String() != typ.String() {
				t.Errorf("%q is %s, read as %v, %v", text, typ, back, err)
			}
		}
		if typ, _, err := ParseClassName(text); err == nil {
			if back, _, err := ParseClassName(typ.ClassName()); err != nil || back.ClassName() != typ.ClassName() {
				t.Errorf("%q is %s, read as %v, %v", text, typ.ClassName(), back, err)
			}
		}
	})
}
