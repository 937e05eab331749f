package function

import (
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

func addJSON(r *functions) {
	for _, name := range [...]string{"to_json", "tojson"} {
		r.addGeneric(&generic{name: name, params: []parameter{anyParameter(false)}, make: toJSON})
	}
	for _, name := range [...]string{"from_json", "fromjson"} {
		r.addGeneric(&generic{name: name, params: []parameter{fixedParameter(cqltype.TypeText)}, make: fromJSON})
	}
}

// toJSON makes toJson for a type; null is the text null.
func toJSON(name string, args []*cqltype.Type, _ *cqltype.Type) (*Function, error) {
	t := args[0]
	return &Function{Name: name, Return: cqltype.TypeText, Args: types(t), Pure: true,
		Call: func(_ *Env, args [][]byte) ([]byte, error) {
			if absent(t, args[0]) && !(t.Kind == cqltype.Duration && args[0] != nil) {
				return []byte("null"), nil
			}
			return t.AppendJSON(nil, args[0]), nil
		}}, nil
}

// fromJSON makes fromJson for the type of the receiver.
func fromJSON(name string, _ []*cqltype.Type, receiver *cqltype.Type) (*Function, error) {
	if receiver == nil {
		return nil, invalid(name + "() cannot be used in the selection clause of a SELECT statement")
	}
	var f *Function
	f = strict(name, receiver, types(cqltype.TypeText), func(args [][]byte) ([]byte, error) {
		if err := cqltype.CheckJSON(args[0]); err != nil {
			return nil, f.failure(fmt.Sprintf("execution of 'system.%s[text]' failed: Could not decode JSON string '%s': %s", name, args[0], err))
		}
		b, err := receiver.FromJSON(args[0])
		if cqltype.IsDurationFault(err) {
			return nil, err
		}
		if err != nil {
			return nil, f.failure("org.apache.cassandra.serializers.MarshalException: " + err.Error())
		}
		// An empty text would make a duration of no bytes, which is none.
		if b != nil && receiver.Validate(b) != nil {
			return nil, invalid(fmt.Sprintf("Return of function system.%s : (text) -> %s is not a valid value for its declared return type %s", name, receiver, receiver))
		}
		return b, nil
	})
	return f, nil
}
