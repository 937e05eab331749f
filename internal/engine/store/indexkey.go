package store

import (
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// AppendIndexKey appends the key under which an index entry tells a row, or
// with nil clustering a partition (or the row of a table without clustering
// columns): token, partition and clustering columns.
func AppendIndexKey(dst, partition []byte, l *Layout, clustering [][]byte) []byte {
	dst = appendEscaped(appendToken(dst, cqltype.Token(partition)), partition)
	return appendClustering(dst, l, clustering)
}

// AppendIndexToken appends the beginning of the keys of a token: it sorts before
// all of them.
func AppendIndexToken(dst []byte, token int64) []byte { return appendToken(dst, token) }

// IndexKeyToken is the token of the partition of a key.
func IndexKeyToken(key []byte) int64 {
	if len(key) < 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(key) ^ signFlip)
}

// IndexKeyPartition returns the beginning of a key that tells the partition:
// all of it in an entry of a partition. Nil when it is damaged.
func IndexKeyPartition(key []byte) []byte {
	if len(key) < 8 {
		return nil
	}
	n := escapedLen(key[8:])
	if n < 0 {
		return nil
	}
	return key[:8+n]
}

// IndexKey is a key taken apart. Its memory is used again by the next Parse.
type IndexKey struct {
	// Partition is the raw partition key.
	Partition []byte
	// Clustering holds the clustering values, nil for an entry of a partition or
	// of a table without clustering columns. They equal the row's, but may be
	// written differently (decimals).
	Clustering [][]byte

	values [][]byte
	buf    []byte
}

// Parse takes a key of an index on a table of that layout apart.
func (k *IndexKey) Parse(l *Layout, key []byte) error {
	ok := len(key) > 8
	rest := key
	if ok {
		k.Partition, rest, ok = unescape(k.Partition[:0], key[8:])
	}
	if !ok {
		return corruptf("index key %x", key)
	}
	k.Clustering = nil
	if len(rest) == 0 {
		return nil
	}
	var err error
	k.values, k.buf, err = decodeClustering(l, rest, k.values[:0], k.buf[:0])
	k.Clustering = k.values
	return err
}
