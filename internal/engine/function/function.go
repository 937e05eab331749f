// Package function holds the native functions of CQL 5.0: scalar functions,
// casts, operators and aggregates, all pure code over wire bytes.
//
//	name + arguments --Resolve--> *Function --Call, NewState--> wire bytes
//
// The planner resolves a function once; executions call it. Operators and
// casts are functions too, by their internal names: _add, _substract (as
// Cassandra spells it), _multiply, _divide, _modulo, _negate, cast_as_int, ...
// Nothing here knows schemas, rows or storage
// (org.apache.cassandra.cql3.functions).
package function

import (
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Env is what a call may depend on beside its arguments.
type Env struct {
	// NowMicros is the statement's time in microseconds since the epoch; every
	// function of one statement sees the same.
	NowMicros int64
}

// Function is one overload, fully typed. Functions are immutable and shared.
type Function struct {
	// Name as Cassandra spells it in error texts and result column names,
	// without the keyspace, which is system.
	Name string
	// Args are the argument types.
	Args []*cqltype.Type
	// Return is the result type.
	Return *cqltype.Type
	// Pure: the same arguments always give the same answer, so that a call on
	// constants may be folded (Function.isPure).
	Pure bool
	// Aggregate functions have NewState, scalar ones Call.
	Aggregate bool
	// Call returns the wire bytes of the result, nil for null. args holds one
	// value per argument, nil for null; Call keeps none of them, and the result
	// may share their memory.
	Call func(env *Env, args [][]byte) ([]byte, error)
	// NewState starts an aggregation.
	NewState func() State
	// column, when set, gives ColumnName.
	column func(args []string) string
}

// State is one running aggregation, of constant size but for the digits of
// varints and decimals.
type State interface {
	// Add takes one row's argument values; it keeps none of them.
	Add(args [][]byte) error
	// Result returns the wire bytes of the aggregate, nil for null.
	Result() ([]byte, error)
	// Reset makes the state that of no rows.
	Reset()
}

// ColumnName is the name of a result column that shows a call of f; args are
// the texts of its arguments (AbstractFunction.columnName).
func (f *Function) ColumnName(args []string) string {
	if f.column != nil {
		return f.column(args)
	}
	name := "system." + f.Name + "("
	for i, a := range args {
		if i > 0 {
			name += ", "
		}
		name += a
	}
	return name + ")"
}

// String is f as error texts show it: system.abs : (int) -> int.
func (f *Function) String() string {
	name := "system." + cqltype.QuoteIdentifier(f.Name)
	if f.Name == "token" {
		name = f.Name // FunctionName.appendCqlTo
	}
	text := name + " : ("
	for i, t := range f.Args {
		if i > 0 {
			text += ", "
		}
		text += signatureType(t)
	}
	return text + ") -> " + f.Return.String()
}

// signatureType is t in a signature: a tuple without frozen<>.
func signatureType(t *cqltype.Type) string {
	s := t.String()
	if t.Kind == cqltype.Tuple {
		s = s[len("frozen<") : len(s)-1]
	}
	return s
}

// argTypes are the CQL names of f's argument types.
func (f *Function) argTypes() []string {
	names := make([]string, len(f.Args))
	for i, t := range f.Args {
		names[i] = t.String()
	}
	return names
}

// failure is the error of a call of f that went wrong
// (FunctionExecutionException).
func (f *Function) failure(text string) error {
	e := cqlerr.New(cqlerr.FunctionFailure, text)
	e.Keyspace, e.Function, e.ArgTypes = "system", f.Name, f.argTypes()
	return e
}

// absent reports whether an argument of type t is null, or an empty value that
// means nothing for t and so counts as null (ArgumentDeserializer).
func absent(t *cqltype.Type, arg []byte) bool {
	if len(arg) > 0 {
		return false
	}
	switch t.Kind {
	case cqltype.Text, cqltype.Ascii, cqltype.Blob, cqltype.Custom, cqltype.Tuple, cqltype.UDT,
		cqltype.List, cqltype.Set, cqltype.Map, cqltype.Vector:
		return arg == nil
	}
	return true
}

// anyAbsent reports whether one of f's arguments is absent.
func (f *Function) anyAbsent(args [][]byte) bool {
	for i, a := range args {
		if absent(f.Args[i], a) {
			return true
		}
	}
	return false
}

// strict makes a pure scalar function that is null when an argument is.
func strict(name string, ret *cqltype.Type, args []*cqltype.Type, call func(args [][]byte) ([]byte, error)) *Function {
	f := &Function{Name: name, Return: ret, Args: args, Pure: true}
	f.Call = func(_ *Env, args [][]byte) ([]byte, error) {
		if f.anyAbsent(args) {
			return nil, nil
		}
		return call(args)
	}
	return f
}

func types(list ...*cqltype.Type) []*cqltype.Type { return list }
