package cqltype

import "strconv"

// DurationValue is a duration's three parts, all of one sign
// (org.apache.cassandra.cql3.Duration).
type DurationValue struct {
	Months, Days int32
	Nanos        int64
}

// Nanoseconds per unit of a duration.
const (
	nanosPerMicro  = 1000
	nanosPerMilli  = 1000 * nanosPerMicro
	nanosPerSecond = 1000 * nanosPerMilli
	nanosPerMinute = 60 * nanosPerSecond
	nanosPerHour   = 60 * nanosPerMinute
)

// DurationOf reads a duration's wire bytes: three vints. It is the zero value
// for bytes that Validate refuses.
func DurationOf(wire []byte) DurationValue {
	if validateDuration(wire) != nil {
		return DurationValue{}
	}
	months, n := vint(wire)
	days, m := vint(wire[n:])
	nanos, _ := vint(wire[n+m:])
	return DurationValue{Months: int32(months), Days: int32(days), Nanos: nanos}
}

// Append appends d's wire bytes.
func (d DurationValue) Append(dst []byte) []byte {
	dst = appendVint(dst, int64(d.Months))
	dst = appendVint(dst, int64(d.Days))
	return appendVint(dst, d.Nanos)
}

// Negative reports whether d goes back in time.
func (d DurationValue) Negative() bool { return d.Months < 0 || d.Days < 0 || d.Nanos < 0 }

// AppendText appends d as Cassandra prints it: 1y2mo3d4h5m6s7ms8us9ns, without
// the zero parts; nothing at all for zero (Duration.toString).
func (d DurationValue) AppendText(dst []byte) []byte {
	if d.Negative() {
		dst = append(dst, '-')
	}
	dst, rest := appendUnit(dst, absolute(int64(d.Months)), 12, "y")
	dst, _ = appendUnit(dst, rest, 1, "mo")
	dst, _ = appendUnit(dst, absolute(int64(d.Days)), 1, "d")
	rest = absolute(d.Nanos)
	dst, rest = appendUnit(dst, rest, nanosPerHour, "h")
	dst, rest = appendUnit(dst, rest, nanosPerMinute, "m")
	dst, rest = appendUnit(dst, rest, nanosPerSecond, "s")
	dst, rest = appendUnit(dst, rest, nanosPerMilli, "ms")
	dst, rest = appendUnit(dst, rest, nanosPerMicro, "us")
	dst, _ = appendUnit(dst, rest, 1, "ns")
	return dst
}

func absolute(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

func appendUnit(dst []byte, v, unit uint64, name string) ([]byte, uint64) {
	if v < unit || v == 0 {
		return dst, v
	}
	dst = strconv.AppendUint(dst, v/unit, 10)
	return append(dst, name...), v % unit
}
