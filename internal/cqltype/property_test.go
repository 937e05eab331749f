package cqltype

import (
	"bytes"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// eachType checks a property on every scalar type, and on drawn types.
func eachType(t *testing.T, property func(t *rapid.T, typ *Type)) {
	for _, typ := range scalars {
		t.Run(typ.String(), rapid.MakeCheck(func(t *rapid.T) { property(t, typ) }))
	}
	for range 5 {
		t.Run("drawn", rapid.MakeCheck(func(t *rapid.T) { property(t, drawType(t, 2)) }))
	}
}

// drawPair draws two values of a type, which are often alike.
func drawPair(t *rapid.T, typ *Type) (a, b []byte) {
	a, b = drawValue(t, typ), drawValue(t, typ)
	if rapid.IntRange(0, 3).Draw(t, "alike") == 0 {
		b = bytes.Clone(a)
		if len(b) > 0 {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		if typ.Validate(b) != nil {
			b = a
		}
	}
	return a, b
}

func TestDrawnValuesAreValid(t *testing.T) {
	eachType(t, func(t *rapid.T, typ *Type) {
		v := drawValue(t, typ)
		if err := typ.Validate(v); err != nil {
			t.Fatalf("%s %x: %v", typ, v, err)
		}
	})
}

func TestCompareIsAnOrder(t *testing.T) {
	eachType(t, func(t *rapid.T, typ *Type) {
		a, b := drawPair(t, typ)
		c := drawValue(t, typ)
		ab, bc, ac := typ.Compare(a, b), typ.Compare(b, c), typ.Compare(a, c)
		if typ.Compare(a, a) != 0 || signum(ab) != -signum(typ.Compare(b, a)) {
			t.Fatalf("%s: %x %x is not antisymmetric", typ, a, b)
		}
		if ab <= 0 && bc <= 0 && (ac > 0 || ac == 0 && (ab != 0 || bc != 0)) {
			t.Fatalf("%s: %x %x %x is not transitive", typ, a, b, c)
		}
		if typ.Compare(nil, a) >= 0 || typ.Compare(nil, nil) != 0 {
			t.Fatalf("%s: null is not before %x", typ, a)
		}
	})
}

func TestKeysOrderLikeValues(t *testing.T) {
	eachType(t, func(t *rapid.T, typ *Type) {
		a, b := drawPair(t, typ)
		if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
			a = nil
		}
		for _, desc := range []bool{false, true} {
			ka, kb := typ.AppendKey(nil, a, desc), typ.AppendKey(nil, b, desc)
			want := signum(typ.Compare(a, b))
			if desc {
				want = -want
			}
			if bytes.Compare(ka, kb) != want {
				t.Fatalf("%s desc=%v: %x %x order %d, their keys %x %x do not", typ, desc, a, b, want, ka, kb)
			}
			if want != 0 && (bytes.HasPrefix(ka, kb) || bytes.HasPrefix(kb, ka)) {
				t.Fatalf("%s desc=%v: one of the keys %x %x begins with the other", typ, desc, ka, kb)
			}
			if ka[0] == 0 || ka[0] == 0xff {
				t.Fatalf("%s desc=%v: key %x begins with a bound", typ, desc, ka)
			}
		}
	})
}

func TestKeysReadBack(t *testing.T) {
	eachType(t, func(t *rapid.T, typ *Type) {
		v := drawValue(t, typ)
		desc := rapid.Bool().Draw(t, "desc")
		key := typ.AppendKey([]byte("before"), v, desc)[len("before"):]
		src := append(bytes.Clone(key), "behind"...)
		out, rest, err := typ.DecodeKey(src, desc, []byte("arena"))
		if err != nil || string(rest) != "behind" || !bytes.HasPrefix(out, []byte("arena")) {
			t.Fatalf("%s: key %x of %x read as %x, %q, %v", typ, key, v, out, rest, err)
		}
		back := out[len("arena"):]
		if err := typ.Validate(back); err != nil {
			t.Fatalf("%s: key of %x read as %x: %v", typ, v, back, err)
		}
		if typ.Compare(v, back) != 0 || !bytes.Equal(typ.AppendKey(nil, back, desc), key) {
			t.Fatalf("%s: key of %x read as %x, which is another value", typ, v, back)
		}
		if typ.KeyIsExact(v) != bytes.Equal(v, back) {
			t.Fatalf("%s: KeyIsExact(%x) is %v, read back as %x", typ, v, typ.KeyIsExact(v), back)
		}
		if rest, err := typ.SkipKey(src, desc); err != nil || string(rest) != "behind" {
			t.Fatalf("%s: SkipKey: %q, %v", typ, rest, err)
		}
		if wire, rest, err := typ.DecodeKey(typ.AppendKey(nil, nil, desc), desc, nil); wire != nil || len(rest) != 0 || err != nil {
			t.Fatalf("%s: null read as %x, %x, %v", typ, wire, rest, err)
		}
	})
}

// TestExactKeys lists what must come back byte for byte: everything that has
// one form per value.
func TestExactKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom([]*Type{TypeAscii, TypeBigint, TypeBlob, TypeDate, TypeInet, TypeInt, TypeSmallint, TypeText, TypeTime,
			TypeTimestamp, TypeTimeuuid, TypeTinyint, TypeUuid, NewList(TypeText, true), NewMap(TypeInt, TypeBlob, true)}).Draw(t, "type")
		v := drawValue(t, typ)
		if out, _, err := typ.DecodeKey(typ.AppendKey(nil, v, true), true, nil); err != nil || !bytes.Equal(out, v) {
			t.Fatalf("%s: %x came back as %x, %v", typ, v, out, err)
		}
	})
}

func TestTypesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := drawType(t, 3)
		udt := func(keyspace, name string) *Type {
			if keyspace != "" || name != "Ty pe" {
				return nil
			}
			return findUDT(typ, map[string]bool{})
		}
		if countUDTs(typ) <= 1 {
			back, err := ParseString(typ.String(), udt)
			if err != nil || back.String() != typ.String() {
				t.Fatalf("%s read as %v, %v", typ, back, err)
			}
		}
		back, reversed, err := ParseClassName(typ.ClassName())
		if err != nil || reversed || back.ClassName() != typ.ClassName() {
			t.Fatalf("%s read as %v, %v", typ.ClassName(), back, err)
		}
	})
}

func countUDTs(t *Type) int {
	n := boolInt(t.Kind == UDT)
	for _, e := range t.Elems {
		n += countUDTs(e)
	}
	return n
}

func findUDT(t *Type, _ map[string]bool) *Type {
	if t.Kind == UDT {
		c := *t
		c.Frozen = false
		return &c
	}
	for _, e := range t.Elems {
		if u := findUDT(e, nil); u != nil {
			return u
		}
	}
	return nil
}

func TestScalarTextReadsBack(t *testing.T) {
	eachType(t, func(t *rapid.T, typ *Type) {
		if len(typ.Elems) > 0 {
			return
		}
		v := drawValue(t, typ)
		switch typ.Kind {
		case Counter:
			return // read as hexadecimal
		case Timestamp:
			if ms := Int64(v); ms < -62135596800000 || ms > 253402300799999 {
				return // years before 1 and past 9999 have no text of their own
			}
		}
		if len(v) == 0 {
			return
		}
		text := string(typ.AppendText(nil, v))
		if typ.Kind == Decimal && !decimalTextReads(v) || text == "" {
			return
		}
		back, err := typ.FromString(text)
		if err != nil || typ.Compare(v, back) != 0 {
			t.Fatalf("%s: %x shown as %q, read as %x, %v", typ, v, text, back, err)
		}
	})
}

// decimalTextReads: the exponent that is shown may be past what can be read,
// as with Java's.
func decimalTextReads(v []byte) bool {
	unscaled, scale := DecimalBig(v)
	exponent := int64(len(unscaled.String())) - int64(scale)
	return exponent < math.MaxInt32 && exponent > math.MinInt32+100
}

func TestJSONReadsBack(t *testing.T) {
	eachType(t, func(t *rapid.T, typ *Type) {
		if !jsonKeeps(typ) {
			return
		}
		v := drawValue(t, typ)
		shown := typ.AppendJSON(nil, v)
		if err := CheckJSON(shown); err != nil {
			t.Fatalf("%s: %x shown as %s: %v", typ, v, shown, err)
		}
		back, err := typ.FromJSON(shown)
		if err != nil || typ.Compare(v, back) != 0 {
			t.Fatalf("%s: %x shown as %s, read as %x, %v", typ, v, shown, back, err)
		}
	})
}

// jsonKeeps reports whether JSON keeps all values of t: not floats, which may
// be no numbers, nor decimals, which Jackson reads as doubles, nor times past
// the year 9999, nor empty values, which read as false or zero.
func jsonKeeps(t *Type) bool {
	switch t.Kind {
	case Float, Double, Decimal, Timestamp, Counter, Boolean, Duration, Varint, Tuple, UDT:
		return false
	}
	for _, e := range t.Elems {
		if !jsonKeeps(e) {
			return false
		}
	}
	return true
}

func TestVarintsAreBigInts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := VarintBig(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes"))
		wire := AppendVarintBig(nil, x)
		if VarintBig(wire).Cmp(x) != 0 || !bytes.Equal(minimalVarint(wire), wire) {
			t.Fatalf("%s is %x is %s", x, wire, VarintBig(wire))
		}
		if got := string(AppendVarintText(nil, wire)); got != x.String() {
			t.Fatalf("%s shown as %s", x, got)
		}
		y := new(big.Int).SetInt64(rapid.Int64().Draw(t, "other"))
		if got := compareVarint(wire, AppendVarintBig(nil, y)); signum(got) != x.Cmp(y) {
			t.Fatalf("%s and %s compare %d", x, y, got)
		}
	})
}

func TestVintsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-300, 300)).Draw(t, "v")
		b := appendVint(nil, v)
		if got, n := vint(b); got != v || n != len(b) {
			t.Fatalf("%d is %x is %d, %d bytes", v, b, got, n)
		}
		for i := range b {
			if _, n := vint(b[:i]); n != 0 {
				t.Fatalf("%x is read from %x", b, b[:i])
			}
		}
	})
}
