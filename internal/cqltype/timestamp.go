package cqltype

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// AppendTimestampText appends a timestamp (milliseconds since the epoch) in
// UTC as 2020-01-02<sep>03:04:05.006Z; sep is 'T' in CQL literals, ' ' in JSON
// (TimestampSerializer). Years past 9999 have a plus sign; years before 1 are
// shown as years of their era, as Java's pattern yyyy does.
func AppendTimestampText(dst []byte, millis int64, sep byte) []byte {
	t := time.UnixMilli(millis).UTC()
	year, month, day := t.Date()
	if year < 1 {
		year = 1 - year
	}
	if year > 9999 {
		dst = append(dst, '+')
	}
	dst = appendPadded(dst, uint64(year), 4)
	dst = append(dst, '-')
	dst = appendPadded(dst, uint64(month), 2)
	dst = append(dst, '-')
	dst = appendPadded(dst, uint64(day), 2)
	dst = append(dst, sep)
	hour, minute, second := t.Clock()
	dst = appendPadded(dst, uint64(hour), 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, uint64(minute), 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, uint64(second), 2)
	dst = append(dst, '.')
	dst = appendPadded(dst, uint64(t.Nanosecond()/nanosPerMilli), 3)
	return append(dst, 'Z')
}

// ParseTimestamp returns the milliseconds since the epoch of a timestamp's
// text (TimestampSerializer.dateStringToTimestamp): a bare number of
// milliseconds; "now"; a date with a time, 'T' or a blank between,
// yyyy-m-d h:m[:s[.fraction]]; or a date alone, yyyy-mm-dd. Both may end in a
// zone: Z, +hh, +hhmm, +hh:mm, or a blank and one of these or a zone's name.
// Without a zone it is UTC, whatever the machine's time zone is.
func ParseTimestamp(text string) (int64, error) {
	if strings.EqualFold(text, "now") {
		return time.Now().UnixMilli(), nil
	}
	if isDigits(strings.TrimPrefix(text, "-")) {
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, cqlerr.Invalidf("Unable to make long (for date) from: '%s'", text)
		}
		return v, nil
	}
	millis, ok := parseDateTime(text)
	if !ok {
		millis, ok = parseZonedDate(text)
	}
	if !ok {
		return 0, cqlerr.Invalidf("Unable to parse a date/time from '%s'", text)
	}
	return millis, nil
}

// scanner reads the numbers of a date and time.
type scanner struct {
	s  string
	ok bool
}

// number reads one to nineteen digits.
func (c *scanner) number() int64 {
	n := 0
	for n < len(c.s) && c.s[n] >= '0' && c.s[n] <= '9' {
		n++
	}
	v, err := strconv.ParseInt(c.s[:n], 10, 64)
	if err != nil {
		c.ok = false
	}
	c.s = c.s[n:]
	return v
}

// literal reads one byte.
func (c *scanner) literal(b byte) {
	if !c.next(b) {
		c.ok = false
	}
}

func (c *scanner) next(b byte) bool {
	if c.s == "" || c.s[0] != b {
		return false
	}
	c.s = c.s[1:]
	return true
}

// fraction reads a point and up to nine digits, as milliseconds, cut off.
func (c *scanner) fraction() int64 {
	if !c.next('.') {
		return 0
	}
	n := 0
	for n < len(c.s) && n < 9 && c.s[n] >= '0' && c.s[n] <= '9' {
		n++
	}
	digits := (c.s[:n] + "000")[:3]
	c.s = c.s[n:]
	v, _ := strconv.ParseInt(digits, 10, 64)
	return v
}

// parseDateTime reads y-M-d'T'H:m[:s][.S] or with a blank, and a zone.
func parseDateTime(text string) (int64, bool) {
	c := scanner{s: text, ok: true}
	year := c.number()
	c.literal('-')
	month := c.number()
	c.literal('-')
	day := c.number()
	if !c.next('T') {
		c.literal(' ')
	}
	hour := c.number()
	c.literal(':')
	minute := c.number()
	second, millis := int64(0), int64(0)
	if c.next(':') {
		second = c.number()
		millis = c.fraction()
	}
	if !c.ok || year < 1 || year > 999999999 || month < 1 || month > 12 || day < 1 || day > 31 || minute > 59 || second > 59 {
		return 0, false
	}
	if hour > 23 && !(hour == 24 && minute == 0 && second == 0 && millis == 0) {
		return 0, false
	}
	clock := ((hour*60+minute)*60+second)*1000 + millis
	return inZone(year, int(month), int(day), clock, c.s, false)
}

// parseZonedDate reads yyyy-MM-dd and a zone.
func parseZonedDate(text string) (int64, bool) {
	year, month, day, zone, ok := parseISODate(text)
	if !ok {
		return 0, false
	}
	return inZone(year, month, day, 0, zone, true)
}

// inZone returns the milliseconds since the epoch. A day past the end of its
// month is the last one (ResolverStyle.SMART). An offset may have seconds
// behind a date alone.
func inZone(year int64, month, day int, clock int64, zone string, dateOnly bool) (int64, bool) {
	day = min(day, daysIn(year, month))
	days := epochDays(year, month, day)
	if days > math.MaxInt64/(secondsPerDay*1000)-1 || days < math.MinInt64/(secondsPerDay*1000)+1 {
		return 0, false
	}
	local := days*secondsPerDay*1000 + clock
	offset, ok := zoneOffset(zone, local, dateOnly)
	return local - offset*1000, ok
}
