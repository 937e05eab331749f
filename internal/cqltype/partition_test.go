package cqltype

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func TestPartitionKeysSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 300), 1, 4).Draw(t, "values")
		key := AppendPartitionKey(nil, values...)
		split, ok := SplitPartitionKey(nil, key, len(values))
		if !ok || len(split) != len(values) {
			t.Fatalf("%x split into %x, %v", key, split, ok)
		}
		for i := range values {
			if !bytes.Equal(split[i], values[i]) {
				t.Fatalf("%x split into %x", key, split)
			}
		}
		if len(values) > 1 {
			if _, ok := SplitPartitionKey(nil, key[:len(key)-1], len(values)); ok {
				t.Fatalf("%x split though cut short", key)
			}
			if _, ok := SplitPartitionKey(nil, key, len(values)-1); ok && len(values) > 2 {
				t.Fatalf("%x split into too few", key)
			}
		}
	})
}

// The layout and the tokens are those of a Cassandra 5.0.9:
// token(a, b) of (1, 'x') and token(a) of 1.
func TestCompositePartitionKey(t *testing.T) {
	one := []byte{0, 0, 0, 1}
	key := AppendPartitionKey(nil, one, []byte("x"))
	if want := []byte("\x00\x04\x00\x00\x00\x01\x00\x00\x01x\x00"); !bytes.Equal(key, want) {
		t.Errorf("key %x, want %x", key, want)
	}
	if got, want := Token(key), int64(746584927563629270); got != want {
		t.Errorf("token %d, want %d", got, want)
	}
	if got, want := Token(AppendPartitionKey(nil, one)), int64(-4069959284402364209); got != want {
		t.Errorf("token %d, want %d", got, want)
	}
}
