package function

import (
	"encoding/binary"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

func invalid(text string) error { return cqlerr.New(cqlerr.Invalid, text) }

func addTime(r *functions) {
	now := func(name string, t *cqltype.Type, call func(micros int64) []byte, legacy ...string) {
		r.add(&Function{Name: name, Return: t, Args: types(), Call: func(env *Env, _ [][]byte) ([]byte, error) {
			return call(env.NowMicros), nil
		}}, legacy...)
	}
	timeuuid := func(micros int64) []byte { id := NextTimeuuid(micros); return id[:] }
	now("now", cqltype.TypeTimeuuid, timeuuid)
	now("current_timeuuid", cqltype.TypeTimeuuid, timeuuid, "currenttimeuuid")
	now("current_timestamp", cqltype.TypeTimestamp, func(micros int64) []byte {
		return appendInteger(floorDivide(micros, 1000), 8)
	}, "currenttimestamp")
	now("current_date", cqltype.TypeDate, func(micros int64) []byte {
		return fromMillis(cqltype.TypeDate, floorDivide(micros, 1000))
	}, "currentdate")
	now("current_time", cqltype.TypeTime, func(micros int64) []byte {
		return appendInteger(floorModulo(micros, millisPerDay*1000)*1000, 8)
	}, "currenttime")

	convert := func(name, legacy string, ret, arg *cqltype.Type, call func(millis int64) []byte) {
		r.add(strict(name, ret, types(arg), func(args [][]byte) ([]byte, error) {
			return call(toMillis(arg, args[0])), nil
		}), legacy)
	}
	convert("min_timeuuid", "mintimeuuid", cqltype.TypeTimeuuid, cqltype.TypeTimestamp, minTimeuuid)
	convert("max_timeuuid", "maxtimeuuid", cqltype.TypeTimeuuid, cqltype.TypeTimestamp, maxTimeuuid)
	date := func(millis int64) []byte { return fromMillis(cqltype.TypeDate, millis) }
	long := func(millis int64) []byte { return appendInteger(millis, 8) }
	for _, t := range types(cqltype.TypeTimeuuid, cqltype.TypeTimestamp) {
		convert("to_date", "todate", cqltype.TypeDate, t, date)
	}
	for _, t := range types(cqltype.TypeTimeuuid, cqltype.TypeDate) {
		convert("to_timestamp", "totimestamp", cqltype.TypeTimestamp, t, long)
	}
	for _, t := range types(cqltype.TypeTimeuuid, cqltype.TypeTimestamp, cqltype.TypeDate) {
		convert("to_unix_timestamp", "tounixtimestamp", cqltype.TypeBigint, t, long)
	}
	addFloor(r)
}

// addFloor adds floor(time, duration[, start]).
func addFloor(r *functions) {
	for _, t := range types(cqltype.TypeTimestamp, cqltype.TypeTimeuuid, cqltype.TypeDate) {
		ret := t
		if t.Kind == cqltype.Timeuuid {
			ret = cqltype.TypeTimestamp
		}
		call := func(args [][]byte) ([]byte, error) {
			d := cqltype.DurationOf(args[1])
			switch {
			case t.Kind == cqltype.Date && d.Nanos != 0:
				return nil, cqlerr.Invalidf("The floor on date values cannot be computed for the %s duration as precision is below 1 day", d.AppendText(nil))
			case d.Nanos%nanosPerMilli != 0:
				return nil, cqlerr.Invalidf("The floor cannot be computed for the %s duration as precision is below 1 millisecond", d.AppendText(nil))
			}
			start := int64(0)
			if len(args) == 3 {
				start = toMillis(ret, args[2])
			}
			millis, err := floorTime(toMillis(t, args[0]), d, start)
			return fromMillis(ret, millis), err
		}
		r.add(strict("floor", ret, types(t, cqltype.TypeDuration), call))
		r.add(strict("floor", ret, types(t, cqltype.TypeDuration, ret), call))
	}
	r.add(strict("floor", cqltype.TypeTime, types(cqltype.TypeTime, cqltype.TypeDuration), func(args [][]byte) ([]byte, error) {
		nanos, err := floorTimeOfDay(cqltype.Int64(args[0]), cqltype.DurationOf(args[1]))
		return binary.BigEndian.AppendUint64(nil, uint64(nanos)), err
	}))
}
