package cqltype

import "net/netip"

// Rewritten returns a valid value of a scalar type as a server writes it that has
// read it: numbers, durations and booleans have other forms for the same value, and
// an IPv4 address that of IPv6. A value that has none is returned as it is.
func (t *Type) Rewritten(wire []byte) []byte {
	if len(wire) == 0 {
		return wire
	}
	switch t.Kind {
	case Boolean:
		if wire[0] > 1 {
			return []byte{1}
		}
	case Varint:
		return minimalVarint(wire)
	case Decimal:
		if least := minimalVarint(wire[4:]); len(least) < len(wire)-4 {
			return append(append([]byte{}, wire[:4]...), least...)
		}
	case Duration:
		if least := DurationOf(wire).Append(nil); len(least) < len(wire) {
			return least
		}
	case Inet:
		if a, ok := netip.AddrFromSlice(wire); ok && a.Is4In6() {
			return a.Unmap().AsSlice()
		}
	}
	return wire
}

// HasRewritten reports whether Rewritten may change a value of the scalar type.
func (t *Type) HasRewritten() bool {
	switch t.Kind {
	case Boolean, Varint, Decimal, Duration, Inet:
		return true
	}
	return false
}
