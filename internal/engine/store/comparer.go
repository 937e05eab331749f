package store

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"
)

// comparer orders keys bytewise. Its Split ends the prefix of a data key behind
// the partition key and that of an index entry behind the value: bloom filters
// hold these prefixes, and answer "no such partition" and "no such value".
//
// Its name is kept with the data. A change of the order or of Split needs a
// new name, and a way to read the old data.
var comparer = func() *pebble.Comparer {
	c := *pebble.DefaultComparer
	c.Name = "astrolabe.v1"
	c.Split = split
	c.ImmediateSuccessor = immediateSuccessor
	c.ComparePointSuffixes = bytes.Compare
	c.CompareRangeSuffixes = bytes.Compare
	return &c
}()

// split returns the length of the prefix of a key.
func split(key []byte) int {
	n, _ := prefixEnd(key)
	return n
}

// prefixEnd returns the length of the prefix of a key, and whether the prefix
// is complete: it ends in an escaped string's end. It reads from left to right
// and stops there, so it is consistent with the bytewise order for every byte
// string, also for the shortened keys of block indexes.
func prefixEnd(key []byte) (n int, complete bool) {
	if len(key) == 0 {
		return 0, false
	}
	switch key[0] {
	case spaceData:
		n = tokenEnd
	case spaceIndex:
		n = indexLen
	default:
		return len(key), false
	}
	if len(key) < n {
		return len(key), false
	}
	if m := escapedLen(key[n:]); m > 0 {
		return n + m, true
	}
	return len(key), false
}

// immediateSuccessor appends the smallest prefix greater than prefix. All keys
// with a complete prefix are below the one with its last byte incremented; any
// other prefix is followed by itself and a zero byte.
func immediateSuccessor(dst, prefix []byte) []byte {
	dst = append(dst, prefix...)
	if _, complete := prefixEnd(prefix); complete {
		dst[len(dst)-1]++
		return dst
	}
	return append(dst, 0)
}
