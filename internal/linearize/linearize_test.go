package linearize

import (
	"testing"

	"github.com/anishathalye/porcupine"
)

// TestCheck: the checker tells what can be from what can't.
func TestCheck(t *testing.T) {
	op := func(client int, call, ret int64, in input, out output) porcupine.Operation {
		return porcupine.Operation{ClientId: client, Call: call, Return: ret, Input: in, Output: out}
	}
	put := op(0, 0, 10, input{kind: create, to: 7}, output{applied: true})
	for name, c := range map[string]struct {
		history []porcupine.Operation
		good    bool
	}{
		"a read sees a write before it":            {[]porcupine.Operation{put, op(1, 11, 12, input{kind: read}, output{value: 7})}, true},
		"a read misses a write before it":          {[]porcupine.Operation{put, op(1, 11, 12, input{kind: read}, output{})}, false},
		"a read beside a write may miss it":        {[]porcupine.Operation{put, op(1, 5, 12, input{kind: read}, output{})}, true},
		"two clients create the same row":          {[]porcupine.Operation{put, op(1, 5, 12, input{kind: create, to: 8}, output{applied: true})}, false},
		"the second one is told of the first":      {[]porcupine.Operation{put, op(1, 5, 12, input{kind: create, to: 8}, output{value: 7})}, true},
		"a swap fails although its value is there": {[]porcupine.Operation{put, op(1, 15, 16, input{kind: swap, from: 7, to: 8}, output{value: 7})}, false},
	} {
		if err := Check(c.history); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
