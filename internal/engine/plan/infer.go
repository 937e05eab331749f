package plan

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// exactType is the type of e when e alone tells it, else nil
// (Term.Raw.getExactTypeIfKnown). keyspace is that of the statement's table.
func (c *Context) exactType(e cql.Expr, keyspace string) *cqltype.Type {
	switch e := e.(type) {
	case *cql.SetLiteral:
		if t := c.firstExact(e.Elems, keyspace); t != nil {
			return cqltype.NewSet(t, false)
		}
	case *cql.MapLiteral:
		var k, v *cqltype.Type
		for _, entry := range e.Entries {
			if k == nil {
				k = c.exactType(entry.Key, keyspace)
			}
			if v == nil {
				v = c.exactType(entry.Value, keyspace)
			}
			if k != nil && v != nil {
				return cqltype.NewMap(k, v, false)
			}
		}
	case *cql.TupleLiteral:
		fields := make([]*cqltype.Type, len(e.Elems))
		for i, x := range e.Elems {
			if fields[i] = c.exactType(x, keyspace); fields[i] == nil {
				return nil
			}
		}
		return cqltype.NewTuple(fields...)
	case *cql.TypeHint:
		if t, err := c.Type(e.Type, keyspace); err == nil {
			return t
		}
	case *cql.FunctionCall, *cql.Binary, *cql.Negate, *cql.Cast:
		if f, err := c.resolve(e, Receiver{Keyspace: keyspace}); err == nil && f != nil {
			return f.Return
		}
	}
	return nil
}

func (c *Context) firstExact(elems []cql.Expr, keyspace string) *cqltype.Type {
	for _, e := range elems {
		if t := c.exactType(e, keyspace); t != nil {
			return t
		}
	}
	return nil
}

// compatibleType is the type of e, or of a constant the one it is naturally of
// (Term.Raw.getCompatibleTypeIfKnown). Functions of any type go by it.
func (c *Context) compatibleType(e cql.Expr, keyspace string) *cqltype.Type {
	of := func(x cql.Expr) *cqltype.Type { return c.compatibleType(x, keyspace) }
	switch e := e.(type) {
	case *cql.Literal:
		return preferredType(e)
	case *cql.SetLiteral:
		if t := commonType(e.Elems, of); t != nil {
			return cqltype.NewSet(t, false)
		}
		return nil
	case *cql.MapLiteral:
		return commonMap(e, of)
	}
	return c.exactType(e, keyspace)
}

// commonType is the type of one of the items that the types of all fit
// (AssignmentTestable.getCompatibleTypeIfKnown); items without a type do not count.
func commonType(items []cql.Expr, of func(cql.Expr) *cqltype.Type) *cqltype.Type {
	var types []*cqltype.Type
	for _, e := range items {
		if t := of(e); t != nil {
			types = append(types, t)
		}
	}
	for _, t := range types {
		if !slices.ContainsFunc(types, func(u *cqltype.Type) bool { return typeFit(u, t) == noFit }) {
			return t
		}
	}
	return nil
}

func commonMap(e *cql.MapLiteral, of func(cql.Expr) *cqltype.Type) *cqltype.Type {
	var keys, values []cql.Expr
	for _, entry := range e.Entries {
		keys, values = append(keys, entry.Key), append(values, entry.Value)
	}
	k, v := commonType(keys, of), commonType(values, of)
	if k == nil || v == nil {
		return nil
	}
	return cqltype.NewMap(k, v, false)
}

// preferredType is the smallest type a constant is naturally of
// (Constants.Type.getPreferedTypeFor), nil for null.
func preferredType(l *cql.Literal) *cqltype.Type {
	switch l.Kind {
	case cql.StringLiteral:
		if isASCII(l.Text) {
			return cqltype.TypeAscii
		}
		return cqltype.TypeText
	case cql.IntegerLiteral:
		n, err := strconv.ParseInt(l.Text, 10, 64)
		switch {
		case err != nil:
			return cqltype.TypeVarint
		case n >= math.MinInt32 && n <= math.MaxInt32:
			return cqltype.TypeInt
		}
		return cqltype.TypeBigint
	case cql.FloatLiteral:
		return preferredFloat(l.Text)
	case cql.BooleanLiteral:
		return cqltype.TypeBoolean
	case cql.UUIDLiteral:
		if len(l.Text) > 14 && l.Text[14] == '1' {
			return cqltype.TypeTimeuuid
		}
		return cqltype.TypeUuid
	case cql.HexLiteral:
		return cqltype.TypeTinyint // as Cassandra has it: ByteType, not BytesType
	case cql.DurationLiteral:
		return cqltype.TypeDuration
	}
	return nil
}

// preferredFloat is double when a double holds the number exactly as the
// shortest decimal that reads back, else decimal.
func preferredFloat(text string) *cqltype.Type {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) && !strings.Contains(strings.ToLower(text), "inf") {
		return cqltype.TypeDecimal
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return cqltype.TypeDouble
	}
	if f == 0 && strings.ContainsAny(mantissa(text), "123456789") || len(text) > maxExactFloatText {
		return cqltype.TypeDecimal // also keeps Rat from spelling out 1e-999999999
	}
	want, ok1 := new(big.Rat).SetString(text)
	got, ok2 := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	if ok1 && ok2 && want.Cmp(got) == 0 {
		return cqltype.TypeDouble
	}
	return cqltype.TypeDecimal
}

func mantissa(text string) string {
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		return text[:i]
	}
	return text
}

// maxExactFloatText bounds the text that preferredFloat compares exactly; no
// double needs more digits to be told apart from its neighbours.
const maxExactFloatText = 400

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
