package store

import (
	"bytes"
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// The first byte of every key. The order of the spaces has no meaning.
const (
	spaceData  = 'd' // rows and tombstones of tables
	spaceIndex = 'i' // secondary index entries
	spaceMeta  = 'm' // named values of the layers above
	spaceStore = 's' // the store's own bookkeeping
)

// The byte behind a partition key in spaceData. The heads (all but kindRow)
// sort before the rows, so that one iterator meets them first.
const (
	headPartition = 0x01 // partition tombstone
	headStatic    = 0x02 // static row
	headRange     = 0x03 // range tombstone; behind it both bounds, escaped
	kindRow       = 0x10 // row; behind it the clustering key
)

// A byte string inside a key is escaped: 0x00 as 0x00 0xFF, and ends in 0x00
// 0x01. So escaped strings sort as the plain ones do and none is the beginning
// of another.
const (
	escape     = 0x00
	escapedNul = 0xff
	escapeEnd  = 0x01
)

const (
	tableLen = 1 + 4        // space and table id
	tokenEnd = tableLen + 8 // and the token
	indexLen = 1 + 4        // space and index id
	signFlip = 1 << 63
)

func appendEscaped(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, escape)
		if i < 0 {
			break
		}
		dst = append(dst, b[:i+1]...)
		dst = append(dst, escapedNul)
		b = b[i+1:]
	}
	dst = append(dst, b...)
	return append(dst, escape, escapeEnd)
}

// unescape appends the string escaped at the front of src to dst and returns
// what follows it; ok is false when src holds none.
func unescape(dst, src []byte) (out, rest []byte, ok bool) {
	for {
		i := bytes.IndexByte(src, escape)
		if i < 0 || i+1 >= len(src) {
			return dst, nil, false
		}
		dst = append(dst, src[:i]...)
		next := src[i+1]
		src = src[i+2:]
		switch next {
		case escapeEnd:
			return dst, src, true
		case escapedNul:
			dst = append(dst, escape)
		default:
			return dst, nil, false
		}
	}
}

// escapedLen returns the length of the escaped string at the front of src, its
// end included, or -1.
func escapedLen(src []byte) int {
	// This is asked of each key that is read or compacted. The zeros of numbers
	// stand together, so near the beginning and each other it looks itself.
	const window = 6
	near := window
	for n := 0; n+1 < len(src); {
		switch {
		case src[n] == escape && src[n+1] == escapeEnd:
			return n + 2
		case src[n] == escape:
			n += 2
			near = n + window
		case n < near:
			n++
		default:
			i := bytes.IndexByte(src[n:], escape)
			if i < 0 {
				return -1
			}
			n += i
		}
	}
	return -1
}

func appendTable(dst []byte, id uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, spaceData), id)
}

func appendToken(dst []byte, token int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(token)^signFlip)
}

// appendPartition appends the prefix shared by all keys of a partition.
func appendPartition(dst []byte, table uint32, token int64, partition []byte) []byte {
	return appendEscaped(appendToken(appendTable(dst, table), token), partition)
}

// keyToken is the token in a data key of at least tokenEnd bytes.
func keyToken(key []byte) int64 {
	return int64(binary.BigEndian.Uint64(key[tableLen:]) ^ signFlip)
}

// keyTable is the table id in a data key of at least tableLen bytes.
func keyTable(key []byte) uint32 { return binary.BigEndian.Uint32(key[1:]) }

// partitionLen is the length of the partition prefix of a data key, or -1.
func partitionLen(key []byte) int {
	if len(key) < tokenEnd {
		return -1
	}
	n := escapedLen(key[tokenEnd:])
	if n < 0 {
		return -1
	}
	return tokenEnd + n
}

// appendClustering appends the first len(values) columns of a clustering key.
func appendClustering(dst []byte, l *Layout, values [][]byte) []byte {
	for i, v := range values {
		c := &l.Clustering[i]
		dst = c.Type.AppendKey(dst, v, c.Desc)
	}
	return dst
}

// decodeClustering reads a clustering key, a whole one unless l.Prefixes: it appends the wire bytes to
// buf and sets values to parts of it.
func decodeClustering(l *Layout, src []byte, values [][]byte, buf []byte) ([][]byte, []byte, error) {
	values = values[:0]
	for i := range l.Clustering {
		if l.Prefixes && len(src) == 0 && i > 0 {
			break
		}
		c := &l.Clustering[i]
		start := len(buf)
		wire, rest, err := c.Type.DecodeKey(src, c.Desc, buf)
		if err != nil {
			return nil, buf, corruptf("clustering key of table %d: %v", l.ID, err)
		}
		if wire == nil {
			values = append(values, nil)
		} else {
			buf = wire
			values = append(values, buf[start:len(buf):len(buf)])
		}
		src = rest
	}
	if len(src) != 0 {
		return nil, buf, corruptf("clustering key of table %d: %d bytes too many", l.ID, len(src))
	}
	return values, buf, nil
}

// appendSuccessor appends the smallest byte string that sorts after all that
// begin with prefix; ok is false when there is none (only 0xFF).
func appendSuccessor(dst, prefix []byte) (out []byte, ok bool) {
	n := len(prefix)
	for n > 0 && prefix[n-1] == 0xff {
		n--
	}
	if n == 0 {
		return dst, false
	}
	dst = append(dst, prefix[:n]...)
	dst[len(dst)-1]++
	return dst, true
}

func appendIndexValue(dst []byte, index uint32, value []byte) []byte {
	dst = binary.BigEndian.AppendUint32(append(dst, spaceIndex), index)
	return appendEscaped(dst, value)
}

func appendIndexEntry(dst []byte, index uint32, value, partition []byte, l *Layout, clustering [][]byte) []byte {
	dst = appendIndexValue(dst, index, value)
	dst = appendToken(dst, cqltype.Token(partition))
	dst = appendEscaped(dst, partition)
	return appendClustering(dst, l, clustering)
}
