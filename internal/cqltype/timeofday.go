package cqltype

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

const nanosPerDay = 24 * nanosPerHour

// AppendTimeText appends a time of day (nanoseconds since midnight) as
// hh:mm:ss.nnnnnnnnn (TimeSerializer.toString).
func AppendTimeText(dst []byte, nanos int64) []byte {
	v := absolute(nanos) // never negative once validated as a literal
	dst = appendPadded(dst, v/nanosPerHour, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, v/nanosPerMinute%60, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, v/nanosPerSecond%60, 2)
	dst = append(dst, '.')
	return appendPadded(dst, v%nanosPerSecond, 9)
}

// ParseTime returns the nanoseconds since midnight of hh:mm:ss[.fffffffff], or
// of a bare number: those nanoseconds (TimeSerializer.timeStringToLong).
func ParseTime(text string) (int64, error) {
	if isDigits(strings.TrimPrefix(text, "-")) {
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil || v < 0 || v >= nanosPerDay {
			return 0, cqlerr.Invalidf("Unable to make long (for time) from: '%s'", text)
		}
		return v, nil
	}
	v, ok := parseTimeOfDay(strings.TrimFunc(text, func(r rune) bool { return r <= ' ' }))
	if !ok {
		return 0, cqlerr.Invalidf("(TimeType) Unable to coerce '%s' to a formatted time (long)", text)
	}
	return v, nil
}

// parseTimeOfDay reads hh:mm:ss[.fffffffff]; each number may have fewer digits
// and, as Integer.parseInt takes one, a sign.
func parseTimeOfDay(s string) (int64, bool) {
	hour, rest, ok1 := strings.Cut(s, ":")
	minute, rest, ok2 := strings.Cut(rest, ":")
	if !ok1 || !ok2 {
		return 0, false
	}
	second, fraction, hasFraction := strings.Cut(rest, ".")
	var nanos int64
	if hasFraction {
		if len(fraction) > 9 || !isDigits(fraction) {
			return 0, false
		}
		nanos, _ = strconv.ParseInt(fraction, 10, 64)
		nanos *= int64(pow10[9-len(fraction)])
	}
	h, err1 := strconv.ParseInt(hour, 10, 32)
	m, err2 := strconv.ParseInt(minute, 10, 32)
	sec, err3 := strconv.ParseInt(second, 10, 32)
	if err1 != nil || err2 != nil || err3 != nil || h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 59 {
		return 0, false
	}
	return (h*60+m)*nanosPerMinute + sec*nanosPerSecond + nanos, true
}
