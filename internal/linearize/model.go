package linearize

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// kind is what an operation does with a register.
type kind int

const (
	read    kind = iota // SELECT
	write               // INSERT
	remove              // DELETE
	swap                // UPDATE ... IF v = from
	create              // INSERT ... IF NOT EXISTS
	destroy             // DELETE ... IF EXISTS
)

// none is the value of a register that is not there.
const none = 0

// input is an operation on a register; values are never none.
type input struct {
	kind     kind
	key      int
	from, to int
}

// output is what a client was answered.
type output struct {
	applied bool
	// value read, or what a condition that did not hold has met.
	value int
}

// model is a register for each key.
var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byKey := map[int][]porcupine.Operation{}
		for _, o := range history {
			key := o.Input.(input).key
			byKey[key] = append(byKey[key], o)
		}
		var parts [][]porcupine.Operation
		for _, p := range byKey {
			parts = append(parts, p)
		}
		return parts
	},
	Init: func() any { return none },
	Step: func(state, in, out any) (bool, any) { return step(state.(int), in.(input), out.(output)) },
	DescribeOperation: func(in, out any) string {
		return fmt.Sprintf("%+v -> %+v", in, out)
	},
}

// step reports whether a register of that value answers so, and its next value.
func step(value int, in input, out output) (bool, any) {
	switch in.kind {
	case read:
		return out.value == value, value
	case write:
		return true, in.to
	case remove:
		return true, none
	}
	holds := map[kind]bool{swap: value == in.from, create: value == none, destroy: value != none}[in.kind]
	if !holds {
		return !out.applied && out.value == value, value
	}
	return out.applied, in.to
}
