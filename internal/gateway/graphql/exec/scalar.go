package exec

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
)

// errStop ends a walk.
var errStop = errors.New("stop")

// check returns what is wrong with the input of a scalar type, nil for nothing.
func (s *Schema) check(name string, in Input) error {
	switch name {
	case "Int":
		return checkInt(in)
	case "Float":
		if k := in.Kind(); k != Int && k != Float {
			return Unexpected(in, "IntValue' or 'FloatValue", "Float")
		}
		return nil
	case "String":
		return expect(in, String, "StringValue", "String")
	case "Boolean":
		return expect(in, Bool, "BooleanValue", "Boolean")
	case "ID":
		if k := in.Kind(); k != Int && k != String {
			return Unexpected(in, "IntValue' or 'StringValue", "ID")
		}
		return nil
	}
	if scalar := s.Scalars[name]; scalar != nil {
		return scalar.Check(in)
	}
	return nil
}

func expect(in Input, kind Kind, node, name string) error {
	if in.Kind() != kind {
		return Unexpected(in, node, name)
	}
	return nil
}

// Unexpected says that a value is of another kind than the scalar type name is:
// node is what it should be as a node of a document.
func Unexpected(in Input, node, name string) error {
	if in.IsLiteral() {
		return fmt.Errorf("Expected AST type '%s' but was '%s'.", node, javaKind(in.literal))
	}
	return fmt.Errorf("Expected type '%s' but was '%s'.", name, javaClass(in.Kind()))
}

func checkInt(in Input) error {
	if in.Kind() != Int && (in.IsLiteral() || in.Kind() != Float) {
		return Unexpected(in, "IntValue", "Int")
	}
	_, err := in.Int64(32)
	return err
}

// Int64 is the value of an integer of so many bits. A JSON number may be written
// with a fraction or exponent, as long as it is whole.
func (in Input) Int64(bits int) (int64, error) {
	text := in.Str()
	n, err := strconv.ParseInt(text, 10, bits)
	if err == nil {
		return n, nil
	}
	if in.Kind() == Float && len(text) <= 32 {
		if f, ok := new(big.Rat).SetString(text); ok && f.IsInt() && f.Num().BitLen() < bits {
			return f.Num().Int64(), nil
		}
		return 0, fmt.Errorf("Expected type 'Int' but was 'Double'.")
	}
	return 0, fmt.Errorf("Expected value to be in the Integer range but it was '%.100s'", text)
}
