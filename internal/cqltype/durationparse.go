package cqltype

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// ParseDuration reads a duration in one of its four forms: 1y2mo3w4d5h6m7s...,
// P1Y2M3DT4H5M6S, P1W, P0001-02-03T04:05:06, each with an optional minus
// (Duration.from).
func ParseDuration(text string) (DurationValue, error) {
	source, negative := strings.CutPrefix(text, "-")
	b := durationBuilder{source: source}
	ok := false
	switch {
	case !strings.HasPrefix(source, "P"):
		ok = b.standard()
	case strings.HasSuffix(source, "W"):
		ok = b.weeks()
	case strings.Contains(source, "-"):
		ok = b.alternative()
	default:
		ok = b.iso()
	}
	if !ok && b.err == nil {
		b.err = cqlerr.Invalidf("Unable to convert '%s' to a duration", source)
	}
	if b.err != nil {
		return DurationValue{}, &durationFault{b.err}
	}
	if negative {
		b.d = DurationValue{-b.d.Months, -b.d.Days, -b.d.Nanos}
	}
	return b.d, nil
}

// durationFault is what is wrong with a duration's text.
type durationFault struct{ error }

// Unwrap returns the error without the mark.
func (f *durationFault) Unwrap() error { return f.error }

// IsDurationFault reports whether err is about a duration's text: Cassandra
// refuses that with an error of its own (InvalidRequestException), which what
// reads the value does not catch and word anew.
func IsDurationFault(err error) bool {
	var fault *durationFault
	return errors.As(err, &fault)
}

// durationUnit is one unit: its rank (units must come in order), the part it
// counts in, how many of that part it is.
type durationUnit struct {
	rank   int
	part   byte // 'M'onths, 'D'ays, 'N'anos
	factor int64
}

var durationUnits = map[string]durationUnit{
	"y": {1, 'M', 12}, "mo": {2, 'M', 1}, "w": {3, 'D', 7}, "d": {4, 'D', 1},
	"h": {5, 'N', nanosPerHour}, "m": {6, 'N', nanosPerMinute}, "s": {7, 'N', nanosPerSecond},
	"ms": {8, 'N', nanosPerMilli}, "us": {9, 'N', nanosPerMicro}, "µs": {9, 'N', nanosPerMicro}, "ns": {10, 'N', 1},
}

var durationUnitNames = [...]string{"", "years", "months", "weeks", "days", "hours", "minutes", "seconds",
	"milliseconds", "microseconds", "nanoseconds"}

// durationBuilder reads source from pos on and adds units up (Duration.Builder).
type durationBuilder struct {
	source string
	pos    int
	rank   int
	d      DurationValue
	err    error
}

// number reads digits; at most max of them, any number when max is 0.
func (b *durationBuilder) number(max int) (int64, bool) {
	start := b.pos
	for b.pos < len(b.source) && b.source[b.pos] >= '0' && b.source[b.pos] <= '9' && (max == 0 || b.pos-start < max) {
		b.pos++
	}
	v, err := strconv.ParseInt(b.source[start:b.pos], 10, 64)
	return v, err == nil && (max == 0 || b.pos-start == max)
}

// symbol reads a unit of the standard form.
func (b *durationBuilder) symbol() (durationUnit, bool) {
	rest := strings.ToLower(b.source[b.pos:min(b.pos+3, len(b.source))])
	for _, name := range [...]string{"mo", "ms", "us", "µs", "ns", "y", "w", "d", "h", "m", "s"} {
		if strings.HasPrefix(rest, name) {
			b.pos += len(name)
			return durationUnits[name], true
		}
	}
	return durationUnit{}, false
}

func (b *durationBuilder) add(v int64, u durationUnit) bool {
	if u.rank == b.rank {
		b.err = cqlerr.Invalidf("Invalid duration. The %s are specified multiple times", durationUnitNames[u.rank])
		return false
	}
	if u.rank < b.rank {
		b.err = cqlerr.Invalidf("Invalid duration. The %s should be after %s", durationUnitNames[b.rank], durationUnitNames[u.rank])
		return false
	}
	b.rank = u.rank
	limit, part := int64(0), ""
	switch u.part {
	case 'M':
		limit, part = (math.MaxInt32-int64(b.d.Months))/u.factor, "months"
	case 'D':
		limit, part = (math.MaxInt32-int64(b.d.Days))/u.factor, "days"
	default:
		limit, part = (math.MaxInt64-b.d.Nanos)/u.factor, "nanoseconds"
	}
	if v > limit {
		// The number in the text is Cassandra's, for nanoseconds too.
		b.err = cqlerr.Invalidf("Invalid duration. The total number of %s must be less or equal to %d", part, math.MaxInt32)
		return false
	}
	switch u.part {
	case 'M':
		b.d.Months += int32(v * u.factor)
	case 'D':
		b.d.Days += int32(v * u.factor)
	default:
		b.d.Nanos += v * u.factor
	}
	return true
}

func (b *durationBuilder) standard() bool {
	for b.pos < len(b.source) {
		v, ok := b.number(0)
		if !ok {
			return false
		}
		u, ok := b.symbol()
		if !ok || !b.add(v, u) {
			return false
		}
	}
	return b.pos > 0
}

func (b *durationBuilder) weeks() bool {
	b.pos = 1
	v, ok := b.number(0)
	return ok && b.pos == len(b.source)-1 && b.add(v, durationUnits["w"])
}

// alternative reads P0001-02-03T04:05:06.
func (b *durationBuilder) alternative() bool {
	for i, unit := range [...]string{"y", "mo", "d", "h", "m", "s"} {
		if b.pos >= len(b.source) || b.source[b.pos] != "P--T::"[i] {
			return false
		}
		b.pos++
		digits := 2
		if i == 0 {
			digits = 4
		}
		v, ok := b.number(digits)
		if !ok || !b.add(v, durationUnits[unit]) {
			return false
		}
	}
	return b.pos == len(b.source)
}

// iso reads P1Y2M3DT4H5M6S, each part optional.
func (b *durationBuilder) iso() bool {
	b.pos = 1
	letters := "YMD"
	units := map[byte]string{'Y': "y", 'M': "mo", 'D': "d"}
	for b.pos < len(b.source) {
		if b.source[b.pos] == 'T' && letters != "HMS" {
			letters, units = "HMS", map[byte]string{'H': "h", 'M': "m", 'S': "s"}
			b.pos++
			continue
		}
		v, ok := b.number(0)
		if !ok || b.pos >= len(b.source) {
			return false
		}
		letter := b.source[b.pos]
		b.pos++
		if strings.IndexByte(letters, letter) < 0 || durationUnits[units[letter]].rank <= b.rank || !b.add(v, durationUnits[units[letter]]) {
			return false
		}
	}
	return true
}
