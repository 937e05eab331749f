package cqltype

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// EpochDay is the date value of 1970-01-01: dates count days, unsigned, with
// the epoch in the middle of the range (SimpleDateSerializer).
const EpochDay = 1 << 31

const secondsPerDay = 24 * 60 * 60

// AppendDateText appends a date as yyyy-mm-dd, years past 9999 with a plus
// sign, years before 1 negative (ISO_LOCAL_DATE).
func AppendDateText(dst []byte, date uint32) []byte {
	t := time.Unix((int64(date)-EpochDay)*secondsPerDay, 0).UTC()
	year, month, day := t.Date()
	switch {
	case year < 0:
		dst = append(dst, '-')
	case year > 9999:
		dst = append(dst, '+')
	}
	dst = appendPadded(dst, absolute(int64(year)), 4)
	dst = append(dst, '-')
	dst = appendPadded(dst, uint64(month), 2)
	dst = append(dst, '-')
	return appendPadded(dst, uint64(day), 2)
}

// appendPadded appends v with at least width digits.
func appendPadded(dst []byte, v uint64, width int) []byte {
	for ; width > 1 && v < pow10[width-1]; width-- {
		dst = append(dst, '0')
	}
	return strconv.AppendUint(dst, v, 10)
}

var pow10 = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// maxMilliYear is the last year that milliseconds in 64 bits reach.
const maxMilliYear = 292278994

// ParseDate returns the date value of yyyy-mm-dd, or of a bare number: the
// value itself (SimpleDateSerializer.dateStringToDays).
func ParseDate(text string) (uint32, error) {
	if isDigits(strings.TrimPrefix(text, "-")) {
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil || v < 0 || v > math.MaxUint32 {
			return 0, cqlerr.Invalidf("Unable to make unsigned int (for date) from: '%s'", text)
		}
		return uint32(v), nil
	}
	year, month, day, rest, ok := parseISODate(text)
	if !ok || rest != "" || day > daysIn(year, month) || absolute(year) > maxMilliYear {
		return 0, cqlerr.Invalidf("Unable to coerce '%s' to a formatted date (long)", text)
	}
	days := epochDays(year, month, day)
	switch {
	case days < math.MinInt32:
		return 0, cqlerr.Invalidf("Input date %s is less than min supported date -5877641-06-23T00:00Z", text)
	case days > math.MaxInt32:
		return 0, cqlerr.Invalidf("Input date %s is greater than max supported date +5881580-07-11T00:00Z", text)
	}
	return uint32(days + EpochDay), nil
}

// parseISODate reads yyyy-mm-dd at the front of s: four digits of year, or
// five to ten behind a plus sign, or a minus sign and four to ten; two digits
// of month and day. The day is at most 31.
func parseISODate(s string) (year int64, month, day int, rest string, ok bool) {
	digits := strings.TrimLeft(s, "+-")
	n := 0
	for n < len(digits) && digits[n] >= '0' && digits[n] <= '9' {
		n++
	}
	switch sign := s[:len(s)-len(digits)]; {
	case sign == "" && n == 4, sign == "-" && n >= 4 && n <= 10, sign == "+" && n > 4 && n <= 10:
	default:
		return 0, 0, 0, "", false
	}
	year, _ = strconv.ParseInt(digits[:n], 10, 64)
	if s[0] == '-' {
		year = -year
	}
	tail := digits[n:]
	if len(tail) < 6 || tail[0] != '-' || tail[3] != '-' || !isDigits(tail[1:3]) || !isDigits(tail[4:6]) || year > 999999999 || year < -999999999 {
		return 0, 0, 0, "", false
	}
	month, day = int(tail[1]-'0')*10+int(tail[2]-'0'), int(tail[4]-'0')*10+int(tail[5]-'0')
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return 0, 0, 0, "", false
	}
	return year, month, day, tail[6:], true
}

// daysIn returns the number of days of a month of the proleptic calendar.
func daysIn(year int64, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// epochDays returns the days since 1970-01-01.
func epochDays(year int64, month, day int) int64 {
	return time.Date(int(year), time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay
}
