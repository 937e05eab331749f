package plan

import (
	"cmp"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// compareHashed orders two names as a java.util.HashMap of n of them does whose
// keys hash like java.nio.ByteBuffer: the order shows in some error texts.
func compareHashed(a, b string, n int) int {
	buckets := uint32(16)
	for n > int(buckets)*3/4 {
		buckets *= 2
	}
	return cmp.Compare(hashOfName(a)%buckets, hashOfName(b)%buckets)
}

// hashOfName is ByteBuffer.hashCode, as HashMap spreads it.
func hashOfName(name string) uint32 {
	h := int32(1)
	for i := len(name) - 1; i >= 0; i-- {
		h = 31*h + int32(int8(name[i]))
	}
	return uint32(h) ^ uint32(h)>>16
}

// hashed returns the fields of a user type literal in that order.
func hashed(fields []cql.FieldValue) []cql.FieldValue {
	fields = slices.Clone(fields)
	slices.SortStableFunc(fields, func(a, b cql.FieldValue) int { return compareHashed(a.Name, b.Name, len(fields)) })
	return fields
}
