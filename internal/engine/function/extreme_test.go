package function

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// hang is a sign that a call never ends, on the busiest machine.
const hang = time.Minute

// TestExtremeDecimals computes with the decimals that have the greatest
// scales and the most digits: each call must end soon, with a value or an
// error, where Java would go on until its memory is full.
func TestExtremeDecimals(t *testing.T) {
	long := make([]byte, cqltype.MaxNumberBytes-4)
	for i := range long {
		long[i] = 0x5a
	}
	var values [][]byte
	for _, scale := range []int32{math.MinInt32, -1000000, 0, 1000000, math.MaxInt32} {
		values = append(values, cqltype.AppendDecimalInt64(nil, 7, scale), cqltype.AppendDecimalInt64(nil, -12345, scale))
	}
	values = append(values, cqltype.AppendDecimal(nil, new(big.Int).SetBytes(long[4:]), 5))
	for _, v := range values {
		if err := cqltype.TypeDecimal.Validate(v); err != nil {
			t.Fatal(err)
		}
	}
	call := func(name string, args ...[]byte) {
		list := make([]*cqltype.Type, len(args))
		for i := range list {
			list[i] = cqltype.TypeDecimal
		}
		f, err := ForTypes(name, list...)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if f.Aggregate {
			state := f.NewState()
			for _, a := range values {
				_ = state.Add([][]byte{a})
			}
			_, _ = state.Result()
		} else {
			_, _ = f.Call(&Env{}, args)
		}
		if took := time.Since(start); took > hang {
			t.Errorf("%s(%.20x) took %v", name, args, took)
		}
	}
	for _, a := range values {
		for _, name := range []string{"_negate", "abs", "round", "exp", "log", "log10", "sum", "avg", "min", "to_json",
			"cast_as_int", "cast_as_varint", "cast_as_double", "cast_as_float", "cast_as_text"} {
			call(name, a)
		}
		for _, b := range values {
			for _, o := range operators {
				call(o.name, a, b)
			}
		}
	}
}
