package cqltype

import (
	"bytes"
	"strings"
	"testing"
)

// TestPreferredType follows Constants.Type.getPreferedTypeFor.
func TestPreferredType(t *testing.T) {
	for _, c := range []struct {
		kind LiteralKind
		text string
		want *Type
	}{
		{StringLiteral, "abc", TypeAscii}, {StringLiteral, "é", TypeText},
		{IntegerLiteral, "1", TypeInt}, {IntegerLiteral, "-2147483648", TypeInt}, {IntegerLiteral, "2147483648", TypeBigint},
		{IntegerLiteral, "9223372036854775808", TypeVarint},
		{FloatLiteral, "1.5", TypeDouble}, {FloatLiteral, "0.1", TypeDouble}, {FloatLiteral, "1e400", TypeDecimal},
		{FloatLiteral, "0.1000000000000000055511151231257827", TypeDecimal}, {FloatLiteral, "NaN", TypeDouble}, {FloatLiteral, "-Infinity", TypeDouble},
		{BooleanLiteral, "true", TypeBoolean}, {HexLiteral, "0xff", TypeTinyint}, {DurationLiteral, "1d", TypeDuration},
		{UUIDLiteral, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", TypeTimeuuid}, {UUIDLiteral, "550e8400-e29b-41d4-a716-446655440000", TypeUuid},
		{NullLiteral, "null", nil},
	} {
		if got := PreferredType(c.kind, c.text); got != c.want {
			t.Errorf("%s %s: %v, want %v", c.kind, c.text, got, c.want)
		}
	}
}

// TestAcceptsLiteral follows Constants.Literal.testAssignment: which types
// each kind of constant can stand for.
func TestAcceptsLiteral(t *testing.T) {
	for kind, want := range map[LiteralKind]string{
		StringLiteral:   "ascii date inet text time timestamp",
		IntegerLiteral:  "bigint counter date decimal double duration float int smallint time timestamp tinyint varint",
		FloatLiteral:    "decimal double float",
		BooleanLiteral:  "boolean",
		UUIDLiteral:     "timeuuid uuid",
		HexLiteral:      "blob tinyint",
		DurationLiteral: "duration",
		NullLiteral: "ascii bigint blob boolean date decimal double duration float inet int smallint text time timestamp " +
			"timeuuid tinyint uuid varint",
	} {
		var got []string
		for _, name := range strings.Fields("ascii bigint blob boolean counter date decimal double duration float inet int " +
			"smallint text time timestamp timeuuid tinyint uuid varint") {
			if Native(name).AcceptsLiteral(kind) {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s\nwant %s", kind, strings.Join(got, " "), want)
		}
	}
	for _, typ := range []*Type{NewList(TypeInt, false), NewVector(TypeFloat, 2), address} {
		if typ.AcceptsLiteral(StringLiteral) || !typ.AcceptsLiteral(NullLiteral) {
			t.Errorf("%s takes constants other than null", typ)
		}
	}
	if !NewTuple(TypeInt).AcceptsLiteral(IntegerLiteral) {
		t.Error("a tuple takes no constant")
	}
}

func TestParseLiteral(t *testing.T) {
	for _, c := range []struct {
		t    *Type
		kind LiteralKind
		text string
		want []byte
	}{
		{TypeBlob, HexLiteral, "0xCAfe", []byte{0xca, 0xfe}},
		{TypeBlob, HexLiteral, "0x", []byte{}},
		{TypeCounter, IntegerLiteral, "5", []byte{0, 0, 0, 0, 0, 0, 0, 5}},
		{TypeInt, NullLiteral, "null", nil},
		{TypeText, StringLiteral, "", []byte{}},
	} {
		got, err := c.t.ParseLiteral(c.kind, c.text)
		if err != nil || !bytes.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s %s: %x, %v", c.t, c.text, got, err)
		}
	}
}
