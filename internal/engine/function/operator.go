package function

import (
	"fmt"
	"math"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// operator is one of the arithmetic operators (OperationFcts.OPERATION).
type operator struct {
	symbol byte
	name   string
	// integer works on 64 bits; the result is narrowed. Only / and % fail.
	integer func(a, b int64) (int64, error)
	float   func(a, b float64) float64
	float32 func(a, b float32) float32
	varint  func(a, b bigNumber) ([]byte, error)
	decimal func(a, b decimal) (decimal, error)
}

const negateName = "_negate"

// The names are Cassandra's, misspelling included.
var operators = []*operator{
	{'+', "_add", func(a, b int64) (int64, error) { return a + b, nil },
		func(a, b float64) float64 { return a + b }, func(a, b float32) float32 { return a + b }, addVarint, addDecimal},
	{'-', "_substract", func(a, b int64) (int64, error) { return a - b, nil },
		func(a, b float64) float64 { return a - b }, func(a, b float32) float32 { return a - b }, subtractVarint, subtractDecimal},
	{'*', "_multiply", func(a, b int64) (int64, error) { return a * b, nil },
		func(a, b float64) float64 { return a * b }, func(a, b float32) float32 { return a * b }, multiplyVarint, multiplyDecimal},
	{'/', "_divide", divideInt,
		func(a, b float64) float64 { return a / b }, func(a, b float32) float32 { return a / b }, divideVarint, divideDecimal},
	{'%', "_modulo", moduloInt, math.Mod,
		func(a, b float32) float32 { return float32(math.Mod(float64(a), float64(b))) }, moduloVarint, moduloDecimal},
}

// arithmeticError is an error with the message of Java's ArithmeticException
// or NumberFormatException.
type arithmeticError string

func (e arithmeticError) Error() string { return string(e) }

func divideInt(a, b int64) (int64, error) {
	if b == 0 {
		return 0, arithmeticError("/ by zero")
	}
	return a / b, nil
}

func moduloInt(a, b int64) (int64, error) {
	if b == 0 {
		return 0, arithmeticError("/ by zero")
	}
	return a % b, nil
}

// operatorSymbol is the symbol of an operator's function, 0 for other names.
func operatorSymbol(name string) byte {
	for _, o := range operators {
		if o.name == name {
			return o.symbol
		}
	}
	return 0
}

func addOperators(r *functions) {
	for _, l := range numeric {
		for _, right := range numeric {
			for _, o := range operators {
				r.add(o.numeric(l, right))
			}
		}
		r.add(negation(l))
	}
	for _, o := range operators[:2] {
		r.add(o.temporal(cqltype.TypeTimestamp))
		r.add(o.temporal(cqltype.TypeDate))
	}
	for _, s := range [][]*cqltype.Type{
		{cqltype.TypeText, cqltype.TypeText, cqltype.TypeText}, {cqltype.TypeAscii, cqltype.TypeAscii, cqltype.TypeAscii},
		{cqltype.TypeText, cqltype.TypeAscii, cqltype.TypeText}, {cqltype.TypeText, cqltype.TypeText, cqltype.TypeAscii},
	} {
		r.add(operators[0].function(s[0], s[1], s[2], func(args [][]byte) ([]byte, error) {
			return append(append([]byte{}, args[0]...), args[1]...), nil
		}))
	}
}

// resultType is the type of an operation on two numbers: decimal or varint
// when one has no limit, else the size of the longer; with fractions when one
// has them.
func resultType(l, r *cqltype.Type) *cqltype.Type {
	longer := max(size(l), size(r))
	if isFloating(l) || isFloating(r) {
		switch longer {
		case 4:
			return cqltype.TypeFloat
		case 8:
			return cqltype.TypeDouble
		case unbounded:
			return cqltype.TypeDecimal
		}
	}
	switch longer {
	case 1:
		return cqltype.TypeTinyint
	case 2:
		return cqltype.TypeSmallint
	case 4:
		return cqltype.TypeInt
	case 8:
		return cqltype.TypeBigint
	}
	return cqltype.TypeVarint
}

// function is o on two types; errors of call get Cassandra's text around them.
func (o *operator) function(ret, l, r *cqltype.Type, call func(args [][]byte) ([]byte, error)) *Function {
	var f *Function
	f = strict(o.name, ret, types(l, r), func(args [][]byte) ([]byte, error) {
		b, err := call(args)
		if err != nil {
			return nil, f.failure(fmt.Sprintf("the operation '%s %c %s' failed: %s", l, o.symbol, r, err))
		}
		return b, nil
	})
	f.column = func(args []string) string { return args[0] + " " + string(o.symbol) + " " + args[1] }
	return f
}

func (o *operator) numeric(l, r *cqltype.Type) *Function {
	ret := resultType(l, r)
	switch ret.Kind {
	case cqltype.Decimal:
		return o.function(ret, l, r, func(args [][]byte) ([]byte, error) {
			a, err := asDecimal(l, args[0])
			if err != nil {
				return nil, err
			}
			b, err := asDecimal(r, args[1])
			if err != nil {
				return nil, err
			}
			d, err := o.decimal(a, b)
			return d.wire(), err
		})
	case cqltype.Varint:
		return o.function(ret, l, r, func(args [][]byte) ([]byte, error) {
			return o.varint(bigNumber{l, args[0]}, bigNumber{r, args[1]})
		})
	case cqltype.Double:
		return o.function(ret, l, r, func(args [][]byte) ([]byte, error) {
			return cqltype.AppendDouble(nil, o.float(asFloat(l, args[0]), asFloat(r, args[1]))), nil
		})
	case cqltype.Float:
		return o.function(ret, l, r, func(args [][]byte) ([]byte, error) {
			return cqltype.AppendFloat(nil, o.float32(float32(asFloat(l, args[0])), float32(asFloat(r, args[1])))), nil
		})
	}
	n := size(ret)
	return o.function(ret, l, r, func(args [][]byte) ([]byte, error) {
		v, err := o.integer(cqltype.Int64(args[0]), cqltype.Int64(args[1]))
		return appendInteger(v, n), err
	})
}

func negation(t *cqltype.Type) *Function {
	f := strict(negateName, t, types(t), func(args [][]byte) ([]byte, error) {
		switch t.Kind {
		case cqltype.Float, cqltype.Double:
			return appendFloat(t, -asFloat(t, args[0])), nil
		case cqltype.Varint:
			x := cqltype.VarintBig(args[0])
			return cqltype.AppendVarintBig(nil, x.Neg(x)), nil
		case cqltype.Decimal:
			x, scale := cqltype.DecimalBig(args[0])
			return cqltype.AppendDecimal(nil, x.Neg(x), scale), nil
		}
		return appendInteger(-cqltype.Int64(args[0]), size(t)), nil
	})
	f.column = func(args []string) string { return "-" + args[0] }
	return f
}

// appendFloat returns f as a value of t, a float or double.
func appendFloat(t *cqltype.Type, f float64) []byte {
	if t.Kind == cqltype.Float {
		return cqltype.AppendFloat(nil, float32(f))
	}
	return cqltype.AppendDouble(nil, f)
}
