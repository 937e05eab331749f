package cell

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// The texts of dates and times are those of java.time, its error messages too:
//
//	date       uuuu-MM-dd
//	time       HH:mm[:ss[.n]], n of up to nine digits
//	timestamp  date'T'HH:mm:ss[.n] and a zone: Z, +hh, +hhmm or +hh:mm
//
// Years beyond 9999 have a sign. A timestamp without a zone is refused: whose
// time it tells can't be known.

const (
	millisPerDay   = 24 * 60 * 60 * 1000
	nanosPerSecond = 1_000_000_000
)

// timeText appends a date, time or timestamp.
func (d *Decoder) timeText(t *cqltype.Type, text []byte) error {
	p := timeParser{text: text}
	var failed error
	switch t.Kind {
	case cqltype.Date:
		p.date()
		p.end()
		days, err := p.days()
		// The wire form counts from -2^31 (SimpleDateType).
		n := days + 1<<31
		if failed = err; err == nil && (n < 0 || n > math.MaxUint32) {
			return invalidString(text, t)
		}
		d.Buf = binary.BigEndian.AppendUint32(d.Buf, uint32(n))
	case cqltype.Time:
		p.clock(false)
		p.end()
		nanos, err := p.nanos()
		failed = err
		d.Buf = binary.BigEndian.AppendUint64(d.Buf, uint64(nanos))
	default:
		p.date()
		p.literal('T')
		p.clock(true)
		p.zone()
		p.end()
		millis, err := p.millis()
		failed = err
		d.Buf = binary.BigEndian.AppendUint64(d.Buf, uint64(millis))
	}
	return failed
}

// timeParser reads fields one after the other; the first mistake stops it.
type timeParser struct {
	text   []byte
	pos    int
	failed bool // at pos

	year                    int64
	month, day              int
	hour, minute, sec, frac int
	offset                  int // seconds east
	zoned                   bool
	unparsed                bool
}

// number reads exactly digits digits.
func (p *timeParser) number(digits int) int {
	n := 0
	for i := range digits {
		if p.failed || p.pos+i >= len(p.text) || p.text[p.pos+i] < '0' || p.text[p.pos+i] > '9' {
			p.failed = true
			return 0
		}
		n = n*10 + int(p.text[p.pos+i]-'0')
	}
	p.pos += digits
	return n
}

func (p *timeParser) literal(c byte) {
	if !p.failed && p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
	} else {
		p.failed = true
	}
}

// at reports whether the next byte is c.
func (p *timeParser) at(c byte) bool {
	return !p.failed && p.pos < len(p.text) && p.text[p.pos] == c
}

// maxYearDigits is how long a year may be: the years of a 64-bit count of
// milliseconds have nine digits.
const maxYearDigits = 9

func (p *timeParser) date() {
	start, signed := p.pos, false
	negative := p.at('-')
	if negative || p.at('+') {
		p.pos, signed = p.pos+1, true
	}
	digits := 0
	for p.pos+digits < len(p.text) && p.text[p.pos+digits] >= '0' && p.text[p.pos+digits] <= '9' {
		digits++
	}
	// SignStyle.EXCEEDS_PAD: a plus if and only if the year has more than four digits.
	if plus := signed && !negative; digits < 4 || digits > maxYearDigits || !negative && plus != (digits > 4) {
		p.pos, p.failed = start, true
		return
	}
	p.year = int64(p.number(digits))
	if negative {
		p.year = -p.year
	}
	p.literal('-')
	p.month = p.number(2)
	p.literal('-')
	p.day = p.number(2)
}

// clock reads a time of day; seconds says that it must have seconds.
func (p *timeParser) clock(seconds bool) {
	p.hour = p.number(2)
	p.literal(':')
	p.minute = p.number(2)
	if !seconds && !p.at(':') {
		return
	}
	p.literal(':')
	p.sec = p.number(2)
	if !p.at('.') {
		return
	}
	p.pos++
	unit := nanosPerSecond / 10
	for p.pos < len(p.text) && unit > 0 && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
		p.frac += int(p.text[p.pos]-'0') * unit
		unit /= 10
		p.pos++
	}
	if unit == nanosPerSecond/10 {
		p.failed, p.pos = true, p.pos-1
	}
}

func (p *timeParser) zone() {
	if p.at('Z') {
		p.pos, p.zoned = p.pos+1, true
		return
	}
	if !p.at('+') && !p.at('-') {
		return
	}
	negative := p.text[p.pos] == '-'
	p.pos++
	p.offset = p.number(2) * 3600
	if !p.failed && p.pos < len(p.text) {
		if p.at(':') {
			p.pos++
		}
		minutes := p.number(2)
		p.failed = p.failed || minutes > 59
		p.offset += minutes * 60
	}
	if negative {
		p.offset = -p.offset
	}
	p.zoned = true
}

func (p *timeParser) end() {
	p.unparsed = !p.failed && p.pos < len(p.text)
}

// err returns what is wrong with the text so far.
func (p *timeParser) err() error {
	switch {
	case p.failed:
		return fmt.Errorf("Text '%s' could not be parsed at index %d", p.text, p.pos)
	case p.unparsed:
		return fmt.Errorf("Text '%s' could not be parsed, unparsed text found at index %d", p.text, p.pos)
	}
	return nil
}

// check refuses a field that is out of range.
func (p *timeParser) check(field string, value, low, high int) error {
	if value < low || value > high {
		return fmt.Errorf("Text '%s' could not be parsed: Invalid value for %s (valid values %d - %d): %d", p.text, field, low, high, value)
	}
	return nil
}

var monthNames = [...]string{"JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"}

// days returns the date as days since 1970-01-01.
func (p *timeParser) days() (int64, error) {
	if err := p.err(); err != nil {
		return 0, err
	}
	if err := p.check("MonthOfYear", p.month, 1, 12); err != nil {
		return 0, err
	}
	if err := p.check("DayOfMonth", p.day, 1, 31); err != nil {
		return 0, err
	}
	if p.day > daysIn(p.year, p.month) {
		if p.month == 2 && p.day == 29 {
			return 0, fmt.Errorf("Text '%s' could not be parsed: Invalid date 'February 29' as '%d' is not a leap year", p.text, p.year)
		}
		return 0, fmt.Errorf("Text '%s' could not be parsed: Invalid date '%s %d'", p.text, monthNames[p.month-1], p.day)
	}
	return daysFromCivil(p.year, p.month, p.day), nil
}

// nanos returns the time of day in nanoseconds.
func (p *timeParser) nanos() (int64, error) {
	if err := p.err(); err != nil {
		return 0, err
	}
	if err := p.check("HourOfDay", p.hour, 0, 23); err != nil {
		return 0, err
	}
	if err := p.check("MinuteOfHour", p.minute, 0, 59); err != nil {
		return 0, err
	}
	if err := p.check("SecondOfMinute", p.sec, 0, 59); err != nil {
		return 0, err
	}
	return int64(p.hour*3600+p.minute*60+p.sec)*nanosPerSecond + int64(p.frac), nil
}

// millis returns the timestamp as milliseconds since the epoch; a finer
// fraction is cut off.
func (p *timeParser) millis() (int64, error) {
	days, err := p.days()
	if err != nil {
		return 0, err
	}
	nanos, err := p.nanos()
	if err != nil {
		return 0, err
	}
	if !p.zoned {
		return 0, fmt.Errorf("Text '%s' could not be parsed: Unable to obtain Instant from TemporalAccessor: {},ISO resolved to %s of type java.time.format.Parsed", p.text, p.text)
	}
	if p.offset < -18*3600 || p.offset > 18*3600 {
		return 0, fmt.Errorf("Text '%s' could not be parsed: Zone offset not in valid range: -18:00 to +18:00", p.text)
	}
	rest := nanos/1_000_000 - int64(p.offset)*1000
	if days < 0 { // the first days of all are less than a day from the end of the range
		days, rest = days+1, rest-millisPerDay
	}
	n := days * millisPerDay
	if n/millisPerDay != days || rest > 0 && n > math.MaxInt64-rest || rest < 0 && n < math.MinInt64-rest {
		return 0, fmt.Errorf("Text '%s' could not be parsed: long overflow", p.text)
	}
	return n + rest, nil
}
