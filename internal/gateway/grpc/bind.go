package grpc

import (
	"fmt"
	"slices"

	"google.golang.org/grpc/codes"

	"github.com/astrolabe-db/astrolabe/internal/backend"
)

// bind appends the values for variables to c.values, in their order.
func (c *call) bind(b *bound, variables []backend.Column) error {
	if len(b.names) > 0 {
		return c.bindNamed(b, variables)
	}
	if len(b.values) != len(variables) {
		return wrongNumber("values", len(variables), len(b.values))
	}
	for i, m := range b.values {
		v, err := c.bindValue(variables[i].Type, m)
		if err != nil {
			return atPosition(err, i)
		}
		c.values = append(c.values, v)
	}
	return nil
}

func wrongNumber(what string, expected, received int) error {
	return &failure{codes.FailedPrecondition, fmt.Sprintf("Invalid number of bind %s. Expected %d, but received %d", what, expected, received)}
}

func atPosition(err error, i int) error {
	return invalid(fmt.Sprintf("Invalid argument at position %d: %s", i+1, err))
}

// bindNamed binds values by the names of the markers; one name may stand at
// several markers, and of a name that is given twice the last value counts.
func (c *call) bindNamed(b *bound, variables []backend.Column) error {
	if len(b.names) != len(b.values) {
		return wrongNumber("names", len(b.values), len(b.names))
	}
	if len(b.values) > len(variables) {
		return wrongNumber("values", len(variables), len(b.values))
	}
	first := len(c.values)
	c.values = append(c.values, make([]backend.Value, len(variables))...)
	values, given := c.values[first:], make([]bool, len(variables))
	markers := markersOf(variables)
	for i, name := range b.names {
		at := markers(name)
		if len(at) == 0 {
			return invalid(fmt.Sprintf("Unable to find bind marker with name '%s'", name))
		}
		for _, j := range at {
			v, err := c.bindValue(variables[j].Type, b.values[i])
			if err != nil {
				return invalid(fmt.Sprintf("Invalid argument for name '%s': %s", name, err))
			}
			values[j], given[j] = v, true
		}
	}
	if slices.Contains(given, false) {
		return wrongNumber("values", len(variables), len(b.values))
	}
	return nil
}

// fewVariables is up to how many variables are searched one by one.
const fewVariables = 16

// markersOf returns what finds the variables of a name.
func markersOf(variables []backend.Column) func(name string) []int {
	var found []int
	if len(variables) <= fewVariables {
		return func(name string) []int {
			found = found[:0]
			for i := range variables {
				if variables[i].Name == name {
					found = append(found, i)
				}
			}
			return found
		}
	}
	byName := make(map[string][]int, len(variables))
	for i := range variables {
		byName[variables[i].Name] = append(byName[variables[i].Name], i)
	}
	return func(name string) []int { return byName[name] }
}
