package cqltype

import (
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// allocCases are values whose handling on the hot paths must not allocate.
var allocCases = []struct {
	t    *Type
	text string
}{
	{TypeInt, "42"}, {TypeBigint, "-7"}, {TypeText, "John Smith"}, {TypeUuid, "550e8400-e29b-41d4-a716-446655440000"},
	{TypeTimeuuid, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}, {TypeTimestamp, "2020-01-01"}, {TypeDate, "2020-01-01"},
	{TypeTime, "12:34:56.789"}, {TypeDecimal, "123.45"}, {TypeDecimal, "-0.001"}, {TypeVarint, "123456789"}, {TypeDouble, "1.5"}, {TypeBoolean, "true"},
	{TypeInet, "10.0.0.1"}, {TypeInet, "::1"}, {TypeDuration, "1d2h"}, {TypeBlob, "00ff"},
	{NewList(TypeText, true), "000000020000000161000000026262"}, {NewMap(TypeInt, TypeText, true), "0000000100000004000000010000000161"},
	{NewTuple(TypeInt, TypeText), "1:a"}, {NewVector(TypeFloat, 2), "3f80000040000000"},
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	key, wire, text := make([]byte, 0, 256), make([]byte, 0, 256), make([]byte, 0, 256)
	for _, c := range allocCases {
		v, err := c.t.FromString(c.text)
		if err != nil {
			t.Fatal(err)
		}
		run := func(name string, f func()) {
			if n := steady.Allocs(0, 20, f); n > 0 {
				t.Errorf("%s of %s %s allocates %v times", name, c.t, c.text, n)
			}
		}
		run("Validate", func() { err = c.t.Validate(v) })
		run("Compare", func() { c.t.Compare(v, v) })
		run("AppendKey", func() { key = c.t.AppendKey(key[:0], v, true) })
		run("DecodeKey", func() { wire, _, err = c.t.DecodeKey(key, true, wire[:0]) })
		if err != nil {
			t.Fatal(err)
		}
		run("KeyIsExact", func() { c.t.KeyIsExact(v) })
		run("AppendLiteral", func() { text = c.t.AppendLiteral(text[:0], v) })
		run("AppendJSON", func() { text = c.t.AppendJSON(text[:0], v) })
		run("Iter", func() {
			for it := c.t.Iter(v); it.Next(); {
				wire = append(wire[:0], it.Elem()...)
			}
		})
	}
	pk := []byte("0123456789abcdef01")
	if n := steady.Allocs(0, 20, func() { key = AppendPartitionKey(key[:0], pk, v4[:]); Token(key) }); n > 0 {
		t.Errorf("a partition key and its token allocate %v times", n)
	}
}

var v4 = [4]byte{10, 0, 0, 1}

func BenchmarkKey(b *testing.B) {
	for _, c := range allocCases[:9] {
		v, _ := c.t.FromString(c.text)
		key := c.t.AppendKey(nil, v, false)
		wire := make([]byte, 0, 64)
		b.Run(c.t.String()+"/encode", func(b *testing.B) {
			for b.Loop() {
				key = c.t.AppendKey(key[:0], v, false)
			}
		})
		b.Run(c.t.String()+"/decode", func(b *testing.B) {
			for b.Loop() {
				wire, _, _ = c.t.DecodeKey(key, false, wire[:0])
			}
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	for _, c := range allocCases {
		v, _ := c.t.FromString(c.text)
		b.Run(c.t.String(), func(b *testing.B) {
			for b.Loop() {
				c.t.Compare(v, v)
			}
		})
	}
}

func BenchmarkToken(b *testing.B) {
	key := make([]byte, 16)
	for b.Loop() {
		Token(key)
	}
}

func BenchmarkJSON(b *testing.B) {
	var dst []byte
	for _, c := range allocCases {
		v, _ := c.t.FromString(c.text)
		b.Run(c.t.String(), func(b *testing.B) {
			for b.Loop() {
				dst = c.t.AppendJSON(dst[:0], v)
			}
		})
	}
}
