package cql

// Conditional reports whether stmt has IF conditions, so that it is a
// lightweight transaction.
func Conditional(stmt Statement) bool {
	switch s := stmt.(type) {
	case *Insert:
		return s.IfNotExists
	case *Update:
		return s.IfExists || len(s.If) > 0
	case *Delete:
		return s.IfExists || len(s.If) > 0
	case *Batch:
		for _, inner := range s.Statements {
			if Conditional(inner) {
				return true
			}
		}
	}
	return false
}

// Tables returns the tables whose rows stmt is about, as it names them, in the
// order of their statements: those of a SELECT, a modification, a TRUNCATE or a
// batch (QualifiedStatement of Cassandra). ok is false for all others.
func Tables(stmt Statement) (names []QualifiedName, ok bool) {
	switch s := stmt.(type) {
	case *Select:
		return []QualifiedName{s.Table}, true
	case *Insert:
		return []QualifiedName{s.Table}, true
	case *Update:
		return []QualifiedName{s.Table}, true
	case *Delete:
		return []QualifiedName{s.Table}, true
	case *Truncate:
		return []QualifiedName{s.Table}, true
	case *Batch:
		for _, inner := range s.Statements {
			of, _ := Tables(inner)
			names = append(names, of...)
		}
		return names, true
	}
	return nil, false
}
