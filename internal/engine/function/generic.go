package function

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// generic is a function whose types follow from its arguments
// (FunctionFactory).
type generic struct {
	name   string
	params []parameter
	// make returns the function for inferred argument types.
	make func(name string, args []*cqltype.Type, receiver *cqltype.Type) (*Function, error)
}

// addGeneric registers a generic function.
func (r *functions) addGeneric(g *generic) { r.generic[g.name] = append(r.generic[g.name], g) }

// parameter is one parameter of a generic function (FunctionParameter).
type parameter struct {
	text     string // as signatures show it
	optional bool
	// fallback is the type of an argument that has none.
	fallback *cqltype.Type
	// fromReceiver: an argument that has no type takes the receiver's.
	fromReceiver bool
	// sameAs is 1 + the index of the parameter whose type it takes when it has
	// none, or, with preferOther, in any case.
	sameAs      int
	preferOther bool
	// array is the element type of the vector that a [a, b] constant becomes.
	array *cqltype.Type
	// accepts tests an argument's type; want says what it must be.
	accepts func(t *cqltype.Type) bool
	want    string
	// ascending: a column in descending order is refused, whose type is one of
	// its own in Cassandra (ReversedType).
	ascending bool
}

func anyParameter(fromReceiver bool) parameter {
	return parameter{text: "any", fromReceiver: fromReceiver}
}

// fixedParameter is a parameter of one of some types; the first is the
// fallback.
func fixedParameter(list ...*cqltype.Type) parameter {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.String()
	}
	text := strings.Join(names, "|")
	if len(list) > 1 {
		text = "[" + text + "]"
	}
	return parameter{text: text, fallback: list[0], want: "an argument of type " + text,
		accepts: func(t *cqltype.Type) bool {
			for _, p := range list {
				if p.AcceptsValuesOf(t) {
					return true
				}
			}
			return false
		}}
}

func (p parameter) asOptional() parameter {
	p.optional = true
	p.text = "[" + p.text + "]"
	return p
}

// String is g as error texts show it: system.mask_inner([text|varchar|ascii], int, int, [text]).
func (g *generic) String() string {
	texts := make([]string, len(g.params))
	for i, p := range g.params {
		texts[i] = p.text
	}
	return "system." + g.name + "(" + strings.Join(texts, ", ") + ")"
}

// instantiate makes the function for the given arguments
// (FunctionFactory.getOrCreateFunction).
func (g *generic) instantiate(args []Arg, receiver *cqltype.Type) (*Function, error) {
	mandatory := 0
	for _, p := range g.params {
		if !p.optional {
			mandatory++
		}
	}
	if len(args) < mandatory || len(args) > len(g.params) {
		return nil, cqlerr.Invalidf("Invalid number of arguments for function %s", g)
	}
	first := make([]*cqltype.Type, len(args))
	for i, a := range args {
		first[i] = g.params[i].infer(a, receiver, nil)
	}
	list := first
	for i, a := range args {
		p := g.params[i]
		t := p.infer(a, receiver, list)
		if t == nil {
			return nil, cqlerr.Invalidf("Cannot infer type of argument %s in call to function %s: use type casts to disambiguate", a, g)
		}
		if p.accepts != nil && !p.accepts(t) || p.ascending && isReversed(a) {
			return nil, cqlerr.Invalidf("Function system.%s requires %s, but found argument %s of type %s", g.name, p.want, a, t)
		}
		list[i] = t
	}
	return g.make(g.name, list, receiver)
}

func isReversed(a Arg) bool {
	r, ok := a.(ReversibleArg)
	return ok && r.IsReversed()
}

// infer is the type of an argument; others are the types of all arguments as
// far as they are known, nil in the first round.
func (p parameter) infer(a Arg, receiver *cqltype.Type, others []*cqltype.Type) *cqltype.Type {
	if p.preferOther && others != nil && others[p.sameAs-1] != nil {
		return others[p.sameAs-1]
	}
	if array, ok := a.(ArrayArg); ok && p.array != nil {
		if n, ok := array.ArrayLen(); ok {
			return cqltype.NewVector(p.array, n)
		}
	}
	t := compatibleType(a)
	if t == nil && p.fromReceiver {
		t = receiver
	}
	if t == nil {
		t = p.fallback
	}
	if t == nil && p.sameAs > 0 && others != nil {
		t = others[p.sameAs-1]
	}
	return t
}
