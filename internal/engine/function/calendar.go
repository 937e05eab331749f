package function

import (
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

const (
	millisPerDay  = 24 * 60 * 60 * 1000
	nanosPerMilli = 1_000_000
)

// temporal is timestamp or date, plus or minus a duration.
func (o *operator) temporal(t *cqltype.Type) *Function {
	return o.function(t, t, cqltype.TypeDuration, func(args [][]byte) ([]byte, error) {
		d := cqltype.DurationOf(args[1])
		switch {
		case t.Kind == cqltype.Date && d.Nanos != 0:
			return nil, arithmeticError("The duration must have a day precision. Was: " + string(d.AppendText(nil)))
		case d.Nanos%nanosPerMilli != 0:
			return nil, arithmeticError("The duration must have a millisecond precision. Was: " + string(d.AppendText(nil)))
		}
		if o.symbol == '-' {
			d = cqltype.DurationValue{Months: -d.Months, Days: -d.Days, Nanos: -d.Nanos}
		}
		return fromMillis(t, addDuration(toMillis(t, args[0]), d)), nil
	})
}

// addDuration is Duration.add: months, to the last day of a shorter one; then
// days; then milliseconds.
func addDuration(millis int64, d cqltype.DurationValue) int64 {
	if d.Months == 0 {
		return millis + int64(d.Days)*millisPerDay + d.Nanos/nanosPerMilli
	}
	// Calendar.add takes an int of milliseconds: Java narrows, and so do we.
	return addMonths(millis, int64(d.Months)) + int64(d.Days)*millisPerDay + int64(int32(d.Nanos/nanosPerMilli))
}

// addMonths is Calendar.add(MONTH, n).
func addMonths(millis, n int64) int64 {
	t := time.UnixMilli(millis).UTC()
	year, month, day := t.Date()
	months := int64(year)*12 + int64(month) - 1 + n
	first := time.Date(int(floorDivide(months, 12)), time.Month(floorModulo(months, 12)+1), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	days := first.Unix()/(millisPerDay/1000) + int64(min(day, last)) - 1
	return days*millisPerDay + floorModulo(millis, millisPerDay)
}

func floorDivide(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorModulo(a, b int64) int64 { return a - floorDivide(a, b)*b }

// toMillis is a timestamp, date or timeuuid in milliseconds since the epoch
// (TemporalType.toTimeInMillis).
func toMillis(t *cqltype.Type, b []byte) int64 {
	switch t.Kind {
	case cqltype.Date:
		return (int64(uint32(cqltype.Int64(b))) - cqltype.EpochDay) * millisPerDay
	case cqltype.Timeuuid:
		return timeuuidMicros(b) / 1000
	}
	return cqltype.Int64(b)
}

// fromMillis is the timestamp or date of a time. The date of a time before
// 1970 that is not midnight is the next day, for Cassandra divides towards
// zero (SimpleDateSerializer.timeInMillisToDay).
func fromMillis(t *cqltype.Type, millis int64) []byte {
	if t.Kind == cqltype.Date {
		days := floorDivide(millis, 1000) / (millisPerDay / 1000)
		return appendInteger(days+cqltype.EpochDay, 4)
	}
	return appendInteger(millis, 8)
}

var errFloorStart = invalid("The floor function starting time is greater than the provided time")
var errFloorNegative = invalid("Negative durations are not supported by the floor function")

// floorTime is Duration.floorTimestamp: the start of the interval that millis
// is in, when intervals of length d begin at start.
func floorTime(millis int64, d cqltype.DurationValue, start int64) (int64, error) {
	switch {
	case start > millis:
		return 0, errFloorStart
	case d.Negative():
		return 0, errFloorNegative
	}
	length := int64(d.Days)*millisPerDay + d.Nanos/nanosPerMilli
	if d.Months == 0 {
		if length == 0 {
			return millis, nil
		}
		return millis - (millis-start)%length, nil
	}
	from, to := time.UnixMilli(start).UTC(), time.UnixMilli(millis).UTC()
	months := int64(to.Year()-from.Year())*12 + int64(to.Month()) - int64(from.Month())
	n := months / int64(d.Months)
	floor := addMonths(start, n*int64(d.Months))
	if length == 0 {
		return floor, nil
	}
	base := floor
	floor += n * length
	for floor > millis {
		n--
		base = addMonths(base, -int64(d.Months))
		floor = base + n*length
	}
	return max(start, floor), nil
}

// floorTimeOfDay is Duration.floorTime.
func floorTimeOfDay(nanos int64, d cqltype.DurationValue) (int64, error) {
	switch {
	case d.Negative():
		return 0, errFloorNegative
	case d.Months != 0 || d.Days != 0 || d.Nanos > 24*int64(time.Hour):
		return 0, invalid("For time values, the floor can only be computed for durations smaller that a day")
	case d.Nanos == 0:
		return nanos, nil
	}
	return nanos - nanos%d.Nanos, nil
}
