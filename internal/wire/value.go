package wire

import "encoding/binary"

// Value is a [value]: Bytes nil is null; Unset is "not set", which version 3
// does not have.
type Value struct {
	Bytes []byte
	Unset bool
}

// Value reads a [value] (CBUtil.readBoundValue).
func (r *Reader) Value() Value {
	n := int(r.Int())
	switch {
	case n >= 0:
		return Value{Bytes: r.sized(n)}
	case n == -1 || r.version < V4:
		return Value{}
	case n == -2:
		return Value{Unset: true}
	default:
		r.fail("Invalid ByteBuf length %d", n)
		return Value{}
	}
}

// values reads a [short] n and n values, appending them to dst.
func (r *Reader) values(dst []Value) []Value {
	n := int(r.Short())
	for range n {
		v := r.Value()
		if r.err != nil {
			return dst
		}
		dst = append(dst, v)
	}
	return dst
}

// namedValues reads a [short] n and n pairs of name and value.
func (r *Reader) namedValues(names [][]byte, dst []Value) ([][]byte, []Value) {
	n := int(r.Short())
	for range n {
		name, v := r.StringBytes(), r.Value()
		if r.err != nil {
			return names, dst
		}
		names, dst = append(names, name), append(dst, v)
	}
	return names, dst
}

// AppendValue appends a [value].
func AppendValue(dst []byte, v Value) []byte {
	if v.Unset {
		return binary.BigEndian.AppendUint32(dst, 0xFFFFFFFE)
	}
	return AppendBytes(dst, v.Bytes)
}
