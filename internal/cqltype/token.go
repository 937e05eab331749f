package cqltype

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Token returns the Murmur3Partitioner token of a raw partition key: the first
// half of Cassandra's variant of MurmurHash3 x64 128 with seed 0, which sign
// extends the bytes of the tail (org.apache.cassandra.utils.MurmurHash), with
// Long.MIN_VALUE turned into Long.MAX_VALUE (Murmur3Partitioner.normalize). An
// empty key has the minimum token.
func Token(partitionKey []byte) int64 {
	if len(partitionKey) == 0 {
		return math.MinInt64
	}
	h := int64(murmur3(partitionKey))
	if h == math.MinInt64 {
		return math.MaxInt64
	}
	return h
}

const (
	murmurC1 = 0x87c37b91114253d5
	murmurC2 = 0x4cf5ad432745937f
)

func murmur3(key []byte) uint64 {
	var h1, h2 uint64
	b := key
	for len(b) >= 16 {
		h1 ^= mixK1(binary.LittleEndian.Uint64(b))
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52dce729
		h2 ^= mixK2(binary.LittleEndian.Uint64(b[8:]))
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495ab5
		b = b[16:]
	}
	if len(b) > 0 {
		var k1, k2 uint64
		for i := len(b) - 1; i >= 8; i-- {
			k2 ^= uint64(int8(b[i])) << (8 * (i - 8))
		}
		for i := min(len(b), 8) - 1; i >= 0; i-- {
			k1 ^= uint64(int8(b[i])) << (8 * i)
		}
		if len(b) > 8 {
			h2 ^= mixK2(k2)
		}
		h1 ^= mixK1(k1)
	}
	h1 ^= uint64(len(key))
	h2 ^= uint64(len(key))
	h1 += h2
	h2 += h1
	return finalMix(h1) + finalMix(h2)
}

func mixK1(k uint64) uint64 { return bits.RotateLeft64(k*murmurC1, 31) * murmurC2 }

func mixK2(k uint64) uint64 { return bits.RotateLeft64(k*murmurC2, 33) * murmurC1 }

func finalMix(k uint64) uint64 {
	k ^= k >> 33
	k *= 0xff51afd7ed558ccd
	k ^= k >> 33
	k *= 0xc4ceb9fe1a85ec53
	return k ^ k>>33
}
