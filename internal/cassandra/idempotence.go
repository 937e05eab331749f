package cassandra

import "github.com/astrolabe-db/astrolabe/internal/cql"

// idempotent reports whether stmt may be sent again when nobody knows whether
// it was run. Reads may. A write may when it sets values that it names itself:
// no condition, no counter, no element added to a list, no function whose value
// is another at the next call. What can't be told from the tree alone, as
// whether "c = c + ?" is a counter, a list or a set, counts as not.
func idempotent(stmt cql.Statement) bool {
	switch s := stmt.(type) {
	case *cql.Select:
		return true
	case *cql.Insert:
		return !s.IfNotExists && pureAll(s.Values) && s.JSON == nil
	case *cql.Update:
		if cql.Conditional(s) {
			return false
		}
		for i := range s.Assignments {
			a := &s.Assignments[i]
			if a.Kind != cql.SetValue && a.Kind != cql.SetField || !pure(a.Value) {
				return false
			}
		}
		return pureWhere(s.Where)
	case *cql.Delete:
		if cql.Conditional(s) {
			return false
		}
		for _, d := range s.Columns {
			if d.Index != nil { // of a list: the next element would go as well
				return false
			}
		}
		return pureWhere(s.Where)
	case *cql.Batch:
		for _, inner := range s.Statements {
			if !idempotent(inner) {
				return false
			}
		}
		return s.Kind != cql.CounterBatch
	}
	return false
}

func pureWhere(where []cql.Relation) bool {
	for _, r := range where {
		if !pure(r.Value) || !pureAll(r.Values) {
			return false
		}
	}
	return true
}

func pureAll(list []cql.Expr) bool {
	for _, x := range list {
		if !pure(x) {
			return false
		}
	}
	return true
}

// pure reports whether x has the same value each time: it calls no function.
func pure(x cql.Expr) bool {
	switch x := x.(type) {
	case nil, *cql.Literal, *cql.BindMarker:
		return true
	case *cql.ListLiteral:
		return pureAll(x.Elems)
	case *cql.SetLiteral:
		return pureAll(x.Elems)
	case *cql.TupleLiteral:
		return pureAll(x.Elems)
	case *cql.MapLiteral:
		for _, e := range x.Entries {
			if !pure(e.Key) || !pure(e.Value) {
				return false
			}
		}
		return true
	case *cql.UDTLiteral:
		for _, f := range x.Fields {
			if !pure(f.Value) {
				return false
			}
		}
		return true
	case *cql.TypeHint:
		return pure(x.X)
	}
	return false
}
