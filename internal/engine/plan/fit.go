package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/function"
)

// fit is how well an expression fits a receiver.
type fit = function.Assignability

const (
	noFit    = function.NotAssignable
	weakFit  = function.WeaklyAssignable
	exactFit = function.ExactMatch
)

// typeFit is how well values of the type given fit a receiver of type r
// (AbstractType.testAssignment). Values make no difference between frozen and
// not.
func typeFit(given, r *cqltype.Type) fit {
	if r.Same(given) {
		return exactFit
	}
	if r.AcceptsValuesOf(given) {
		return weakFit
	}
	return noFit
}

// hintFit is typeFit for a value with a type hint, for which frozen collections
// are others than those that are not.
func hintFit(given, r *cqltype.Type) fit {
	if given.IsCollection() && given.Kind == r.Kind && given.Frozen != r.Frozen {
		return noFit
	}
	return typeFit(given, r)
}

// fit tests whether e can be a value for r (AssignmentTestable.testAssignment).
func (c *Context) fit(e cql.Expr, r Receiver) fit {
	switch e := e.(type) {
	case *cql.Literal:
		return literalFit(e, r.Type)
	case *cql.BindMarker:
		return weakFit
	case *cql.ListLiteral:
		return c.listFit(e, r)
	case *cql.SetLiteral:
		if r.Type.Kind == cqltype.Set || r.Type.Kind == cqltype.Map && len(e.Elems) == 0 {
			return c.allFit(e.Elems, valueReceiver(r))
		}
		return noFit
	case *cql.MapLiteral:
		return c.mapFit(e, r)
	case *cql.UDTLiteral:
		if c.checkUDT(e, r) != nil {
			return noFit
		}
		return weakFit
	case *cql.TupleLiteral:
		if len(e.Elems) == 1 && r.Type.Kind != cqltype.Tuple {
			return c.fit(e.Elems[0], r)
		}
		if c.checkTuple(e, r) != nil {
			return noFit
		}
		return weakFit
	case *cql.TypeHint:
		t, err := c.Type(e.Type, r.Keyspace)
		if err != nil {
			return noFit
		}
		return hintFit(t, r.Type)
	default:
		return c.callFit(e, r)
	}
}

func literalFit(l *cql.Literal, t *cqltype.Type) fit {
	if l.Kind == cql.NullLiteral {
		if t.Kind == cqltype.Counter {
			return noFit
		}
		return weakFit
	}
	if t.Kind == cqltype.Tuple || t.Kind == cqltype.Custom {
		return weakFit // Constants.Literal.testAssignment: not a native type, no check
	}
	if preferred := preferredType(l); preferred != nil && preferred.Kind == t.Kind {
		return exactFit
	}
	if t.AcceptsLiteral(cqltype.LiteralKind(l.Kind)) {
		return weakFit
	}
	return noFit
}

func (c *Context) listFit(e *cql.ListLiteral, r Receiver) fit {
	switch {
	case r.Type.Kind == cqltype.List:
	case r.Type.Kind == cqltype.Vector && len(e.Elems) == r.Type.Dimension:
	default:
		return noFit
	}
	return c.allFit(e.Elems, valueReceiver(r))
}

func (c *Context) mapFit(e *cql.MapLiteral, r Receiver) fit {
	if r.Type.Kind != cqltype.Map {
		return noFit
	}
	res := exactFit
	for _, entry := range e.Entries {
		k, v := c.fit(entry.Key, keyReceiver(r)), c.fit(entry.Value, valueReceiver(r))
		if res = min(res, k, v); res == noFit {
			return noFit
		}
	}
	return res
}

// allFit is the worst fit of the elements; no elements fit weakly.
func (c *Context) allFit(elems []cql.Expr, r Receiver) fit {
	if len(elems) == 0 {
		return weakFit
	}
	res := exactFit
	for _, e := range elems {
		if res = min(res, c.fit(e, r)); res == noFit {
			return noFit
		}
	}
	return res
}

// callFit is fit for function calls, operations and casts
// (FunctionCall.Raw.testAssignment). What can't be resolved fits weakly: the
// error comes when the term is prepared.
func (c *Context) callFit(e cql.Expr, r Receiver) fit {
	f, err := c.resolve(e, r)
	if err != nil || f == nil {
		return weakFit
	}
	if r.Type.Same(f.Return) {
		return exactFit
	}
	if r.Type.AcceptsValuesOf(f.Return) {
		return weakFit
	}
	return noFit
}
