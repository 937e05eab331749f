package function

import (
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// integerConstant is an argument like an untyped integer constant.
type integerConstant struct{ text string }

func (c integerConstant) Type() *cqltype.Type           { return nil }
func (c integerConstant) CompatibleType() *cqltype.Type { return cqltype.TypeInt }
func (c integerConstant) String() string                { return c.text }
func (c integerConstant) AssignableTo(t *cqltype.Type) Assignability {
	switch {
	case t.Kind == cqltype.Int:
		return ExactMatch
	case t.AcceptsLiteral(cqltype.IntegerLiteral):
		return WeaklyAssignable
	}
	return NotAssignable
}

// marker is a bind marker: it fits anything.
type marker struct{}

func (marker) Type() *cqltype.Type                      { return nil }
func (marker) String() string                           { return "?" }
func (marker) IsMarker() bool                           { return true }
func (marker) AssignableTo(*cqltype.Type) Assignability { return WeaklyAssignable }

// The texts are those of a Cassandra 5.0.9.
func TestResolve(t *testing.T) {
	col := func(t *cqltype.Type) Arg { return typeArg{t} }
	one := integerConstant{"1"}
	pk := types(cqltype.TypeInt)
	for _, c := range []struct {
		name     string
		args     []Arg
		receiver *cqltype.Type
		want     string // the function, or the error
	}{
		{"abs", []Arg{col(cqltype.TypeInt)}, nil, "system.abs : (int) -> int"},
		{"abs", []Arg{one}, nil, "system.abs : (int) -> int"},
		{"_add", []Arg{col(cqltype.TypeInt), one}, nil, `system."_add" : (int, int) -> int`},
		{"_add", []Arg{col(cqltype.TypeInt), col(cqltype.TypeUuid)}, nil, "the '+' operation is not supported between int and uuid"},
		{"_add", []Arg{marker{}, one}, cqltype.TypeInt, "Ambiguous '+' operation with args ? and 1: use type hint to disambiguate, example '(int) ?'"},
		{"_add", []Arg{one, one}, cqltype.TypeBigint, `system."_add" : (bigint, bigint) -> bigint`},
		{"_negate", []Arg{marker{}}, nil, "Ambiguous negation: use type casts to disambiguate"},
		{"cast_as_text", []Arg{col(cqltype.TypeInt)}, nil, "system.cast_as_text : (int) -> text"},
		{"token", []Arg{one}, nil, "token : (int) -> bigint"},
		{"token", []Arg{one, one}, nil, "Invalid number of arguments in call to function system.token: 1 required but 2 provided"},
		{"token", []Arg{col(cqltype.TypeText)}, nil, "Type error: text cannot be passed as argument 0 of function system.token of type int"},
		{"tojson", []Arg{one}, nil, "system.tojson : (int) -> text"},
		{"tojson", []Arg{marker{}}, nil, "Cannot infer type of argument ? in call to function system.tojson(any): use type casts to disambiguate"},
		{"fromjson", []Arg{col(cqltype.TypeText)}, nil, "fromjson() cannot be used in the selection clause of a SELECT statement"},
		{"fromjson", []Arg{col(cqltype.TypeText)}, cqltype.TypeInt, "system.fromjson : (text) -> int"},
		{"min", []Arg{col(cqltype.TypeText)}, nil, "system.min : (text) -> text"},
		{"count", []Arg{col(cqltype.TypeText)}, nil, "system.count : (blob) -> bigint"},
		{"now", []Arg{one}, nil, "Invalid number of arguments in call to function system.now: 0 required but 1 provided"},
		{"nosuch", nil, nil, "none"},
	} {
		f, err := Resolve(c.name, c.args, c.receiver, false, pk)
		got := "none"
		switch {
		case err != nil:
			got = err.Error()
		case f != nil:
			got = f.String()
		}
		if got != c.want {
			t.Errorf("%s%v: %s\nwant %s", c.name, c.args, got, c.want)
		}
	}
}

func TestNowIsUnique(t *testing.T) {
	f, err := ForTypes("now")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 1000 {
		id, err := f.Call(&Env{NowMicros: 1_600_000_000_000_000}, nil)
		if err != nil || cqltype.TypeTimeuuid.Validate(id) != nil || seen[string(id)] {
			t.Fatalf("now() gave %x, %v", id, err)
		}
		seen[string(id)] = true
	}
}
