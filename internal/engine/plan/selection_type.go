package plan

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/function"
)

// selectArg is an argument of a call in a select clause.
type selectArg struct {
	s *selection
	e cql.Expr
}

func (a selectArg) Type() *cqltype.Type { return a.s.exactType(a.e) }
func (a selectArg) String() string      { return a.s.text(a.e) }
func (a selectArg) IsMarker() bool      { return isMarker(a.e) }

func (a selectArg) IsReversed() bool { return a.s.reversed(a.e) }

// ArrayLen says how many elements a [a, b] literal has: it may be a vector.
func (a selectArg) ArrayLen() (n int, ok bool) {
	l, ok := a.e.(*cql.ListLiteral)
	if !ok {
		return 0, false
	}
	return len(l.Elems), true
}

func (a selectArg) CompatibleType() *cqltype.Type { return a.s.compatibleType(a.e) }

func (a selectArg) AssignableTo(t *cqltype.Type) function.Assignability { return a.s.fit(a.e, t) }

// resolve finds the function of a call in the select clause, and remembers it
// as Context.resolve does.
func (s *selection) resolve(e cql.Expr) (*function.Function, error) {
	if isCountRows(e) {
		return countRows, nil
	}
	if found, ok := s.calls[e]; ok {
		return found.fn, found.err
	}
	fn, err := s.findFunction(callOf(e))
	if s.calls == nil {
		s.calls = map[cql.Expr]callFound{}
	}
	s.calls[e] = callFound{fn, err}
	return fn, err
}

func (s *selection) findFunction(k call) (*function.Function, error) {
	if k.keyspace != "" && k.keyspace != "system" {
		return nil, nil // there are no user functions
	}
	args := make([]function.Arg, len(k.args))
	for i, e := range k.args {
		args[i] = selectArg{s, e}
	}
	return function.Resolve(k.name, args, nil, false, typesOf(s.table))
}

// exactType is the type of e when it is known without a receiver, else nil
// (Selectable.getExactTypeIfKnown).
func (s *selection) exactType(e cql.Expr) *cqltype.Type {
	switch e := e.(type) {
	case *cql.Column:
		if col := s.table.Columns[e.Name]; col != nil {
			return col.Type
		}
	case *cql.FunctionCall:
		if isCountRows(e) {
			return cqltype.TypeBigint
		}
		if isTimesFunction(e) {
			return s.timesType(e)
		}
		return s.callType(e)
	case *cql.Binary, *cql.Negate:
		return s.callType(e)
	case *cql.Cast:
		return s.namedType(e.Type)
	case *cql.TypeHint:
		if t := s.namedType(e.Type); t != nil {
			return t.AsFrozen()
		}
	case *cql.Field:
		if t := s.exactType(e.X); t != nil && t.Kind == cqltype.UDT {
			if i := fieldIndex(t, e.Name); i >= 0 {
				return t.Elems[i]
			}
		}
	case *cql.Element:
		if t := s.exactType(e.X); t != nil && t.IsCollection() {
			return t.Elems[len(t.Elems)-1]
		}
	case *cql.SliceOf:
		if t := s.exactType(e.X); t != nil && t.IsCollection() {
			return t
		}
	case *cql.ListLiteral, *cql.SetLiteral, *cql.MapLiteral, *cql.TupleLiteral:
		return s.literalType(e)
	}
	return nil
}

func (s *selection) namedType(n cql.TypeName) *cqltype.Type {
	t, err := s.c.Type(n, s.table.Keyspace)
	if err != nil {
		return nil
	}
	return t
}

func (s *selection) callType(e cql.Expr) *cqltype.Type {
	if fn, err := s.resolve(e); err == nil && fn != nil {
		return fn.Return
	}
	return nil
}

// literalType is exactType of collections and tuples.
func (s *selection) literalType(e cql.Expr) *cqltype.Type {
	switch e := e.(type) {
	case *cql.ListLiteral:
		if t := s.firstExact(e.Elems); t != nil {
			return cqltype.NewList(t, true)
		}
	case *cql.SetLiteral:
		if t := s.firstExact(e.Elems); t != nil {
			return cqltype.NewSet(t, true)
		}
	case *cql.TupleLiteral:
		if len(e.Elems) == 1 {
			return nil // parentheses or a tuple of one
		}
		fields := make([]*cqltype.Type, len(e.Elems))
		for i, x := range e.Elems {
			if fields[i] = s.exactType(x); fields[i] == nil {
				return nil
			}
		}
		return cqltype.NewTuple(fields...)
	}
	return nil // a map may also be a user type's value
}

// compatibleType is the type of e, or of constants in it the one they are
// naturally of (Selectable.getCompatibleTypeIfKnown).
func (s *selection) compatibleType(e cql.Expr) *cqltype.Type {
	switch e := e.(type) {
	case *cql.Literal:
		return preferredType(e)
	case *cql.ListLiteral:
		if t := commonType(e.Elems, s.compatibleType); t != nil {
			return cqltype.NewList(t, true)
		}
		return nil
	case *cql.SetLiteral:
		if t := commonType(e.Elems, s.compatibleType); t != nil {
			return cqltype.NewSet(t, true)
		}
		return nil
	case *cql.TupleLiteral:
		if len(e.Elems) == 1 {
			return nil
		}
		fields := make([]*cqltype.Type, len(e.Elems))
		for i, x := range e.Elems {
			if fields[i] = s.compatibleType(x); fields[i] == nil {
				return nil
			}
		}
		return cqltype.NewTuple(fields...)
	}
	return s.exactType(e)
}

func (s *selection) firstExact(elems []cql.Expr) *cqltype.Type {
	for _, e := range elems {
		if t := s.exactType(e); t != nil {
			return t
		}
	}
	return nil
}

// fit tests whether e can stand where t is expected (Selectable.testAssignment).
func (s *selection) fit(e cql.Expr, t *cqltype.Type) fit {
	switch e := e.(type) {
	case *cql.Literal, *cql.BindMarker:
		return s.c.fit(e, Receiver{Keyspace: s.table.Keyspace, Table: s.table.Name, Type: t})
	case *cql.ListLiteral:
		if t.Kind == cqltype.List || t.Kind == cqltype.Vector {
			return s.allFit(e.Elems, t.Elems[0])
		}
		return noFit
	case *cql.SetLiteral:
		if t.Kind == cqltype.Set || t.Kind == cqltype.Map && len(e.Elems) == 0 {
			return s.allFit(e.Elems, t.Elems[0])
		}
		return noFit
	case *cql.MapLiteral:
		return s.mapFit(e, t)
	case *cql.UDTLiteral:
		return s.udtFit(e, t)
	case *cql.TupleLiteral:
		return s.tupleFit(e, t)
	}
	exact := s.exactType(e)
	if exact == nil || exact.Kind == t.Kind && exact.IsMultiCell() && !t.IsMultiCell() {
		return noFit // what is not frozen is no value of the frozen type
	}
	return typeFit(exact, t)
}

func (s *selection) allFit(elems []cql.Expr, t *cqltype.Type) fit {
	if len(elems) == 0 {
		return weakFit
	}
	res := exactFit
	for _, e := range elems {
		if res = min(res, s.fit(e, t)); res == noFit {
			return noFit
		}
	}
	return res
}

func (s *selection) mapFit(e *cql.MapLiteral, t *cqltype.Type) fit {
	if t.Kind != cqltype.Map {
		return noFit
	}
	res := exactFit
	for _, entry := range e.Entries {
		res = min(res, s.fit(entry.Key, t.Elems[0]), s.fit(entry.Value, t.Elems[1]))
	}
	return res
}

func (s *selection) udtFit(e *cql.UDTLiteral, t *cqltype.Type) fit {
	if t.Kind == cqltype.Map { // with columns for keys
		res := exactFit
		for _, f := range e.Fields {
			res = min(res, s.fit(&cql.Column{Name: f.Name}, t.Elems[0]), s.fit(f.Value, t.Elems[1]))
		}
		return res
	}
	if t.Kind != cqltype.UDT {
		return noFit
	}
	for _, f := range e.Fields {
		if i := fieldIndex(t, f.Name); i >= 0 && s.fit(f.Value, t.Elems[i]) == noFit {
			return noFit
		}
	}
	return weakFit
}

func (s *selection) tupleFit(e *cql.TupleLiteral, t *cqltype.Type) fit {
	if len(e.Elems) == 1 && t.Kind != cqltype.Tuple {
		return s.fit(e.Elems[0], t)
	}
	// A user type is a tuple to Cassandra (UserType extends TupleType).
	if t.Kind != cqltype.Tuple && t.Kind != cqltype.UDT || len(e.Elems) > len(t.Elems) {
		return noFit
	}
	for i, x := range e.Elems {
		if s.fit(x, t.Elems[i]) == noFit {
			return noFit
		}
	}
	return weakFit
}

// text is e as error texts about the select clause show it
// (Selectable.toString): calls by the name of their result column.
func (s *selection) text(e cql.Expr) string {
	switch e := e.(type) {
	case *cql.FunctionCall:
		if isCountRows(e) {
			return "count"
		}
		if isTimesFunction(e) {
			return e.Name + "(" + s.texts(e.Args) + ")"
		}
		return "system." + strings.ToLower(e.Name) + "(" + s.texts(e.Args) + ")"
	case *cql.Binary:
		return s.text(e.L) + " " + string(e.Op) + " " + s.text(e.R)
	case *cql.Negate:
		return "-" + s.text(e.X)
	case *cql.Cast:
		return "cast(" + s.text(e.X) + " as " + strings.ToLower(TypeText(e.Type)) + ")"
	case *cql.TypeHint:
		return "(" + TypeText(qualified(e.Type, s.table.Keyspace)) + ")" + s.text(e.X)
	case *cql.Field:
		return s.text(e.X) + "." + e.Name
	case *cql.Element:
		return s.text(e.X) + "[" + text(e.Index) + "]"
	case *cql.SliceOf:
		return s.text(e.X) + "[" + optionalText(e.From) + ".." + optionalText(e.To) + "]"
	case *cql.ListLiteral:
		return "[" + s.texts(e.Elems) + "]"
	case *cql.SetLiteral:
		return "{" + s.texts(e.Elems) + "}"
	case *cql.TupleLiteral:
		return "(" + s.texts(e.Elems) + ")"
	case *cql.MapLiteral:
		parts := make([]string, len(e.Entries))
		for i, x := range e.Entries {
			parts[i] = s.text(x.Key) + ": " + s.text(x.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return text(e)
}

func (s *selection) texts(items []cql.Expr) string {
	parts := make([]string, len(items))
	for i, e := range items {
		parts[i] = s.text(e)
	}
	return strings.Join(parts, ", ")
}
