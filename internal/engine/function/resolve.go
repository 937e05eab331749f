package function

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Assignability is how well an argument fits a parameter
// (AssignmentTestable.TestResult).
type Assignability uint8

// The degrees of fit.
const (
	NotAssignable Assignability = iota
	WeaklyAssignable
	ExactMatch
)

// Arg is an argument of a call that is to be resolved.
type Arg interface {
	// Type is the argument's own type, or nil when only a receiver can tell (a
	// bind marker, null, an untyped constant).
	Type() *cqltype.Type
	// AssignableTo says how well it fits a parameter of type t.
	AssignableTo(t *cqltype.Type) Assignability
	// String is the argument as error texts show it.
	String() string
}

// CompatibleArg is an Arg that can also tell which type it would have if
// nothing else told: a constant's preferred type, a list of such
// (Term.Raw.getCompatibleTypeIfKnown). Functions for any type (toJson, min,
// map_keys, ...) infer theirs from it. Without it they go by Type.
type CompatibleArg interface {
	Arg
	// CompatibleType is Type, or a guess when that is nil, or nil.
	CompatibleType() *cqltype.Type
}

// MarkerArg is an Arg that may be a bind marker; then operators are not
// chosen by the receiver's type.
type MarkerArg interface {
	Arg
	IsMarker() bool
}

// ReversibleArg is an Arg that may be a clustering column in descending order.
type ReversibleArg interface {
	Arg
	IsReversed() bool
}

// ArrayArg is an Arg that may be a [a, b] constant in a select clause, which
// the similarity functions take for a vector (Selectable.WithArrayLiteral).
type ArrayArg interface {
	Arg
	// ArrayLen is the number of elements, and whether it is such a constant.
	ArrayLen() (n int, ok bool)
}

func compatibleType(a Arg) *cqltype.Type {
	if c, ok := a.(CompatibleArg); ok {
		return c.CompatibleType()
	}
	return a.Type()
}

// Exists reports whether a native function has that name.
func Exists(name string) bool {
	return name == "token" || len(registry.fixed[name]) > 0 || len(registry.generic[name]) > 0
}

// Lookup returns the overloads of that name; those of generic functions are
// made by Resolve alone.
func Lookup(name string) []*Function { return registry.fixed[name] }

// Resolve finds the native function of that name for the arguments. Names are
// as FunctionName has them: folded, unless quoted in the statement. receiver
// is the type that the result goes to, nil when unknown; reversed that this is a
// clustering column in descending order; partitionKey the types of the table's partition key columns, which
// token() takes. Errors are *cqlerr.Error with FunctionResolver's texts. No
// function and no error: there is none of that name.
func Resolve(name string, args []Arg, receiver *cqltype.Type, reversed bool, partitionKey []*cqltype.Type) (*Function, error) {
	candidates := registry.fixed[name]
	if name == "token" {
		f, err := tokenFunction(partitionKey)
		if err != nil {
			return nil, err
		}
		candidates = []*Function{f}
	}
	for _, g := range registry.generic[name] {
		f, err := g.instantiate(args, receiver)
		if err != nil {
			return nil, err
		}
		candidates = append(candidates[:len(candidates):len(candidates)], f)
	}
	switch len(candidates) {
	case 0:
		return nil, nil
	case 1:
		return candidates[0], validateTypes(candidates[0], args)
	}
	return bestMatch(name, candidates, args, receiver, reversed)
}

// validateTypes checks the arguments of the only candidate.
func validateTypes(f *Function, args []Arg) error {
	if len(args) != len(f.Args) {
		return cqlerr.Invalidf("Invalid number of arguments in call to function system.%s: %d required but %d provided", f.Name, len(f.Args), len(args))
	}
	for i, a := range args {
		if a.AssignableTo(f.Args[i]) == NotAssignable {
			return cqlerr.Invalidf("Type error: %s cannot be passed as argument %d of function system.%s of type %s", a, i, f.Name, f.Args[i])
		}
	}
	return nil
}

// bestMatch picks the one exact candidate, or the only one that fits
// (FunctionResolver.pickBestMatch).
func bestMatch(name string, candidates []*Function, args []Arg, receiver *cqltype.Type, reversed bool) (*Function, error) {
	var fitting []*Function
	for _, f := range candidates {
		if receiver != nil && !receiver.AcceptsValuesOf(f.Return) {
			continue
		}
		switch matchArguments(f, args) {
		case ExactMatch:
			return f, nil
		case WeaklyAssignable:
			fitting = append(fitting, f)
		}
	}
	symbol := operatorSymbol(name)
	shown := name
	if strings.HasPrefix(name, castPrefix) || name == negateName {
		shown = "system." + name // casts and operators name their function in full
	}
	switch {
	case len(fitting) == 1:
		return fitting[0], nil
	case len(fitting) == 0 && symbol != 0:
		return nil, cqlerr.Invalidf("the '%c' operation is not supported between %s and %s", symbol, args[0], args[1])
	case len(fitting) == 0:
		return nil, cqlerr.Invalidf("Invalid call to function %s, none of its type signatures match (known type signatures: %s)", shown, signatures(candidates))
	case symbol != 0:
		// The type of a column in descending order, a ReversedType, is none of
		// an operator's.
		if f := operatorOf(receiver, fitting, args); f != nil && !reversed {
			return f, nil
		}
		return nil, cqlerr.Invalidf("Ambiguous '%c' operation with args %s and %s: use type hint to disambiguate, example '(int) ?'", symbol, args[0], args[1])
	case name == negateName:
		return nil, cqlerr.Invalidf("Ambiguous negation: use type casts to disambiguate")
	}
	return nil, cqlerr.Invalidf("Ambiguous call to function %s (can be matched by following signatures: %s): use type casts to disambiguate", shown, signatures(fitting))
}

// operatorOf is the operator on two values of the receiver's own type.
func operatorOf(receiver *cqltype.Type, fitting []*Function, args []Arg) *Function {
	if receiver == nil {
		return nil
	}
	for _, a := range args {
		if m, ok := a.(MarkerArg); ok && m.IsMarker() {
			return nil
		}
	}
	for _, f := range fitting {
		if receiver.Same(f.Args[0]) && receiver.Same(f.Args[1]) {
			return f
		}
	}
	return nil
}

func matchArguments(f *Function, args []Arg) Assignability {
	if len(args) != len(f.Args) {
		return NotAssignable
	}
	fit := ExactMatch
	for i, a := range args {
		if fit = min(fit, a.AssignableTo(f.Args[i])); fit == NotAssignable {
			break
		}
	}
	return fit
}

func signatures(list []*Function) string {
	texts := make([]string, len(list))
	for i, f := range list {
		texts[i] = f.String()
	}
	return strings.Join(texts, ", ")
}

// typeArg is an argument of which the type is all that is known.
type typeArg struct{ t *cqltype.Type }

func (a typeArg) Type() *cqltype.Type { return a.t }
func (a typeArg) String() string      { return a.t.String() }

func (a typeArg) AssignableTo(t *cqltype.Type) Assignability {
	switch {
	case t.Same(a.t):
		return ExactMatch
	case t.AcceptsValuesOf(a.t):
		return WeaklyAssignable
	}
	return NotAssignable
}

// ForTypes is Resolve for arguments of known types, without a receiver.
func ForTypes(name string, args ...*cqltype.Type) (*Function, error) {
	list := make([]Arg, len(args))
	for i, t := range args {
		list[i] = typeArg{t}
	}
	f, err := Resolve(name, list, nil, false, nil)
	if f == nil && err == nil {
		err = cqlerr.Invalidf("Unknown function '%s'", name)
	}
	return f, err
}

// Cast returns the function of CAST(x AS to).
func Cast(from, to *cqltype.Type) (*Function, error) {
	return ForTypes(castPrefix+to.String(), from)
}

// Operator returns the function of l op r, op one of + - * / %.
func Operator(op byte, l, r *cqltype.Type) (*Function, error) {
	for _, o := range operators {
		if o.symbol == op {
			return ForTypes(o.name, l, r)
		}
	}
	return nil, cqlerr.Invalidf("Unknown operation '%c'", op)
}

// Negate returns the function of -x.
func Negate(x *cqltype.Type) (*Function, error) { return ForTypes(negateName, x) }
