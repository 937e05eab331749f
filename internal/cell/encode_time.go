package cell

import "strconv"

// appendDate appends days since 1970-01-01 as uuuu-MM-dd (LocalDate.toString):
// years beyond 9999 have a plus.
func appendDate(dst []byte, days int64) []byte {
	year, month, day := civilFromDays(days)
	switch {
	case year < 0:
		dst = append(dst, '-')
		year = -year
	case year > 9999:
		dst = append(dst, '+')
	}
	dst = appendPadded(dst, year, 4)
	dst = append(dst, '-')
	dst = appendPadded(dst, int64(month), 2)
	dst = append(dst, '-')
	return appendPadded(dst, int64(day), 2)
}

// appendTimestamp appends milliseconds since the epoch as an instant in UTC
// (Instant.toString): 2021-04-23T18:42:22.139Z, without a fraction of zero.
func appendTimestamp(dst []byte, millis int64) []byte {
	days := floorDiv(millis, millisPerDay)
	rest := millis - days*millisPerDay
	dst = appendDate(dst, days)
	dst = append(dst, 'T')
	dst = appendPadded(dst, rest/3_600_000, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, rest/60_000%60, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, rest/1000%60, 2)
	if fraction := rest % 1000; fraction > 0 {
		dst = append(dst, '.')
		dst = appendPadded(dst, fraction, 3)
	}
	return append(dst, 'Z')
}

// appendTime appends nanoseconds since midnight (LocalTime.toString): HH:mm,
// then seconds and a fraction of 3, 6 or 9 digits only if they are not zero.
func appendTime(dst []byte, nanos int64) []byte {
	seconds := nanos / nanosPerSecond
	fraction := nanos % nanosPerSecond
	dst = appendPadded(dst, seconds/3600, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, seconds/60%60, 2)
	if seconds%60 == 0 && fraction == 0 {
		return dst
	}
	dst = append(dst, ':')
	dst = appendPadded(dst, seconds%60, 2)
	switch {
	case fraction == 0:
		return dst
	case fraction%1_000_000 == 0:
		return appendPadded(append(dst, '.'), fraction/1_000_000, 3)
	case fraction%1000 == 0:
		return appendPadded(append(dst, '.'), fraction/1000, 6)
	}
	return appendPadded(append(dst, '.'), fraction, 9)
}

// appendPadded appends n, not negative, with zeros before it up to width, which is
// nine at most.
func appendPadded(dst []byte, n int64, width int) []byte {
	start, rest := len(dst), uint64(n)
	dst = append(dst, "000000000"[:width]...)
	for i := len(dst) - 1; i >= start; i-- {
		dst[i] = byte('0' + rest%10)
		rest /= 10
	}
	if rest == 0 {
		return dst
	}
	var digits [20]byte
	text := strconv.AppendInt(digits[:0], n, 10) // it is longer, or no time of day
	dst = dst[:start]
	for i := len(text); i < width; i++ {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}
