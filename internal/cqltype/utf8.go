package cqltype

import "unicode/utf8"

// validText reports whether b passes Cassandra's UTF-8 check
// (UTF8Serializer.UTF8Validator). It takes a little more than UTF-8: C0 80 for
// NUL, surrogates, and anything but 80..9F behind E0; what it takes may
// already be stored by other writers, so it is taken here too.
func validText(b []byte) bool {
	return utf8.Valid(b) || validCassandraText(b)
}

func validCassandraText(b []byte) bool {
	for len(b) > 0 {
		n := cassandraRune(b)
		if n == 0 {
			return false
		}
		b = b[n:]
	}
	return true
}

// cassandraRune returns the length of the sequence that b starts with, 0 when
// the validator refuses it.
func cassandraRune(b []byte) int {
	c := b[0]
	at := func(i int) (byte, bool) {
		if i < len(b) {
			return b[i], true
		}
		return 0, false
	}
	continues := func(from, to int) bool {
		for i := from; i < to; i++ {
			if x, ok := at(i); !ok || x&0xc0 != 0x80 {
				return false
			}
		}
		return true
	}
	second, ok := at(1)
	switch {
	case c < 0x80:
		return 1
	case !ok:
		return 0
	case c == 0xc0:
		if second == 0x80 {
			return 2
		}
	case c>>5 == 0x06:
		if c&0x1e != 0 && continues(1, 2) {
			return 2
		}
	case c == 0xe0:
		if second&0xe0 != 0x80 && continues(2, 3) {
			return 3
		}
	case c>>4 == 0x0e:
		if continues(1, 3) {
			return 3
		}
	case c == 0xf0:
		if second&0x30 != 0 && continues(2, 4) {
			return 4
		}
	case c>>3 == 0x1e:
		if continues(1, 4) {
			return 4
		}
	}
	return 0
}
