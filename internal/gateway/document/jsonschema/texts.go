package jsonschema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

var english = message.NewPrinter(language.English)

// texts returns what each cause of an error says. As in the reference, nothing
// is said about what is in a value that is wrong itself.
func texts(e *validator.ValidationError, instance any) []string {
	all := causes(e, nil)
	var said []string
	for _, cause := range all {
		if !slices.ContainsFunc(all, func(other *validator.ValidationError) bool {
			return holds(other.InstanceLocation, cause.InstanceLocation)
		}) {
			said = append(said, text(cause, instance))
		}
	}
	return said
}

// causes appends the errors that have no causes themselves.
func causes(e *validator.ValidationError, all []*validator.ValidationError) []*validator.ValidationError {
	if len(e.Causes) == 0 {
		return append(all, e)
	}
	for _, cause := range e.Causes {
		all = causes(cause, all)
	}
	return all
}

// holds reports whether one place is in another.
func holds(outer, inner []string) bool {
	return len(outer) < len(inner) && slices.Equal(outer, inner[:len(outer)])
}

// text says one thing that is wrong, as json-schema-validator 2.2 does
// (its resource com/github/fge/jsonschema/validator/validation.properties).
func text(e *validator.ValidationError, instance any) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return fmt.Sprintf("object has missing required properties (%s)", list(sorted(k.Missing)))
	case *kind.Type:
		return fmt.Sprintf("instance type (%s) does not match any allowed primitive type (allowed: %s)", instanceType(k.Got, find(instance, e.InstanceLocation)), list(sorted(k.Want)))
	case *kind.Enum:
		return fmt.Sprintf("instance value (%s) not found in enum (possible values: %s)", compact(k.Got), compact(k.Want))
	case *kind.AdditionalProperties:
		return fmt.Sprintf("object instance has properties which are not allowed by the schema: %s", list(sorted(k.Properties)))
	case *kind.Pattern:
		return fmt.Sprintf("ECMA 262 regex %q does not match input string %q", k.Want, k.Got)
	case *kind.Minimum:
		return fmt.Sprintf("numeric instance is lower than the required minimum (minimum: %s, found: %s)", number(k.Want), number(k.Got))
	case *kind.Maximum:
		return fmt.Sprintf("numeric instance is greater than the required maximum (maximum: %s, found: %s)", number(k.Want), number(k.Got))
	case *kind.ExclusiveMinimum:
		return fmt.Sprintf("numeric instance is not strictly greater than the required minimum %s", number(k.Want))
	case *kind.ExclusiveMaximum:
		return fmt.Sprintf("numeric instance is not strictly lower than the required maximum %s", number(k.Want))
	case *kind.MultipleOf:
		return fmt.Sprintf("remainder of division is not zero (%s / %s)", number(k.Got), number(k.Want))
	case *kind.MinLength:
		return fmt.Sprintf("string %s is too short (length: %d, required minimum: %d)", compact(find(instance, e.InstanceLocation)), k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("string %s is too long (length: %d, maximum allowed: %d)", compact(find(instance, e.InstanceLocation)), k.Got, k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("array is too short: must have at least %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("array is too long: must have at most %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.UniqueItems:
		return "array must not contain duplicate elements"
	case *kind.MinProperties:
		return fmt.Sprintf("object has too few properties (found %d but schema requires at least %d)", k.Got, k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("object has too many properties (found %d but schema requires at most %d)", k.Got, k.Want)
	}
	return e.ErrorKind.LocalizedString(english)
}

// find returns the part of an instance at a place.
func find(instance any, at []string) any {
	for _, segment := range at {
		switch v := instance.(type) {
		case map[string]any:
			instance = v[segment]
		case []any:
			n, err := strconv.Atoi(segment)
			if err != nil || n >= len(v) {
				return nil
			}
			instance = v[n]
		}
	}
	return instance
}

// instanceType is the type of a value; of numbers the whole ones are integers.
func instanceType(got string, v any) string {
	if n, ok := v.(json.Number); ok && !strings.ContainsAny(string(n), ".eE") {
		return "integer"
	}
	return got
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

// list prints names as a JSON array.
func list(names []string) string { return compact(names) }

func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// number prints a rational as a decimal.
func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'g', -1, 64)
}
